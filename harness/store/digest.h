// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 through OpenSSL's EVP. A digester fetches the algorithm once and is then used for any number of files, by one
// thread at a time.
#ifndef REPRO_STORE_DIGEST_H
#define REPRO_STORE_DIGEST_H

#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"

#include <stddef.h>
#include <stdint.h>

struct digester;
struct stat;

int digester_new(struct digester **out, struct error *err);
void digester_free(struct digester *digester);
DEFINE_CLEANUP(digester)

void digester_begin(struct digester *digester);
void digester_add(struct digester *digester, const void *bytes, size_t len);
void digester_end(struct digester *digester, struct digest *out);

void digest_bytes(struct digester *digester, struct digest *out, const void *bytes, size_t len);
// Hashes the open file from its start; *size (may be NULL) gets the number of bytes read.
int digest_fd(struct digester *digester, struct digest *out, uint64_t *size, int fd, struct error *err);
// As above for a file whose state was `before` a moment ago: that its inode, size, mtime or ctime is another one after
// the last byte was read is an error ("changed while it was read").
int digest_stable_fd(struct digester *digester, struct digest *out, const struct stat *before, int fd,
                     struct error *err);
int digest_file(struct digester *digester, struct digest *out, uint64_t *size, const char *path, struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Bytes that come piece by piece, and nobody knows how many: in memory first, in an unlinked temporary file when they
// become many; in the end they are one piece that lives with the contents. For decompressors.
#ifndef REPRO_ARTIFACT_SPOOL_H
#define REPRO_ARTIFACT_SPOOL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct contents;      // artifact/contents.h
struct artifact_file; // artifact/contents.h

struct spool {
    struct contents *contents; // whose bounds hold
    struct buf memory;
    int fd; // −1: all is in memory yet
    uint64_t len;
};

// `packed`: how many bytes are about to be decompressed.
int spool_begin(struct spool *spool, struct contents *contents, uint64_t packed, struct error *err);
int spool_write(struct spool *spool, const void *bytes, size_t len, struct error *err);
int spool_finish(struct artifact_file *out, struct spool *spool, struct error *err); // fills bytes and len
void spool_free(struct spool *spool);
DEFINE_CLEANUP_VALUE(spool)

#endif

// SPDX-License-Identifier: Apache-2.0
//
// What libarchive does for the readers; tar_read (artifact/readers.h) is its other half.
#ifndef REPRO_ARTIFACT_ARCHIVE_H
#define REPRO_ARTIFACT_ARCHIVE_H

#include "base/err.h"

#include <stddef.h>

struct contents;      // artifact/contents.h
struct artifact_file; // artifact/contents.h

// Decompresses one or more zstd frames, within the bounds of the contents, which the result lives with. Only bytes and
// len of `out` are filled.
int archive_unzstd(struct artifact_file *out, struct contents *contents, const unsigned char *bytes, size_t len,
                   struct error *err);

#endif

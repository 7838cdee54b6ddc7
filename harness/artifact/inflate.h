// SPDX-License-Identifier: Apache-2.0
//
// Deflated bytes, as zip, gzip and zlib wrap them.
#ifndef REPRO_ARTIFACT_INFLATE_H
#define REPRO_ARTIFACT_INFLATE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct contents;      // artifact/contents.h
struct artifact_file; // artifact/contents.h

enum inflate_wrap {
    INFLATE_RAW,  // in a zip
    INFLATE_ZLIB, // 78 9c …, with a checksum at the end
    INFLATE_GZIP, // 1f 8b …, with a checksum; several one after another are one
};

// Decompresses the raw bytes of `packed` into `out`, which must come out full to the byte; *crc is the CRC-32 of it.
int inflate_exact(unsigned char *out, size_t size, const struct artifact_file *packed, uint32_t *crc,
                  struct error *err);
// Decompresses a stream of unknown size, which `packed` must be to its end; the result lives with the contents, whose
// bounds hold. Only bytes and len of `out` are filled.
int inflate_stream(struct artifact_file *out, struct contents *contents, const struct artifact_file *packed,
                   enum inflate_wrap wrap, struct error *err);

// gzip as it comes, piece by piece, in memory that does not grow with it.
struct inflate_pieces;
struct inflate_pieces *inflate_pieces_new(void);
void inflate_pieces_free(struct inflate_pieces *pieces);
// Takes bytes from the front of *packed and fills up to `size` bytes of `out`. *got is 0 when all of the packed bytes
// were taken. ERROR_USAGE where they are damaged, or are no gzip.
int inflate_pieces_next(struct inflate_pieces *pieces, const unsigned char **packed, size_t *packed_len,
                        unsigned char *out, size_t size, size_t *got, struct error *err);
bool inflate_pieces_is_whole(const struct inflate_pieces *pieces); // nothing is missing behind what was taken

#endif

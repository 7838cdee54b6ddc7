// SPDX-License-Identifier: Apache-2.0
//
// A zstd stream that holds its bytes as they are, for contents that compress so well that a reader on its guard would
// take them for a bomb. (libarchive's zstd filter has no such level.)
//
// One frame of raw blocks (RFC 8878, 3.1.1): magic number, a frame header without content size or checksum and with a
// window of 128 KiB; then blocks with a head of 3 bytes, little endian: last block (1 bit), type (2 bits, 0 is raw),
// size (21 bits); an empty last block.
//
// All return 0, or −1 with errno.
#ifndef REPRO_STORE_STORED_H
#define REPRO_STORE_STORED_H

#include <stddef.h>

int stored_begin(int fd);
int stored_add(int fd, const void *bytes, size_t len);
int stored_end(int fd);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Two files, byte for byte: are they equal, and where do they part.
#ifndef REPRO_COMPARE_BYTES_H
#define REPRO_COMPARE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct bytes_difference {
    bool equal;
    uint64_t size_a, size_b;
    uint64_t first;     // offset of the first byte that differs (the shorter size when one is the other's beginning)
    uint64_t differing; // bytes that differ over the common length
    unsigned char byte_a, byte_b; // at `first`; 0 past the end
};
// `a` is golden's file, `b` the new one.
int bytes_compare(struct bytes_difference *out, const char *a, const char *b, struct error *err);
// Stops at the first difference; files of different sizes are not read.
int bytes_equal(bool *out, const char *a, const char *b, struct error *err);
// One line: "12,304 bytes in both; 17 differ, first at offset 1,024: 0x3f, golden has 0x40". The caller frees.
char *bytes_describe(const struct bytes_difference *difference);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// A JSON object on one line that holds only numbers and plain strings, as training loops log them. Reads those an order
// of magnitude faster than a document is parsed, and gives up on everything else: the strict reader then reads or
// refuses the line.
#ifndef REPRO_COMPARE_FLAT_H
#define REPRO_COMPARE_FLAT_H

#include <stddef.h>

enum flat_kind {
    FLAT_NUMBER, // true and false are 1 and 0; NaN and ±Infinity, bare or as strings, are numbers
    FLAT_OTHER,  // null, or a string
    FLAT_END,    // the object is complete
    FLAT_GIVE_UP,
};

// Begin with {text, text + len}. The text is known to be UTF-8 without NUL.
struct flat {
    const char *at, *end;
    size_t members; // seen so far
};

struct flat_member {
    const char *key; // within the text, not NUL-terminated; never empty, without escapes
    size_t key_len;
    double number; // of FLAT_NUMBER
};

// Duplicate keys are for the caller to see.
enum flat_kind flat_next(struct flat_member *out, struct flat *row);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// A value of JSON where it stands in a text, without a tree: an answer is looked at once and thrown away. Strict but
// for the words NaN, Infinity and -Infinity, which Python's writers emit. What was read once is well-formed, so that
// looking into it cannot fail.
#ifndef REPRO_BASE_PIECE_H
#define REPRO_BASE_PIECE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum piece_kind {
    PIECE_NULL,
    PIECE_FALSE,
    PIECE_TRUE,
    PIECE_NUMBER,
    PIECE_STRING,
    PIECE_ARRAY,
    PIECE_OBJECT,
};

struct piece {
    enum piece_kind kind;
    const char *text; // as it stands, with quotes or brackets; borrowed
    size_t len;
};

// The one value that fills the text but for white space around it. False: that is not JSON (or deeper than 64 levels).
bool piece_read(struct piece *out, const char *text, size_t len);

struct piece_items {
    const char *at, *end;
    bool object;
};
struct piece_items piece_items(const struct piece *container); // an array or an object
// The next item, and of an object its key (a string; `key` may be NULL). False at the end.
bool piece_next(struct piece_items *items, struct piece *key, struct piece *value);
size_t piece_count(const struct piece *container);
// The last member of that name, as Python's reader takes it. False when it is not an object, or has none.
bool piece_get(struct piece *out, const struct piece *object, const char *key);

double piece_number(const struct piece *number); // ±infinity when it is too large for a double
// A string without its quotes and escapes; NUL-terminated, and may hold NULs. Goes to the arena.
const char *piece_text(size_t *len, const struct piece *string, struct arena *arena);
bool piece_is(const struct piece *string, const char *text);

#endif

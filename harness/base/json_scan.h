// SPDX-License-Identifier: Apache-2.0
//
// The strict scanner that reads a JSON document before cJSON does. It holds it to RFC 8259 (and UTF-8, and our limits),
// notes where each value stands, and leaves a text behind in which cJSON can find nothing to misread: comments are
// blanked, and each number has become a 0, its value being in the notes.
#ifndef REPRO_BASE_JSON_SCAN_H
#define REPRO_BASE_JSON_SCAN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

// One for each value, in the order in which they begin: a container comes before what it holds.
struct json_note {
    long line;     // where the value begins
    long key_line; // where its key begins; of a value without one, as `line`
    double number; // 0 unless it is one
};

struct json_notes {
    struct json_note *items;
    size_t count;
    size_t capacity;
};

struct json_scan {
    const char *name; // what messages call the document
    bool comments;
    size_t max_depth;
    size_t max_values;
};

// Reports the first fault as a problem with its line and column. Changes the bytes of `text`, never its length.
int json_scan(struct json_notes *out, char *text, size_t len, const struct json_scan *options, struct error *err);

#endif

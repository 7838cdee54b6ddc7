// SPDX-License-Identifier: Apache-2.0
//
// A document of objects and arrays as values named by their paths: "learner.trees[3].id", "tolerance[\"loss.*\"].rel".
//
//   numbers in an array, also nested as long as it is rectangular     one tensor: i64 where all are integers, else f64
//   true and false                                                    a bool tensor; alone, of rank 0
//   texts in an array                                                 "path[]": one text, one a line (artifact/lines.h)
//   a number                                                          VALUE_NUMBER; an i64 tensor of rank 0 over 2^53
//   null, {}, a text                                                  VALUE_BYTES "null", VALUE_BYTES "{}", VALUE_TEXT
//
// Numbers beyond i64, or beyond the range of a double, are text. Two documents give the same values exactly when they
// say the same: only white space, the order of keys, and how numbers and texts are spelt is left out. A key that comes
// twice in an object is an error.
#ifndef REPRO_ARTIFACT_OUTLINE_H
#define REPRO_ARTIFACT_OUTLINE_H

#include "artifact/tensor.h"
#include "base/err.h"

#include <stddef.h>

struct contents;
struct tokens;

// The type of the flat arrays of numbers below a key, where the format knows better than the document: an array gets it
// when every one of its numbers fits (of floats, when they are finite: they are rounded to it).
struct outline_type {
    const char *key;
    enum dtype dtype; // F32, I32, U8
};

struct outline_options {
    const char *path;                 // of the document's outermost value; NULL: ""
    const struct outline_type *types; // NULL: none
    size_t type_count;
};

// Reads one document to its end. `options` may be NULL.
int outline_read(struct contents *out, const char *prefix, struct tokens *tokens, const struct outline_options *options,
                 struct error *err);

#endif

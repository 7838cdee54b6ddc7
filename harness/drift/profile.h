// SPDX-License-Identifier: Apache-2.0
//
// Live data, or the training data, read once: for each column of a schema how often something is wrong with it, and how
// its values are spread (core/baseline.h). CSV and JSON lines are read on all CPUs, in blocks, so that memory does not
// grow with the rows; the result is the same whatever the number of threads.
//
// Each cell is one of
//   missing      the key or the column is not there; null; empty; in CSV also a word for it ("NA", "null", "?", …) that
//   is
//                no category of the schema; one of the column's words for it ("missing_as")
//   nan          of numbers: NaN, and in CSV "nan"
//   infinite     of numbers: written so, or beyond what a double holds
//   wrong_type   of numbers: anything else that is none (a number in quotes is none in JSON); of whole numbers: with a
//                fraction; of dates: in another format; of booleans: neither true nor false, 0 nor 1, in any case;
//                arrays and objects, but of texts; of categories: with a NUL
//   a value      the rest, and of these
//   unseen       a category that the schema does not have (where it has any)
//   out_of_range a number below "min" or above "max" (of "epoch s" and "epoch ms" too, as it is written); a text longer
//                than "longest" bytes
// A column without a format that is known here (dates) is spread like a text. Of the categories the first 10,000
// different ones are counted; later ones, and those of more than 256 bytes, are `other`.
#ifndef REPRO_DRIFT_PROFILE_H
#define REPRO_DRIFT_PROFILE_H

#include "base/err.h"
#include "base/mem.h"
#include "core/baseline.h"
#include "core/row.h"
#include "core/schema.h"
#include "drift/sketch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile;

struct profile_options {
    bool exact;       // keep every number: 8 bytes each, quantiles without an error
    bool skip_broken; // rows that cannot be read are counted, and reading goes on at the next line; else they are an
                      // error
    // Of a file: which rows count. Both: the last of those since then.
    uint64_t last;    // the last ones; 0: all. The file is read twice
    const char *time; // the column that says when, of the schema or not; NULL: `since` means nothing. Borrowed
    double since;     // seconds since 1970; rows without a time do not count
    bool (*stopped)(const void *context); // asked before each block, by one at a time: true ends the reading with
    const void *context;                  // ERROR_STOPPED; NULL: nobody stops
    size_t threads;                       // 0: all CPUs
    size_t block_size;                    // 0: 1 MiB
};

// The schema is borrowed, and so are the strings of `options` (NULL: none).
struct profile *profile_new(const struct schema *schema, const struct profile_options *options);
void profile_free(struct profile *profile);
DEFINE_CLEANUP(profile)
// A schema of the columns of a baseline: their types, ranges and categories. Those of dates are read in any format.
struct schema *profile_schema(const struct column_summary *columns, size_t count);

// ---- Rows. May be mixed; each adds to what was there before.

// A file; `name` is what messages call it, and ".jsonl" or ".ndjson" at its end (or '{' at its beginning) makes it JSON
// lines. ERROR_USAGE with line numbers.
int profile_read(struct profile *profile, const char *path, const char *name, struct error *err);
// One row: a JSON object on one line.
int profile_add_json(struct profile *profile, const char *text, size_t len, struct error *err);
// One row: a cell for each column of the schema.
void profile_add_row(struct profile *profile, const struct cell *cells);

// ---- What they were

void profile_finish(struct profile *profile); // after the last row; profile_free alone may follow, and what is below
uint64_t profile_rows(const struct profile *profile);
uint64_t profile_broken(const struct profile *profile);         // rows that could not be read
uint64_t profile_outside(const struct profile *profile);        // rows before `since`, or without a time
bool profile_has_time(const struct profile *profile);           // false: no row had options.time
bool profile_has(const struct profile *profile, size_t column); // false: no row and no header had it
// Of a column of the schema: at most BASELINE_POINTS points. The caller frees what it holds.
void profile_summary(struct column_summary *out, const struct profile *profile, size_t column);
// Every number in ascending order, with `exact`; else NULL. Borrowed.
const double *profile_numbers(const struct profile *profile, size_t column, size_t *count);
// Its numbers in ascending order with their weights, which add up to *total; *error is how far a share of them may be
// from the truth. With `exact` too. The caller frees.
struct weighted *profile_weighted(const struct profile *profile, size_t column, size_t *count, double *error);

#endif

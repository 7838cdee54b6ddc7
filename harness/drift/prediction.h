// SPDX-License-Identifier: Apache-2.0
//
// One entry of a log of predictions: a line of JSON with names that the suite tells (log_rules of core/drift_rules.h; a
// dotted name reaches into objects, unless a key is spelt so). A line is an entry when it is an object with an input,
// and an output or an error.
#ifndef REPRO_DRIFT_PREDICTION_H
#define REPRO_DRIFT_PREDICTION_H

#include "base/piece.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_rules;

// What one entry holds; valid until the next one is read. Texts are NUL-terminated, and may hold NULs.
struct prediction {
    double time;    // seconds since 1970; NaN: none
    const char *id; // of a number, as it is written; NULL: none
    size_t id_len;
    const char *model; // a digest, or what the server calls it; NULL: none
    size_t model_len;
    struct piece input;  // an object (a row), or an array (of rows); see prediction_rows
    struct piece output; // len 0: none, there is an error
    double latency;      // seconds; NaN: none
    const char *error;   // what the client was told; NULL: nothing went wrong
    size_t error_len;
    struct piece line; // the whole object
    bool repeated;     // its id came before
    bool incomplete;   // no entry: there is no input (its len is 0), or neither output nor error
};

// What a log holds, counted.
struct prediction_counts {
    uint64_t lines; // that are not blank; of which:
    uint64_t entries;
    uint64_t repeated, early; // entries that came before; older than `since`, or without a time where that is asked for
    uint64_t not_json, incomplete, cut, with_nul, too_long; // no entries
    uint64_t unfinished;                                    // 1 where the last line was still being written
    // Of the entries (those that are left out for want of a time are told, too):
    uint64_t errors, without_id, without_time;
    uint64_t behind_zeros; // zero bytes stand before it: the log was emptied under its writer's hands
    // Of the files:
    uint64_t files, left_out, damaged, shortened;
};

uint64_t prediction_counts_broken(const struct prediction_counts *counts); // lines that are no entries
// What is remarkable, for people, a line each: "7 of 1,000 lines are broken: 5 are not JSON, 2 are cut off".
void prediction_counts_tell(struct strings *out, const struct prediction_counts *counts);

// One line as an entry; what is wrong with it counts. For tests and whoever has the bytes. The arena holds the texts.
bool prediction_read(struct prediction *out, struct prediction_counts *counts, const char *text, size_t len,
                     const struct log_rules *rules, struct arena *arena);

// The rows of an entry, one after the other: an input that is an array has one for each item.
struct prediction_rows {
    struct piece input, output;
    struct piece_items inputs, outputs;
    bool several, listed; // the input is an array; the output has an item for each row
    bool done;
};
struct prediction_rows prediction_rows(const struct prediction *prediction);
// The next row, and its output: of an array as long as the rows, an item. len 0: what stands there is no row (an
// object); there is not one output for each row. False at the end. The pieces are those of the entry.
bool prediction_rows_next(struct prediction_rows *rows, struct piece *row, struct piece *output);
// Whether a member of a row is a cell of it. Where `rules->input` is ".", the entry is the row itself, and its other
// fields are none.
bool prediction_is_cell(const struct log_rules *rules, const struct piece *key);

#endif

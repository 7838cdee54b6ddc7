// SPDX-License-Identifier: Apache-2.0
//
// Between the files that make a profile. Rows are added to a piece; a piece is added to the profile when it is whole,
// in the order of the rows.
#ifndef REPRO_DRIFT_PROFILE_PARTS_H
#define REPRO_DRIFT_PROFILE_PARTS_H

#include "drift/profile.h"
#include "drift/tally.h"

// Of all pieces so far.
struct total {
    struct tally_counts counts;
    struct moments moments;
    struct sketch sketch; // or, with `exact`, the numbers themselves
    double *numbers;
    size_t number_count, capacity;
    struct counts categories;
    bool present; // some row, or the header, had it
};

struct piece {
    struct tally *tallies; // one a column
    struct moments *moments;
    bool *present;
    uint64_t rows, broken, outside;
    uint64_t passed; // rows that pass the filter, also those before the last ones
    bool timed;      // some row has the column of the time
};

struct profile {
    const struct schema *schema;
    struct profile_options options;
    size_t count; // of columns
    struct plan *plans;
    struct table_names names; // of the columns, and behind them the column of the time where it is none of them
    size_t time;              // its index; SIZE_MAX: none
    struct total *totals;
    struct piece own; // rows that come one by one
    struct table_reader reader;
    uint64_t rows, broken, outside;
    bool timed;
};

void piece_init(struct piece *piece, const struct profile *profile);
void piece_free(struct piece *piece, const struct profile *profile);
void piece_clear(struct piece *piece, const struct profile *profile);
// Closes its tallies; by whoever read it.
void piece_close(struct piece *piece, const struct profile *profile);
void profile_flush(struct profile *profile); // adds the rows that came one by one
void profile_merge(struct profile *profile, const struct piece *piece);

#endif

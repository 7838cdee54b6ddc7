// SPDX-License-Identifier: Apache-2.0
//
// What the cells of one column have been in a piece of the rows. What counts as what stands in drift/profile.h.
#ifndef REPRO_DRIFT_TALLY_H
#define REPRO_DRIFT_TALLY_H

#include "artifact/table.h"
#include "core/row.h"
#include "core/schema.h"
#include "drift/counts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How the cells of a column are to be understood.
struct plan {
    const struct column *column; // borrowed
    enum plan_kind { PLAN_NUMBER, PLAN_DATE, PLAN_TEXT, PLAN_IDENTIFIER, PLAN_CATEGORY, PLAN_BOOLEAN } kind;
    bool whole;               // numbers must be
    double least, most, unit; // of numbers: what is in range, and what one is worth
    struct table_names known; // categories; none: every one is known
};
void plan_init(struct plan *plan, const struct column *column);
void plan_free(struct plan *plan);

struct tally_counts {
    uint64_t missing, nan, infinite, wrong_type, unseen, out_of_range, values;
};
struct tally {
    struct tally_counts counts;
    double *numbers;
    size_t number_count, capacity;
    struct counts categories;
};
void tally_add(struct tally *tally, const struct plan *plan, const struct table_token *token);
void tally_add_cell(struct tally *tally, const struct plan *plan, const struct cell *cell);
// After the last of `rows` rows: those in which the column did not come are missing, and categories are held against
// what is known.
void tally_close(struct tally *tally, const struct plan *plan, uint64_t rows);
void tally_clear(struct tally *tally); // keeps the memory
void tally_free(struct tally *tally);

// Of finite numbers.
struct moments {
    uint64_t count;
    double min, max, mean, squares; // sum of the squares of the distances from the mean
};
struct moments moments_of(const double *values, size_t count);
void moments_merge(struct moments *to, const struct moments *from);

#endif

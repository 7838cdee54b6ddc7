// SPDX-License-Identifier: Apache-2.0
//
// How a column's values are spread, as its summary tells it: the distribution function of numbers, and the cells that
// numbers and categories are counted in.
#ifndef REPRO_DRIFT_SPREAD_H
#define REPRO_DRIFT_SPREAD_H

#include "base/mem.h"
#include "core/baseline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spread_kind { SPREAD_NONE, SPREAD_NUMBERS, SPREAD_CATEGORIES };
enum spread_kind spread_kind(const struct column_summary *column);
uint64_t spread_values(const struct column_summary *column); // how many numbers or categories were counted

// The share of the numbers that are ≤ x. Steps where every value is a point; else straight lines between points, but a
// step to a point at which more than three distances of points meet: there one value came that often.
double spread_share(const struct column_summary *column, double x);
size_t spread_points(const struct column_summary *column, double x);              // how many of its points are ≤ x
double spread_ks(const struct column_summary *a, const struct column_summary *b); // sup|F − G|
double spread_wasserstein(const struct column_summary *a, const struct column_summary *b); // ∫|F − G|

#define SPREAD_CELLS 64 // at most; of categories twice as many
#define SPREAD_BINS  12

// The reference, cut into cells. Numbers: cell k holds the values in (edges[k−1], edges[k]]; the first and the last one
// are open and empty in the reference. Cells lie in bins: ten between the reference's tenths (fewer where values
// repeat) and the two open ends. Categories: those that came 5 times at least in the reference and would once at least
// in n rows, the most frequent first, each a cell and a bin; the last cell has all others, known or not.
struct spread {
    enum spread_kind kind;
    size_t count; // cells
    size_t bins;
    double *probabilities; // of the reference, per cell
    double *edges;         // count − 1, ascending
    uint16_t *bin;         // of each cell
    bool steps;            // every value of the reference is an edge
    double sigma;          // of the reference
    struct spread_name {   // of categories: all cells but the last, in the order of their names
        const char *name;  // borrowed
        uint16_t cell;
    } * names;
};
// False where there is nothing to count: text, identifiers, no values, only categories that are too rare.
bool spread_make(struct spread *out, const struct column_summary *reference, uint64_t n);
void spread_free(struct spread *spread);
DEFINE_CLEANUP_VALUE(spread)

// How many of the column's values are in each bin. `counts` has room for spread->bins.
void spread_count(double *counts, const struct spread *spread, const struct column_summary *column);
// The probabilities of the cells after all values have grown by `shift` (numbers), or the share `shift` of all rows has
// gone from the most frequent category to the least frequent one (of which there may be less: it is what there is).
void spread_shift(double *probabilities, const struct spread *spread, const struct column_summary *column,
                  double shift);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Quantiles of values of any number in memory that hardly grows: a stack of sorted runs, each item of level h standing
// for 2^h values (Manku, Rajagopalan and Lindsay 1998; Karnin, Lang and Liberty 2016). Where a level would hold k
// items, every other one of them goes up.
//
// The error is proven, not likely: of a level of weight w that is halved, the number of values ≤ x that the sketch
// tells becomes at most w too small when the second of each two stay, at most w too large when the first do. Each is
// done in turn, both sums are kept, and no rank is further from the truth than the greater of them. It is about levels
// × n / 2k: 0.02 % of 1,000,000 values with k = 16,384, and none of fewer than k values.
//
// No chance is involved: the same values in the same order give the same sketch, however many were added at a time.
#ifndef REPRO_DRIFT_SKETCH_H
#define REPRO_DRIFT_SKETCH_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

enum { SKETCH_LEVELS = 56 };

struct weighted {
    double value;
    uint64_t weight;
};

struct sketch {
    size_t k;
    uint64_t count; // values that it stands for
    struct sketch_level {
        double *items; // ascending; of level 0 as they came
        size_t count;  // less than k
    } levels[SKETCH_LEVELS];
    uint64_t under, over; // by how much a rank may be too small, too large
    uint64_t turns;       // a bit for each level: whether the first of each two go up next
    double *room[2];
    size_t room_size[2];
};

void sketch_init(struct sketch *sketch, size_t k); // k even
void sketch_free(struct sketch *sketch);
DEFINE_CLEANUP_VALUE(sketch)

void sketch_add(struct sketch *sketch, const double *values, size_t count); // no NaN
void sketch_merge(struct sketch *to, const struct sketch *from);            // of any k
// How far the share of the values ≤ x that the items tell may be from the truth, for any x.
double sketch_error(const struct sketch *sketch);
// All items in ascending order, each value once; the weights add up to `count`. The caller frees.
struct weighted *sketch_items(const struct sketch *sketch, size_t *count);

#endif

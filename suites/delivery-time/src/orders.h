// SPDX-License-Identifier: Apache-2.0
//
// The orders as a trainer wants them: each column cut into at most 255 bins, each cell one byte.
//
// A numeric column is cut at quantiles of its distinct values; a bin is known by the largest value in it. A category
// column has one bin a category, in byte order of their names. A missing cell is a bin of its own, MISSING.
#ifndef DELIVERY_ORDERS_H
#define DELIVERY_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

enum { MISSING = 255, MAX_CATEGORIES = 64 };

struct feature {
    const char *name;
    bool category;
    int bin_count;           // without MISSING
    double *edges;           // numeric: the largest value of each bin, ascending
    const char **categories; // category: the name of each bin, ascending
    uint8_t *bins;           // [row_count]
};

struct orders {
    struct feature *features;
    int feature_count;
    double *minutes; // the target: from the order to the door
    int row_count;
};

// Fails, naming line and column, on a cell that is not what its column holds.
struct orders orders_read(const char *path, int bin_limit);

#endif

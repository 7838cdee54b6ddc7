// SPDX-License-Identifier: Apache-2.0
//
// One regression tree for squared loss, grown on histograms.
//
// A split sends a row left when its numeric value is at most the threshold, or when its category is in the set. The
// sets worth trying are the beginnings of the node's categories sorted by their mean (Fisher 1958): for squared loss
// the best of all sets is among them. A missing cell goes to the side where it helps more; where the node has none, to
// the larger.
//
// Sums are taken in the order of the rows and ties go to the first candidate, so that every machine grows the same
// tree.
#ifndef DELIVERY_TREE_H
#define DELIVERY_TREE_H

#include "orders.h"

#include <stdbool.h>
#include <stdint.h>

struct node {
    int32_t feature;     // −1: a leaf
    int32_t bin;         // numeric: the last bin that goes left
    uint64_t categories; // category: bit i is set when category i goes left
    bool missing_left;
    int32_t left, right; // indices in the tree
    int32_t rows;        // training rows that came here
    double value;        // leaf: what the tree adds
    double gain;         // split: by how much it lowers the squared error
};

// In preorder: the root first, each node before its children.
struct tree {
    struct node *nodes;
    int node_count;
    int capacity;
};

struct tree_options {
    int depth;
    int min_leaf;
    double l2;
    double learning_rate;
};

// Fits `residuals` (by row of the orders) on the given rows, which are put in another order on the way.
struct tree tree_grow(const struct orders *orders, const double *residuals, int32_t *rows, int row_count,
                      const struct tree_options *options);

double tree_predict(const struct tree *tree, const struct orders *orders, int row);

#endif

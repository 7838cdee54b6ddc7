// SPDX-License-Identifier: Apache-2.0
//
// The settings of a training: a JSON object of numbers, every one of them required, so that nothing hides in a default.
#ifndef DELIVERY_PARAMS_H
#define DELIVERY_PARAMS_H

struct params {
    double rounds;        // trees
    double depth;         // of a tree, at most
    double min_leaf;      // rows in a leaf, at least
    double bins;          // into which a numeric column is cut, at most
    double learning_rate; // how much of its leaves' means a tree adds
    double l2;            // pulls leaves with few rows towards zero
    double row_share;     // of the training rows that each tree sees
    double valid_share;   // of all rows, kept out of training
    double seed;          // of the split and of every tree's rows
};

struct params params_read(const char *path);

#endif

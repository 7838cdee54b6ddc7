// SPDX-License-Identifier: Apache-2.0
//
// Gradient boosting (Friedman 2001, with row sampling as of 2002): starts from the mean, then each tree fits what the
// ones before it left over.
#ifndef DELIVERY_BOOST_H
#define DELIVERY_BOOST_H

#include "orders.h"
#include "params.h"
#include "tree.h"

struct round {
    double train_rmse, valid_rmse;
};

struct model {
    double base; // mean of the training rows
    struct tree *trees;
    struct round *rounds; // as many as trees
    int tree_count;
};

// How good predictions are on some rows.
struct score {
    double rmse, mae, r2;
    int rows;
};

struct training {
    struct model model;
    struct score train, valid;
    struct score baseline; // of the mean of the training rows, on the validation rows
};

struct training boost(const struct orders *orders, const struct params *params);

#endif

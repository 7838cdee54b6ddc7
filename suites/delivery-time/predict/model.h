// SPDX-License-Identifier: Apache-2.0
//
// The trained model, as out/model.safetensors holds it.
#ifndef DELIVERY_MODEL_H
#define DELIVERY_MODEL_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

enum { MODEL_FEATURES = 8, MODEL_NAME = 32, MODEL_CATEGORIES = 64 };

struct model_feature {
    char name[MODEL_NAME];
    int category_count; // 0: a number
    char categories[MODEL_CATEGORIES][MODEL_NAME];
};

struct model {
    struct model_feature features[MODEL_FEATURES];
    int feature_count;
    double base;
    int tree_count;
    size_t node_count;
    const int32_t *offsets; // [tree_count + 1]
    const int32_t *feature, *left, *right;
    const double *threshold, *value;
    const uint64_t *categories;
    const uint8_t *missing_left;
    char digest[65]; // SHA-256 of the file
    char *bytes;     // what the arrays point into; kept until the program ends
};

// Every index is checked, so that predicting needs no check.
bool model_read(struct model *out, const char *path, struct fault *fault);
int model_find(const struct model *model, const char *name, size_t len); // −1
// `cells`: one for each feature: a number, or which category; NaN where it is missing.
double model_predict(const struct model *model, const double *cells);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The measures that a suite names, of predictions and what came of them.
#ifndef REPRO_ENGINE_MEASURED_H
#define REPRO_ENGINE_MEASURED_H

#include "core/baseline.h"
#include "core/drift_rules.h"

#include <stdbool.h>
#include <stddef.h>

// Borrowed. Of numbers, what came is a number; for accuracy, AUC, log loss and calibration they are the probability of
// what came as 1. Of classes both are indices, and only accuracy can be measured.
struct measured_pairs {
    const double *predicted, *actual; // [count]
    size_t count;
    bool classes;
    const double *business; // [count][column_count], NaN where there is none; NULL
    const char *const *columns;
    size_t column_count;
};

// False, and *why says so (static), where it cannot be measured of these.
bool measured(struct baseline_measure *out, const char **why, const struct drift_measure *measure,
              const struct measured_pairs *pairs);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "engine/measured.h"

#include "base/mem.h"
#include "drift/quality.h"

#include <math.h>
#include <string.h>

// What came, as yes and no. False when it is neither.
static bool take_positive(bool *out, const struct measured_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->actual[i] != 0 && pairs->actual[i] != 1)
            return false;
        out[i] = pairs->actual[i] != 0;
    }
    return true;
}

static struct quality accuracy(const struct measured_pairs *pairs)
{
    uint64_t right = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        double said = pairs->classes ? pairs->predicted[i] : pairs->predicted[i] >= 0.5;
        right += said == pairs->actual[i];
    }
    return quality_accuracy(right, pairs->count);
}

static struct quality log_loss(const struct measured_pairs *pairs)
{
    CLEANUP(free) double *given = mem_array(pairs->count + 1, sizeof *given);
    for (size_t i = 0; i < pairs->count; i++)
        given[i] = pairs->actual[i] != 0 ? pairs->predicted[i] : 1 - pairs->predicted[i];
    return quality_log_loss(given, pairs->count);
}

static struct quality of_errors(struct quality (*measure)(const double *, size_t), const struct measured_pairs *pairs)
{
    CLEANUP(free) double *errors = mem_array(pairs->count + 1, sizeof *errors);
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        double error = pairs->predicted[i] - pairs->actual[i];
        if (isfinite(error))
            errors[count++] = error;
    }
    return measure(errors, count);
}

static bool of_column(struct quality *out, const char *name, const struct measured_pairs *pairs)
{
    size_t column = 0;
    while (column < pairs->column_count && strcmp(pairs->columns[column], name) != 0)
        column++;
    if (!pairs->business || column == pairs->column_count)
        return false;
    CLEANUP(free) double *values = mem_array(pairs->count + 1, sizeof *values);
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        double value = pairs->business[i * pairs->column_count + column];
        if (isfinite(value))
            values[count++] = value;
    }
    *out = quality_mean(values, count);
    return true;
}

// One of the names that are known.
static bool of_name(struct quality *out, const char **why, const char *name, const struct measured_pairs *pairs)
{
    CLEANUP(free) bool *positive = mem_array(pairs->count + 1, sizeof *positive);
    bool error = strcmp(name, "rmse") == 0 || strcmp(name, "mae") == 0;
    if (pairs->classes && strcmp(name, "accuracy") != 0) {
        *why = error ? "the predictions are classes, which have no distance"
                     : "the predictions are classes without a "
                       "probability";
        return false;
    }
    if (!error && !pairs->classes && !take_positive(positive, pairs)) {
        *why = "what came is not 0 or 1, and the predictions are numbers";
        return false;
    }
    if (strcmp(name, "accuracy") == 0)
        *out = accuracy(pairs);
    else if (strcmp(name, "auc") == 0)
        *out = quality_auc(pairs->predicted, positive, pairs->count);
    else if (strcmp(name, "log_loss") == 0)
        *out = log_loss(pairs);
    else if (strcmp(name, "calibration") == 0)
        *out = quality_calibration(pairs->predicted, positive, pairs->count);
    else
        *out = of_errors(strcmp(name, "rmse") == 0 ? quality_rmse : quality_mae, pairs);
    return true;
}

bool measured(struct baseline_measure *out, const char **why, const struct drift_measure *measure,
              const struct measured_pairs *pairs)
{
    struct quality quality = {0};
    *why = "there is no such column";
    if (measure->column ? !of_column(&quality, measure->column, pairs) : !of_name(&quality, why, measure->name, pairs))
        return false;
    *why = "there are too few rows";
    *out = (struct baseline_measure){
        .name = measure->name, .value = quality.value, .low = quality.low, .high = quality.high, .rows = quality.rows};
    return isfinite(quality.value) && isfinite(quality.low) && isfinite(quality.high);
}

// SPDX-License-Identifier: Apache-2.0
//
// How well the model did, once it is known what came: measures with 95 % intervals. `value` is NaN, and so is the
// interval, where it cannot be said (no rows, one class only).
#ifndef REPRO_DRIFT_QUALITY_H
#define REPRO_DRIFT_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quality {
    double value, low, high;
    uint64_t rows;
};

// The share that is right; Wilson's interval.
struct quality quality_accuracy(uint64_t right, uint64_t rows);

// Two classes: `scores` (higher: rather positive) and who is positive. The area under the ROC curve (ties count half),
// with DeLong's variance in the midrank form of Sun and Xu (2014); the interval is made on the scale of the logit, so
// that it stays within 0 and 1. Where all pairs are in order DeLong's variance is 0: then it is √(a(1 − a)/rows of the
// smaller class), the most it can be (Birnbaum and Klose 1957), with half a pair out of order.
struct quality quality_auc(const double *scores, const bool *positive, size_t rows);

// Mean of −ln(probability given to what came), each clipped to 1e-15 from 0 and 1 like sklearn.metrics.log_loss
// (eps=1e-15); the interval is that of a mean.
struct quality quality_log_loss(const double *given, size_t rows);

// Expected calibration error of two classes: ten bins of equal width of the probability given to the positive class
// ((0, 0.1], …; 0 belongs to the first), Σ share·|mean probability − share of positives|. The estimate is too large by
// nature; its interval is the estimate ± what chance alone explains in 95 of 100 resamples, which holds the truth at
// least as often.
struct quality quality_calibration(const double *probabilities, const bool *positive, size_t rows);

// Errors: predicted − actual.
struct quality quality_rmse(const double *errors, size_t rows); // the interval by the delta method from the squares'
struct quality quality_mae(const double *errors, size_t rows);
struct quality quality_mean(const double *values, size_t rows); // of a number of the business: normal interval

#endif

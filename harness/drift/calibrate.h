// SPDX-License-Identifier: Apache-2.0
//
// What each statistic comes to without drift: pairs of samples, n and m values, drawn again and again from the
// reference's own distribution. Fixed thresholds lie: with no drift at all PSI in ten bins is about (1/n + 1/m)·χ² with
// nine degrees of freedom, which at n = 100 is beyond the customary 0.1 most of the time.
//
// Beyond the upper tenth of the resamples the tail is taken for exponential (a generalised Pareto of shape 0) with the
// mean excess that they have there. All five statistics have tails that fall at least that fast (KS and Wasserstein
// like exp(−z²), PSI, χ² and JS² like χ²), so that the p of what no resample reached is rather too large.
#ifndef REPRO_DRIFT_CALIBRATE_H
#define REPRO_DRIFT_CALIBRATE_H

#include "base/mem.h"
#include "core/drift_rules.h"
#include "drift/spread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct calibration {
    size_t resamples;
    double *values[DRIFT_STATISTICS]; // ascending; NULL: a column of this kind has no such statistic
};
struct calibration_options {
    uint64_t n, m, seed;
    size_t resamples;
};
// The time does not grow with n or m.
void calibration_make(struct calibration *out, const struct spread *spread, const struct calibration_options *options);
void calibration_free(struct calibration *calibration);
DEFINE_CLEANUP_VALUE(calibration)

double calibration_p(const struct calibration *calibration, enum drift_statistic statistic, double value); // P(≥ value)
double calibration_threshold(const struct calibration *calibration, enum drift_statistic statistic, double level);

// The statistics of the counts of two samples in a spread's cells (bins for PSI, JS and χ²); NaN where the kind of the
// column has none. `current` and `reference` hold spread->count numbers. `reach`: how far beyond the outermost edges
// the values in the open ends are taken to be spread.
void calibrate_cells(double out[DRIFT_STATISTICS], const struct spread *spread, const double *current,
                     const double *reference, double reach);
// The same of counts in bins alone: PSI, JS and, of categories, χ². The others are left as they are.
void calibrate_bins(double out[DRIFT_STATISTICS], const struct spread *spread, const double *current,
                    const double *reference);

#endif

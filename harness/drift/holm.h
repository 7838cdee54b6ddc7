// SPDX-License-Identifier: Apache-2.0
//
// S. Holm's sequentially rejective procedure (1979): of `count` tests together, the probability of rejecting any that
// is true is at most `alpha`, however they depend on each other.
#ifndef REPRO_DRIFT_HOLM_H
#define REPRO_DRIFT_HOLM_H

#include <stddef.h>

// The level that each p is held against: the smallest against alpha/count, the next against alpha/(count − 1), … as
// long as they are not larger; all others against the level at which the first one failed. Rejected is p ≤ level.
void holm_levels(double *levels, const double *p, size_t count, double alpha);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Doubles in ascending order, in time that grows with their number alone (radix sort).
#ifndef REPRO_DRIFT_SORTED_H
#define REPRO_DRIFT_SORTED_H

#include <stddef.h>

// No NaN among them; −0 comes before 0. `scratch` has room for as many.
void sorted_doubles(double *values, double *scratch, size_t count);
// Merges two ascending runs.
void sorted_merge(double *out, const double *a, size_t a_count, const double *b, size_t b_count);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// How time grows with size: y = a·x^k, fitted as a straight line through log y over log x (least squares).
#ifndef REPRO_ENGINE_POWER_LAW_H
#define REPRO_ENGINE_POWER_LAW_H

#include <stddef.h>

struct power_law {
    double exponent;
    double low, high; // 95 %, by Student's t; both equal the exponent when the points lie on the line
};
// `count` points, all above 0. −1 with fewer than three, or with fewer than two different x.
int power_law_fit(struct power_law *out, const double *x, const double *y, size_t count);

// The two-sided 95 % point of Student's t (from a table up to 30 degrees of freedom, nearly right beyond).
double student_t95(size_t degrees);

#endif

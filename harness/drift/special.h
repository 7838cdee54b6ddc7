// SPDX-License-Identifier: Apache-2.0
//
// The special functions that tests of significance are made of, to about 1e-12 of themselves.
#ifndef REPRO_DRIFT_SPECIAL_H
#define REPRO_DRIFT_SPECIAL_H

double special_log_gamma(double x);             // x > 0
double special_gamma_upper(double a, double x); // Q(a, x) = Γ(a, x)/Γ(a); a > 0, x ≥ 0: the tail of χ² is Q(k/2, χ²/2)
double special_beta(double a, double b, double x); // I_x(a, b) = B(x; a, b)/B(a, b); a, b > 0, 0 ≤ x ≤ 1
double special_normal_upper(double z);             // P(Z ≥ z)
double special_normal_quantile(double p);          // z with P(Z ≤ z) = p; ±Inf at 0 and 1
double special_kolmogorov(double z); // P(sup|B| ≥ z) of the Brownian bridge B: 2·Σ (−1)^(i−1)·exp(−2i²z²)
double special_kolmogorov_quantile(double p); // z with special_kolmogorov(z) = p; 0 < p < 1

// P(X = k), with the saddle-point form of C. Loader, "Fast and accurate computation of binomial probabilities" (2000),
// which loses no digits where the counts are large. k ≤ n; whole numbers.
double special_binomial(double k, double n, double p);
// k of the n drawn are among the `marked` of `total`, without putting back.
double special_hypergeometric(double k, double total, double marked, double n);

#endif

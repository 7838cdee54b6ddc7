// SPDX-License-Identifier: Apache-2.0
//
// How far two distributions are from each other: of two samples of numbers, sorted, and of two lists of shares.
#ifndef REPRO_DRIFT_STATISTICS_H
#define REPRO_DRIFT_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

// sup|F − G| of two samples, in ascending order, finite. 0 where either is empty.
double statistics_ks(const double *a, size_t n, const double *b, size_t m);

// P(D ≥ d) of two samples of a continuous distribution (of others it is less). Exact where n·m is at most
// STATISTICS_EXACT: the share of the paths through the n × m lattice that leave the band |i/n − j/m| < d, as
// scipy.stats.ks_2samp(method="exact"). Beyond that the limit of Kolmogorov and Smirnov at √(n·m/(n + m))·d.
#define STATISTICS_EXACT 200000
double statistics_ks_p(double d, uint64_t n, uint64_t m);
double statistics_ks_exact(double d, uint64_t n, uint64_t m); // time n·m, memory min(n, m)

// ∫|F − G| of two samples in ascending order, exactly: scipy.stats.wasserstein_distance.
double statistics_wasserstein(const double *a, size_t n, const double *b, size_t m);

// Σ (p − q)·ln(p/q). A share of 0 in one alone gives infinity: see statistics_smooth.
double statistics_psi(const double *p, const double *q, size_t count);

// Counts to shares, with half a row added to each bin (Jeffreys' prior): (c + ½)/(n + k/2). Empty bins then weigh what
// they may in a sample of that size, instead of what a constant like 0.0001 makes of them.
void statistics_smooth(double *shares, const double *counts, size_t count);

// √(½·KL(p, r) + ½·KL(q, r)) with r = (p + q)/2 and logarithms to base 2: 0 to 1. As
// scipy.spatial.distance.jensenshannon(p, q, 2).
double statistics_js(const double *p, const double *q, size_t count);

double statistics_most(const double *p, const double *q, size_t count); // L∞: max|p − q|

#endif

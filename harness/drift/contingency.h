// SPDX-License-Identifier: Apache-2.0
//
// Tests of counts: how many of the n current rows, and of the m rows of the reference, are so. All are honest under
// exchangeability: were both drawn from the same source, P(p ≤ α) ≤ α.
#ifndef REPRO_DRIFT_CONTINGENCY_H
#define REPRO_DRIFT_CONTINGENCY_H

#include <stddef.h>
#include <stdint.h>

// Two-sided p of Fisher's exact test: the sum of the hypergeometric probabilities of all tables with the same margins
// that are not more probable than this one. The same as scipy.stats.fisher_exact. 1 where either has no rows.
double contingency_fisher(uint64_t a, uint64_t n, uint64_t b, uint64_t m);

// P(at least j of n values fall outside the range of the m values of a reference that are all within), for numbers of
// any continuous distribution (of others it is less): the beta-binomial(n, 2, m − 1), which as a negative
// hypergeometric needs two terms only: the j + 1 outermost of all n + m hold at most one of the reference.
double contingency_outside(uint64_t j, uint64_t n, uint64_t m);

// P(at least j of n values are of categories that the m values of the reference lack), of which `singles` came once and
// `doubles` twice. The mass u that was not seen is estimated with Good and Turing as (singles + 1)/(m + 1), with the
// variance u(1 − u)/(m + 2) + 2·doubles/(m + 1)² (after W. Esty, 1983): a beta-binomial of that mean and variance. One
// more single than there is makes it hold where none was seen; without doubles it is beta-binomial(n, singles + 1,
// m − singles). 1 where no more than expected are so.
struct contingency_unseen {
    uint64_t m, singles, doubles;
};
double contingency_unseen(uint64_t j, uint64_t n, const struct contingency_unseen *reference);

// χ² of homogeneity of the 2×k table, Σ (observed − expected)²/expected, and its p with k − 1 degrees of freedom, as
// scipy.stats.chi2_contingency without Yates' correction. Columns that are zero in both are left out.
struct contingency_chi2 {
    double statistic, p;
    size_t freedom;
};
struct contingency_chi2 contingency_chi2(const double *a, const double *b, size_t count);
double contingency_chi2_value(const double *a, const double *b, size_t count); // the statistic alone

// Jensen–Shannon distance, base 2, of two that are split in two: {a/n, 1 − a/n} and {b/m, 1 − b/m}.
double contingency_distance(uint64_t a, uint64_t n, uint64_t b, uint64_t m);

#endif

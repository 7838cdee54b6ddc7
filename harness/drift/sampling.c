// SPDX-License-Identifier: Apache-2.0
#include "drift/sampling.h"

#include "drift/special.h"

#include <math.h>
#include <stdbool.h>

static uint64_t by_inversion(struct rng *rng, double n, double p)
{
    double odds = p / (1 - p), term = exp(n * log1p(-p)), left = rng_unit(rng), k = 0;
    while (left > term && k < n) {
        left -= term;
        k++;
        term *= odds * (n - k + 1) / k;
        if (term < 1e-300 && k > n * p)
            break; // what is left is rounding
    }
    return (uint64_t)k;
}

static uint64_t by_rejection(struct rng *rng, double n, double p)
{
    double spread = sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double centre = n * p + 0.5, quick = 0.92 - 4.2 / b, mode = floor((n + 1) * p);
    for (;;) {
        double v = rng_unit(rng), u = rng_unit(rng) - 0.5, from_edge = 0.5 - fabs(u);
        double k = floor((2 * a / from_edge + b) * u + centre);
        if (from_edge >= 0.07 && v <= quick)
            return (uint64_t)k;
        if (!(k >= 0 && k <= n) || v <= 0)
            continue;
        v *= (2.83 + 5.1 / b) * spread / (a / (from_edge * from_edge) + b);
        double bound = special_log_gamma(mode + 1) + special_log_gamma(n - mode + 1) - special_log_gamma(k + 1) -
                       special_log_gamma(n - k + 1) + (k - mode) * log(p / (1 - p));
        if (log(v) <= bound)
            return (uint64_t)k;
    }
}

uint64_t sampling_binomial(struct rng *rng, uint64_t n, double p)
{
    if (n == 0 || !(p > 0))
        return 0;
    if (p >= 1)
        return n;
    if (p > 0.5)
        return n - sampling_binomial(rng, n, 1 - p);
    double size = (double)n;
    return size * p < 10 ? by_inversion(rng, size, p) : by_rejection(rng, size, p);
}

void sampling_multinomial(double *counts, struct rng *rng, uint64_t n, const double *probabilities, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += probabilities[i];
    for (size_t i = 0; i < count; i++) {
        // The last cell that can hold anything gets the rest, whatever rounding has left of `total`.
        bool last = total - probabilities[i] <= 1e-12;
        uint64_t drawn = probabilities[i] <= 0 ? 0 : last ? n : sampling_binomial(rng, n, probabilities[i] / total);
        counts[i] = (double)drawn;
        n -= drawn;
        total -= probabilities[i];
    }
}

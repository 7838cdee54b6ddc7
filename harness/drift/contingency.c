// SPDX-License-Identifier: Apache-2.0
#include "drift/contingency.h"

#include "drift/special.h"
#include "drift/statistics.h"

#include <math.h>
#include <stdbool.h>

// Σ of the probabilities from k on in one direction, where they fall.
static double tail_sum(double k, double limit, double total, double marked, double n)
{
    double term = special_hypergeometric(k, total, marked, n), sum = 0;
    double other = total - marked;
    bool up = limit > k;
    while (term > sum * 1e-18) {
        sum += term;
        if (k == limit)
            break;
        // P(k+1)/P(k) = (marked − k)(n − k)/((k + 1)(other − n + k + 1))
        term *= up ? (marked - k) * (n - k) / ((k + 1) * (other - n + k + 1))
                   : k * (other - n + k) / ((marked - k + 1) * (n - k + 1));
        k += up ? 1 : -1;
    }
    return sum;
}

// The end on the other side of the mode: the first from there outwards that is not more probable than `most`.
static double other_end(double from, double to, double most, const double margins[3])
{
    double inside = from, outside = to; // the probabilities fall from `from` to `to`
    if (special_hypergeometric(to, margins[0], margins[1], margins[2]) > most)
        return NAN;
    if (special_hypergeometric(from, margins[0], margins[1], margins[2]) <= most)
        return from;
    while (fabs(outside - inside) > 1) {
        double middle = floor((inside + outside) / 2);
        if (special_hypergeometric(middle, margins[0], margins[1], margins[2]) > most)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

double contingency_fisher(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
    if (n == 0 || m == 0 || a > n || b > m || a + b == 0 || a + b == n + m)
        return 1;
    double margins[3] = {(double)n + (double)m, (double)a + (double)b, (double)n}, k = (double)a;
    double low = fmax(0, margins[2] - (margins[0] - margins[1])), high = fmin(margins[1], margins[2]);
    double mode = floor((margins[2] + 1) * (margins[1] + 1) / (margins[0] + 2));
    mode = fmin(fmax(mode, low), high);
    // What is as probable but for rounding counts as well.
    double most = special_hypergeometric(k, margins[0], margins[1], margins[2]) * (1 + 1e-11);
    if (special_hypergeometric(mode, margins[0], margins[1], margins[2]) <= most)
        return 1;
    bool right = k > mode;
    double p = tail_sum(k, right ? high : low, margins[0], margins[1], margins[2]);
    double end = other_end(mode, right ? low : high, most, margins);
    if (!isnan(end))
        p += tail_sum(end, right ? low : high, margins[0], margins[1], margins[2]);
    return fmin(p, 1);
}

double contingency_outside(uint64_t j, uint64_t n, uint64_t m)
{
    if (j == 0 || m < 2 || n == 0)
        return 1;
    double total = (double)n + (double)m, drawn = (double)j + 1;
    return fmin(1, special_hypergeometric(0, total, (double)m, drawn) +
                       special_hypergeometric(1, total, (double)m, drawn));
}

double contingency_unseen(uint64_t j, uint64_t n, const struct contingency_unseen *reference)
{
    double s = (double)reference->singles + 1, m = (double)reference->m, size = (double)n;
    if (j == 0 || n == 0 || reference->m < 2 || s >= m)
        return 1;
    double mean = s / (m + 1), variance = mean * (1 - mean);
    double both = variance / (variance / (m + 2) + 2 * (double)reference->doubles / (m + 1) / (m + 1)) - 1;
    if (!(both > 0))
        return 1;
    double a = mean * both, b = both - a;
    double k = (double)j;
    if (k <= size * mean)
        return 1; // no more than expected: p does not matter, and its terms may be too small for a double
    double log_p = special_log_gamma(size + 1) - special_log_gamma(k + 1) - special_log_gamma(size - k + 1) +
                   special_log_gamma(k + a) + special_log_gamma(size - k + b) - special_log_gamma(size + a + b) +
                   special_log_gamma(a + b) - special_log_gamma(a) - special_log_gamma(b);
    double term = exp(log_p), sum = 0;
    for (; k <= size; k++) {
        sum += term;
        double next = term * (size - k) * (k + a) / ((k + 1) * (size - k - 1 + b));
        if (next <= term && next <= sum * 1e-12)
            break;
        term = next;
    }
    return fmin(1, sum);
}

// Σ (a − n·both/(n + m))²·(1/expected_a + 1/expected_b), which for two rows is one square.
double contingency_chi2_value(const double *a, const double *b, size_t count)
{
    double n = 0, m = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
        n += a[i];
        m += b[i];
    }
    if (n <= 0 || m <= 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        double both = a[i] + b[i], off = a[i] - both * (n / (n + m));
        if (both > 0)
            sum += off * off / both;
    }
    return sum * ((n + m) / n) * ((n + m) / m);
}

struct contingency_chi2 contingency_chi2(const double *a, const double *b, size_t count)
{
    struct contingency_chi2 out = {.statistic = contingency_chi2_value(a, b, count), .p = 1};
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += a[i] + b[i] > 0;
    if (used > 1 && out.statistic > 0) {
        out.freedom = used - 1;
        out.p = special_gamma_upper((double)out.freedom / 2, out.statistic / 2);
    }
    return out;
}

double contingency_distance(uint64_t a, uint64_t n, uint64_t b, uint64_t m)
{
    if (n == 0 || m == 0)
        return 0;
    double x = (double)a / (double)n, y = (double)b / (double)m;
    return statistics_js((double[]){x, 1 - x}, (double[]){y, 1 - y}, 2);
}

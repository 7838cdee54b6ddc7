// SPDX-License-Identifier: Apache-2.0
#include "drift/statistics.h"

#include "base/mem.h"
#include "drift/special.h"

#include <math.h>

double statistics_ks(const double *a, size_t n, const double *b, size_t m)
{
    double most = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        double x = fmin(a[i], b[j]);
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        most = fmax(most, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return most;
}

// The probability that the path to (i, j) has left the band, of all paths there with equal weight, is the mean of those
// to its two neighbours, weighted by where the last step came from. All terms are positive: small p keep their digits.
double statistics_ks_exact(double d, uint64_t n, uint64_t m)
{
    if (n == 0 || m == 0 || d <= 0)
        return 1;
    if (n > m) {
        uint64_t larger = n;
        n = m;
        m = larger;
    }
    // |i/n − j/m| ≥ d in whole numbers; half a step below takes rounding out of it.
    double scale = (double)n * (double)m, edge = floor(d * scale + 0.5) - 0.5;
    double *left = mem_array((size_t)n + 1, sizeof *left);
    for (uint64_t i = 0; i <= n; i++)
        left[i] = (double)i * (double)m > edge;
    for (uint64_t j = 1; j <= m; j++) {
        double down = (double)j * (double)n;
        left[0] = down > edge;
        for (uint64_t i = 1; i <= n; i++) {
            double across = (double)i * (double)m, x = (double)i, y = (double)j;
            left[i] = fabs(across - down) > edge ? 1 : (left[i - 1] * x + left[i] * y) / (x + y);
        }
    }
    double p = left[n];
    free(left);
    return p;
}

double statistics_ks_p(double d, uint64_t n, uint64_t m)
{
    if (n == 0 || m == 0 || d <= 0)
        return 1;
    if (n <= STATISTICS_EXACT && m <= STATISTICS_EXACT / n)
        return statistics_ks_exact(d, n, m);
    double a = (double)n, b = (double)m;
    return special_kolmogorov(sqrt(a / (a + b) * b) * d);
}

double statistics_wasserstein(const double *a, size_t n, const double *b, size_t m)
{
    if (n == 0 || m == 0)
        return 0;
    double sum = 0, before = fmin(a[0], b[0]);
    for (size_t i = 0, j = 0; i < n || j < m;) {
        double x = i >= n ? b[j] : j >= m ? a[i] : fmin(a[i], b[j]);
        sum += fabs((double)i / (double)n - (double)j / (double)m) * (x - before);
        before = x;
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
    }
    return sum;
}

double statistics_psi(const double *p, const double *q, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (p[i] != q[i])
            sum += (p[i] - q[i]) * log(p[i] / q[i]);
    return sum;
}

void statistics_smooth(double *shares, const double *counts, size_t count)
{
    double total = 0.5 * (double)count;
    for (size_t i = 0; i < count; i++)
        total += counts[i];
    for (size_t i = 0; i < count; i++)
        shares[i] = (counts[i] + 0.5) / total;
}

double statistics_js(const double *p, const double *q, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double middle = (p[i] + q[i]) / 2;
        if (p[i] > 0)
            sum += p[i] * log(p[i] / middle);
        if (q[i] > 0)
            sum += q[i] * log(q[i] / middle);
    }
    return sqrt(fmax(0, sum / (2 * M_LN2)));
}

double statistics_most(const double *p, const double *q, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(p[i] - q[i]));
    return most;
}

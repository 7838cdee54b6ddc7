// SPDX-License-Identifier: Apache-2.0
#include "drift/special.h"

#include <math.h>

#define HALF_LOG_TAU 0.918938533204672741780329736406 // ½·ln 2π

// ln Γ(x+1) − (x + ½)·ln x + x − ½·ln 2π, for x ≥ 10: the asymptotic series of Stirling.
static double stirling_tail(double x)
{
    double y = 1 / (x * x);
    double sum = 1.0 / 12 -
                 y * (1.0 / 360 -
                      y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * (691.0 / 360360 - y * (1.0 / 156))))));
    return sum / x;
}

double special_log_gamma(double x)
{
    if (x == 1 || x == 2)
        return 0;
    double product = 1;
    while (x < 12) // Γ(x) = Γ(x+1)/x
        product *= x++;
    return (x - 0.5) * log(x) - x + HALF_LOG_TAU + stirling_tail(x) - log(product);
}

// As stirling_tail, for any x ≥ 0.
static double stirling_error(double x)
{
    if (x >= 10)
        return stirling_tail(x);
    return x == 0 ? 0 : special_log_gamma(x + 1) - (x + 0.5) * log(x) + x - HALF_LOG_TAU;
}

// x·ln(x/m) + m − x, of which the naive form cancels where x is near m.
static double deviance(double x, double m)
{
    if (x == 0)
        return m;
    double d = (x - m) / (x + m);
    if (fabs(d) >= 0.1)
        return x * log(x / m) + m - x;
    double sum = (x - m) * d, term = 2 * x * d, square = d * d;
    for (int i = 3; i < 200; i += 2) {
        term *= square;
        double more = sum + term / i;
        if (more == sum)
            break;
        sum = more;
    }
    return sum;
}

// x^a·e^(−x)/Γ(a+1)
static double poisson(double a, double x)
{
    if (x == 0)
        return a == 0 ? 1 : 0;
    if (a == 0)
        return exp(-x);
    return exp(-stirling_error(a) - deviance(a, x)) / sqrt(2 * M_PI * a);
}

double special_binomial(double k, double n, double p)
{
    double q = 1 - p;
    if (k < 0 || k > n)
        return 0;
    if (p <= 0 || p >= 1)
        return k == (p <= 0 ? 0 : n);
    if (k == 0)
        return exp(n * log1p(-p));
    if (k == n)
        return exp(n * log(p));
    double log_p =
        stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, n * p) - deviance(n - k, n * q);
    return exp(log_p) * sqrt(n / (2 * M_PI * k * (n - k)));
}

double special_hypergeometric(double k, double total, double marked, double n)
{
    if (k < 0 || k > marked || k > n || n - k > total - marked)
        return 0;
    if (n == 0 || n == total)
        return 1;
    double p = n / total; // any p gives the same; this one keeps all three terms away from 0
    return special_binomial(k, marked, p) * special_binomial(n - k, total - marked, p) / special_binomial(n, total, p);
}

#define MOST_TERMS 100000
#define TINY       1e-300

// The next denominator and numerator of a continued fraction after Lentz, as Thompson and Barnett bound it.
static double bounded(double x)
{
    return fabs(x) < TINY ? TINY : x;
}

double special_gamma_upper(double a, double x)
{
    if (isnan(a) || isnan(x))
        return NAN;
    if (x <= 0)
        return 1;
    if (isinf(x))
        return 0;
    double front = poisson(a, x); // x^a·e^(−x)/Γ(a+1)
    if (x < a + 1) {
        double term = 1, sum = 1;
        for (int i = 1; i < MOST_TERMS && term > sum * 1e-17; i++) {
            term *= x / (a + i);
            sum += term;
        }
        return fmax(0, 1 - front * sum);
    }
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;
    for (int i = 1; i < MOST_TERMS; i++) {
        double an = -i * (i - a);
        b += 2;
        d = 1 / bounded(an * d + b);
        c = bounded(b + an / c);
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return front * a * h;
}

// The continued fraction of the incomplete beta function, for x < (a+1)/(a+b+2).
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / bounded(1 - (a + b) * x / (a + 1)), h = d;
    for (int m = 1; m < MOST_TERMS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / bounded(1 + even * d);
        c = bounded(1 + even / c);
        h *= d * c;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / bounded(1 + odd * d);
        c = bounded(1 + odd / c);
        h *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return h;
}

double special_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    // x^a·(1−x)^b/B(a, b), by the same saddle point as the binomial's
    double n = a + b, front = exp(stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) -
                                  deviance(b, n * (1 - x))) *
                              sqrt(a * b / (2 * M_PI * n));
    if (x < (a + 1) / (n + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double special_normal_upper(double z)
{
    return 0.5 * erfc(z * M_SQRT1_2);
}

double special_normal_quantile(double p)
{
    if (!(p > 0 && p < 1))
        return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
    double tail = p < 0.5 ? p : 1 - p;
    // Tail·z·√τ ≈ exp(−z²/2) starts it, and Halley's steps double the digits more than once each.
    double t = sqrt(-2 * log(tail)), z = fmax(0, t - log(fmax(t, 1) * 2.5) / fmax(t, 1));
    for (int i = 0; i < 50; i++) {
        double density = exp(-z * z / 2 - HALF_LOG_TAU), step = (special_normal_upper(z) - tail) / density;
        double move = step / (1 - z * step / 2);
        z += move;
        if (fabs(move) <= 1e-15 * (1 + z))
            break;
    }
    return p < 0.5 ? -z : z;
}

double special_kolmogorov(double z)
{
    if (!(z > 0))
        return 1;
    double sum = 0;
    if (z < 0.82) { // Jacobi's other form of the same series is quick where z is small
        double root = M_PI * M_PI / (8 * z * z);
        for (int i = 1; i < 20; i += 2)
            sum += exp(-i * i * root);
        return 1 - sqrt(2 * M_PI) / z * sum;
    }
    for (int i = 1; i < 20; i++)
        sum += (i & 1 ? 2 : -2) * exp(-2.0 * i * i * z * z);
    return sum;
}

double special_kolmogorov_quantile(double p)
{
    double low = 0, high = 40;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (special_kolmogorov(middle) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

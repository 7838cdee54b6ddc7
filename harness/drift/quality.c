// SPDX-License-Identifier: Apache-2.0
#include "drift/quality.h"

#include "base/mem.h"
#include "drift/sampling.h"
#include "drift/special.h"

#include <math.h>
#include <stdlib.h>

#define Z         1.959963984540054 // the normal quantile 0.975
#define CLIP      1e-15
#define BINS      10
#define RESAMPLES 200

static struct quality unknown(size_t rows)
{
    return (struct quality){NAN, NAN, NAN, rows};
}

struct quality quality_accuracy(uint64_t right, uint64_t rows)
{
    if (rows == 0)
        return unknown(0);
    double n = (double)rows, share = (double)right / n, z2 = Z * Z;
    double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    return (struct quality){share, fmax(0, centre - half), fmin(1, centre + half), rows};
}

// Mean and standard error, in two passes.
static void mean_of(double *mean, double *error, const double *values, size_t rows)
{
    double sum = 0, square = 0, n = (double)rows;
    for (size_t i = 0; i < rows; i++)
        sum += values[i];
    *mean = sum / n;
    for (size_t i = 0; i < rows; i++)
        square += (values[i] - *mean) * (values[i] - *mean);
    *error = rows > 1 ? sqrt(square / (n - 1) / n) : NAN;
}

struct quality quality_mean(const double *values, size_t rows)
{
    if (rows == 0)
        return unknown(0);
    double mean, error;
    mean_of(&mean, &error, values, rows);
    return (struct quality){mean, mean - Z * error, mean + Z * error, rows};
}

// The mean of a function of each value.
static struct quality mean_over(const double *values, size_t rows, double (*function)(double value))
{
    CLEANUP(free) double *changed = mem_array(rows ? rows : 1, sizeof *changed);
    for (size_t i = 0; i < rows; i++)
        changed[i] = function(values[i]);
    return quality_mean(changed, rows);
}

static double loss(double given)
{
    return -log(fmin(fmax(given, CLIP), 1 - CLIP));
}

static double square(double value)
{
    return value * value;
}

// A mean of what is never negative is not either.
static struct quality not_negative(struct quality quality)
{
    if (quality.low < 0)
        quality.low = 0;
    return quality;
}

struct quality quality_log_loss(const double *given, size_t rows)
{
    return not_negative(mean_over(given, rows, loss));
}

struct quality quality_mae(const double *errors, size_t rows)
{
    return not_negative(mean_over(errors, rows, fabs));
}

struct quality quality_rmse(const double *errors, size_t rows)
{
    struct quality squares = mean_over(errors, rows, square);
    if (isnan(squares.value))
        return squares;
    double root = sqrt(squares.value);
    double half = root > 0 ? (squares.high - squares.value) / (2 * root) : 0; // d√x = dx/(2√x)
    return not_negative((struct quality){root, root - half, root + half, rows});
}

struct scored {
    double score;
    size_t index;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    return x->score != y->score ? (x->score > y->score) - (x->score < y->score)
                                : (x->index > y->index) - (x->index < y->index);
}

// The share of the other class that each row is above (ties count half), in parts[index]; for the negatives, below.
static void placements(double *parts, const struct scored *sorted, const bool *positive, size_t rows)
{
    double total[2] = {0}, below[2] = {0};
    for (size_t i = 0; i < rows; i++)
        total[positive[i]]++;
    for (size_t i = 0; i < rows;) {
        double here[2] = {0};
        size_t end = i;
        for (; end < rows && sorted[end].score == sorted[i].score; end++)
            here[positive[sorted[end].index]]++;
        for (; i < end; i++) {
            size_t index = sorted[i].index;
            bool other = !positive[index];
            double share = (below[other] + here[other] / 2) / total[other];
            parts[index] = positive[index] ? share : 1 - share;
        }
        below[0] += here[0];
        below[1] += here[1];
    }
}

// Variance of the mean of those rows' parts.
static double part_variance(const double *parts, const bool *positive, size_t rows, bool which)
{
    double n = 0, sum = 0, off = 0;
    for (size_t i = 0; i < rows; i++)
        if (positive[i] == which) {
            n++;
            sum += parts[i];
        }
    for (size_t i = 0; i < rows; i++)
        if (positive[i] == which)
            off += (parts[i] - sum / n) * (parts[i] - sum / n);
    return n > 1 ? off / (n - 1) / n : NAN;
}

struct quality quality_auc(const double *scores, const bool *positive, size_t rows)
{
    double class_rows[2] = {0}, sum = 0;
    for (size_t i = 0; i < rows; i++) {
        class_rows[positive[i]]++;
        if (isnan(scores[i]))
            return unknown(rows);
    }
    if (class_rows[0] < 1 || class_rows[1] < 1)
        return unknown(rows);
    CLEANUP(free) struct scored *sorted = mem_array(rows, sizeof *sorted);
    CLEANUP(free) double *parts = mem_array(rows, sizeof *parts);
    for (size_t i = 0; i < rows; i++)
        sorted[i] = (struct scored){scores[i], i};
    qsort(sorted, rows, sizeof *sorted, by_score);
    placements(parts, sorted, positive, rows);
    for (size_t i = 0; i < rows; i++)
        sum += positive[i] ? parts[i] : 0;
    double area = sum / class_rows[1];
    double error = sqrt(part_variance(parts, positive, rows, true) + part_variance(parts, positive, rows, false));
    // Half a pair wrong keeps the logit finite; an estimate without a fault is not known without a doubt.
    double half_pair = 0.5 / (class_rows[0] * class_rows[1]);
    double inside = fmin(fmax(area, half_pair), 1 - half_pair), fewer = fmin(class_rows[0], class_rows[1]);
    if (!(error > 0)) // NaN: a class of one row
        error = sqrt(inside * (1 - inside) / fewer);
    double logit = log(inside / (1 - inside)), half = Z * error / (inside * (1 - inside));
    struct quality out = {area, 1 / (1 + exp(half - logit)), 1 / (1 + exp(-half - logit)), rows};
    out.low = fmin(out.low, area); // also where a fault is so rare that the logit's interval begins beyond it
    out.high = fmax(out.high, area);
    return out;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// How far chance alone takes the shares of positives from what they would be, weighted like the error itself: by the
// triangle's inequality the error is no farther from the truth. The quantile 0.95 of resamples, with half a row of each
// kind added to a bin, so that one without positives is not taken to be sure of it.
static double noise(const double *count, const double *came, double rows)
{
    double sums[RESAMPLES] = {0};
    struct rng rng;
    rng_seed(&rng, 0);
    for (size_t r = 0; r < RESAMPLES; r++)
        for (size_t i = 0; i < BINS; i++) {
            double share = (came[i] + 0.5) / (count[i] + 1);
            if (count[i] > 0)
                sums[r] += fabs((double)sampling_binomial(&rng, (uint64_t)count[i], share) - count[i] * share) / rows;
        }
    qsort(sums, RESAMPLES, sizeof *sums, by_size);
    return sums[RESAMPLES * 95 / 100];
}

struct quality quality_calibration(const double *probabilities, const bool *positive, size_t rows)
{
    double count[BINS] = {0}, given[BINS] = {0}, came[BINS] = {0};
    for (size_t i = 0; i < rows; i++) {
        if (!(probabilities[i] >= 0 && probabilities[i] <= 1))
            return unknown(rows);
        int bin = (int)ceil(probabilities[i] * BINS) - 1;
        bin = bin < 0 ? 0 : bin;
        count[bin]++;
        given[bin] += probabilities[i];
        came[bin] += positive[i];
    }
    if (rows == 0)
        return unknown(0);
    double value = 0, half = noise(count, came, (double)rows);
    for (size_t i = 0; i < BINS; i++)
        value += fabs(given[i] - came[i]) / (double)rows;
    return not_negative((struct quality){value, value - half, fmin(1, value + half), rows});
}

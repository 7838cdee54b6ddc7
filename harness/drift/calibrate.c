// SPDX-License-Identifier: Apache-2.0
#include "drift/calibrate.h"

#include "drift/contingency.h"
#include "drift/sampling.h"
#include "drift/statistics.h"

#include <math.h>
#include <stdlib.h>

#define MOST_BINS (2 * SPREAD_CELLS + 2)

static double total_of(const double *counts, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += counts[i];
    return sum;
}

void calibrate_bins(double out[DRIFT_STATISTICS], const struct spread *spread, const double *current,
                    const double *reference)
{
    double p[MOST_BINS], q[MOST_BINS];
    size_t bins = spread->bins;
    statistics_smooth(p, current, bins);
    statistics_smooth(q, reference, bins);
    out[STATISTIC_PSI] = statistics_psi(p, q, bins);
    double n = total_of(current, bins), m = total_of(reference, bins);
    for (size_t i = 0; i < bins; i++) {
        p[i] = n > 0 ? current[i] / n : 0;
        q[i] = m > 0 ? reference[i] / m : 0;
    }
    out[STATISTIC_JS] = statistics_js(p, q, bins);
    out[STATISTIC_CHI2] = spread->kind == SPREAD_CATEGORIES ? contingency_chi2_value(current, reference, bins) : NAN;
}

// KS and Wasserstein of numbers from what the cells hold up to each edge.
static void of_edges(double out[DRIFT_STATISTICS], const struct spread *spread, const double *current,
                     const double *reference, double reach)
{
    double n = total_of(current, spread->count), m = total_of(reference, spread->count);
    double most = 0, sum = 0, d = 0, a = 0, b = 0;
    const double *edges = spread->edges;
    size_t count = spread->count - 1;
    for (size_t i = 0; i < count; i++) {
        double before = d, width = i == 0 ? reach : edges[i] - edges[i - 1];
        a += current[i] / n;
        b += reference[i] / m;
        d = a - b;
        most = fmax(most, fabs(d));
        if ((before == 0 && d == 0) || (spread->steps && before == 0))
            continue; // however wide: the width of two extremes is infinite
        if (spread->steps || (before < 0) == (d < 0) || before == 0 || d == 0)
            sum += (spread->steps ? fabs(before) : (fabs(before) + fabs(d)) / 2) * width;
        else
            sum += (before * before + d * d) / (2 * (fabs(before) + fabs(d))) * width;
    }
    sum += d == 0 ? 0 : fabs(d) * reach / 2;
    out[STATISTIC_KS] = most;
    out[STATISTIC_WASSERSTEIN] = spread->sigma > 0 ? sum / spread->sigma : sum > 0 ? INFINITY : 0;
}

void calibrate_cells(double out[DRIFT_STATISTICS], const struct spread *spread, const double *current,
                     const double *reference, double reach)
{
    double a[MOST_BINS] = {0}, b[MOST_BINS] = {0};
    out[STATISTIC_KS] = out[STATISTIC_WASSERSTEIN] = NAN;
    if (spread->kind == SPREAD_CATEGORIES) {
        calibrate_bins(out, spread, current, reference);
        return;
    }
    for (size_t i = 0; i < spread->count; i++) {
        a[spread->bin[i]] += current[i];
        b[spread->bin[i]] += reference[i];
    }
    calibrate_bins(out, spread, a, b);
    of_edges(out, spread, current, reference, reach);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void calibration_make(struct calibration *out, const struct spread *spread, const struct calibration_options *options)
{
    *out = (struct calibration){.resamples = options->resamples};
    CLEANUP(free) double *current = mem_array(spread->count, sizeof *current);
    CLEANUP(free) double *reference = mem_array(spread->count, sizeof *reference);
    struct rng rng;
    rng_seed(&rng, options->seed);
    for (size_t i = 0; i < options->resamples; i++) {
        double values[DRIFT_STATISTICS];
        sampling_multinomial(current, &rng, options->n, spread->probabilities, spread->count);
        sampling_multinomial(reference, &rng, options->m, spread->probabilities, spread->count);
        calibrate_cells(values, spread, current, reference, 0);
        for (size_t s = 0; s < DRIFT_STATISTICS; s++) {
            if (isnan(values[s]))
                continue;
            if (!out->values[s])
                out->values[s] = mem_array(options->resamples, sizeof *out->values[s]);
            out->values[s][i] = values[s];
        }
    }
    for (size_t s = 0; s < DRIFT_STATISTICS; s++)
        if (out->values[s])
            qsort(out->values[s], out->resamples, sizeof *out->values[s], by_size);
}

void calibration_free(struct calibration *calibration)
{
    for (size_t s = 0; s < DRIFT_STATISTICS; s++)
        free(calibration->values[s]);
    *calibration = (struct calibration){0};
}

struct tail {
    double from, share, excess; // P(> from), and by how much in the mean
};

static struct tail tail_of(const double *values, size_t count)
{
    size_t first = count - count / 10;
    struct tail tail = {.from = values[first ? first - 1 : 0]};
    size_t beyond = 0;
    for (size_t i = first; i < count; i++)
        if (values[i] > tail.from) {
            tail.excess += values[i] - tail.from;
            beyond++;
        }
    tail.share = (double)beyond / (double)count;
    tail.excess = beyond ? tail.excess / (double)beyond : 0;
    return tail;
}

double calibration_p(const struct calibration *calibration, enum drift_statistic statistic, double value)
{
    const double *values = calibration->values[statistic];
    size_t count = calibration->resamples;
    if (!values || count == 0 || isnan(value))
        return NAN;
    struct tail tail = tail_of(values, count);
    if (value > tail.from)
        return tail.excess > 0 ? tail.share * exp(-(value - tail.from) / tail.excess) : 1 / (double)(count + 1);
    size_t low = 0, high = count; // the first that is ≥ value, but for rounding
    double edge = value * (1 - 1e-12);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (values[middle] < edge)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)(count - low + 1) / (double)(count + 1);
}

double calibration_threshold(const struct calibration *calibration, enum drift_statistic statistic, double level)
{
    const double *values = calibration->values[statistic];
    size_t count = calibration->resamples;
    if (!values || count == 0 || !(level > 0))
        return NAN;
    struct tail tail = tail_of(values, count);
    if (level < tail.share)
        return tail.from + tail.excess * log(tail.share / level);
    size_t index = (size_t)ceil((1 - fmin(level, 1)) * (double)count);
    return values[index < 1 ? 0 : index > count ? count - 1 : index - 1];
}

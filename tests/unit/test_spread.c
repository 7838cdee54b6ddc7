// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: summaries are as far apart as the samples that they were made of; calibration knows how far that is by chance.
#include "unit.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "drift/calibrate.h"
#include "drift/holm.h"
#include "drift/sampling.h"
#include "drift/special.h"
#include "drift/spread.h"
#include "drift/statistics.h"

#include <math.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Normal numbers, those below −0.5 all −0.5 where `atom`.
static double *sample(size_t n, double mean, bool atom, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    double *values = mem_array(n, sizeof *values);
    for (size_t i = 0; i < n; i++) {
        values[i] = mean + special_normal_quantile(rng_unit(&rng) * 0.999999 + 5e-7);
        if (atom && values[i] < -0.5)
            values[i] = -0.5;
    }
    qsort(values, n, sizeof *values, by_size);
    return values;
}

// All values where they are few, else those at which the next of 512 quantiles is reached.
static struct column_summary summary(const double *values, size_t n)
{
    struct column_summary out = {.type = COLUMN_NUMBER, .rows = n, .values = n, .sigma = 1};
    out.points = mem_array(BASELINE_POINTS, sizeof *out.points);
    out.shares = mem_array(BASELINE_POINTS, sizeof *out.shares);
    bool few = n < BASELINE_POINTS;
    size_t step = 0;
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && values[i + 1] == values[i])
            continue;
        double share = (double)(i + 1) / (double)n;
        if (!few && share < (double)step / (BASELINE_POINTS - 1))
            continue;
        while ((double)step / (BASELINE_POINTS - 1) <= share)
            step++;
        out.points[out.point_count] = values[i];
        out.shares[out.point_count++] = share;
    }
    out.error = few ? 0 : 1.0 / (BASELINE_POINTS - 1);
    return out;
}

START_TEST(summaries_are_as_far_apart_as_their_samples)
{
    static const size_t sizes[] = {30, 400, 20000};
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
        for (size_t t = 0; t < ARRAY_LEN(sizes); t++)
            for (int atom = 0; atom < 2; atom++) {
                size_t n = sizes[s], m = sizes[t];
                CLEANUP(free) double *a = sample(n, 0.3, atom, 1);
                CLEANUP(free) double *b = sample(m, 0, atom, 2);
                struct column_summary x = summary(a, n), y = summary(b, m);
                double error = x.error + y.error + 1e-12;
                double ks = statistics_ks(a, n, b, m), apart = statistics_wasserstein(a, n, b, m);
                ck_assert_msg(fabs(spread_ks(&x, &y) - ks) <= error, "%zu, %zu: %g, %g", n, m, spread_ks(&x, &y), ks);
                ck_assert(fabs(spread_wasserstein(&x, &y) - apart) <= 8 * error);
                ck_assert(fabs(spread_share(&x, a[n / 2]) - (double)(n / 2 + 1) / (double)n) <= error + atom);
                ck_assert(spread_share(&x, a[0] - 1) == 0 && spread_share(&x, a[n - 1]) == 1);
                column_summary_free(&x);
                column_summary_free(&y);
            }
}
END_TEST

START_TEST(cells_share_out_the_reference_and_lie_in_twelve_bins)
{
    static const size_t sizes[] = {40, 20000};
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        CLEANUP(free) double *values = sample(sizes[s], 0, false, 3);
        struct column_summary column = summary(values, sizes[s]);
        CLEANUP(spread) struct spread spread = {0};
        ck_assert(spread_make(&spread, &column, 1000));
        ck_assert_int_eq(spread.steps, sizes[s] == 40);
        ck_assert_uint_eq(spread.bins, SPREAD_BINS);
        double sum = 0, counts[SPREAD_BINS], shifted[SPREAD_CELLS + 2];
        for (size_t i = 0; i < spread.count; i++) {
            ck_assert(spread.probabilities[i] >= 0);
            sum += spread.probabilities[i];
            ck_assert(i == 0 || spread.bin[i] - spread.bin[i - 1] <= 1);
        }
        ck_assert(fabs(sum - 1) < 1e-12);
        ck_assert(spread.probabilities[0] == 0 && spread.probabilities[spread.count - 1] == 0);
        spread_count(counts, &spread, &column);
        ck_assert(counts[0] == 0 && fabs(counts[SPREAD_BINS - 1]) < 1e-9);
        for (size_t i = 1; i + 1 < SPREAD_BINS; i++)
            ck_assert_msg(fabs(counts[i] / (double)sizes[s] - 0.1) < 0.01, "bin %zu has %g", i, counts[i]);
        spread_shift(shifted, &spread, &column, 1);
        ck_assert(shifted[0] == 0 && shifted[spread.count - 1] > 0 && shifted[1] < spread.probabilities[1] + 1e-12);
        column_summary_free(&column);
    }
}
END_TEST

START_TEST(rare_and_unknown_categories_share_the_last_cell)
{
    static char a[] = "a", b[] = "b", c[] = "c", d[] = "new";
    struct category_count was[] = {{b, 700}, {a, 290}, {c, 4}}, is[] = {{a, 60}, {d, 30}, {c, 10}};
    struct column_summary reference = {
        .type = COLUMN_CATEGORY, .rows = 1000, .values = 1000, .categories = was, .category_count = 3, .other = 6};
    struct column_summary current = {
        .type = COLUMN_CATEGORY, .rows = 105, .values = 105, .categories = is, .category_count = 3, .other = 5};
    CLEANUP(spread) struct spread spread = {0};
    ck_assert(spread_make(&spread, &reference, 105));
    double counts[3];
    ck_assert_uint_eq(spread.bins, 3);
    spread_count(counts, &spread, &current);
    ck_assert(counts[0] == 0 && counts[1] == 60 && counts[2] == 45);
    spread_count(counts, &spread, &reference);
    ck_assert(counts[0] == 700 && counts[1] == 290 && counts[2] == 10);
}
END_TEST

START_TEST(what_cannot_be_counted_has_no_spread)
{
    static char a[] = "a";
    struct category_count rare[] = {{a, 1}};
    struct column_summary columns[] = {
        {.type = COLUMN_TEXT, .rows = 9, .values = 9},
        {.type = COLUMN_NUMBER, .rows = 9, .missing = 9},
        {.type = COLUMN_CATEGORY, .rows = 9, .values = 9, .categories = rare, .category_count = 1, .other = 8}};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        CLEANUP(spread) struct spread spread = {0};
        ck_assert(!spread_make(&spread, &columns[i], 100));
    }
}
END_TEST

// New pairs of samples are beyond the threshold of a level about as often as it says, and beyond that of a level that
// no resample reaches not more often.
START_TEST(thresholds_are_passed_as_often_as_they_say)
{
    enum { LOOKS = 4000 };
    static const uint64_t sizes[][2] = {{50, 300}, {1000, 5000}, {100000, 20000}};
    CLEANUP(free) double *values = sample(40, 0, false, 3);
    struct column_summary column = summary(values, 40);
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
        CLEANUP(spread) struct spread spread = {0};
        CLEANUP(calibration) struct calibration calibration = {0};
        struct calibration_options how = {.n = sizes[s][0], .m = sizes[s][1], .seed = 1, .resamples = 1000};
        ck_assert(spread_make(&spread, &column, how.n));
        calibration_make(&calibration, &spread, &how);
        struct calibration_options fresh = {.n = how.n, .m = how.m, .seed = 2, .resamples = LOOKS};
        CLEANUP(calibration) struct calibration looks = {0};
        calibration_make(&looks, &spread, &fresh);
        ck_assert_ptr_null(looks.values[STATISTIC_CHI2]);
        static const double levels[] = {0.5, 0.05, 0.0005};
        for (enum drift_statistic statistic = 0; statistic < DRIFT_STATISTICS; statistic++)
            for (size_t l = 0; looks.values[statistic] && l < ARRAY_LEN(levels); l++) {
                double threshold = calibration_threshold(&calibration, statistic, levels[l]), beyond = 0;
                for (size_t i = 0; i < LOOKS; i++)
                    beyond += looks.values[statistic][i] > threshold;
                double expected = levels[l] * LOOKS, off = 5 * sqrt(expected * (1 + LOOKS / 1000.0));
                ck_assert_msg(beyond <= expected + off && (levels[l] < 0.01 || beyond >= expected - off),
                              "%s, n = %ju, level %g: %g times of %d", drift_statistic_name(statistic),
                              (uintmax_t)how.n, levels[l], beyond, LOOKS);
                if (levels[l] < 0.1) {
                    double p = calibration_p(&calibration, statistic, threshold);
                    ck_assert_msg(fabs(p / levels[l] - 1) < 1e-6, "%g, %g", p, levels[l]);
                }
            }
    }
    column_summary_free(&column);
}
END_TEST

START_TEST(holm_rejects_step_by_step_and_then_stops)
{
    // 0.01 ≤ 0.05/4, 0.016 ≤ 0.05/3, 0.03 > 0.05/2: the last would pass alone, and does not
    const double p[] = {0.03, 0.01, 0.04, 0.016};
    double levels[4];
    holm_levels(levels, p, 4, 0.05);
    ck_assert(levels[1] == 0.05 / 4 && levels[3] == 0.05 / 3 && levels[0] == 0.05 / 2 && levels[2] == 0.05 / 2);
    holm_levels(levels, p, 0, 0.05);
}
END_TEST

UNIT_MAIN("spread", summaries_are_as_far_apart_as_their_samples, cells_share_out_the_reference_and_lie_in_twelve_bins,
          rare_and_unknown_categories_share_the_last_cell, what_cannot_be_counted_has_no_spread,
          thresholds_are_passed_as_often_as_they_say, holm_rejects_step_by_step_and_then_stops)

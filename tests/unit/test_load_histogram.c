// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "base/rng.h"
#include "serve/load_histogram.h"
#include "unit.h"

#include <math.h>
#include <stdbool.h>

static struct load_histogram *new_histograms(size_t count)
{
    return calloc(count, sizeof(struct load_histogram));
}

START_TEST(a_value_reads_back_within_a_256th)
{
    for (double value = 1e-9; value < 1000; value *= 1.0037) {
        struct load_histogram *h = new_histograms(1);
        load_histogram_add(h, value);
        double back = load_histogram_quantile(h, 1);
        // Besides, values are whole nanoseconds.
        ck_assert_msg(fabs(back - value) <= value / 256 + 0.5001e-9, "%.12g came back as %.12g", value, back);
        free(h);
    }
}
END_TEST

START_TEST(buckets_ascend_without_a_gap)
{
    for (size_t i = 1; i < LOAD_BUCKETS; i++)
        ck_assert_double_gt(load_histogram_value(i), load_histogram_value(i - 1));
}
END_TEST

START_TEST(quantiles_are_those_of_the_sorted_values)
{
    struct load_histogram *h = new_histograms(1);
    for (int i = 1000; i >= 1; i--)
        load_histogram_add(h, i * 1e-3);
    static const struct {
        double q, value;
    } cases[] = {{0, 1e-3}, {0.001, 1e-3}, {0.5, 0.5}, {0.99, 0.99}, {0.999, 0.999}, {1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_double_eq_tol(load_histogram_quantile(h, cases[i].q), cases[i].value, cases[i].value * 0.004);
    free(h);
}
END_TEST

START_TEST(what_never_came_is_later_than_everything)
{
    struct load_histogram *h = new_histograms(1);
    ck_assert(isnan(load_histogram_quantile(h, 0.5)));
    for (int i = 0; i < 98; i++)
        load_histogram_add(h, 1e-3);
    load_histogram_add(h, INFINITY);
    load_histogram_add(h, NAN);
    ck_assert_uint_eq(h->count, 100);
    ck_assert_uint_eq(h->never, 2);
    ck_assert_double_lt(load_histogram_quantile(h, 0.98), 1.01e-3);
    ck_assert(isinf(load_histogram_quantile(h, 0.99)));
    free(h);
}
END_TEST

START_TEST(values_beyond_the_range_are_kept_at_its_ends)
{
    struct load_histogram *h = new_histograms(1);
    load_histogram_add(h, -1);
    load_histogram_add(h, 1e9);
    ck_assert_double_eq(load_histogram_quantile(h, 0.5), 0);
    ck_assert_double_gt(load_histogram_quantile(h, 1), 1000);
    free(h);
}
END_TEST

// Values that are independent: the interval holds the true quantile about 95 times in a hundred, and is not wide.
START_TEST(an_interval_holds_the_true_quantile)
{
    enum { ROUNDS = 400, BLOCKS = 10, EACH = 200 };
    static const double quantiles[] = {0.5, 0.9, 0.99};
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t k = 0; k < 3; k++) {
        double truth = -log(1 - quantiles[k]);
        int held = 0;
        for (int round = 0; round < ROUNDS; round++) {
            struct load_histogram *blocks = new_histograms(BLOCKS);
            for (int i = 0; i < BLOCKS * EACH; i++)
                load_histogram_add(&blocks[i / EACH], -log(1 - rng_unit(&rng)));
            struct load_estimate estimate;
            load_estimate(&estimate, blocks, BLOCKS, quantiles[k]);
            ck_assert(estimate.low <= estimate.value && estimate.value <= estimate.high);
            held += estimate.low <= truth * 1.004 && truth * 0.996 <= estimate.high;
            ck_assert_double_lt(estimate.low / truth, 1.2);
            ck_assert_double_gt(estimate.low / truth, 0.6);
            free(blocks);
        }
        ck_assert_msg(held >= ROUNDS * 93 / 100, "%d of %d held the quantile %g", held, ROUNDS, quantiles[k]);
    }
}
END_TEST

// 5 % are late. In every block alike: that more than 1 % are late is certain. All in one block: one stall proves
// little.
START_TEST(one_stall_makes_an_interval_wide)
{
    enum { BLOCKS = 10, EACH = 200 };
    for (int one = 0; one < 2; one++) {
        struct load_histogram *blocks = new_histograms(BLOCKS);
        for (int i = 0; i < BLOCKS * EACH; i++) {
            bool late = one ? i < BLOCKS * EACH / 20 : i % 20 == 0;
            load_histogram_add(&blocks[i / EACH], late ? 0.2 : 0.001);
        }
        struct load_estimate estimate;
        load_estimate(&estimate, blocks, BLOCKS, 0.99);
        ck_assert_double_eq_tol(estimate.value, 0.2, 0.001);
        ck_assert_double_eq_tol(estimate.low, one ? 0.001 : 0.2, 0.001);
        ck_assert_double_eq_tol(estimate.high, 0.2, 0.001);
        free(blocks);
    }
}
END_TEST

START_TEST(few_values_leave_a_high_quantile_open)
{
    struct load_histogram *h = new_histograms(1);
    for (int i = 0; i < 50; i++)
        load_histogram_add(h, 1e-3 * (i + 1));
    struct load_estimate estimate;
    load_estimate(&estimate, h, 1, 0.99);
    ck_assert(isinf(estimate.high));
    ck_assert_double_gt(estimate.low, 0.03);
    load_estimate(&estimate, h, 1, 0.5);
    ck_assert_double_lt(estimate.high, 0.04);
    free(h);
}
END_TEST

UNIT_MAIN("load_histogram", a_value_reads_back_within_a_256th, buckets_ascend_without_a_gap,
          quantiles_are_those_of_the_sorted_values, what_never_came_is_later_than_everything,
          values_beyond_the_range_are_kept_at_its_ends, an_interval_holds_the_true_quantile,
          one_stall_makes_an_interval_wide, few_values_leave_a_high_quantile_open)

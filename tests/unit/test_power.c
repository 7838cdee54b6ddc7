// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: what a column's watch promises is what its looks then do.
#include "unit.h"

#include "base/mem.h"
#include "base/str.h"
#include "drift/contingency.h"
#include "drift/judgement.h"
#include "drift/power.h"
#include "drift/sampling.h"
#include "drift/special.h"
#include "drift/spread.h"

#include <math.h>

static const struct drift_rules rules = {.given = true, .least = NAN};

// The quantiles of the normal distribution, as if of 20,000 rows.
static struct column_summary normal(void)
{
    struct column_summary out = {.name = str_dup("x"),
                                 .type = COLUMN_NUMBER,
                                 .rows = 20000,
                                 .values = 20000,
                                 .sigma = 1,
                                 .point_count = BASELINE_POINTS,
                                 .error = 0.5 / (BASELINE_POINTS - 1)};
    out.points = mem_array(BASELINE_POINTS, sizeof *out.points);
    out.shares = mem_array(BASELINE_POINTS, sizeof *out.shares);
    for (size_t i = 0; i < BASELINE_POINTS; i++) {
        double share = (double)i / (BASELINE_POINTS - 1);
        out.points[i] = special_normal_quantile(fmin(fmax(share, 5e-5), 1 - 5e-5));
        out.shares[i] = i == 0 ? 5e-5 : share;
    }
    out.min = out.points[0];
    out.max = out.points[BASELINE_POINTS - 1];
    return out;
}

static struct column_summary colours(void)
{
    static const char *const names[] = {"red", "green", "blue", "grey"};
    static const uint64_t counts[] = {5000, 3000, 1500, 500};
    struct column_summary out = {
        .name = str_dup("c"), .type = COLUMN_CATEGORY, .rows = 11000, .missing = 1000, .values = 10000};
    out.categories = mem_array(4, sizeof *out.categories);
    for (; out.category_count < 4; out.category_count++)
        out.categories[out.category_count] =
            (struct category_count){str_dup(names[out.category_count]), counts[out.category_count]};
    return out;
}

static size_t alarms(const struct column_summary *column, uint64_t rows, double move)
{
    size_t rung = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct column_summary copy;
        power_copy(&copy, column, rows, move, seed);
        CLEANUP(judgement)
        struct judgement *judgement =
            judgement_new(&(struct judgement_options){.rules = &rules, .seed = seed, .resamples = 300, .threads = 1});
        judgement_column(judgement, DRIFT_COLUMNS, column, &copy);
        judgement_judge(judgement);
        rung += judgement->findings[judgement->count - 1].alarm;
        column_summary_free(&copy);
    }
    return rung;
}

START_TEST(the_smallest_move_is_noticed_and_half_of_it_is_mostly_not)
{
    for (int numbers = 0; numbers < 2; numbers++) {
        struct column_summary column = numbers ? normal() : colours();
        struct power power;
        power_measure(&power, &column, &(struct power_options){.rules = &rules, .rows = 2000, .family = 3, .seed = 4});
        ck_assert(power.known && !power.declared);
        ck_assert_int_eq(power.decisive, numbers ? STATISTIC_KS : STATISTIC_CHI2);
        ck_assert(power.smallest > 0.02 && power.smallest < 0.3);
        ck_assert(power.false_alarms <= 0.03 && power.false_alarms_high >= power.false_alarms);
        ck_assert(power.false_alarms_high > 0.002 && power.false_alarms_high < 0.05);
        size_t at = alarms(&column, 2000, power.smallest), half = alarms(&column, 2000, power.smallest / 2);
        ck_assert_msg(at >= 34, "%zu of 40 at %g", at, power.smallest); // 38 expected
        ck_assert_msg(half < 20, "%zu of 40 at %g", half, power.smallest / 2);
        ck_assert_uint_le(alarms(&column, 2000, 0), 4);
        column_summary_free(&column);
    }
}
END_TEST

START_TEST(more_rows_notice_smaller_moves_down_to_least)
{
    struct column_summary column = normal();
    double before = INFINITY;
    static const uint64_t rows[] = {50, 500, 5000};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct power power;
        power_measure(&power, &column, &(struct power_options){.rules = &rules, .rows = rows[i], .resamples = 300});
        ck_assert(power.smallest < before && power.smallest >= 0.1);
        before = power.smallest;
    }
    column_summary_free(&column);
}
END_TEST

START_TEST(a_threshold_of_the_suites_own_is_measured_as_it_is)
{
    static char name[] = "x";
    struct drift_column_rule rule = {.pattern = name, .least = NAN, .statistics = {NAN, 0.1, NAN, NAN, NAN}};
    struct drift_rules own = {.given = true, .least = NAN, .columns = &rule, .column_count = 1};
    struct column_summary column = normal();
    struct power power;
    // In ten bins PSI is beyond 0.1 at n = 100 most of the time, though nothing has moved; at n = 1,000 never.
    power_measure(&power, &column, &(struct power_options){.rules = &own, .rows = 100});
    ck_assert(power.declared && power.threshold == 0.1 && power.decisive == STATISTIC_PSI);
    ck_assert_msg(power.false_alarms > 0.3, "%g", power.false_alarms);
    power_measure(&power, &column, &(struct power_options){.rules = &own, .rows = 1000});
    ck_assert(power.false_alarms == 0 && power.smallest < 0.5);
    column_summary_free(&column);
}
END_TEST

START_TEST(of_a_constant_the_share_that_another_value_must_have_is_told)
{
    struct column_summary column = normal(), copy;
    column.sigma = 0;
    column.point_count = 1;
    column.points[0] = column.min = column.max = column.mean = 3;
    column.shares[0] = 1;
    column.error = 0;
    struct power power;
    power_measure(&power, &column, &(struct power_options){.rules = &rules, .rows = 1000, .family = 65});
    ck_assert(power.known && power.constant && power.false_alarms == 0);
    ck_assert_msg(power.smallest > 0.01 && power.smallest < 0.06, "%g", power.smallest);
    size_t rung = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        power_copy(&copy, &column, 1000, 0, seed);
        copy.out_of_range = (uint64_t)(power.smallest * 1000 + 0.5);
        CLEANUP(judgement)
        struct judgement *judgement =
            judgement_new(&(struct judgement_options){.rules = &rules, .seed = seed, .resamples = 300, .threads = 1});
        judgement_column(judgement, DRIFT_COLUMNS, &column, &copy);
        judgement_judge(judgement);
        rung += judgement->alarms > 0;
        column_summary_free(&copy);
    }
    ck_assert_uint_eq(rung, 40);
    column_summary_free(&column);
}
END_TEST

START_TEST(of_a_single_category_the_share_that_goes_elsewhere_is_told)
{
    struct column_summary column = colours();
    while (column.category_count > 1)
        free(column.categories[--column.category_count].value);
    column.categories[0].count = column.values;
    struct power power;
    power_measure(&power, &column, &(struct power_options){.rules = &rules, .rows = 1000, .family = 65});
    ck_assert(power.known && power.constant && power.false_alarms == 0);
    ck_assert_msg(power.smallest > 0.001 && power.smallest < 0.06, "%g", power.smallest);
    column_summary_free(&column);
}
END_TEST

START_TEST(text_has_no_spread_to_watch)
{
    struct column_summary column = {.type = COLUMN_TEXT, .rows = 100, .values = 100};
    struct power power;
    power_measure(&power, &column, &(struct power_options){.rules = &rules});
    ck_assert(!power.known);
}
END_TEST

START_TEST(a_copy_has_the_rates_and_the_shape_of_its_column)
{
    struct column_summary column = colours(), copy, moved;
    power_copy(&copy, &column, 5500, 0, 1);
    ck_assert_uint_eq(copy.missing + copy.values, 5500);
    ck_assert(fabs((double)copy.missing - 500) < 100);
    ck_assert_uint_eq(spread_values(&copy), copy.values);
    ck_assert_str_eq(copy.categories[0].value, "red");
    power_copy(&moved, &column, 5500, 0.3, 1);
    ck_assert_str_ne(moved.categories[0].value, "red");
    column_summary_free(&copy);
    column_summary_free(&moved);
    column_summary_free(&column);

    column = normal();
    power_copy(&moved, &column, 5000, 2, 1);
    ck_assert(fabs(moved.mean - 2) < 0.1 && fabs(moved.sigma - 1) < 0.1);
    ck_assert(moved.out_of_range > 50 && moved.out_of_range < 400); // P(Z > 3.9 − 2) is 3 %
    ck_assert(fabs(spread_wasserstein(&column, &moved) - 2) < 0.1);
    column_summary_free(&moved);
    column_summary_free(&column);
}
END_TEST

START_TEST(drawn_counts_have_the_binomials_mean_and_variance)
{
    static const struct {
        uint64_t n;
        double p;
    } cases[] = {{1, 0.3}, {20, 0.2}, {50, 0.9}, {1000, 0.004}, {1000, 0.3}, {100000000, 0.5}, {100000000, 1e-5}};
    struct rng rng;
    rng_seed(&rng, 3);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double n = (double)cases[i].n, p = cases[i].p, variance = n * p * (1 - p), sum = 0, square = 0;
        size_t draws = 20000;
        for (size_t k = 0; k < draws; k++) {
            uint64_t drawn = sampling_binomial(&rng, cases[i].n, p);
            ck_assert_uint_le(drawn, cases[i].n);
            double off = (double)drawn - n * p;
            sum += off;
            square += off * off;
        }
        ck_assert(fabs(sum / (double)draws) < 4.5 * sqrt(variance / (double)draws));
        ck_assert_msg(fabs(square / (double)draws / variance - 1) < 0.08, "row %zu", i);
    }
}
END_TEST

// Categories of a long tail: what both samples lack of each other is never twice the same.
START_TEST(unseen_categories_without_drift_are_seldom_rejected)
{
    enum { KINDS = 3000, LOOKS = 1500 };
    static const uint64_t sizes[][2] = {{300, 300}, {100, 3000}, {3000, 300}};
    CLEANUP(free) double *shares = mem_array(KINDS, sizeof *shares);
    CLEANUP(free) double *is = mem_array(KINDS, sizeof *is), *was = mem_array(KINDS, sizeof *was);
    struct rng rng;
    rng_seed(&rng, 11);
    for (int tail = 0; tail < 2; tail++) {
        double sum = 0;
        for (size_t k = 0; k < KINDS; k++)
            sum += shares[k] = pow((double)(k + 1), tail ? -0.5 : -1.5);
        for (size_t k = 0; k < KINDS; k++)
            shares[k] /= sum;
        for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
            size_t rejected = 0;
            for (int look = 0; look < LOOKS; look++) {
                sampling_multinomial(is, &rng, sizes[s][0], shares, KINDS);
                sampling_multinomial(was, &rng, sizes[s][1], shares, KINDS);
                struct contingency_unseen reference = {.m = sizes[s][1]};
                double unseen = 0;
                for (size_t k = 0; k < KINDS; k++) {
                    reference.singles += was[k] == 1;
                    reference.doubles += was[k] == 2;
                    unseen += was[k] == 0 ? is[k] : 0;
                }
                rejected += contingency_unseen((uint64_t)unseen, sizes[s][0], &reference) <= 0.02;
            }
            ck_assert_msg((double)rejected < 0.02 * LOOKS + 3.5 * sqrt(0.02 * LOOKS), "tail %d, sizes %zu: %zu", tail,
                          s, rejected);
        }
    }
}
END_TEST

UNIT_MAIN("power", the_smallest_move_is_noticed_and_half_of_it_is_mostly_not,
          more_rows_notice_smaller_moves_down_to_least, a_threshold_of_the_suites_own_is_measured_as_it_is,
          of_a_constant_the_share_that_another_value_must_have_is_told,
          of_a_single_category_the_share_that_goes_elsewhere_is_told, text_has_no_spread_to_watch,
          a_copy_has_the_rates_and_the_shape_of_its_column, drawn_counts_have_the_binomials_mean_and_variance,
          unseen_categories_without_drift_are_seldom_rejected)

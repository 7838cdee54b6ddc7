// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// Goal: data like the reference raise no alarm; each way of drifting raises its own.
#include "unit.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "drift/judgement.h"
#include "drift/special.h"

#include <float.h>
#include <math.h>

#define USUAL .given = true, .least = NAN, .advice = {ADVICE_PAUSE, ADVICE_RETRAIN, ADVICE_RETRAIN, ADVICE_ROLL_BACK}
static const struct drift_rules rules = {USUAL};
static const struct judgement_options options = {.rules = &rules, .seed = 1, .threads = 1};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// A column of n normal numbers around `mean`: every one a point where they are few, else quantiles.
static struct column_summary numbers(const char *name, size_t n, double mean, uint64_t seed)
{
    struct column_summary out = {.name = str_dup(name), .type = COLUMN_NUMBER, .rows = n, .values = n};
    struct rng rng;
    rng_seed(&rng, seed);
    CLEANUP(free) double *values = mem_array(n, sizeof *values);
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        values[i] = mean + special_normal_quantile(rng_unit(&rng) * 0.999999 + 5e-7);
        out.mean += values[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        square += (values[i] - out.mean) * (values[i] - out.mean);
    out.sigma = sqrt(square / (double)n);
    qsort(values, n, sizeof *values, by_size);
    out.min = values[0];
    out.max = values[n - 1];
    out.point_count = n < BASELINE_POINTS ? n : BASELINE_POINTS;
    out.error = n < BASELINE_POINTS ? 0 : 0.5 / (BASELINE_POINTS - 1);
    out.points = mem_array(out.point_count, sizeof *out.points);
    out.shares = mem_array(out.point_count, sizeof *out.shares);
    for (size_t i = 0; i < out.point_count; i++) {
        size_t at = (size_t)((double)i / (double)(out.point_count - 1) * (double)(n - 1));
        out.points[i] = values[at];
        out.shares[i] = (double)(at + 1) / (double)n;
    }
    return out;
}

static struct column_summary categories(const char *name, const uint64_t *counts, size_t count)
{
    struct column_summary out = {.name = str_dup(name), .type = COLUMN_CATEGORY, .category_count = count};
    out.categories = mem_array(count, sizeof *out.categories);
    for (size_t i = 0; i < count; i++) {
        char value[8] = {(char)('a' + i)};
        out.categories[i] = (struct category_count){str_dup(value), counts[i]};
        out.rows += counts[i];
        out.singles += counts[i] == 1;
    }
    out.values = out.rows;
    return out;
}

static struct judgement *judge(struct column_summary *reference, struct column_summary *current,
                               const struct judgement_options *how)
{
    struct judgement *judgement = judgement_new(how);
    judgement_columns(judgement, DRIFT_COLUMNS, &(struct column_list){reference, 1}, &(struct column_list){current, 1});
    judgement_judge(judgement);
    column_summary_free(reference);
    column_summary_free(current);
    return judgement;
}

static const struct finding *rate_of(const struct judgement *judgement, enum drift_rate rate)
{
    for (size_t i = 0; i < judgement->count; i++)
        if (judgement->findings[i].kind == FINDING_RATE && judgement->findings[i].rate == rate)
            return &judgement->findings[i];
    ck_abort_msg("no such rate");
}

static const struct finding *spread_of(const struct judgement *judgement)
{
    ck_assert_int_eq(judgement->findings[judgement->count - 1].kind, FINDING_SPREAD);
    return &judgement->findings[judgement->count - 1];
}

START_TEST(numbers_like_the_reference_raise_no_alarm)
{
    struct column_summary a = numbers("x", 20000, 0, 1), b = numbers("x", 5000, 0, 2);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    ck_assert_uint_eq(judgement->alarms, 0);
    ck_assert_int_eq(judgement->advice, ADVICE_NONE);
    ck_assert_uint_eq(judgement->family, 2); // out of range, and how they are spread
    const struct finding *spread = spread_of(judgement);
    ck_assert(spread->p > 0.001 && spread->values[STATISTIC_KS].value < spread->values[STATISTIC_KS].threshold);
    ck_assert(isnan(spread->values[STATISTIC_CHI2].value));
}
END_TEST

START_TEST(a_shift_of_a_fifth_of_sigma_raises_the_alarm)
{
    struct column_summary a = numbers("x", 20000, 0, 1), b = numbers("x", 10000, 0.2, 2);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    const struct finding *spread = spread_of(judgement);
    ck_assert(spread->alarm);
    ck_assert_uint_eq(spread->n, 10000);
    ck_assert_uint_eq(spread->m, 20000);
    ck_assert(fabs(spread->values[STATISTIC_KS].value - 0.0797) < 0.015);
    ck_assert(fabs(spread->move - 0.2) < 0.03);
    ck_assert_int_eq(judgement->advice, ADVICE_RETRAIN);
    for (enum drift_statistic s = 0; s < DRIFT_STATISTICS; s++)
        if (s != STATISTIC_CHI2)
            ck_assert(spread->values[s].value > spread->values[s].threshold && spread->values[s].p < 1e-4);
}
END_TEST

START_TEST(a_move_that_is_sure_but_tiny_is_told_and_is_no_alarm)
{
    struct column_summary a = numbers("x", 100000, 0, 1), b = numbers("x", 100000, 0.05, 2);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    const struct finding *spread = spread_of(judgement);
    ck_assert(spread->moved && !spread->alarm);
    ck_assert(spread->move < spread->least);
    ck_assert_uint_eq(judgement->moved, 1);
    ck_assert_uint_eq(judgement->alarms, 0);
}
END_TEST

START_TEST(a_share_that_moved_between_categories_raises_the_alarm)
{
    struct column_summary a = categories("c", (uint64_t[]){6000, 3000, 1000}, 3);
    struct column_summary b = categories("c", (uint64_t[]){450, 350, 200}, 3);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    const struct finding *spread = spread_of(judgement);
    ck_assert(spread->alarm);
    ck_assert_int_eq(spread->decisive, STATISTIC_CHI2);
    ck_assert(spread->values[STATISTIC_CHI2].value > spread->values[STATISTIC_CHI2].threshold);
    ck_assert(fabs(spread->most - 0.15) < 1e-12);
    ck_assert(isnan(spread->values[STATISTIC_KS].value));
}
END_TEST

static const struct {
    enum drift_rate rate;
    enum column_type type;
    uint64_t reference, current; // of 1,000 each
    bool alarm;
} rates[] = {
    {RATE_MISSING, COLUMN_NUMBER, 0, 0, false},      {RATE_MISSING, COLUMN_NUMBER, 0, 60, true},
    {RATE_MISSING, COLUMN_NUMBER, 200, 210, false},  {RATE_MISSING, COLUMN_NUMBER, 200, 0, true},
    {RATE_NAN, COLUMN_NUMBER, 0, 50, true},          {RATE_INFINITE, COLUMN_NUMBER, 0, 50, true},
    {RATE_TYPE, COLUMN_NUMBER, 0, 50, true},         {RATE_TYPE, COLUMN_NUMBER, 0, 2, false},
    {RATE_OUT_OF_RANGE, COLUMN_NUMBER, 0, 5, false}, {RATE_OUT_OF_RANGE, COLUMN_NUMBER, 0, 100, true},
    {RATE_UNSEEN, COLUMN_CATEGORY, 0, 2, false},     {RATE_UNSEEN, COLUMN_CATEGORY, 0, 100, true},
};

START_TEST(a_rate_raises_the_alarm_where_chance_does_not_explain_it)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        struct column_summary both[2];
        for (size_t side = 0; side < 2; side++) {
            uint64_t count = side ? rates[i].current : rates[i].reference;
            struct column_summary *column = &both[side];
            *column =
                rates[i].type == COLUMN_NUMBER ? numbers("x", 1000, 0, 7) : categories("x", (uint64_t[]){500, 500}, 2);
            *(rates[i].rate == RATE_MISSING    ? &column->missing
              : rates[i].rate == RATE_NAN      ? &column->nan
              : rates[i].rate == RATE_INFINITE ? &column->infinite
              : rates[i].rate == RATE_TYPE     ? &column->wrong_type
              : rates[i].rate == RATE_UNSEEN   ? &column->unseen
                                               : &column->out_of_range) = count;
        }
        CLEANUP(judgement) struct judgement *judgement = judge(&both[0], &both[1], &options);
        const struct finding *finding = rate_of(judgement, rates[i].rate);
        ck_assert_msg(finding->alarm == rates[i].alarm, "row %zu: p %g, level %g, move %g", i, finding->p,
                      finding->level, finding->move);
        ck_assert_int_eq(finding->area, DRIFT_INPUT);
        ck_assert_int_eq(judgement->advice, rates[i].alarm ? ADVICE_PAUSE : ADVICE_NONE);
        if (finding->reference + finding->current > 0 && !isnan(finding->level))
            ck_assert(finding->moved == (finding->current > finding->threshold) || rates[i].reference > 0);
    }
}
END_TEST

START_TEST(a_column_that_is_gone_is_an_alarm)
{
    struct column_summary a = numbers("x", 1000, 0, 1), b = numbers("y", 1000, 0, 1);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    ck_assert_uint_eq(judgement->count, 1);
    ck_assert_int_eq(judgement->findings[0].kind, FINDING_ABSENT);
    ck_assert(judgement->findings[0].alarm);
    ck_assert_int_eq(judgement->advice, ADVICE_PAUSE);
}
END_TEST

// Rules of one column "x" that say nothing.
static struct drift_column_rule quiet(void)
{
    static char name[] = "x";
    struct drift_column_rule rule = {.pattern = name, .least = NAN};
    for (size_t i = 0; i < DRIFT_RATES; i++)
        rule.rates[i] = NAN;
    for (size_t i = 0; i < DRIFT_STATISTICS; i++)
        rule.statistics[i] = NAN;
    return rule;
}

START_TEST(thresholds_of_the_suite_replace_the_calibrated_ones)
{
    struct drift_column_rule rule = quiet();
    rule.statistics[STATISTIC_PSI] = 0.5;
    rule.rates[RATE_MISSING] = 0.2;
    rule.advice = ADVICE_WATCH;
    struct drift_rules own = {USUAL, .columns = &rule, .column_count = 1};
    struct judgement_options how = {.rules = &own};
    for (int far = 0; far < 2; far++) {
        struct column_summary a = numbers("x", 5000, 0, 1), b = numbers("x", 5000, far ? 1.5 : 0.4, 2);
        b.missing = far ? 1001 : 500;
        CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &how);
        const struct finding *spread = spread_of(judgement), *missing = rate_of(judgement, RATE_MISSING);
        ck_assert(spread->declared && missing->declared);
        ck_assert(isnan(spread->level));
        ck_assert(spread->values[STATISTIC_PSI].threshold == 0.5);
        ck_assert(spread->values[STATISTIC_PSI].false_alarms < 1e-6);
        ck_assert_int_eq(spread->alarm, far);
        ck_assert_int_eq(missing->alarm, far);
        ck_assert_int_eq(spread->advice, far ? ADVICE_WATCH : ADVICE_NONE);
    }
}
END_TEST

START_TEST(a_column_that_the_suite_ignores_is_not_looked_at)
{
    struct drift_column_rule rule = quiet();
    rule.ignore = true;
    struct drift_rules own = {USUAL, .columns = &rule, .column_count = 1};
    struct column_summary a = numbers("x", 5000, 0, 1), b = numbers("x", 5000, 3, 2);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &(struct judgement_options){.rules = &own});
    ck_assert_uint_eq(judgement->count, 0);
}
END_TEST

START_TEST(exact_numbers_give_the_exact_statistics)
{
    struct column_summary a = numbers("x", 1000, 0, 1), b = numbers("x", 1000, 0, 2);
    CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
    judgement_column(judgement, DRIFT_PREDICTIONS, &a, &b);
    struct sorted_numbers one = {(double[]){0, 1, 2, 3}, 4}, other = {(double[]){0, 1, 2, 7}, 4};
    judgement_exact(judgement, &one, &other);
    judgement_judge(judgement);
    const struct finding *spread = spread_of(judgement);
    ck_assert(spread->values[STATISTIC_KS].value == 0.25);
    ck_assert(fabs(spread->values[STATISTIC_WASSERSTEIN].value - 1 / a.sigma) < 1e-12);
    ck_assert_int_eq(spread->area, DRIFT_PREDICTIONS);
    column_summary_free(&a);
    column_summary_free(&b);
}
END_TEST

START_TEST(a_measure_is_held_against_goldens_own_interval)
{
    char named[] = "accuracy", other[] = "orders";
    struct drift_measure accuracy = {.name = named, .min = NAN, .max = NAN};
    struct drift_measure orders = {.name = other, .column = other, .min = NAN, .max = 50};
    struct baseline_measure golden = {.value = 0.9, .low = 0.88, .high = 0.92, .rows = 1000};
    struct baseline_measure same = {.value = 0.89, .low = 0.87, .high = 0.91, .rows = 1000};
    struct baseline_measure worse = {.value = 0.8, .low = 0.77, .high = 0.83, .rows = 1000};
    struct baseline_measure better = {.value = 0.99, .low = 0.98, .high = 1, .rows = 1000};
    struct baseline_measure many = {.value = 60, .low = 55, .high = 65, .rows = 1000};
    struct baseline_measure perhaps = {.value = 52, .low = 48, .high = 56, .rows = 1000};
    struct {
        const struct drift_measure *rule;
        const struct baseline_measure *golden, *now;
        bool alarm;
    } cases[] = {{&accuracy, &golden, &same, false},   {&accuracy, &golden, &worse, true},
                 {&accuracy, &golden, &better, false}, {&accuracy, NULL, &worse, false},
                 {&orders, NULL, &many, true},         {&orders, NULL, &perhaps, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
        judgement_measure(judgement, cases[i].rule, cases[i].golden, cases[i].now);
        judgement_judge(judgement);
        ck_assert_msg(judgement->findings[0].alarm == cases[i].alarm, "row %zu: p %g", i, judgement->findings[0].p);
        ck_assert_int_eq(judgement->advice, cases[i].alarm ? ADVICE_ROLL_BACK : ADVICE_NONE);
    }
}
END_TEST

START_TEST(the_same_seed_gives_the_same_verdict_on_any_number_of_threads)
{
    double p[2];
    for (size_t threads = 1; threads <= 2; threads++) {
        struct judgement_options how = {.rules = &rules, .seed = 5, .threads = threads};
        struct column_summary a = categories("c", (uint64_t[]){600, 300, 100}, 3);
        struct column_summary b = categories("c", (uint64_t[]){55, 35, 10}, 3);
        CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &how);
        p[threads - 1] = spread_of(judgement)->p;
    }
    ck_assert(p[0] == p[1]);
}
END_TEST

START_TEST(the_largest_numbers_there_are_are_judged_too)
{
    double points[] = {-DBL_MAX, 0, DBL_MAX}, shares[] = {0.3, 0.7, 1}, others[] = {0.1, 0.2, 1};
    static char name[] = "x";
    struct column_summary a = {.name = name,
                               .type = COLUMN_NUMBER,
                               .rows = 1000,
                               .values = 1000,
                               .min = -DBL_MAX,
                               .max = DBL_MAX,
                               .sigma = DBL_MAX,
                               .points = points,
                               .shares = shares,
                               .point_count = 3};
    for (int exact = 0; exact < 2; exact++)
        for (int far = 0; far < 2; far++) {
            struct column_summary b = a;
            b.shares = far ? others : shares;
            a.error = b.error = exact ? 0 : 0.002;
            CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
            judgement_column(judgement, DRIFT_COLUMNS, &a, &b);
            judgement_judge(judgement);
            const struct finding *spread = spread_of(judgement);
            ck_assert(!isnan(spread->move) && !isnan(spread->p));
            ck_assert(spread->alarm == far);
        }
}
END_TEST

START_TEST(a_constant_column_moves_when_its_value_does)
{
    double one[] = {1}, two[] = {2}, shares[] = {1};
    static char name[] = "x";
    struct column_summary a = {.name = name,
                               .type = COLUMN_INTEGER,
                               .rows = 1000,
                               .values = 1000,
                               .min = 1,
                               .max = 1,
                               .points = one,
                               .shares = shares,
                               .point_count = 1};
    for (int far = 0; far < 2; far++) {
        struct column_summary b = a;
        b.points = far ? two : one;
        CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
        judgement_column(judgement, DRIFT_COLUMNS, &a, &b);
        judgement_judge(judgement);
        ck_assert(far ? spread_of(judgement)->p < 1e-100 : spread_of(judgement)->p == 1);
        ck_assert_msg(spread_of(judgement)->alarm == far, "p %g, move %g", spread_of(judgement)->p,
                      spread_of(judgement)->move);
    }
}
END_TEST

START_TEST(a_category_that_was_the_only_one_may_go)
{
    struct column_summary a = categories("c", (uint64_t[]){1000}, 1), b = categories("c", (uint64_t[]){500, 500}, 2);
    CLEANUP(judgement) struct judgement *judgement = judge(&a, &b, &options);
    ck_assert(spread_of(judgement)->p < 1e-100 && spread_of(judgement)->alarm);
}
END_TEST

UNIT_MAIN("judgement", a_category_that_was_the_only_one_may_go, the_largest_numbers_there_are_are_judged_too,
          a_constant_column_moves_when_its_value_does, numbers_like_the_reference_raise_no_alarm,
          a_shift_of_a_fifth_of_sigma_raises_the_alarm, a_move_that_is_sure_but_tiny_is_told_and_is_no_alarm,
          a_share_that_moved_between_categories_raises_the_alarm,
          a_rate_raises_the_alarm_where_chance_does_not_explain_it, a_column_that_is_gone_is_an_alarm,
          thresholds_of_the_suite_replace_the_calibrated_ones, a_column_that_the_suite_ignores_is_not_looked_at,
          exact_numbers_give_the_exact_statistics, a_measure_is_held_against_goldens_own_interval,
          the_same_seed_gives_the_same_verdict_on_any_number_of_threads)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
//
// What a suite says of its model once it is live: "limits", "drift", "log", "keep", "ready".
#include "base/fs.h"
#include "core/suite.h"
#include "unit.h"

#include <math.h>
#include <string.h>

static int read_corpus(struct suite **out, const char *name, struct error *err)
{
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(free) char *path = str_printf("%s/tests/fuzz/corpus/suite/%s", source, name);
    CLEANUP(buf) struct buf text = {0};
    ck_ok(fs_read(&text, path, SUITE_MAX_SIZE, err), err);
    return suite_parse(out, "churn", "suite.json", buf_text(&text), text.len, err);
}

START_TEST(limits_of_the_model_and_prices_are_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(read_corpus(&suite, "good-live.json", &err), &err);
    const struct limit_rules *limits = &suite->predict;
    ck_assert(limits->given && limits->price.given);
    ck_assert_double_eq(suite->limits.train_cpu, 600);
    ck_assert_double_eq(limits->rate, 200);
    ck_assert_double_eq(limits->p50, 0.005);
    ck_assert_double_eq(limits->p99, 0.02);
    ck_assert_double_eq(limits->p999, 0.05);
    ck_assert_uint_eq(limits->memory, (uint64_t)512 << 20);
    ck_assert_uint_eq(limits->after, 1000);
    ck_assert_double_eq(limits->growth, 1.1);
    ck_assert_str_eq(limits->price.currency, "EUR");
    ck_assert_double_eq(limits->price.million_predictions, 2);
}
END_TEST

START_TEST(rules_of_drift_are_read_and_found_by_column)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(read_corpus(&suite, "good-live.json", &err), &err);
    const struct drift_rules *drift = &suite->drift;
    ck_assert_double_eq(drift->false_alarms, 0.01);
    ck_assert_uint_eq(drift->window, 500);
    const struct drift_column_rule *age = drift_rules_column(drift, "age");
    ck_assert_double_eq(age->rates[RATE_MISSING], 0.1);
    ck_assert_double_eq(age->statistics[STATISTIC_PSI], 0.25);
    ck_assert(isnan(age->statistics[STATISTIC_KS]));
    ck_assert(drift_rules_column(drift, "order_id")->ignore);
    ck_assert_ptr_null(drift_rules_column(drift, "height"));
    ck_assert_str_eq(drift->outcomes.measures[0].name, "mae");
    ck_assert(drift->outcomes.measures[0].lower_is_better);
    ck_assert_str_eq(drift->outcomes.measures[1].column, "fee");
    ck_assert(drift->roll_back);
}
END_TEST

START_TEST(advice_is_the_columns_own_or_that_of_what_moved)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(read_corpus(&suite, "good-live.json", &err), &err);
    ck_assert_int_eq(drift_rules_advice(&suite->drift, DRIFT_COLUMNS, "age"), ADVICE_PAUSE);
    ck_assert_int_eq(drift_rules_advice(&suite->drift, DRIFT_COLUMNS, "height"), ADVICE_RETRAIN);
    ck_assert_int_eq(drift_rules_advice(&suite->drift, DRIFT_INPUT, NULL), ADVICE_WATCH);
    ck_assert_int_eq(drift_rules_advice(&suite->drift, DRIFT_OUTCOMES, NULL), ADVICE_ROLL_BACK);
}
END_TEST

START_TEST(fields_of_the_log_have_their_usual_names)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(read_corpus(&suite, "good-live.json", &err), &err);
    ck_assert_str_eq(suite->log.input, "request.row");
    ck_assert_str_eq(suite->log.output, "output");
    ck_assert_double_eq(suite->log.latency_unit, 1e-3);
    ck_assert_str_eq(suite->log.header, "X-Id");
    ck_assert_ptr_null(suite->log.id_column);
    ck_assert_uint_eq(suite->keep, 5);
    ck_assert_double_eq(suite->ready.age, 7 * 86400.0);
    ck_assert_uint_eq(suite->ready.require, 1u << 1 | 1u << 2 | 1u << 9);
}
END_TEST

START_TEST(every_fault_of_what_is_said_of_a_live_model_is_told)
{
    static const char *const faults[] = {
        "limits.predict.rate: expected a number above 0",
        "limits.price: names no price above 0",
        "drift.false_alarms: expected a share above 0 and at most 0.5",
        "drift.window: expected at least 20 rows",
        "drift.columns.a.missing: expected a share from 0 to 1",
        "'forget' is unknown",
        "'luck' is no measure that is known",
        "\"min\" is above \"max\"",
        "'panic' is unknown",
        "'cry' is unknown",
        "log.path",
        "'h' is unknown",
        "'a b' is no name for a header",
        "keep: expected at most 100 goldens",
        "expected a question from 1 to 9",
    };
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_assert_int_eq(read_corpus(&suite, "bad-live.json", &err), -1);
    CLEANUP(free) char *text = error_text(&err);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        ck_assert_msg(strstr(text, faults[i]), "'%s' is not in:\n%s", faults[i], text);
    error_free(&err);
}
END_TEST

UNIT_MAIN("live_rules", limits_of_the_model_and_prices_are_read, rules_of_drift_are_read_and_found_by_column,
          advice_is_the_columns_own_or_that_of_what_moved, fields_of_the_log_have_their_usual_names,
          every_fault_of_what_is_said_of_a_live_model_is_told)

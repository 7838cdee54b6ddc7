// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "core/fuzz_rules.h"
#include "core/suite.h"
#include "unit.h"

// `rest` are keys of suite.json.
static int parse(struct suite **out, const char *rest, struct error *err)
{
    CLEANUP(free) char *text = str_printf("{\"train\": {\"command\": \"x\"},\n%s}", rest);
    return suite_parse(out, "churn", "suites/churn/suite.json", text, strlen(text), err);
}

static void assert_joined(const struct strings *list, const char *expected)
{
    CLEANUP(free) char *joined = strings_join(list, " ");
    ck_assert_str_eq(joined, expected);
}

START_TEST(every_way_to_ask_the_model_is_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "\"model\": {\"batch\": [\"p\", \"{input}\", \"--out={output}\"], \"stream\": \"p --jsonl\",\n"
                "\"api\": {\"command\": [\"s\", \"{port}\"], \"protocol\": \"oip\", \"ready\": \"/v2/ready\", "
                "\"name\": \"m-1\"}},\n"
                "\"fallback\": \"./rules.sh {input} {output}\"",
                &err),
          &err);
    assert_joined(&suite->model.batch, "p {input} --out={output}");
    assert_joined(&suite->model.stream, "sh -c p --jsonl");
    assert_joined(&suite->model.api.command, "s {port}");
    ck_assert_str_eq(suite->model.api.protocol, "oip");
    ck_assert_str_eq(suite->model.api.ready, "/v2/ready");
    ck_assert_str_eq(suite->model.api.name, "m-1");
    assert_joined(&suite->fallback, "sh -c ./rules.sh {input} {output}");
    ck_assert_ptr_null(suite->schema);
}
END_TEST

START_TEST(an_api_speaks_plain_json_when_nothing_is_said)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, "\"model\": {\"api\": {\"command\": \"serve {port}\"}}", &err), &err);
    ck_assert_str_eq(suite->model.api.protocol, "json");
    ck_assert_ptr_null(suite->model.api.ready);
    ck_assert_ptr_null(suite->model.api.name);
    ck_assert_uint_eq(suite->model.batch.count, 0);
}
END_TEST

START_TEST(every_rule_about_messy_input_is_read)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "\"fuzz\": {\"cases\": 50, \"timeout\": \"250ms\", \"seed\": \"18446744073709551615\",\n"
                "\"order\": {\"abs\": 1, \"rel\": 2}, \"batch\": {\"abs\": 3}, \"parity\": {\"rel\": 4},\n"
                "\"slow\": \"10ms\", \"memory_growth\": \"64KiB\"}",
                &err),
          &err);
    const struct fuzz_rules *rules = &suite->fuzz;
    ck_assert_uint_eq(rules->cases, 50);
    ck_assert_double_eq(rules->timeout, 0.25);
    ck_assert_uint_eq(rules->seed, UINT64_MAX);
    ck_assert_double_eq(rules->order_abs, 1);
    ck_assert_double_eq(rules->order_rel, 2);
    ck_assert_double_eq(rules->batch_abs, 3);
    ck_assert_double_eq(rules->batch_rel, 0);
    ck_assert_double_eq(rules->parity_rel, 4);
    ck_assert_double_eq(rules->slow, 0.01);
    ck_assert_double_eq(rules->memory_growth, 65536);
}
END_TEST

START_TEST(the_most_particular_expectation_counts)
{
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite,
                "\"fallback\": \"f {input} {output}\",\n"
                "\"fuzz\": {\"expect\": {\"*\": \"accept\", \"missing\": \"reject\",\n"
                "\"missing.null\": {\"*\": \"fallback\", \"age\": \"accept\", \"a*\": \"either\"},\n"
                "\"*.swapped\": \"reject\", \"wire\": {\"a/b\": \"reject\"}}}",
                &err),
          &err);
    static const struct {
        const char *mutation, *column;
        enum expectation expect;
    } cases[] = {
        {"numbers.nan", "age", EXPECT_ACCEPT},    {"numbers.nan", NULL, EXPECT_ACCEPT},
        {"missing.absent", "age", EXPECT_REJECT}, {"missingness.x", "age", EXPECT_ACCEPT},
        {"missing.null", "age", EXPECT_ACCEPT},   {"missing.null", "area", EXPECT_EITHER},
        {"missing.null", "zip", EXPECT_FALLBACK}, {"missing.null", "a/x", EXPECT_FALLBACK},
        {"missing.null", NULL, EXPECT_FALLBACK},  {"numbers.swapped", NULL, EXPECT_REJECT},
        {"missing.swapped", "x", EXPECT_REJECT},  {"wire.bom", "a/b", EXPECT_REJECT},
        {"wire.bom", "b", EXPECT_ACCEPT},         {"wire.bom", NULL, EXPECT_ACCEPT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(rules_expect(&suite->fuzz, cases[i].mutation, cases[i].column) == cases[i].expect, "%s of %s",
                      cases[i].mutation, cases[i].column ? cases[i].column : "no column");
    ck_assert_int_eq(suite->fuzz.expects[0].line, 4); // of missing.null and age
}
END_TEST

START_TEST(with_nothing_said_both_are_right)
{
    struct fuzz_rules rules = {0};
    ck_assert_int_eq(rules_expect(&rules, "missing.null", "age"), EXPECT_EITHER);
    struct error err = {0};
    CLEANUP(suite) struct suite *suite = NULL;
    ck_ok(parse(&suite, "\"fuzz\": {\"expect\": {}}", &err), &err);
    ck_assert_int_eq(rules_expect(&suite->fuzz, "missing.null", "age"), EXPECT_EITHER);
    ck_assert_uint_eq(suite->fuzz.cases, 0);
}
END_TEST

START_TEST(a_fault_is_told)
{
    static const struct {
        const char *text, *message;
    } faults[] = {
        {"\"model\": {\"batch\": [\"p\", \"{input}\"]}", "model.batch: has no argument {output}"},
        {"\"model\": {\"batch\": \"p {output}\"}", "model.batch: has no argument {input}"},
        {"\"model\": {\"stream\": [\"\"]}", "model.stream[0]: the program's name is empty"},
        {"\"model\": {\"api\": {\"command\": [\"s\"]}}", "model.api.command: has no argument {port}"},
        {"\"model\": {\"api\": {\"command\": \"s {port}\", \"protocol\": \"mlfow\"}}", "did you mean \"mlflow\"?"},
        {"\"model\": {\"api\": {\"command\": \"s {port}\", \"ready\": \"ping\"}}", "ready: expected the path of a URL"},
        {"\"model\": {\"api\": {\"command\": \"s {port}\", \"ready\": \"/a b\"}}", "ready: expected the path of a URL"},
        {"\"model\": {\"api\": {\"command\": \"s {port}\", \"name\": \"a/b\"}}", "'a/b' is not a name for a URL"},
        {"\"fallback\": [\"f\", \"{input}\"]", "fallback: has no argument {output}"},
        {"\"fuzz\": {\"expect\": {\"missing\": \"rejct\"}}",
         "expect.missing: 'rejct' is unknown; did you mean \"reject\"?"},
        {"\"fuzz\": {\"expect\": {\"missing\": {\"age\": \"refuse\"}}}", "expect.missing.age: 'refuse' is unknown"},
        {"\"fuzz\": {\"expect\": {\"missing\": 1}}", "fuzz.expect.missing: expected"},
        {"\"fuzz\": {\"expect\": {\"missing\": {\"age\": {}}}}", "expect.missing.age: expected a string"},
        {"\"fuzz\": {\"expect\": {\"\": \"accept\"}}", "is empty"},
        {"\"fuzz\": {\"expect\": {\"missing\": \"fallback\"}}", "the suite has no \"fallback\" command"},
        {"\"fuzz\": {\"seed\": -1}", "fuzz.seed: expected a whole number"},
        {"\"fuzz\": {\"order\": {\"abs\": -1}}", "fuzz.order.abs: expected a number ≥ 0"},
        {"\"fuzz\": {\"order\": 1}", "fuzz.order: expected an object"},
        {"\"fuzz\": {\"parity\": {\"ulp\": 1}}", "unknown key 'ulp'"},
        {"\"fuzz\": {\"slow\": 0}", "fuzz.slow: expected a duration"},
        {"\"fuzz\": {\"memory_growth\": 0}", "fuzz.memory_growth: expected a size above 0"},
        {"\"fuzz\": {\"memory_growth\": \"lots\"}", "fuzz.memory_growth: expected a size"},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct error err = {0};
        struct suite *suite = NULL;
        ck_assert_msg(parse(&suite, faults[i].text, &err) == -1, "accepted: %s", faults[i].text);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, "suites/churn/suite.json:2: ");
        ck_error_has(&err, faults[i].message);
        error_free(&err);
    }
}
END_TEST

UNIT_MAIN("fuzz_rules", every_way_to_ask_the_model_is_read, an_api_speaks_plain_json_when_nothing_is_said,
          every_rule_about_messy_input_is_read, the_most_particular_expectation_counts,
          with_nothing_said_both_are_right, a_fault_is_told)

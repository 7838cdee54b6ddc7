// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/str.h"
#include "core/baseline.h"
#include "corpus.h"
#include "schema.h"
#include "unit.h"

#include <math.h>

static void number_column(struct baseline *baseline)
{
    struct column_summary *age = baseline_add(baseline, "age");
    age->type = COLUMN_NUMBER;
    age->rows = 12;
    age->missing = 3;
    age->nan = 1;
    age->values = 8;
    age->out_of_range = 2;
    age->min = -1.5;
    age->max = 9007199254740994.0;
    age->mean = 3.25;
    age->sigma = 1;
    age->error = 1.0 / 512;
    age->points = mem_array(3, sizeof(double));
    age->shares = mem_array(3, sizeof(double));
    age->point_count = 3;
    for (size_t i = 0; i < 3; i++)
        age->shares[i] = (double[]){0.1, 0.7, 1}[i], age->points[i] = (double[]){-1.5, 1.0 / 3, age->max}[i];
}

static void category_column(struct column_summary *plan)
{
    plan->type = COLUMN_CATEGORY;
    plan->rows = plan->values = 20;
    plan->other = 1;
    plan->categories = mem_array(3, sizeof *plan->categories);
    plan->category_count = 3;
    plan->categories[0] = (struct category_count){str_dup("größer"), 17};
    plan->categories[1] = (struct category_count){str_dup(""), 1};
    plan->categories[2] = (struct category_count){str_dup("a \"b\""), 1};
    plan->singles = 2;
}

static struct baseline *whole(void)
{
    struct baseline *baseline = baseline_new();
    for (size_t i = 0; i < 32; i++)
        baseline->golden.bytes[i] = (unsigned char)i;
    baseline->reference = str_dup("data/train.csv");
    baseline->rows = UINT64_MAX;
    baseline->kind = str_dup("api");
    number_column(baseline);
    category_column(baseline_add(baseline, "plan"));
    struct column_summary *id = baseline_add(baseline, "id");
    id->type = COLUMN_IDENTIFIER;
    id->rows = id->values = 7;
    baseline->prediction = mem_alloc(sizeof *baseline->prediction);
    *baseline->prediction =
        (struct column_summary){.name = str_dup("prediction"), .min = NAN, .max = NAN, .mean = NAN, .sigma = NAN};
    category_column(baseline->prediction);
    baseline_record(baseline, "{\"age\":1}", "\"yes\"");
    const struct baseline_measure accuracy = {(char[]){"accuracy"}, 0.9, 0.85, 0.94, 400};
    baseline_measure(baseline, &accuracy);
    return baseline;
}

START_TEST(what_was_written_is_read_back)
{
    struct error err = {0};
    CLEANUP(baseline) struct baseline *baseline = whole(), *read = NULL;
    struct buf text CLEANUP(buf) = {0}, again CLEANUP(buf) = {0};
    baseline_write(&text, baseline);
    ck_ok(baseline_parse(&read, "baseline.json", text.data, text.len, &err), &err);
    baseline_write(&again, read);
    ck_assert_str_eq(text.data, again.data);
    ck_assert(read->rows == UINT64_MAX);
    ck_assert_uint_eq(read->column_count, 3);
    const struct column_summary *age = baseline_find(read, "age"), *plan = baseline_find(read, "plan");
    ck_assert(age && plan && !baseline_find(read, "absent"));
    ck_assert_double_eq(age->points[1], 1.0 / 3);
    ck_assert_double_eq(age->shares[2], 1);
    ck_assert_double_eq(age->error, 1.0 / 512);
    ck_assert(isnan(plan->mean));
    ck_assert_str_eq(plan->categories[2].value, "a \"b\"");
    ck_assert_uint_eq(plan->categories[0].count, 17);
    ck_assert_str_eq(read->prediction->name, "prediction");
    ck_assert_str_eq(read->recorded[0].output, "\"yes\"");
    ck_assert_double_eq(read->measures[0].high, 0.94);
}
END_TEST

START_TEST(a_column_of_512_quantiles_takes_few_lines)
{
    CLEANUP(baseline) struct baseline *baseline = baseline_new();
    struct column_summary *column = baseline_add(baseline, "x");
    column->type = COLUMN_NUMBER;
    column->rows = column->values = column->point_count = BASELINE_POINTS;
    column->points = mem_array(BASELINE_POINTS, sizeof(double));
    column->shares = mem_array(BASELINE_POINTS, sizeof(double));
    for (size_t i = 0; i < BASELINE_POINTS; i++) {
        column->points[i] = (double)i / 7;
        column->shares[i] = (double)(i + 1) / BASELINE_POINTS;
    }
    struct buf text CLEANUP(buf) = {0};
    baseline_write(&text, baseline);
    size_t lines = 0;
    for (const char *at = text.data; (at = strchr(at, '\n')); at++)
        lines++;
    ck_assert_uint_gt(lines, 50);
    ck_assert_uint_lt(lines, 300);
}
END_TEST

// Breaks one thing in what is good, and looks for what is said of it.
START_TEST(a_baseline_that_does_not_agree_with_itself_is_refused)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"\"missing\": 3", "\"missing\": 4", "do not add up"},
        {"\"missing\": 3", "\"missing\": \"18446744073709551615\"", "do not add up"},
        {"\"out_of_range\": 2", "\"out_of_range\": 9", "more values"},
        {"[0.1, 0.7, 1]", "[0.1, 0.1, 1]", "greater than the one before"},
        {"[0.1, 0.7, 1]", "[0.1, 0.7, 0.9]", "the last of them is 1"},
        {"[0.1, 0.7, 1]", "[0.1, 1]", "3 points and 2 shares"},
        {"[0.1, 0.7, 1]", "[0, 0.7, 1]", "more than 0"},
        {"[0.1, 0.7, 1]", "[0.1, \"NaN\", 1]", "finite"},
        {"[0.1, 0.7, 1]", "[]", "expected 1 to 513 numbers"},
        {"\"min\": -1.5", "\"min\": -2", "first and the last"},
        {"\"sigma\": 1", "\"sigma\": -1", "sigma"},
        {"\"mean\": 3.25", "\"mean\": \"NaN\"", "mean"},
        {"\"error\": 0.001953125", "\"error\": 2", "error"},
        {"\"größer\": 17", "\"größer\": 16", "came 19 times"},
        {"\"größer\": 17", "\"größer\": 0", "how often it came"},
        {"\"größer\": 17, \"\": 1", "\"\": 1, \"größer\": 17", "most frequent come first"},
        {"\"singles\": 2", "\"singles\": 1", "came once"},
        {"\"type\": \"number\"", "\"type\": \"identifier\"", "\"numbers\" goes with"},
        {"\"type\": \"category\"", "\"type\": \"date\"", "\"categories\""},
        {"\"name\": \"plan\"", "\"name\": \"age\"", "is here twice"},
        {"{\\\"age\\\":1}", "[1]", "a JSON object"},
        {"\\\"yes\\\"", "yes", "a JSON value"},
        {"\"kind\": \"api\",", "", "how the model was asked"},
        {"\"kind\": \"api\"", "\"kind\": \"oracle\"", "oracle"},
        {"\"low\": 0.85", "\"low\": 0.95", "more than \"high\""},
        {"\"golden\": \"00", "\"golden\": \"0G", "hexadecimal"},
        {"\"format\": 1", "\"format\": 2", "newer"},
    };
    CLEANUP(baseline) struct baseline *good = whole();
    struct buf text CLEANUP(buf) = {0};
    baseline_write(&text, good);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *at = strstr(text.data, cases[i].from);
        ck_assert_msg(at != NULL, "'%s' is not in the document", cases[i].from);
        CLEANUP(free)
        char *broken =
            str_printf("%.*s%s%s", (int)(at - text.data), text.data, cases[i].to, at + strlen(cases[i].from));
        CLEANUP(error) struct error err = {0};
        CLEANUP(baseline) struct baseline *read = NULL;
        ck_assert_msg(baseline_parse(&read, "baseline.json", broken, strlen(broken), &err) < 0, "'%s' was taken",
                      cases[i].to);
        ck_assert(!read && err.kind == ERROR_USAGE);
        ck_error_has(&err, cases[i].says);
    }
}
END_TEST

static int parse_example(const char *text, size_t len, struct error *err)
{
    CLEANUP(baseline) struct baseline *baseline = NULL;
    return baseline_parse(&baseline, "baseline.json", text, len, err);
}

START_TEST(good_examples_are_accepted_and_bad_ones_refused)
{
    corpus_check("baseline", parse_example);
}
END_TEST

START_TEST(the_schema_says_what_the_code_reads)
{
    schema_match_file("baseline.schema.json", baseline_fields());
}
END_TEST

UNIT_MAIN("baseline", what_was_written_is_read_back, a_column_of_512_quantiles_takes_few_lines,
          a_baseline_that_does_not_agree_with_itself_is_refused, good_examples_are_accepted_and_bad_ones_refused,
          the_schema_says_what_the_code_reads)

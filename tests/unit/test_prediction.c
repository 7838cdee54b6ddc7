// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/prediction.h"

#include "base/buf.h"
#include "unit.h"
#include "unit_log.h"

#include <math.h>

static struct arena texts;

static bool take(struct prediction *out, struct prediction_counts *counts, const char *line)
{
    const struct log_rules rules = unit_log_rules();
    return prediction_read(out, counts, line, strlen(line), &rules, &texts);
}

static bool is(const struct piece *piece, const char *text)
{
    return piece->len == strlen(text) && memcmp(piece->text, text, piece->len) == 0;
}

START_TEST(an_entry_is_taken_apart)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    ck_assert(take(&entry, &counts,
                   "{\"id\": \"a\\u00e9\", \"time\": \"2026-11-23T08:30:00Z\", \"model\": \"0123abcd\", "
                   "\"input\": {\"x\": 1}, \"output\": 2.5, \"latency\": 0.25, \"error\": null}"));
    ck_assert_str_eq(entry.id, "a\u00e9");
    ck_assert_str_eq(entry.model, "0123abcd");
    ck_assert(entry.time == 1795422600 && entry.latency == 0.25 && !entry.error);
    ck_assert(is(&entry.input, "{\"x\": 1}") && is(&entry.output, "2.5"));
    ck_assert_uint_eq(prediction_counts_broken(&counts), 0);
    arena_free(&texts);
}
END_TEST

START_TEST(names_reach_into_objects_and_units_are_obeyed)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    struct log_rules rules = unit_log_rules();
    rules.id = (char *)"request.id";
    rules.input = (char *)"request.body.row";
    rules.output = (char *)"answer.value";
    rules.latency = (char *)"took.ms";
    rules.latency_unit = 1e-3;
    const char *line = "{\"request\": {\"id\": 7, \"body\": {\"row\": {\"x\": 1}}}, \"answer.value\": \"yes\", "
                       "\"answer\": {\"value\": \"no\"}, \"took\": {\"ms\": 12}}";
    ck_assert(prediction_read(&entry, &counts, line, strlen(line), &rules, &texts));
    ck_assert_str_eq(entry.id, "7");
    ck_assert(is(&entry.input, "{\"x\": 1}"));
    ck_assert(is(&entry.output, "\"yes\"")); // a key that is spelt so comes first
    ck_assert(fabs(entry.latency - 0.012) < 1e-12);
    arena_free(&texts);
}
END_TEST

START_TEST(a_row_may_be_the_entry_itself)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    struct log_rules rules = unit_log_rules();
    struct piece row, key, value;
    rules.input = (char *)".";
    const char *line = "{\"id\": 1, \"x\": 1, \"time\": 0, \"y\": 2, \"output\": 3}";
    ck_assert(prediction_read(&entry, &counts, line, strlen(line), &rules, &texts));
    struct prediction_rows rows = prediction_rows(&entry);
    ck_assert(prediction_rows_next(&rows, &row, &value) && !prediction_rows_next(&rows, &key, &value));
    struct piece_items items = piece_items(&row);
    size_t cells = 0;
    while (piece_next(&items, &key, &value))
        cells += prediction_is_cell(&rules, &key);
    ck_assert_uint_eq(cells, 2);
    arena_free(&texts);
}
END_TEST

START_TEST(an_entry_of_several_rows_has_an_output_for_each)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    static const struct {
        const char *line, *rows;
    } cases[] = {
        {"{\"input\": [{\"x\": 1}, {\"x\": 2}], \"output\": [10, 20]}", "{\"x\": 1}=10 {\"x\": 2}=20 "},
        {"{\"input\": [{\"x\": 1}, {\"x\": 2}], \"output\": [10]}", "{\"x\": 1}= {\"x\": 2}= "},
        {"{\"input\": [{\"x\": 1}], \"output\": 10}", "{\"x\": 1}=10 "},
        {"{\"input\": [1, {}], \"output\": [10, 20]}", "=10 {}=20 "},
        {"{\"input\": {\"x\": 1}, \"output\": [0.25, 0.75]}", "{\"x\": 1}=[0.25, 0.75] "},
        {"{\"input\": {\"x\": 1}, \"output\": [0.25]}", "{\"x\": 1}=0.25 "},
        {"{\"input\": {\"x\": 1}, \"error\": \"no\"}", "{\"x\": 1}= "},
        {"{\"input\": [], \"output\": []}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CLEANUP(buf) struct buf found = {0};
        struct piece row, output;
        ck_assert(take(&entry, &counts, cases[i].line));
        struct prediction_rows rows = prediction_rows(&entry);
        while (prediction_rows_next(&rows, &row, &output))
            buf_printf(&found, "%.*s=%.*s ", (int)row.len, row.text, (int)output.len, output.text ? output.text : "");
        ck_assert_str_eq(buf_text(&found), cases[i].rows);
    }
    arena_free(&texts);
}
END_TEST

START_TEST(an_error_is_one_when_it_says_something)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    ck_assert(take(&entry, &counts, "{\"input\": {}, \"output\": null, \"error\": \"x: is missing\"}"));
    ck_assert_str_eq(entry.error, "x: is missing");
    ck_assert_uint_eq(entry.output.len, 0);
    ck_assert(take(&entry, &counts, "{\"input\": {}, \"output\": 1, \"error\": \"\"}") && !entry.error);
    ck_assert(take(&entry, &counts, "{\"input\": {}, \"output\": 1, \"error\": false}") && !entry.error);
    ck_assert(take(&entry, &counts, "{\"input\": {}, \"error\": {\"code\": 3}}") && entry.error);
    arena_free(&texts);
}
END_TEST

START_TEST(what_is_no_entry_is_counted_by_what_is_wrong)
{
    struct prediction entry;
    struct prediction_counts counts = {0};
    const struct log_rules rules = unit_log_rules();
    static const char *const lines[] = {
        "{\"input\": {\"x\": 1", "[1]", "hello",          "{\"input\": 3, \"output\": 1}",
        "{\"output\": 1}",       "{}",  "{\"input\": {}}"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_msg(!take(&entry, &counts, lines[i]), "%s", lines[i]);
    ck_assert_uint_eq(counts.not_json, 3);
    ck_assert_uint_eq(counts.incomplete, 4);
    static const char zeros[] = "\0\0\0", within[] = "{\"input\": {}, \"ou\0put\": 1}",
                      before[] = "\0\0{\"input\": {}, \"output\": 1}";
    ck_assert(!prediction_read(&entry, &counts, zeros, 3, &rules, &texts));
    ck_assert(!prediction_read(&entry, &counts, within, sizeof within - 1, &rules, &texts));
    ck_assert(prediction_read(&entry, &counts, before, sizeof before - 1, &rules, &texts));
    ck_assert_uint_eq(counts.with_nul, 2);
    ck_assert_uint_eq(counts.behind_zeros, 1);
    ck_assert_uint_eq(prediction_counts_broken(&counts), 9);
    arena_free(&texts);
}
END_TEST

START_TEST(counts_are_told_in_words)
{
    CLEANUP(strings) struct strings told = {0};
    const struct prediction_counts counts = {.lines = 1000, .entries = 990, .not_json = 5, .cut = 2, .repeated = 3};
    prediction_counts_tell(&told, &counts);
    ck_assert_uint_eq(told.count, 2);
    ck_assert_str_eq(told.items[0], "7 of 1,000 lines broken: 5 no JSON object, 2 cut off");
    ck_assert_str_eq(told.items[1], "3 lines repeated, by id");
}
END_TEST

UNIT_MAIN("prediction", an_entry_is_taken_apart, names_reach_into_objects_and_units_are_obeyed,
          a_row_may_be_the_entry_itself, an_entry_of_several_rows_has_an_output_for_each,
          an_error_is_one_when_it_says_something, what_is_no_entry_is_counted_by_what_is_wrong,
          counts_are_told_in_words)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
//
// Documents against their tables, and what the writer writes.
#include "base/json.h"
#include "unit.h"

#include <math.h>
#include <time.h>

// Parses a text that must be good.
static struct json *good(const char *text)
{
    struct error err = {0};
    struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", text, strlen(text), NULL, &err), &err);
    return json;
}

static const struct json_field limits_fields[] = {
    {.name = "wall", .types = 1u << JSON_STRING | 1u << JSON_NUMBER},
    {.name = "memory", .types = 1u << JSON_STRING, .required = true},
    {0},
};
static const struct json_field train_fields[] = {
    {.name = "command", .types = 1u << JSON_STRING | 1u << JSON_ARRAY, .required = true},
    {.name = "timeout", .types = 1u << JSON_STRING},
    {.name = "limits", .types = 1u << JSON_OBJECT, .fields = limits_fields},
    {.name = "anything"},
    {0},
};
static const struct json_field root_fields[] = {
    {.name = "suite", .types = 1u << JSON_STRING, .required = true},
    {.name = "train", .types = 1u << JSON_OBJECT, .required = true, .fields = train_fields},
    {0},
};

static void expect_fields(const char *document, size_t count, const char *message)
{
    CLEANUP(json) struct json *json = good(document);
    struct error err = {0};
    ck_assert_uint_eq(json_check_fields(json, json_root(json), root_fields, &err), count);
    char *text = error_text(&err);
    ck_assert_str_eq(text, message);
    free(text);
    error_free(&err);
}

START_TEST(a_document_that_fits_its_table_has_no_problems)
{
    expect_fields(
        "{\"suite\":\"a\",\"train\":{\"command\":[],\"limits\":{\"memory\":\"1\",\"wall\":3},\"anything\":null}}", 0,
        "");
}
END_TEST

START_TEST(everything_wrong_with_the_keys_is_reported_at_its_line)
{
    expect_fields(
        "{\n \"suite\": 3,\n \"train\": {\n  \"timout\": \"1s\",\n  \"command\": 7,\n  \"limits\": {\n   \"wall\": "
        "[]}},\n \"zzz\": 1}",
        6,
        "doc.json:2: suite: expected a string, found a number\n"
        "doc.json:4: train.timout: unknown key 'timout'; did you mean 'timeout'?\n"
        "doc.json:5: train.command: expected a string or an array, found a number\n"
        "doc.json:6: train.limits.memory: this key is required\n"
        "doc.json:7: train.limits.wall: expected a number or a string, found an array\n"
        "doc.json:8: zzz: unknown key 'zzz'; expected one of 'suite', 'train'");
    expect_fields("[]", 1, "doc.json:1: expected an object, found an array");
    expect_fields("{}", 2, "doc.json:1: suite: this key is required\ndoc.json:1: train: this key is required");
}
END_TEST

START_TEST(values_of_free_keys_and_items_of_arrays_are_checked)
{
    static const struct json_field inner[] = {{.name = "abs", .types = 1u << JSON_NUMBER, .required = true}, {0}};
    static const struct json_field text = {.name = "", .types = 1u << JSON_STRING};
    static const struct json_field object = {.name = "", .types = 1u << JSON_OBJECT, .fields = inner};
    static const struct json_field lists = {.name = "", .types = 1u << JSON_ARRAY, .items = &object};
    static const struct json_field fields[] = {
        {.name = "either", .types = 1u << JSON_OBJECT | 1u << JSON_ARRAY, .values = &object, .items = &text},
        {.name = "deep", .types = 1u << JSON_OBJECT, .values = &lists},
        {0},
    };
    static const struct {
        const char *document, *message;
    } cases[] = {
        {"{\"either\": {\"a\": {\"abs\": 1}, \"b\": {\"abs\": 2}}, \"deep\": {\"x\": [{\"abs\": 3}]}}", ""},
        {"{\"either\": [\"a\", \"b\"], \"deep\": {}}", ""},
        {"{\"either\": {\"a\": 1}}", "doc.json:1: either.a: expected an object, found a number"},
        {"{\"either\": {\"a\": {}}}", "doc.json:1: either.a.abs: this key is required"},
        {"{\"either\": [\"a\",\n2]}", "doc.json:2: either[1]: expected a string, found a number"},
        {"{\"deep\": {\"x\": [{\"abs\": 1, \"ab\": 1}]}}",
         "doc.json:1: deep.x[0].ab: unknown key 'ab'; did you mean 'abs'?"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(json) struct json *json = good(cases[i].document);
        CLEANUP(error) struct error err = {0};
        ck_assert_uint_eq(json_check_fields(json, json_root(json), fields, &err), cases[i].message[0] != '\0');
        CLEANUP(free) char *said = error_text(&err);
        ck_assert_str_eq(said, cases[i].message);
    }
}
END_TEST

START_TEST(a_flood_of_unknown_keys_is_cut_short)
{
    CLEANUP(buf) struct buf text = {0};
    buf_puts(&text, "{\"suite\":\"a\",\"train\":{\"command\":[]}");
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, ",\"k%d\":1", i);
    buf_putc(&text, '}');
    CLEANUP(json) struct json *json = good(text.data);
    struct error err = {0};
    ck_assert_uint_eq(json_check_fields(json, json_root(json), root_fields, &err), 1000);
    ck_assert_uint_eq(err.problem_count, 101);
    ck_error_has(&err, "doc.json: 900 more problems");
    error_free(&err);
}
END_TEST

START_TEST(large_arrays_and_objects_take_no_quadratic_time)
{
    CLEANUP(buf) struct buf text = {0};
    enum { COUNT = 100000 };
    buf_puts(&text, "{\"list\":[0");
    for (int i = 1; i < COUNT; i++)
        buf_printf(&text, ",%d", i);
    buf_puts(&text, "],\"map\":{\"k\":0");
    for (int i = 1; i < COUNT; i++)
        buf_printf(&text, ",\n\"k%d\":%d", i, i);
    buf_puts(&text, "}}");
    clock_t before = clock();
    CLEANUP(json) struct json *json = good(text.data);
    const struct json_value *list = json_get(json_root(json), "list"), *map = json_get(json_root(json), "map");
    for (int i = 1; i < COUNT; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        ck_assert(json_number(json_at(list, (size_t)i)) == i && json_number(json_get(map, key)) == i);
        ck_assert(json_line(json_at(map, (size_t)i)) == i + 1);
        free(json_path(json_at(list, (size_t)i)));
    }
    ck_assert((double)(clock() - before) / CLOCKS_PER_SEC < 5);
}
END_TEST

START_TEST(the_writer_indents_by_two_spaces)
{
    CLEANUP(buf) struct buf out = {0};
    struct json_writer w;
    json_writer_init(&w, &out);
    json_begin_object(&w, NULL);
    json_put_string(&w, "s", "a\"b\\\n\x01é\xff");
    json_put_string(&w, "none", NULL);
    json_begin_array(&w, "list");
    json_put_int(&w, NULL, -1);
    json_put_bool(&w, NULL, true);
    json_begin_object(&w, NULL);
    json_end_object(&w);
    json_end_array(&w);
    json_begin_array(&w, "empty");
    json_end_array(&w);
    json_put_null(&w, "z");
    json_end_object(&w);
    json_finish(&w);
    ck_assert_str_eq(
        out.data, "{\n  \"s\": \"a\\\"b\\\\\\n\\u0001é\xef\xbf\xbd\",\n  \"none\": null,\n  \"list\": [\n    -1,\n    "
                  "true,\n    {}\n  ],\n  \"empty\": [],\n  \"z\": null\n}\n");
}
END_TEST

START_TEST(the_compact_writer_fits_one_line)
{
    CLEANUP(buf) struct buf out = {0};
    struct json_writer w;
    json_writer_init(&w, &out);
    w.compact = true;
    json_begin_object(&w, NULL);
    json_begin_array(&w, "a");
    json_put_int(&w, NULL, 1);
    json_put_int(&w, NULL, 2);
    json_end_array(&w);
    json_put_bool(&w, "b", false);
    json_end_object(&w);
    json_finish(&w);
    ck_assert_str_eq(out.data, "{\"a\": [1, 2], \"b\": false}\n");
}
END_TEST

START_TEST(numbers_that_readers_would_bend_are_written_as_strings)
{
    CLEANUP(buf) struct buf out = {0};
    struct json_writer w;
    json_writer_init(&w, &out);
    w.compact = true;
    json_begin_array(&w, NULL);
    json_put_double(&w, NULL, 0.1 + 0.2);
    json_put_double(&w, NULL, 1e300);
    json_put_double(&w, NULL, (double)NAN);
    json_put_double(&w, NULL, -(double)INFINITY);
    json_put_int(&w, NULL, INT64_MIN);
    json_put_int(&w, NULL, 9007199254740992);
    json_put_int(&w, NULL, 9007199254740993);
    json_put_u64(&w, NULL, UINT64_MAX);
    json_end_array(&w);
    ck_assert_str_eq(out.data,
                     "[0.30000000000000004, 1e300, \"NaN\", \"-Infinity\", \"-9223372036854775808\", 9007199254740992, "
                     "\"9007199254740993\", \"18446744073709551615\"]");
    CLEANUP(json) struct json *json = good(out.data);
    uint64_t whole;
    double value;
    ck_assert_int_eq(json_read_u64(&whole, json_at(json_root(json), 7)), 0);
    ck_assert_uint_eq(whole, UINT64_MAX);
    ck_assert_int_eq(json_read_double(&value, json_at(json_root(json), 2)), 0);
    ck_assert(value != value);
    ck_assert_int_eq(json_read_double(&value, json_at(json_root(json), 3)), 0);
    ck_assert(value < -1e308);
    ck_assert_int_eq(json_read_double(&value, json_at(json_root(json), 1)), 0);
    ck_assert_double_eq(value, 1e300);
}
END_TEST

START_TEST(what_is_no_number_is_not_read_as_one)
{
    CLEANUP(json)
    struct json *json = good(
        "[\"x\",\"\",\"1 \",\"-1\",\"18446744073709551616\",\"01\",1.5,-1,9007199254740994,null,[],\"1e999\",\"0x1\"]");
    for (size_t i = 0; i < json_count(json_root(json)); i++) {
        uint64_t whole;
        ck_assert_msg(json_read_u64(&whole, json_at(json_root(json), i)) == -1, "item %zu", i);
    }
    static const size_t no_double[] = {0, 1, 2, 9, 10, 11, 12};
    for (size_t i = 0; i < ARRAY_LEN(no_double); i++) {
        double value;
        ck_assert_msg(json_read_double(&value, json_at(json_root(json), no_double[i])) == -1, "item %zu", no_double[i]);
    }
}
END_TEST

START_TEST(a_hundred_thousand_checks_are_written_in_well_under_a_second)
{
    CLEANUP(buf) struct buf out = {0};
    struct json_writer w;
    clock_t before = clock();
    json_writer_init(&w, &out);
    json_begin_array(&w, NULL);
    for (int i = 0; i < 100000; i++) {
        json_begin_object(&w, NULL);
        json_put_string(&w, "name", "model.safetensors");
        json_put_string(&w, "reason", "accuracy moved from 0.5 to 0.25");
        json_put_double(&w, "seconds", 0.1234567 * i);
        json_put_int(&w, "line", i);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_finish(&w);
    ck_assert((double)(clock() - before) / CLOCKS_PER_SEC < 3); // 0.1 s; the rest is for sanitizers and busy machines
    struct json_options large = {.max_size = (size_t)1 << 28};
    struct error err = {0};
    CLEANUP(json) struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", out.data, out.len, &large, &err), &err);
    ck_assert_uint_eq(json_count(json_root(json)), 100000);
}
END_TEST

UNIT_MAIN("json_write", a_document_that_fits_its_table_has_no_problems,
          everything_wrong_with_the_keys_is_reported_at_its_line, values_of_free_keys_and_items_of_arrays_are_checked,
          a_flood_of_unknown_keys_is_cut_short, large_arrays_and_objects_take_no_quadratic_time,
          the_writer_indents_by_two_spaces, the_compact_writer_fits_one_line,
          numbers_that_readers_would_bend_are_written_as_strings, what_is_no_number_is_not_read_as_one,
          a_hundred_thousand_checks_are_written_in_well_under_a_second)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "core/document.h"
#include "unit.h"

#include <math.h>
#include <stdbool.h>

// One value, read from JSON. The caller frees the document.
static struct json *value_of(const char *text)
{
    struct error err = {0};
    struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", text, strlen(text), NULL, &err), &err);
    return json;
}

// True when the rule has nothing to say against the text.
static bool obeys(document_rule rule, const char *text)
{
    CLEANUP(json) struct json *json = value_of("\"x\"");
    CLEANUP(error) struct error err = {0};
    const struct document doc = {json, &err, 0};
    rule(&doc, json_root(json), text);
    ck_assert_uint_le(err.problem_count, 1);
    return err.problem_count == 0;
}

static void assert_rule(document_rule rule, const char *const *good, const char *const *bad)
{
    for (; *good; good++)
        ck_assert_msg(obeys(rule, *good), "refused: '%s'", *good);
    for (; *bad; bad++)
        ck_assert_msg(!obeys(rule, *bad), "accepted: '%s'", *bad);
}

#define LIST(...) ((const char *[]){__VA_ARGS__, NULL})

START_TEST(paths_stay_inside_the_project)
{
    assert_rule(document_inside, LIST("a", "a/b", "src/**", "data/*.csv", "logs/", ".hidden", "a..b", "..."),
                LIST("", "/", "/a", "..", "../a", "a/..", "a/../b", ".", "./a", "a/./b", "a//b"));
    assert_rule(document_folder, LIST(".", "a"), LIST("", "..", "/"));
    assert_rule(document_absolute, LIST("/", "/mnt", "/mnt/a b"), LIST("", "mnt", "/..", "/a/../b", "//a", "/./a"));
}
END_TEST

START_TEST(a_path_is_no_longer_than_a_system_takes)
{
    char path[4097];
    memset(path, 'a', sizeof path);
    path[4096] = '\0';
    ck_assert(!obeys(document_inside, path));
    path[4095] = '\0';
    ck_assert(obeys(document_inside, path));
    path[0] = '/';
    ck_assert(obeys(document_absolute, path));
}
END_TEST

START_TEST(names_are_of_the_characters_that_they_may_have)
{
    assert_rule(document_env_name, LIST("A", "_", "a1_B"), LIST("", "1", "A-B", "A=", "A B", "Ä"));
    assert_rule(document_pin, LIST("hashseed", "isa:avx2", "threads:4", "a_b-c:1.2"),
                LIST("", ":", "a:", ":a", "a:b:c", "a b", "a:b c"));
    assert_rule(document_package, LIST("torch", "scikit-learn", "zope.interface", "3to2"),
                LIST("", "-a", ".a", "a/b", "a b", "a+b"));
    assert_rule(document_filled, LIST("a", " a "), LIST("", " ", "\t\r\n"));
}
END_TEST

typedef void (*reader)(const struct document *doc, double *out, const struct json_value *value);

// What a reader makes of a value; NaN when it reports a problem.
static double read_with(reader read, const char *text)
{
    CLEANUP(json) struct json *json = value_of(text);
    CLEANUP(error) struct error err = {0};
    const struct document doc = {json, &err, 0};
    double number = -7;
    read(&doc, &number, json_root(json));
    if (err.problem_count > 0)
        ck_assert_double_eq(number, -7); // left alone
    return err.problem_count > 0 ? NAN : number;
}

static void read_size(const struct document *doc, double *out, const struct json_value *value)
{
    uint64_t bytes = UINT64_MAX;
    document_size(doc, &bytes, value);
    if (bytes != UINT64_MAX)
        *out = (double)bytes;
}

static void read_count(const struct document *doc, double *out, const struct json_value *value)
{
    uint64_t count = 99;
    document_count(doc, &count, value);
    if (count != 99)
        *out = (double)count;
}

START_TEST(quantities_are_read_as_numbers_and_as_people_write_them)
{
    static const struct {
        reader read;
        const char *text;
        double expected;
    } cases[] = {
        {document_duration, "\"10m\"", 600},
        {document_duration, "\"250ms\"", 0.25},
        {document_duration, "0.5", 0.5},
        {document_duration, "31622400", 31622400},
        {document_duration, "31622401", NAN},
        {document_duration, "0", NAN},
        {document_duration, "-1", NAN},
        {document_duration, "\"0s\"", NAN},
        {document_duration, "\"\"", NAN},
        {document_duration, "true", -7}, // another type is no matter of the value
        {read_size, "\"2GiB\"", 2147483648.0},
        {read_size, "0", 0},
        {read_size, "9007199254740992", 9007199254740992.0},
        {read_size, "9007199254740994", NAN},
        {read_size, "0.5", NAN},
        {read_size, "-1", NAN},
        {read_size, "\"many\"", NAN},
        {read_count, "12", 12},
        {read_count, "\"12\"", 12},
        {read_count, "1.5", NAN},
        {read_count, "\"-1\"", NAN},
        {document_amount, "0", 0},
        {document_amount, "1e-9", 1e-9},
        {document_amount, "-1e-9", NAN},
        {document_number, "-1.5", -1.5},
        {document_number, "\"Infinity\"", INFINITY},
        {document_number, "\"much\"", NAN},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double got = read_with(cases[i].read, cases[i].text);
        bool same = isnan(cases[i].expected) ? isnan(got) : got == cases[i].expected;
        ck_assert_msg(same, "case %zu, %s: %g", i, cases[i].text, got);
    }
}
END_TEST

START_TEST(a_word_has_its_index_or_a_problem_and_the_fallback)
{
    static const char *const words[] = {"higher", "lower"};
    static const struct {
        const char *text;
        int expected;
        const char *message;
    } cases[] = {
        {"\"higher\"", 0, NULL},
        {"\"lower\"", 1, NULL},
        {"\"lowre\"", -1, "'lowre' is unknown; did you mean \"lower\"? (\"higher\" or \"lower\")"},
        {"\"sideways\"", -1, "'sideways' is unknown; expected \"higher\" or \"lower\""},
        {"3", -1, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(json) struct json *json = value_of(cases[i].text);
        CLEANUP(error) struct error err = {0};
        const struct document doc = {json, &err, 0};
        ck_assert_int_eq(document_word(&doc, json_root(json), words, 2, -1), cases[i].expected);
        ck_assert_uint_eq(err.problem_count, cases[i].message != NULL);
        if (cases[i].message)
            ck_error_has(&err, cases[i].message);
    }
}
END_TEST

START_TEST(only_a_key_of_the_right_type_is_got)
{
    CLEANUP(json) struct json *json = value_of("{\"a\": 1, \"b\": null}");
    const struct json_value *root = json_root(json);
    ck_assert_ptr_nonnull(document_get(root, "a", DOC_NUMBER));
    ck_assert_ptr_nonnull(document_get(root, "a", DOC_STRING | DOC_NUMBER));
    ck_assert_ptr_null(document_get(root, "a", DOC_STRING));
    ck_assert_ptr_null(document_get(root, "b", DOC_STRING | DOC_OBJECT));
    ck_assert_ptr_null(document_get(root, "c", DOC_NUMBER));
    ck_assert_ptr_null(document_get(NULL, "a", DOC_NUMBER));
    ck_assert_ptr_null(document_get(document_get(root, "a", DOC_NUMBER), "a", DOC_NUMBER));
}
END_TEST

START_TEST(problems_are_put_in_the_order_of_their_lines)
{
    CLEANUP(json) struct json *json = value_of("{}");
    CLEANUP(error) struct error err = {0};
    error_problem(&err, "other.json", 9, "of another document");
    const struct document doc = {json, &err, err.problem_count};
    ck_assert(document_is_good(&doc));
    const long lines[] = {5, 0, 2, 5, 1};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        error_problem(&err, "doc.json", lines[i], "%zu", i);
    ck_assert(!document_is_good(&doc));
    CLEANUP(free) char *text = error_text(&err);
    ck_assert_str_eq(text, "other.json:9: of another document\n"
                           "doc.json:1: 4\ndoc.json:2: 2\ndoc.json:5: 0\ndoc.json:5: 3\ndoc.json: 1");
}
END_TEST

START_TEST(a_flood_of_problems_is_cut_short)
{
    CLEANUP(json) struct json *json = value_of("{}");
    CLEANUP(error) struct error err = {0};
    const struct document doc = {json, &err, 0};
    for (int i = 0; i < 1000; i++)
        error_problem(&err, "doc.json", 1000 - i, "p");
    ck_assert(!document_is_good(&doc));
    ck_assert_uint_eq(err.problem_count, 101);
    ck_assert_int_eq(err.problems[0].line, 1);
    ck_error_has(&err, "doc.json: 900 more problems");
    for (int i = 0; i < 1000; i++) // and there is still room for others
        error_problem(&err, "doc.json", i, "q");
    ck_assert_uint_eq(err.problem_count, 1101);
}
END_TEST

START_TEST(a_newer_format_is_refused_before_anything_else)
{
    static const struct {
        const char *text;
        int status;
        size_t problems;
    } cases[] = {
        {"{\"format\": 3}", 0, 0},
        {"{\"format\": 1}", 0, 0},
        {"{\"format\": 4}", -1, 1},
        {"{\"format\": 1e300}", -1, 1},
        {"{\"format\": 0}", 0, 1},
        {"{\"format\": 2.5}", 0, 1},
        {"{\"format\": \"4\"}", 0, 0},
        {"{}", 0, 0},
        {"[4]", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(json) struct json *json = value_of(cases[i].text);
        CLEANUP(error) struct error err = {0};
        const struct document doc = {json, &err, 0};
        ck_assert_int_eq(document_format(&doc, 3, "golden"), cases[i].status);
        ck_assert_uint_eq(err.problem_count, cases[i].problems);
    }
}
END_TEST

UNIT_MAIN("document", paths_stay_inside_the_project, a_path_is_no_longer_than_a_system_takes,
          names_are_of_the_characters_that_they_may_have, quantities_are_read_as_numbers_and_as_people_write_them,
          a_word_has_its_index_or_a_problem_and_the_fallback, only_a_key_of_the_right_type_is_got,
          problems_are_put_in_the_order_of_their_lines, a_flood_of_problems_is_cut_short,
          a_newer_format_is_refused_before_anything_else)

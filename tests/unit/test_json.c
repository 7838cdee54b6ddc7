// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/fs.h"
#include "base/json.h"
#include "unit.h"

#include <math.h>
#include <sys/stat.h>
#include <time.h>

static const struct json_options with_comments = {.comments = true};

// Parses a text that must be good.
static struct json *good(const char *text)
{
    struct error err = {0};
    struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", text, strlen(text), NULL, &err), &err);
    return json;
}

// Parses bytes that must be bad, and gives the whole error.
static char *bad_bytes(const char *bytes, size_t len, const struct json_options *options)
{
    struct error err = {0};
    struct json *json = NULL;
    if (json_parse(&json, "doc.json", bytes, len, options, &err) == 0)
        ck_abort_msg("'%s' was accepted", bytes);
    ck_assert_ptr_null(json);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    char *text = error_text(&err);
    error_free(&err);
    return text;
}

static void expect_bad(const char *text, const char *message)
{
    char *found = bad_bytes(text, strlen(text), NULL);
    ck_assert_str_eq(found, message);
    free(found);
}

START_TEST(every_type_of_value_is_read)
{
    CLEANUP(json)
    struct json *json = good("{\"o\":{},\"a\":[1,2],\"s\":\"x\",\"n\":-1.5e3,\"t\":true,\"f\":false,\"z\":null}");
    const struct json_value *root = json_root(json);
    ck_assert_int_eq(json_type(root), JSON_OBJECT);
    ck_assert_uint_eq(json_count(root), 7);
    ck_assert_int_eq(json_type(json_get(root, "o")), JSON_OBJECT);
    ck_assert_uint_eq(json_count(json_get(root, "a")), 2);
    ck_assert_double_eq(json_number(json_at(json_get(root, "a"), 1)), 2);
    ck_assert_str_eq(json_string(json_get(root, "s")), "x");
    ck_assert_double_eq(json_number(json_get(root, "n")), -1500);
    ck_assert(json_bool(json_get(root, "t")));
    ck_assert(!json_bool(json_get(root, "f")));
    ck_assert_int_eq(json_type(json_get(root, "f")), JSON_BOOL);
    ck_assert_int_eq(json_type(json_get(root, "z")), JSON_NULL);
    ck_assert_ptr_null(json_get(root, "S"));
    ck_assert_ptr_null(json_get(json_get(root, "s"), "x"));
    ck_assert_ptr_null(json_at(root, 7));
    ck_assert_str_eq(json_key(json_at(root, 1)), "a");
    ck_assert_ptr_null(json_key(root));
    ck_assert_str_eq(json_name(json), "doc.json");
}
END_TEST

START_TEST(what_rfc_8259_allows_is_accepted)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "-0.0e-0",
        "1E+2",
        "\"\"",
        "[]",
        " [ ] ",
        "\t{\r\n}\n",
        "[[[[]]]]",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
        "\"\\ud834\\udd1e\"",
        "\"\x7f\"",
        "\"\xe2\x80\xa8\"",
        "{\"\":0}",
        "{\"a\":{\"a\":{\"a\":1}}}",
        "1e-999",
        "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "0.1000000000000000055511151231257827021181583404541015625000000000000000000000000000000000",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        json_free(good(texts[i]));
}
END_TEST

START_TEST(long_numbers_keep_their_value)
{
    CLEANUP(json)
    struct json *json =
        good("[0.1000000000000000055511151231257827021181583404541015625000000000000000000000000000001,"
             "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000]");
    ck_assert_double_eq(json_number(json_at(json_root(json), 0)), 0.1);
    ck_assert_double_eq(json_number(json_at(json_root(json), 1)), 1e86);
}
END_TEST

START_TEST(escapes_become_characters)
{
    CLEANUP(json) struct json *json = good("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud834\\udd1e\"]");
    ck_assert_str_eq(json_string(json_at(json_root(json), 0)), "\"\\/\b\f\n\r\té𝄞");
}
END_TEST

START_TEST(broken_grammar_is_told_with_line_and_column)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "doc.json:1: the file is empty"},
        {" \n\n", "doc.json:3: the file is empty"},
        {"{", "doc.json:1: column 2: expected a key in double quotes, found the end of the file"},
        {"[1", "doc.json:1: column 3: expected ',' or ']', found the end of the file"},
        {"{\"a\":1,}", "doc.json:1: column 8: expected a key, found '}' (no comma may stand before it)"},
        {"[1,\n]", "doc.json:2: column 1: expected a value, found ']' (no comma may stand before it)"},
        {"[,1]", "doc.json:1: column 2: expected a value, found ','"},
        {"{\"a\" 1}", "doc.json:1: column 6: expected ':' after the key, found '1'"},
        {"{\"a\":}", "doc.json:1: column 6: expected a value, found '}' (no comma may stand before it)"},
        {"{1:2}", "doc.json:1: column 2: expected a key in double quotes, found '1'"},
        {"{'a':1}", "doc.json:1: column 2: a key stands in double quotes"},
        {"['a']", "doc.json:1: column 2: a string stands in double quotes"},
        {"[1 2]", "doc.json:1: column 4: expected ',' or ']', found '2'"},
        {"[1] x", "doc.json:1: column 5: expected the end of the document, found 'x'"},
        {"[1]]", "doc.json:1: column 4: expected the end of the document, found ']'"},
        {"[\"é\" x]", "doc.json:1: column 6: expected ',' or ']', found 'x'"},
        {"{}\n// end", "doc.json:2: column 1: comments are not allowed in this document"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_bad(rows[i].text, rows[i].message);
}
END_TEST

START_TEST(words_that_are_no_values_get_a_hint)
{
    expect_bad("[True]", "doc.json:1: column 2: unknown word 'True'; did you mean 'true'?");
    expect_bad("[fales]", "doc.json:1: column 2: unknown word 'fales'; did you mean 'false'?");
    expect_bad("[None]", "doc.json:1: column 2: unknown word 'None'; did you mean 'null'?");
    expect_bad("[truex]", "doc.json:1: column 2: unknown word 'truex'; did you mean 'true'?");
    expect_bad("[NaN]", "doc.json:1: column 2: NaN is not a JSON value; write it as the string \"NaN\"");
    expect_bad("[undefined]", "doc.json:1: column 2: expected a value, found 'undefined'");
}
END_TEST

START_TEST(numbers_follow_the_grammar)
{
    static const char *const texts[] = {"01",  "-01",  "1.",    ".5",  "+1",  "-",     "1e",  "1e+",
                                        "0x1", "1.e1", "1_000", "1,5", "--1", "1e1.5", "- 1", "Infinity"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(bad_bytes(texts[i], strlen(texts[i]), NULL));
    expect_bad("[1e999]", "doc.json:1: column 2: this number is too large for a double");
    expect_bad("[-1e999]", "doc.json:1: column 2: this number is too large for a double");
    expect_bad("[00]", "doc.json:1: column 2: a number may not begin with a zero");
}
END_TEST

START_TEST(strings_follow_the_grammar)
{
    expect_bad("[\"a\tb\"]",
               "doc.json:1: column 4: the control character '\\t' in a string must be written as an escape");
    expect_bad("[\n\"a\nb\"]", "doc.json:2: column 1: this string is not closed on its line");
    expect_bad("[\"a", "doc.json:1: column 2: this string is not closed on its line");
    expect_bad("[\"\\q\"]",
               "doc.json:1: column 3: unknown escape: '\\' before 'q' (a backslash itself is written '\\\\')");
    expect_bad("[\"\\u12g4\"]", "doc.json:1: column 3: '\\u' needs four hexadecimal digits");
    expect_bad("[\"\\u12", "doc.json:1: column 3: '\\u' needs four hexadecimal digits");
    expect_bad("[\"\\u0000\"]", "doc.json:1: column 3: '\\u0000' is not allowed in a string");
    expect_bad("[\"\\ud834\"]",
               "doc.json:1: column 3: '\\ud834' is the first half of a surrogate pair without its second");
    expect_bad("[\"\\ud834\\u0041\"]",
               "doc.json:1: column 3: '\\ud834' is the first half of a surrogate pair without its second");
    expect_bad("[\"\\udd1e\"]",
               "doc.json:1: column 3: '\\udd1e' is the second half of a surrogate pair without its first");
    expect_bad("{\"\\u0000\":1}", "doc.json:1: column 3: '\\u0000' is not allowed in a string");
    char *found = bad_bytes("[\"a\0b\"]", 7, NULL);
    ck_assert_str_eq(found,
                     "doc.json:1: column 4: the control character '\\x00' in a string must be written as an escape");
    free(found);
    found = bad_bytes("[1]\0", 4, NULL);
    ck_assert_str_eq(found, "doc.json:1: column 4: expected the end of the document, found '\\x00'");
    free(found);
}
END_TEST

START_TEST(a_text_that_is_not_utf8_is_refused_where_it_breaks)
{
    expect_bad("{\n \"a\": \"x\xff\"}", "doc.json:2: column 9: not UTF-8 (byte 0xff)");
    expect_bad("[\"\xed\xa0\x80\"]", "doc.json:1: column 3: not UTF-8 (byte 0xed)");
    expect_bad("\xef\xbb\xbf{}", "doc.json:1: begins with a byte order mark; save the file as UTF-8 without one");
    char *found = bad_bytes("\xff\xfe{\0}\0", 6, NULL);
    ck_assert_str_eq(found, "doc.json:1: is UTF-16; save the file as UTF-8");
    free(found);
}
END_TEST

START_TEST(comments_are_skipped_and_lines_still_count)
{
    struct error err = {0};
    CLEANUP(json) struct json *json = NULL;
    const char *text = "// first\n{ /* one\n two */ \"a\": /* \" */ 1, // , }\n \"b\": \"// no\" /**/ }\n// last";
    ck_ok(json_parse(&json, "doc.json", text, strlen(text), &with_comments, &err), &err);
    ck_assert_int_eq(json_line(json_get(json_root(json), "a")), 3);
    ck_assert_int_eq(json_line(json_get(json_root(json), "b")), 4);
    ck_assert_str_eq(json_string(json_get(json_root(json), "b")), "// no");
}
END_TEST

START_TEST(a_comment_must_be_closed_and_well_formed)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"{}\n /* x\n\n", "doc.json:2: column 2: this comment is not closed"},
        {"{} /*/", "doc.json:1: column 4: this comment is not closed"},
        {"[/]", "doc.json:1: column 2: expected a value, found '/'"},
        {"// only", "doc.json:1: the file is empty"},
        {"[1 /* x */ 2]", "doc.json:1: column 12: expected ',' or ']', found '2'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *found = bad_bytes(rows[i].text, strlen(rows[i].text), &with_comments);
        ck_assert_str_eq(found, rows[i].message);
        free(found);
    }
}
END_TEST

START_TEST(all_duplicate_keys_are_reported_with_both_lines)
{
    expect_bad("{\"a\": 1,\n \"b\": {\"x\": 1,\n \"y\": 2,\n \"x\": 3},\n \"\\u0061\": 2,\n \"a\": 3}",
               "doc.json:4: b.x: duplicate key; line 2 has it, too\n"
               "doc.json:5: a: duplicate key; line 1 has it, too\n"
               "doc.json:6: a: duplicate key; line 5 has it, too");
}
END_TEST

START_TEST(a_flood_of_duplicate_keys_is_cut_short)
{
    CLEANUP(buf) struct buf text = {0};
    buf_putc(&text, '{');
    for (int i = 0; i < 50000; i++)
        buf_puts(&text, "\"a\":1,");
    buf_puts(&text, "\"a\":1}");
    struct error err = {0};
    struct json *json = NULL;
    ck_assert_int_eq(json_parse(&json, "doc.json", text.data, text.len, NULL, &err), -1);
    ck_assert_uint_eq(err.problem_count, 101);
    ck_error_has(&err, "doc.json: 49900 more duplicate keys");
    error_free(&err);
}
END_TEST

START_TEST(depth_and_size_are_bounded)
{
    CLEANUP(buf) struct buf text = {0};
    for (int i = 0; i < 65; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < 65; i++)
        buf_putc(&text, ']');
    expect_bad(text.data, "doc.json:1: column 65: nested deeper than 64 levels");
    CLEANUP(buf) struct buf deep = {0};
    for (int i = 0; i < 1000000; i++)
        buf_puts(&deep, "{\"a\":");
    struct json_options endless = {.max_depth = SIZE_MAX};
    char *found = bad_bytes(deep.data, deep.len, &endless);
    ck_assert_str_eq(found, "doc.json:1: column 5001: nested deeper than 1000 levels");
    free(found);
    struct json_options small = {.max_size = 4};
    found = bad_bytes("[1,2]", 5, &small);
    ck_assert_str_eq(found, "doc.json: the document is too large: more than 4 B");
    free(found);
    struct error err = {0};
    CLEANUP(json) struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", "[12]", 4, &small, &err), &err);
}
END_TEST

START_TEST(a_thousand_levels_are_read_when_asked_for)
{
    CLEANUP(buf) struct buf text = {0};
    for (int i = 0; i < 1000; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < 1000; i++)
        buf_putc(&text, ']');
    struct error err = {0};
    struct json_options options = {.max_depth = 1000};
    CLEANUP(json) struct json *json = NULL;
    ck_ok(json_parse(&json, "doc.json", text.data, text.len, &options, &err), &err);
    ck_assert_uint_eq(json_count(json_root(json)), 1);
}
END_TEST

START_TEST(every_value_knows_its_line_and_path)
{
    CLEANUP(json) struct json *json = good("{\n\"a\": [\n1,\n{\"b\":\n2}],\n\"loss.*\": {\"rel\": 1}, \"\": 3}");
    const struct json_value *root = json_root(json);
    const struct json_value *b = json_get(json_at(json_get(root, "a"), 1), "b");
    const struct json_value *rel = json_get(json_get(root, "loss.*"), "rel");
    ck_assert_int_eq(json_line(root), 1);
    ck_assert_int_eq(json_line(json_at(json_get(root, "a"), 0)), 3);
    ck_assert_int_eq(json_line(b), 5);
    ck_assert_int_eq(json_key_line(b), 4);
    CLEANUP(free) char *root_path = json_path(root);
    CLEANUP(free) char *b_path = json_path(b);
    CLEANUP(free) char *rel_path = json_path(rel);
    CLEANUP(free) char *empty_path = json_path(json_get(root, ""));
    ck_assert_str_eq(root_path, "");
    ck_assert_str_eq(b_path, "a[1].b");
    ck_assert_str_eq(rel_path, "[\"loss.*\"].rel");
    ck_assert_str_eq(empty_path, "[\"\"]");
    struct error err = {0};
    ck_assert_int_eq(json_problem(json, b, &err, "expected a number ≥ %d", 3), -1);
    json_problem(json, root, &err, "too bad");
    char *text = error_text(&err);
    ck_assert_str_eq(text, "doc.json:5: a[1].b: expected a number ≥ 3\ndoc.json:1: too bad");
    free(text);
    error_free(&err);
}
END_TEST

static void expect_load_error(const char *path, enum error_kind kind, const char *part)
{
    struct error err = {0};
    struct json *json = NULL;
    struct json_options small = {.max_size = 100};
    ck_assert_int_eq(json_load(&json, path, "doc.json", &small, &err), -1);
    ck_assert_int_eq(err.kind, kind);
    ck_error_has(&err, part);
    error_free(&err);
}

START_TEST(a_file_that_cannot_be_a_document_is_refused)
{
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(free) char *fifo = fs_join(folder, "fifo");
    CLEANUP(free) char *large = fs_join(folder, "large");
    CLEANUP(free) char *bad = fs_join(folder, "bad");
    CLEANUP(free) char *absent = fs_join(folder, "absent");
    struct error err = {0};
    char bytes[101];
    memset(bytes, ' ', sizeof bytes);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    ck_ok(fs_write_atomic(large, bytes, sizeof bytes, &err), &err);
    ck_ok(fs_write_atomic(bad, "{\n?", 3, &err), &err);
    expect_load_error(folder, ERROR_USAGE, "is a folder, not a file");
    expect_load_error(fifo, ERROR_USAGE, "is not a regular file");
    expect_load_error("/dev/zero", ERROR_USAGE, "is not a regular file");
    expect_load_error(large, ERROR_USAGE, "is too large: more than 100 B");
    expect_load_error(absent, ERROR_MACHINE, "No such file or directory");
    expect_load_error(bad, ERROR_USAGE, "doc.json:2: column 1: expected a key in double quotes, found '?'");
    if (geteuid() != 0) {
        ck_assert_int_eq(chmod(bad, 0), 0);
        expect_load_error(bad, ERROR_MACHINE, "Permission denied");
    }
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(a_good_file_is_loaded)
{
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(free) char *path = fs_join(folder, "doc.json");
    struct error err = {0};
    CLEANUP(json) struct json *json = NULL;
    ck_ok(fs_write_atomic(path, "{\"a\": 1} // x\n", 14, &err), &err);
    ck_ok(json_load(&json, path, "suites/a/suite.json", &with_comments, &err), &err);
    ck_assert_double_eq(json_number(json_get(json_root(json), "a")), 1);
    ck_assert_str_eq(json_name(json), "suites/a/suite.json");
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

UNIT_MAIN("json", every_type_of_value_is_read, what_rfc_8259_allows_is_accepted, long_numbers_keep_their_value,
          escapes_become_characters, broken_grammar_is_told_with_line_and_column, words_that_are_no_values_get_a_hint,
          numbers_follow_the_grammar, strings_follow_the_grammar, a_text_that_is_not_utf8_is_refused_where_it_breaks,
          comments_are_skipped_and_lines_still_count, a_comment_must_be_closed_and_well_formed,
          all_duplicate_keys_are_reported_with_both_lines, a_flood_of_duplicate_keys_is_cut_short,
          depth_and_size_are_bounded, a_thousand_levels_are_read_when_asked_for, every_value_knows_its_line_and_path,
          a_file_that_cannot_be_a_document_is_refused, a_good_file_is_loaded)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// JSON and JSON lines as named values.
#include "unit_contents.h"
#include "unit_files.h"

static void expect(const char *name, const char *text, const char *expected)
{
    CLEANUP(free) char *found = list_file(name, text, strlen(text));
    ck_assert_str_eq(found, expected);
}

START_TEST(values_are_named_by_their_paths)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"{\"b\": {\"x\": 0.5}, \"a\": \"t\"}", "a \"t\"\nb.x = 0.5\n"},
        {"{\"a.b\": 1, \"\": 2, \"c d\": 3}", "[\"\"] = 2\n[\"a.b\"] = 1\n[\"c d\"] = 3\n"},
        {"[{\"a\": 1}, \"x\", null]", "[0].a = 1\n[1] \"x\"\n[2] <6e756c6c>\n"},
        {"{\"a\": {}, \"b\": [], \"c\": \"\"}", "a <7b7d>\nb i64[0]\nc \"\"\n"},
        {"7", " = 7\n"},
        {"\"only\"", " \"only\"\n"},
        {"true", " bool[] 1\n"},
        {"{\"\\u0061\\n\": \"\\u00e9\\ud83d\\ude00\\\\\"}", "[\"a\\n\"] \"\xc3\xa9\xf0\x9f\x98\x80\\\"\n"},
        {"\"\\ud800\"", " \"\\xed\\xa0\\x80\"\n"}, // as Python writes half a pair
        {"\xef\xbb\xbf{\"a\": 1}", "a = 1\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        expect("m.json", table[i].text, table[i].expected);
}
END_TEST

START_TEST(arrays_of_one_kind_are_one_value)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"[1, 2, -3]", " i64[3] 1 2 -3\n"},
        {"[1, 2.5]", " f64[2] 1 2.5\n"},
        {"[1.0, 2]", " f64[2] 1 2\n"},
        {"[-0, 1]", " f64[2] -0 1\n"},
        {"[NaN, Infinity, -Infinity, 1e-7]", " f64[4] NaN Infinity -Infinity 1e-7\n"},
        {"[[1, 2], [3, 4], [5, 6]]", " i64[3,2] 1 2 3 4 5 6\n"},
        {"[[[1.5]], [[2]]]", " f64[2,1,1] 1.5 2\n"},
        {"[[], []]", " i64[2,0]\n"},
        {"[true, false]", " bool[2] 1 0\n"},
        {"[\"a\", \"b\\nc\", \"\\\\\"]", "[] \"a\\nb\\nc\\n\\\\\\n\"\n"},
        {"[1, [2]]", "[0] = 1\n[1] i64[1] 2\n"},
        {"[[1, 2], [3]]", "[0] i64[2] 1 2\n[1] i64[1] 3\n"},
        {"[[1], []]", "[0] i64[1] 1\n[1] i64[0]\n"},
        {"[[], 1]", "[0] i64[0]\n[1] = 1\n"},
        {"[1, true]", "[0] = 1\n[1] bool[] 1\n"},
        {"[1, \"x\"]", "[0] = 1\n[1] \"x\"\n"},
        {"[[\"a\"], [\"b\"]]", "[0][] \"a\\n\"\n[1][] \"b\\n\"\n"},
        {"[[[[[[[1]]]]]]]", "[0] i64[1,1,1,1,1,1] 1\n"}, // deeper than arrays are gathered
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        expect("m.json", table[i].text, table[i].expected);
}
END_TEST

START_TEST(numbers_lose_nothing)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"9007199254740992", " = 9007199254740992\n"},
        {"9007199254740993", " i64[] 9007199254740993\n"},
        {"-9223372036854775808", " i64[] -9223372036854775808\n"},
        {"18446744073709551615", " \"18446744073709551615\"\n"},
        {"1e999", " \"1e999\"\n"},
        {"0.1", " = 0.1\n"},
        {"[9007199254740993, 1]", " i64[2] 9007199254740993 1\n"},
        {"[9007199254740993, 0.5]", "[0] i64[] 9007199254740993\n[1] = 0.5\n"},
        {"[0.5, 9007199254740993]", "[0] = 0.5\n[1] i64[] 9007199254740993\n"},
        {"[1, 18446744073709551615]", "[0] = 1\n[1] \"18446744073709551615\"\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        expect("m.json", table[i].text, table[i].expected);
}
END_TEST

START_TEST(damage_is_refused_with_its_place)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"{\"a\": 1, \"a\": 2}", "m.json: a: duplicate key"},
        {"{\"b\": {\"x\": 1, \"y\": 2, \"\\u0078\": 3}}", "m.json: b.x: duplicate key"},
        {"{\"a\": 1,}", "line 1, column 9: expected a key in double quotes, found '}'"},
        {"[1,]", "line 1, column 4: expected a value, found ']'"},
        {"[1\n, 2", "line 2, column 4: expected ',' or ']', found the end of the file"},
        {"[1 2]", "line 1, column 4: expected ',' or ']', found '2'"},
        {"{\"a\" 1}", "expected ':' after the key, found '1'"},
        {"[01]", "a number may not begin with a zero"},
        {"[1.]", "expected a digit after the decimal point, found ']'"},
        {"[-]", "expected a digit, found ']'"},
        {"[1e]", "expected a digit in the exponent"},
        {"[\"a]", "column 2: this string is not closed"},
        {"[\"\\x\"]", "unknown escape in a string"},
        {"[\"\\u12\"]", "'\\u' needs four hexadecimal digits"},
        {"[\"a\nb\"]", "a control character in a string must be written as an escape"},
        {"[nul]", "expected a value, found 'n'"},
        {"[1] x", "expected the end of the document, found 'x'"},
        {"// no\n1", "expected a value, found '/'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file("m.json", table[i].text, strlen(table[i].text));
        ck_assert_msg(str_starts(found, "error: ") && strstr(found, table[i].expected), "'%s' in '%s'",
                      table[i].expected, found);
    }
}
END_TEST

START_TEST(nesting_has_an_end)
{
    for (int depth = 200; depth <= 201; depth++) {
        CLEANUP(buf) struct buf text = {0};
        for (int i = 0; i < depth; i++)
            buf_puts(&text, i % 2 ? "[" : "{\"k\":");
        buf_putc(&text, '1');
        for (int i = depth; i-- > 0;)
            buf_putc(&text, i % 2 ? ']' : '}');
        CLEANUP(free) char *found = list_file("m.json", text.data, text.len);
        ck_assert_int_eq(strstr(found, "nested deeper than 200 levels") != NULL, depth == 201);
    }
}
END_TEST

START_TEST(a_file_cut_anywhere_is_refused)
{
    const char *text = "{\"a\": [1, 2, [\"x\\u00e9\", true]], \"b\": {\"c\": null, \"d\": -1.5e-3}}";
    // The empty file is no JSON, and none is expected there.
    ck_assert_uint_eq(cut_everywhere("m.json", text, strlen(text)), strlen(text) - 1);
}
END_TEST

START_TEST(what_only_begins_like_json_is_text)
{
    expect("run.log", "[2026-11-23] started\n", " \"[2026-11-23] started\\n\"\n");
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "run.log", "[1] a\n", 6, &err), &err);
    ck_assert_ptr_nonnull(strstr(contents->note, "compared as text"));
    ck_assert_uint_eq(contents->left_out.count, 0);
}
END_TEST

START_TEST(json_lines_are_columns)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"{\"step\": 0, \"loss\": 1.5}\n\n  \n{\"step\": 1, \"loss\": NaN}\r\n",
         "loss f64[2] 1.5 NaN\nstep f64[2] 0 1\n"},
        {"{\"a\": {\"b\": true}, \"t\": \"x\\ny\"}\n{\"a\": {\"b\": false}, \"t\": \"z\"}",
         "a.b bool[2] 1 0\nt[] \"x\\ny\\nz\\n\"\n"},
        {"{\"a\": 1}\n{\"b\": 2}\n{\"a\": 3}\n{\"a\": 4}\n",
         "a f64[3] 1 3 4\na@rows i64[3] 0 2 3\nb f64[1] 2\nb@rows i64[1] 1\n"},
        {"{\"a\": 1}\n{\"a\": 2}\n{}\n", "#2 <7b7d>\na f64[2] 1 2\na@rows i64[2] 0 1\n"},
        {"{\"a\": 1, \"w\": [1, 2]}\n{\"a\": null, \"w\": [\"x\"]}\n{\"a\": \"n\"}\n",
         "#0.w i64[2] 1 2\n#1.a <6e756c6c>\n#1.w[] \"x\\n\"\n#2.a \"n\"\na f64[1] 1\na@rows i64[1] 0\n"},
        {"1\n2\n", " f64[2] 1 2\n"},
        {"[1, \"x\"]\n[2, \"y\"]\n", "[0] f64[2] 1 2\n[1][] \"x\\ny\\n\"\n"},
        {"[1, 2]\n[{\"k\": []}]\n", "#0 i64[2] 1 2\n#1[0].k i64[0]\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        expect("h.jsonl", table[i].text, table[i].expected);
    expect("h.jsonl", "{\"a\": 1}\n{\"a\": }\n", "error: h.jsonl: line 2, column 7: expected a value, found '}'");
    expect("h.jsonl", "{\"a\": 1} 2\n",
           "error: h.jsonl: line 1, column 10: expected the end of the document, found '2'");
}
END_TEST

START_TEST(json_lines_with_many_keys_are_columns_too)
{
    CLEANUP(buf) struct buf text = {0};
    for (int row = 0; row < 3; row++) {
        buf_putc(&text, '{');
        for (int key = 0; key < 500; key++)
            buf_printf(&text, "%s\"k%d\": %d", key ? ", " : "", key, row * key);
        buf_puts(&text, "}\n");
    }
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "h.jsonl", text.data, text.len, &err), &err);
    ck_assert_uint_eq(contents->count, 500);
    const struct value *value = contents_find(contents, "k321");
    double cells[3];
    tensor_gather(cells, &value->tensor, 0, 3);
    ck_assert(cells[0] == 0 && cells[1] == 321 && cells[2] == 642);
}
END_TEST

START_TEST(what_python_writes_is_read_back)
{
    struct error err = {0};
    char *folder = enter_folder();
    if (write_with_python("json",
                          "import math\n"
                          "d = {'n': [0.1, 1e22, 5e-324, 1.7976931348623157e308, math.nan, -math.inf],\n"
                          "     'i': [2**63 - 1, -2**63], 'big': 2**64, 't': '\\u00e9\\0\\U0001f600\"',\n"
                          "     'deep': [[[1, 2], [3, 4]]], 'none': None, 'yes': True, 'key\\n.': {}}\n"
                          "json.dump(d, open('a.json', 'w'))\n"
                          "json.dump(d, open('b.json', 'w'), indent=4, ensure_ascii=False, sort_keys=True)\n")) {
        CLEANUP(contents) struct contents *a = NULL, *b = NULL;
        ck_ok(contents_open(&a, "a.json", &err), &err);
        ck_ok(contents_open(&b, "b.json", &err), &err);
        CLEANUP(free) char *one = list_contents(a), *two = list_contents(b);
        ck_assert_str_eq(one, two);
        ck_assert_str_eq(one, "[\"key\\n.\"] <7b7d>\n"
                              "big \"18446744073709551616\"\n"
                              "deep i64[1,2,2] 1 2 3 4\n"
                              "i i64[2] 9223372036854775807 -9223372036854775808\n"
                              "n f64[6] 0.1 1e22 5e-324 1.7976931348623157e308 NaN -Infinity\n"
                              "none <6e756c6c>\n"
                              "t \"\xc3\xa9\\x00\xf0\x9f\x98\x80\"\"\n"
                              "yes bool[] 1\n");
        ck_assert_uint_eq(a->left_out.count, 1);
    }
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("outline", values_are_named_by_their_paths, arrays_of_one_kind_are_one_value, numbers_lose_nothing,
          damage_is_refused_with_its_place, nesting_has_an_end, a_file_cut_anywhere_is_refused,
          what_only_begins_like_json_is_text, json_lines_are_columns, json_lines_with_many_keys_are_columns_too,
          what_python_writes_is_read_back)

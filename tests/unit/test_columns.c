// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// CSV as named columns.
#include "unit_contents.h"

START_TEST(columns_are_tensors_or_text)
{
    static const struct {
        const char *name, *text, *expected;
    } table[] = {
        {"h.csv", "step,loss\n0,1.5\n1,.5\n", "loss f64[2] 1.5 0.5\nstep f64[2] 0 1\n"},
        {"h.tsv", "a\tb,c\n1\tx\n", "a f64[1] 1\nb,c \"x\\n\"\n"},
        {"h.csv", "1,2\n3,nan\n", "[0] f64[2] 1 3\n[1] f64[2] 2 NaN\n"},
        {"h.csv", "a,b\n1,x\n2,\"y\ny\"\n", "a f64[2] 1 2\nb \"x\\ny\\ny\\n\"\n"},
        {"h.csv", "a\n1\n\n2\nz\n", "a \"1\\n2\\nz\\n\"\n"},
        {"h.csv", "a,,a\n1,2,3\n", "[0] f64[1] 1\n[1] f64[1] 2\n[2] f64[1] 3\n"},
        {"h.csv", "a,b\n", "a f64[0]\nb f64[0]\n"},
        {"h.csv",
         "\xef\xbb\xbf"
         "a\r\n7\r\n",
         "a f64[1] 7\n"},
        {"h.csv", "a,b\n1,\n", "a f64[1] 1\nb \"\\n\"\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = list_file(table[i].name, table[i].text, strlen(table[i].text));
        ck_assert_str_eq(found, table[i].expected);
    }
}
END_TEST

START_TEST(what_is_no_table_is_text_and_says_so)
{
    static const struct {
        const char *text, *note;
    } table[] = {
        {"a,b\n1\n", "1 cell where the first line has 2"},
        {"a,\"b\n1\n", "a quoted cell is never closed"},
        {"\n\n", "there is no row in it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct error err = {0};
        CLEANUP(contents) struct contents *contents = NULL;
        ck_ok(contents_parse(&contents, "h.csv", table[i].text, strlen(table[i].text), &err), &err);
        ck_assert_uint_eq(contents->count, 1);
        ck_assert_int_eq(contents->items[0].kind, VALUE_TEXT);
        ck_assert_uint_eq(contents->items[0].size, strlen(table[i].text));
        ck_assert_msg(contents->note && strstr(contents->note, table[i].note), "%s", contents->note);
    }
}
END_TEST

UNIT_MAIN("columns", columns_are_tensors_or_text, what_is_no_table_is_text_and_says_so)

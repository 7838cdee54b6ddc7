// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "compare/flat.h"

// "key=number key=" with "?" where the line is given up.
static char *listing(const char *text)
{
    struct buf out = {0};
    struct flat row = {text, text + strlen(text), 0};
    struct flat_member member;
    enum flat_kind kind;
    while ((kind = flat_next(&member, &row)) == FLAT_NUMBER || kind == FLAT_OTHER) {
        char number[32] = "";
        if (kind == FLAT_NUMBER)
            str_double(number, member.number);
        buf_printf(&out, "%s%.*s=%s", out.len ? " " : "", (int)member.key_len, member.key, number);
    }
    buf_puts(&out, kind == FLAT_GIVE_UP ? "?" : "");
    return buf_take(&out);
}

START_TEST(a_flat_row_is_read_member_by_member)
{
    static const struct {
        const char *text, *expected;
    } table[] = {
        {"{}", ""},
        {" { } \r", ""},
        {"{\"step\": 1, \"loss\":0.5}", "step=1 loss=0.5"},
        {"{\"a\":-1e-3,\"b\":true,\"c\":false,\"d\":null,\"e\":\"text, }\"}\r", "a=-0.001 b=1 c=0 d= e="},
        {"{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}", "a=NaN b=Infinity c=-Infinity"},
        {"{\"a\":\"NaN\",\"b\":\"true\",\"c\":\"1\"}", "a=NaN b= c="},
        {"{\"a\":0,\"b\":-0.5,\"c\":10}", "a=0 b=-0.5 c=10"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = listing(table[i].text);
        ck_assert_str_eq(found, table[i].expected);
    }
}
END_TEST

START_TEST(everything_else_is_given_up)
{
    static const char *const table[] = {
        "",
        "1",
        "[1]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{a:1}",
        "{\"a\":{}}",
        "{\"a\":[1]}",
        "{\"a\":.5}",
        "{\"a\":5.}",
        "{\"a\":+1}",
        "{\"a\":01}",
        "{\"a\":-01}",
        "{\"a\":-}",
        "{\"a\":inf}",
        "{\"a\":nan}",
        "{\"a\":1.e5}",
        "{\"a\":0x1}",
        "{\"a\":1 2}",
        "{\"\\u0061\":1}",
        "{\"a\":\"\\n\"}",
        "{\"\":1}",
        "{\"a\":\"x}",
        "{\"a\":1 \"b\":2}",
        "{,\"a\":1}",
        "{\"a\" 1}",
        "{\"a\t\":1}",
        "{\"a\":truex}",
        "{\"a\":1e999}",
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *found = listing(table[i]);
        ck_assert_msg(str_ends(found, "?"), "'%s' gives %s", table[i], found);
    }
}
END_TEST

UNIT_MAIN("flat", a_flat_row_is_read_member_by_member, everything_else_is_given_up)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_report
#include "unit.h"

#include "base/mem.h"
#include "base/str.h"
#include "report/names.h"
#include "report/text.h"

#include <math.h>
#include <stdint.h>

START_TEST(text_is_cut_between_characters)
{
    static const struct {
        const char *text;
        size_t limit, expected;
    } table[] = {{"abc", 3, 3},
                 {"abc", 2, 2},
                 {"abc", 0, 0},
                 {"gr\xc3\xbc\xc3\x9f", 3, 2},
                 {"gr\xc3\xbc\xc3\x9f", 4, 4},
                 {"\xf0\x9f\x98\x80", 3, 0},
                 {"\xe2\x82\xac\xe2\x82\xac", 5, 3}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        ck_assert_uint_eq(text_cut(table[i].text, strlen(table[i].text), table[i].limit), table[i].expected);
}
END_TEST

START_TEST(what_xml_forbids_is_printed_as_its_code)
{
    static const struct {
        const char *text;
        size_t len;
        bool lines;
        const char *expected;
    } table[] = {
        {"plain", 5, false, "plain"},
        {"a\0b", 3, false, "a#x00b"},
        {"\x07\x1b[31m", 6, true, "#x07#x1B[31m"},
        {"a\tb\nc\rd", 7, true, "a\tb\nc\rd"},
        {"a\tb\nc\rd", 7, false, "a#x09b#x0Ac#x0Dd"},
        {"\xff\xc3", 2, false, "#xFF#xC3"},
        {"\xc3\xbc", 2, false, "\xc3\xbc"},
        {"\xef\xbf\xbe", 3, false, "#xFFFE"},       // U+FFFE
        {"\xed\xa0\x80", 3, false, "#xED#xA0#x80"}, // a surrogate
        {"\xf0\x9f\x98\x80", 4, false, "\xf0\x9f\x98\x80"},
        {"\xc0\x80", 2, false, "#xC0#x80"}, // an overlong NUL
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf out = {0};
        text_legal_xml(&out, table[i].text, table[i].len, table[i].lines);
        ck_assert_str_eq(buf_text(&out), table[i].expected);
    }
}
END_TEST

START_TEST(xml_is_escaped_within_its_room)
{
    static const char text[] = "a<b>&\"]]>\r\xc3\xbcz";
    static const char whole[] = "a&lt;b&gt;&amp;&quot;]]&gt;&#13;\xc3\xbcz";
    for (size_t room = 0; room <= sizeof whole; room++) {
        CLEANUP(buf) struct buf out = {0};
        size_t used = text_escape_xml(&out, text, sizeof text - 1, room);
        ck_assert_uint_le(out.len, room);
        ck_assert(!strncmp(whole, buf_text(&out), out.len));
        ck_assert_int_eq(used == sizeof text - 1, room >= sizeof whole - 1);
        ck_assert(str_is_utf8(buf_text(&out), out.len, NULL));
    }
}
END_TEST

START_TEST(html_and_markdown_see_no_punctuation_of_the_text)
{
    CLEANUP(buf) struct buf out = {0};
    for (int c = 1; c < 256; c++)
        buf_putc(&out, (char)c);
    CLEANUP(buf) struct buf escaped = {0};
    text_escape_html(&escaped, out.data, out.len, false);
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.data[i];
        if (c == '&') {
            ck_assert_int_eq(escaped.data[++i], '#');
            while (escaped.data[++i] != ';')
                ck_assert(escaped.data[i] >= '0' && escaped.data[i] <= '9');
            continue;
        }
        ck_assert_msg((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ' ',
                      "'%c' is left", c);
    }
    buf_clear(&escaped);
    text_escape_html(&escaped, "a\nb", 3, true);
    ck_assert_str_eq(escaped.data, "a\nb");
    buf_clear(&escaped);
    text_escape_html(&escaped, "<b>|\n", 5, false);
    ck_assert_str_eq(escaped.data, "&#60;b&#62;&#124; ");
}
END_TEST

START_TEST(workflow_commands_are_escaped)
{
    CLEANUP(buf) struct buf out = {0};
    text_escape_command(&out, "50%\r\n::error::x, y: \x1b[1m", 24);
    ck_assert_str_eq(out.data, "50%25\\r%0A::error::x, y: \\x1b[1m");
    buf_clear(&out);
    text_escape_property(&out, "a:b,c%\nd", 8);
    ck_assert_str_eq(out.data, "a%3Ab%2Cc%25%0Ad");
}
END_TEST

START_TEST(seconds_and_times_are_the_same_in_every_locale)
{
    static const struct {
        double seconds;
        const char *text;
    } table[] = {{0, "0.000"},  {1.2345, "1.235"}, {0.9999, "1.000"},  {12345.678, "12345.678"},
                 {-1, "0.000"}, {NAN, "0.000"},    {INFINITY, "0.000"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf out = {0};
        text_seconds(&out, table[i].seconds);
        ck_assert_str_eq(out.data, table[i].text);
    }
    CLEANUP(buf) struct buf out = {0};
    text_time(&out, 1763870240);
    ck_assert_str_eq(out.data, "2025-11-23T03:57:20Z");
    buf_clear(&out);
    text_time(&out, INT64_MAX);
    ck_assert_str_eq(out.data, "1970-01-01T00:00:00Z");
}
END_TEST

START_TEST(a_name_that_comes_again_gets_a_number)
{
    static const struct {
        const char *class_name, *name, *expected;
    } table[] = {{"a", "x", "x"},         {"a", "x", "x (2)"}, {"b", "x", "x"},     {"a", "x", "x (3)"},
                 {"a", "y (2)", "y (2)"}, {"a", "y", "y"},     {"a", "y", "y (3)"}, {"a", "y (2)", "y (2) (3)"}};
    CLEANUP(names) struct names names = {0};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(buf) struct buf name = {0};
        buf_puts(&name, table[i].name);
        names_make_unique(&names, table[i].class_name, &name);
        ck_assert_str_eq(name.data, table[i].expected);
    }
    for (size_t i = 0; i < 50000; i++) { // all alike, and still quick
        CLEANUP(buf) struct buf name = {0};
        buf_puts(&name, "same");
        names_make_unique(&names, "c", &name);
        CLEANUP(free) char *expected = i ? str_printf("same (%zu)", i + 1) : str_dup("same");
        ck_assert_str_eq(name.data, expected);
    }
}
END_TEST

UNIT_MAIN("text", text_is_cut_between_characters, what_xml_forbids_is_printed_as_its_code,
          xml_is_escaped_within_its_room, html_and_markdown_see_no_punctuation_of_the_text,
          workflow_commands_are_escaped, seconds_and_times_are_the_same_in_every_locale,
          a_name_that_comes_again_gets_a_number)

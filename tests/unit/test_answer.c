// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "base/arena.h"
#include "serve/answer.h"
#include "unit.h"

#include <math.h>

static struct answer read_answer(const char *text, const char *field, struct arena *arena)
{
    struct answer answer;
    answer_read(&answer, text, strlen(text), field, arena);
    return answer;
}

START_TEST(numbers_are_read_to_the_last_bit)
{
    static const char *const texts[] = {"0",
                                        "-0.0",
                                        "0.1",
                                        "1e-7",
                                        "123456789.123456789",
                                        "2.5e+3",
                                        "5e-324",
                                        "1e999",
                                        "-1e999",
                                        "1E5",
                                        "NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "12345678901234567890123456789012345678901234567890"};
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct answer answer = read_answer(texts[i], NULL, &arena);
        double expected = strtod(texts[i], NULL);
        ck_assert_int_eq(answer.kind, ANSWER_NUMBER);
        ck_assert(isnan(expected) ? isnan(answer.number) : memcmp(&answer.number, &expected, sizeof expected) == 0);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(an_answer_stands_alone_or_in_an_object)
{
    static const struct {
        const char *text, *field;
        enum answer_kind kind;
        double number;
        const char *words;
    } cases[] = {
        {" 3 \r", NULL, ANSWER_NUMBER, 3, NULL},
        {"{\"prediction\": 1}", NULL, ANSWER_NUMBER, 1, NULL},
        {"{\"y\": 1}", NULL, ANSWER_NUMBER, 1, NULL},
        {"{\"p\": 0.5, \"prediction\": 1, \"q\": 2}", NULL, ANSWER_NUMBER, 1, NULL},
        {"{\"p\": 0.5, \"y\": 1}", "y", ANSWER_NUMBER, 1, NULL},
        {"{\"p\": 0.5, \"p\": 1}", "p", ANSWER_NUMBER, 1, NULL}, // as Python's reader has it
        {"{\"p\": 0.5, \"y\": 1}", NULL, ANSWER_OTHER, 0, "{\"p\": 0.5, \"y\": 1}"},
        {"{\"p\": 0.5}", "y", ANSWER_OTHER, 0, "{\"p\": 0.5}"},
        {"{}", NULL, ANSWER_OTHER, 0, "{}"},
        {"{\"y\": {\"z\": 1}}", NULL, ANSWER_OTHER, 0, "{\"y\": {\"z\": 1}}"},
        {"\"yes\"", NULL, ANSWER_TEXT, 0, "yes"},
        {"{\"\\u0079\": \"a\\\"\\\\\\n\\u00e9\\ud83d\\ude00\\ud800!\"}", "y", ANSWER_TEXT, 0, "a\"\\\né😀\xef\xbf\xbd!"},
        {"true", NULL, ANSWER_BOOL, 1, NULL},
        {"{\"y\": false}", NULL, ANSWER_BOOL, 0, NULL},
        {"null", NULL, ANSWER_NULL, 0, NULL},
        {"{\"prediction\": null}", NULL, ANSWER_NULL, 0, NULL},
        {"{\"error\": \"no\"}", NULL, ANSWER_REJECTED, 0, "no"},
        {"{\"error\": \"no\", \"code\": 3}", NULL, ANSWER_REJECTED, 0, "no"},
        {"{\"error\": \"no\", \"prediction\": null}", NULL, ANSWER_REJECTED, 0, "no"},
        {"{\"error\": {\"code\": 3}}", "y", ANSWER_REJECTED, 0, "{\"code\": 3}"},
        {"{\"error\": null, \"y\": 3}", NULL, ANSWER_NUMBER, 3, NULL},
        {"{\"error\": \"no\", \"prediction\": 3}", NULL, ANSWER_OTHER, 0, "{\"error\": \"no\", \"prediction\": 3}"},
        {"[[1], [2]]", NULL, ANSWER_OTHER, 0, "[[1], [2]]"},
        {"[1, \"a\"]", NULL, ANSWER_OTHER, 0, "[1, \"a\"]"},
        {"[null]", NULL, ANSWER_OTHER, 0, "[null]"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer answer = read_answer(cases[i].text, cases[i].field, &arena);
        ck_assert_msg(answer.kind == cases[i].kind, "%s: %d", cases[i].text, (int)answer.kind);
        ck_assert_double_eq(answer.number, cases[i].number);
        ck_assert_msg(!cases[i].words || strcmp(answer.text, cases[i].words) == 0, "%s", answer.text);
        ck_assert(!cases[i].words || answer.len == strlen(cases[i].words));
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_list_of_numbers_is_one_answer)
{
    struct arena arena = {0};
    struct answer answer = read_answer("{\"p\": [0.25, 1e-3 ,null,NaN]}", NULL, &arena);
    ck_assert_int_eq(answer.kind, ANSWER_LIST);
    ck_assert_uint_eq(answer.number_count, 4);
    ck_assert_double_eq(answer.numbers[0], 0.25);
    ck_assert_double_eq(answer.numbers[1], 0.001);
    ck_assert(isnan(answer.numbers[2]) && isnan(answer.numbers[3]));
    answer = read_answer("[]", NULL, &arena);
    ck_assert_int_eq(answer.kind, ANSWER_LIST);
    ck_assert_uint_eq(answer.number_count, 0);
    arena_free(&arena);
}
END_TEST

START_TEST(what_is_not_JSON_is_said_not_to_be)
{
    static const char *const texts[] = {
        "",
        " ",
        "nan",
        "NaNs",
        "inf",
        "+1",
        ".5",
        "1.",
        "01",
        "1e",
        "1 2",
        "1,",
        "tru",
        "truefalse",
        "None",
        "'a'",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "[1",
        "[1,]",
        "[,]",
        "[1 2]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "]",
        "}",
        "-",
        "--1",
        "-NaN",
        "\357\273\2771",
        "{\"a\":1}}",
        "Traceback (most recent",
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct answer answer;
        ck_assert_msg(!answer_parse(&answer, texts[i], strlen(texts[i]), NULL, &arena), "%s", texts[i]);
        ck_assert_int_eq(answer.kind, ANSWER_OTHER);
        ck_assert_str_eq(answer.text, texts[i]);
    }
    ck_assert(!answer_parse(&(struct answer){0}, "1\0", 2, NULL, &arena));
    arena_free(&arena);
}
END_TEST

START_TEST(nesting_is_bounded)
{
    char text[20000];
    memset(text, '[', sizeof text);
    struct arena arena = {0};
    struct answer answer;
    ck_assert(!answer_parse(&answer, text, sizeof text, NULL, &arena));
    ck_assert_uint_eq(answer.len, 200); // only the beginning is kept
    memset(text + 64, ']', 64);
    ck_assert(answer_parse(&answer, text, 128, NULL, &arena));
    arena_free(&arena);
}
END_TEST

START_TEST(a_cell_is_an_answer_without_quotes)
{
    static const struct {
        const char *text;
        enum answer_kind kind;
        double number;
    } cases[] = {
        {"3", ANSWER_NUMBER, 3},
        {" -1.5e3\r", ANSWER_NUMBER, -1500},
        {"inf", ANSWER_NUMBER, INFINITY},
        {"True", ANSWER_BOOL, 1},
        {"false", ANSWER_BOOL, 0},
        {"", ANSWER_NULL, 0},
        {" ", ANSWER_NULL, 0},
        {"None", ANSWER_NULL, 0},
        {"setosa", ANSWER_TEXT, 0},
        {"1,5", ANSWER_TEXT, 0},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer answer;
        answer_of_cell(&answer, cases[i].text, strlen(cases[i].text), &arena);
        ck_assert_msg(answer.kind == cases[i].kind, "'%s': %d", cases[i].text, (int)answer.kind);
        ck_assert_double_eq(answer.number, cases[i].number);
    }
    arena_free(&arena);
}
END_TEST

UNIT_MAIN("answer", numbers_are_read_to_the_last_bit, an_answer_stands_alone_or_in_an_object,
          a_list_of_numbers_is_one_answer, what_is_not_JSON_is_said_not_to_be, nesting_is_bounded,
          a_cell_is_an_answer_without_quotes)

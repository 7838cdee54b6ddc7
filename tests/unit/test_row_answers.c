// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "base/arena.h"
#include "serve/answer.h"
#include "serve/row_answers.h"
#include "unit.h"

#include <math.h>
#include <string.h>

static void assert_written(const struct answer *answer, const char *text)
{
    CLEANUP(buf) struct buf out = {0};
    answer_write_json(&out, answer);
    ck_assert_str_eq(buf_text(&out), text);
}

START_TEST(every_kind_of_answer_is_one_json_value)
{
    static const double list[] = {0.25, 0.75};
    assert_written(&(struct answer){.kind = ANSWER_NUMBER, .number = 0.1}, "0.1");
    assert_written(&(struct answer){.kind = ANSWER_NUMBER, .number = NAN}, "NaN");
    assert_written(&(struct answer){.kind = ANSWER_NUMBER, .number = -INFINITY}, "-Infinity");
    assert_written(&(struct answer){.kind = ANSWER_TEXT, .text = "a\"b", .len = 3}, "\"a\\\"b\"");
    assert_written(&(struct answer){.kind = ANSWER_BOOL, .number = 1}, "true");
    assert_written(&(struct answer){.kind = ANSWER_NULL}, "null");
    assert_written(&(struct answer){.kind = ANSWER_LIST, .numbers = list, .number_count = 2}, "[0.25, 0.75]");
    assert_written(&(struct answer){.kind = ANSWER_LIST}, "[]");
    assert_written(&(struct answer){.kind = ANSWER_REJECTED, .text = "no", .len = 2}, "{\"error\": \"no\"}");
}
END_TEST

START_TEST(what_was_written_reads_back_as_the_same_answer)
{
    static const char *const texts[] = {"1.5", "\"spam\"", "[0.1, 0.9]", "{\"error\": \"age is missing\"}", "false"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct answer answer;
        ck_assert(answer_parse(&answer, texts[i], strlen(texts[i]), NULL, &arena));
        assert_written(&answer, texts[i]);
        arena_free(&arena);
    }
}
END_TEST

UNIT_MAIN("row_answers", every_kind_of_answer_is_one_json_value, what_was_written_reads_back_as_the_same_answer)

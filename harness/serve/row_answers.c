// SPDX-License-Identifier: Apache-2.0
#include "serve/row_answers.h"

#include "base/json.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

int row_answers_ask(struct row_answers *out, struct client *client, const struct rows *rows, struct error *err)
{
    return row_answers_ask_as(out, client, rows, NULL, err);
}

int row_answers_ask_as(struct row_answers *out, struct client *client, const struct rows *rows,
                       const char *const *headers, struct error *err)
{
    const struct client_ability *can = client_ability(client);
    out->together = !can->alive && can->many_rows;
    out->rows = rows->row_count;
    size_t count = out->together ? 1 : rows->row_count;
    CLEANUP(free) struct question *questions = mem_array(count, sizeof *questions);
    out->replies = mem_array(count, sizeof *out->replies);
    for (size_t i = 0; i < count; i++) {
        questions[i].rows = *rows;
        if (out->together)
            continue;
        questions[i].rows.cells += i * rows->column_count;
        questions[i].rows.row_count = 1;
        questions[i].header = headers ? headers[i] : NULL;
    }
    return client_ask(client, questions, out->replies, count, err);
}

void row_answers_free(struct row_answers *answers)
{
    for (size_t i = 0; answers->replies && i < (answers->together ? 1 : answers->rows); i++)
        reply_free(&answers->replies[i]);
    free(answers->replies);
    *answers = (struct row_answers){0};
}

const struct answer *row_answers_at(const struct row_answers *answers, size_t row)
{
    const struct reply *reply = &answers->replies[answers->together ? 0 : row];
    bool whole = reply->kind == REPLY_ANSWERED || reply->kind == REPLY_REJECTED;
    if (!whole || reply->count != (answers->together ? answers->rows : 1))
        return NULL;
    return &reply->answers[answers->together ? row : 0];
}

char *row_answers_why(const struct row_answers *answers, size_t row)
{
    const struct reply *reply = &answers->replies[answers->together ? 0 : row];
    if (reply->kind == REPLY_ANSWERED)
        return str_printf("%zu answers", reply->count);
    CLEANUP(free)
    char *line = str_printf("nothing (%s%s%s)", reply_kind_name(reply->kind), reply->why ? ": " : "",
                            reply->why ? reply->why : "");
    return str_visible(line, strlen(line));
}

static void put_number(struct buf *out, double value)
{
    char text[32];
    str_double(text, value);
    buf_puts(out, isnan(value) ? "NaN" : isinf(value) ? (value > 0 ? "Infinity" : "-Infinity") : text);
}

void answer_write_json(struct buf *out, const struct answer *answer)
{
    switch (answer->kind) {
    case ANSWER_NULL:
        buf_puts(out, "null");
        return;
    case ANSWER_BOOL:
        buf_puts(out, answer->number != 0 ? "true" : "false");
        return;
    case ANSWER_NUMBER:
        put_number(out, answer->number);
        return;
    case ANSWER_LIST:
        for (size_t i = 0; i < answer->number_count; i++) {
            buf_puts(out, i ? ", " : "[");
            put_number(out, answer->numbers[i]);
        }
        buf_puts(out, answer->number_count == 0 ? "[]" : "]");
        return;
    case ANSWER_REJECTED:
        buf_puts(out, "{\"error\": ");
        break;
    case ANSWER_TEXT:
    case ANSWER_OTHER:
        break;
    }
    buf_json_quote(out, answer->text ? answer->text : "", answer->len);
    if (answer->kind == ANSWER_REJECTED)
        buf_putc(out, '}');
}

// SPDX-License-Identifier: Apache-2.0
//
// MLflow's scoring server: POST /invocations, {"dataframe_records": [{…}]} and its other spellings →
// {"predictions": […]}; errors {"error_code", "message", "stack_trace"}.
#include "base/arena.h"
#include "base/buf.h"
#include "serve/answer.h"
#include "serve/protocol.h"
#include "serve/reply.h"

#include <string.h>

static void put_split(struct buf *body, const struct rows *rows)
{
    buf_puts(body, "{\"dataframe_split\":{\"columns\":[");
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        protocol_put_text(body, rows->columns[i]);
    }
    buf_puts(body, "],\"data\":[");
    for (size_t i = 0; i < rows->row_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        protocol_put_row(body, rows, i);
    }
    buf_puts(body, "]}}");
}

static bool encode(struct buf *body, const struct question *question)
{
    const struct rows *rows = &question->rows;
    switch (question->style) {
    case STYLE_PLAIN:
        buf_puts(body, "{\"dataframe_records\":");
        protocol_put_records(body, rows);
        buf_putc(body, '}');
        return false;
    case STYLE_SPLIT:
        put_split(body, rows);
        return false;
    case STYLE_INPUTS:
        buf_puts(body, "{\"inputs\":");
        protocol_put_columns(body, rows);
        buf_putc(body, '}');
        return false;
    case STYLE_CSV:
        row_write_csv_header(body, rows);
        for (size_t i = 0; i < rows->row_count; i++)
            row_write_csv(body, rows, i);
        return true;
    }
    return false;
}

static void read_answers(struct reply *reply, const struct piece *body, const struct question *question,
                         const char *field)
{
    (void)question;
    struct piece predictions, member;
    if (!piece_get(&predictions, body, "predictions")) {
        CLEANUP(free) char *quoted = reply_quote(body->text, body->len);
        reply_set(reply, REPLY_UNREADABLE, "%d without \"predictions\": %s", reply->status, quoted);
    } else if (predictions.kind == PIECE_ARRAY) {
        protocol_each(reply, &predictions, field, false);
    } else if (predictions.kind == PIECE_OBJECT && protocol_member(&member, &predictions, field) &&
               member.kind == PIECE_ARRAY) {
        protocol_each(reply, &member, NULL, false);
    } else {
        answer_of(reply_add(reply), &predictions, field, reply_arena(reply));
    }
}

static bool says(const struct piece *body, const char *key, const char *const *words, size_t count)
{
    struct piece value;
    if (!piece_get(&value, body, key) || value.kind != PIECE_STRING)
        return false;
    struct arena arena = {0};
    size_t len;
    const char *text = piece_text(&len, &value, &arena);
    bool said = false;
    for (size_t i = 0; i < count; i++)
        said |= strcasestr(text, words[i]) != NULL;
    arena_free(&arena);
    return said;
}

// An exception inside the model is a 400 with a stack trace; but so is a body that cannot be parsed, or does not fit
// the signature, and those are honest refusals. Some malformed bodies are a 500 whose code says what they are.
static enum reply_kind kind_of(enum reply_kind kind, const struct piece *body)
{
    static const char *const fit[] = {"parse", "schema", "decode", "not valid json", "malformed"};
    static const char *const inside[] = {"unexpected error while evaluating"};
    static const char *const theirs[] = {"BAD_REQUEST", "INVALID_PARAMETER_VALUE", "MALFORMED_REQUEST"};
    static const char *const trace[] = {"Traceback"};
    if (!body)
        return kind;
    if (kind == REPLY_FAILED)
        return says(body, "error_code", theirs, ARRAY_LEN(theirs)) ? REPLY_REJECTED : kind;
    if (kind != REPLY_REJECTED)
        return kind;
    if (says(body, "message", inside, ARRAY_LEN(inside)))
        return REPLY_FAILED;
    return says(body, "stack_trace", trace, 1) && !says(body, "message", fit, ARRAY_LEN(fit)) ? REPLY_FAILED : kind;
}

const struct protocol protocol_mlflow = {
    .name = "mlflow",
    .ready = "/ping",
    .path = "/invocations",
    .content_type = "application/json",
    .no_rows = true,
    .styles = 1u << STYLE_PLAIN | 1u << STYLE_SPLIT | 1u << STYLE_INPUTS | 1u << STYLE_CSV,
    .encode = encode,
    .read = read_answers,
    .kind = kind_of,
};

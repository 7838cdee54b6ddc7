// SPDX-License-Identifier: Apache-2.0
#include "serve/protocol.h"

#include "base/buf.h"
#include "serve/answer.h"
#include "serve/reply.h"

#include <string.h>

static const struct protocol *const protocols[] = {&protocol_mlflow, &protocol_oip, &protocol_tfserving,
                                                   &protocol_json};

const struct protocol *protocol_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        if (str_equal(protocols[i]->name, name))
            return protocols[i];
    return NULL;
}

char *protocol_names(void)
{
    CLEANUP(strings) struct strings names = {0};
    for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
        strings_add(&names, protocols[i]->name);
    return strings_join(&names, ", ");
}

void protocol_encode(struct buf *body, const char **content_type, const struct protocol *protocol,
                     const struct question *question)
{
    *content_type = protocol->content_type;
    if (question->raw)
        buf_append(body, question->raw, question->raw_len);
    else if (protocol->encode(body, question))
        *content_type = "text/csv";
    if (question->content_type)
        *content_type = question->content_type;
}

void protocol_put_text(struct buf *body, const char *text)
{
    const struct cell cell = {.kind = CELL_TEXT, .text = text, .len = strlen(text)};
    cell_write_json(body, &cell);
}

void protocol_put_row(struct buf *body, const struct rows *rows, size_t row)
{
    buf_putc(body, '[');
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        cell_write_json(body, &rows->cells[row * rows->column_count + i]);
    }
    buf_putc(body, ']');
}

void protocol_put_column(struct buf *body, const struct rows *rows, size_t column)
{
    buf_putc(body, '[');
    for (size_t i = 0; i < rows->row_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        cell_write_json(body, &rows->cells[i * rows->column_count + column]);
    }
    buf_putc(body, ']');
}

void protocol_put_records(struct buf *body, const struct rows *rows)
{
    buf_putc(body, '[');
    for (size_t i = 0; i < rows->row_count; i++) {
        if (i > 0)
            buf_putc(body, ',');
        row_write_json(body, rows, i);
    }
    buf_putc(body, ']');
}

// Whether some row has the column.
static bool has_column(const struct rows *rows, size_t column)
{
    for (size_t i = 0; i < rows->row_count; i++)
        if (rows->cells[i * rows->column_count + column].kind != CELL_ABSENT)
            return true;
    return rows->row_count == 0;
}

void protocol_put_columns(struct buf *body, const struct rows *rows)
{
    buf_putc(body, '{');
    bool first = true;
    for (size_t i = 0; i < rows->column_count; i++) {
        if (!has_column(rows, i))
            continue;
        if (!first)
            buf_putc(body, ',');
        first = false;
        protocol_put_text(body, rows->columns[i]);
        buf_putc(body, ':');
        protocol_put_column(body, rows, i);
    }
    buf_putc(body, '}');
}

void protocol_each(struct reply *reply, const struct piece *array, const char *field, bool unwrap)
{
    struct arena *arena = reply_arena(reply);
    struct piece_items items = piece_items(array);
    struct piece item;
    while (piece_next(&items, NULL, &item)) {
        struct answer *answer = reply_add(reply);
        answer_of(answer, &item, field, arena);
        if (unwrap && answer->kind == ANSWER_LIST && answer->number_count == 1)
            *answer = (struct answer){.kind = ANSWER_NUMBER, .number = answer->numbers[0]};
    }
}

bool protocol_member(struct piece *out, const struct piece *object, const char *field)
{
    if (field && piece_get(out, object, field))
        return true;
    struct piece_items items = piece_items(object);
    size_t count = 0;
    while (piece_next(&items, NULL, out))
        count++;
    return count == 1;
}

// What a server says went wrong: the first of these keys that has a text, perhaps one level down. The caller frees.
static char *message_of(const struct piece *body)
{
    static const char *const keys[] = {"message", "error", "detail", "msg", "error_code"};
    struct piece value, inner;
    struct arena arena = {0};
    char *message = NULL;
    for (size_t i = 0; i < ARRAY_LEN(keys) && !message; i++) {
        if (!piece_get(&value, body, keys[i]))
            continue;
        if (value.kind == PIECE_OBJECT && piece_get(&inner, &value, "message"))
            value = inner;
        size_t len = value.len;
        const char *text = value.kind == PIECE_STRING ? piece_text(&len, &value, &arena) : value.text;
        if (len > 0 && value.kind != PIECE_NULL)
            message = str_visible(text, len < 500 ? len : 500);
    }
    arena_free(&arena);
    return message;
}

static void read_refusal(struct reply *reply, const struct protocol *protocol, const struct protocol_response *response,
                         const struct piece *body)
{
    enum reply_kind kind = response->status >= 500   ? REPLY_FAILED
                           : response->status >= 400 ? REPLY_REJECTED
                                                     : REPLY_UNREADABLE;
    if (protocol->kind)
        kind = protocol->kind(kind, body);
    CLEANUP(free) char *message = body ? message_of(body) : NULL;
    if (!message)
        message = reply_quote(response->body, response->len);
    reply_set(reply, kind, "%d: %s", response->status, message);
}

void protocol_read(struct reply *reply, const struct protocol *protocol, const struct protocol_response *response,
                   const struct question *question, const char *field)
{
    struct piece body;
    bool json = piece_read(&body, response->body, response->len);
    reply->status = response->status;
    reply_came(reply, response->body, response->len);
    if (response->status < 200 || response->status > 299) {
        read_refusal(reply, protocol, response, json ? &body : NULL);
        return;
    }
    if (!json) {
        CLEANUP(free) char *quoted = reply_quote(response->body, response->len);
        reply_set(reply, REPLY_UNREADABLE, "%d with what is not JSON: %s", response->status, quoted);
        return;
    }
    protocol->read(reply, &body, question, field);
    if (reply->kind == REPLY_ANSWERED)
        reply_judge(reply);
}

// SPDX-License-Identifier: Apache-2.0
//
// Plain JSON: one object, or a list of them; an answer, or a list of them (alone, or as the only or the named member of
// an object).
#include "base/buf.h"
#include "serve/answer.h"
#include "serve/protocol.h"
#include "serve/reply.h"

static bool encode(struct buf *body, const struct question *question)
{
    if (question->rows.row_count == 1)
        row_write_json(body, &question->rows, 0);
    else
        protocol_put_records(body, &question->rows);
    return false;
}

// Whether a list is one answer (probabilities) and not a list of answers: only for one row, and not a list of one.
static bool is_one_answer(const struct piece *list, const struct question *question)
{
    return !question->raw && question->rows.row_count == 1 && piece_count(list) != 1;
}

static void read_answers(struct reply *reply, const struct piece *body, const struct question *question,
                         const char *field)
{
    struct piece list = *body, error;
    bool refused = piece_get(&error, body, "error") && error.kind != PIECE_NULL;
    if (body->kind == PIECE_OBJECT && !refused && protocol_member(&list, body, field) && list.kind == PIECE_ARRAY)
        field = NULL;
    else
        list = *body;
    if (list.kind == PIECE_ARRAY && !is_one_answer(&list, question))
        protocol_each(reply, &list, field, false);
    else
        answer_of(reply_add(reply), body, field, reply_arena(reply));
}

const struct protocol protocol_json = {
    .name = "json",
    .ready = "/health",
    .path = "/predict",
    .content_type = "application/json",
    .no_rows = true,
    .styles = 1u << STYLE_PLAIN,
    .encode = encode,
    .read = read_answers,
};

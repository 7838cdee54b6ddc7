// SPDX-License-Identifier: Apache-2.0
//
// TensorFlow Serving's REST interface: POST /v1/models/M:predict, {"instances": [{…}]} → {"predictions": […]}, or
// {"inputs": {…}} → {"outputs": …}, where the name of an only output is left out; errors {"error"}.
#include "base/buf.h"
#include "serve/answer.h"
#include "serve/protocol.h"
#include "serve/reply.h"

static bool encode(struct buf *body, const struct question *question)
{
    bool inputs = question->style == STYLE_INPUTS;
    buf_puts(body, inputs ? "{\"inputs\":" : "{\"instances\":");
    if (inputs)
        protocol_put_columns(body, &question->rows);
    else
        protocol_put_records(body, &question->rows);
    buf_putc(body, '}');
    return false;
}

static void read_answers(struct reply *reply, const struct piece *body, const struct question *question,
                         const char *field)
{
    (void)question;
    struct piece found;
    if (!piece_get(&found, body, "predictions") && !piece_get(&found, body, "outputs")) {
        CLEANUP(free) char *quoted = reply_quote(body->text, body->len);
        reply_set(reply, REPLY_UNREADABLE, "%d without \"predictions\" or \"outputs\": %s", reply->status, quoted);
        return;
    }
    struct piece member;
    if (found.kind == PIECE_OBJECT && protocol_member(&member, &found, field))
        found = member;
    // A tensor [N, 1] is N numbers.
    if (found.kind == PIECE_ARRAY)
        protocol_each(reply, &found, field, true);
    else
        answer_of(reply_add(reply), &found, field, reply_arena(reply));
}

const struct protocol protocol_tfserving = {
    .name = "tfserving",
    .ready = "/v1/models/{model}",
    .path = "/v1/models/{model}:predict",
    .content_type = "application/json",
    .no_rows = true,
    .styles = 1u << STYLE_PLAIN | 1u << STYLE_INPUTS,
    .encode = encode,
    .read = read_answers,
};

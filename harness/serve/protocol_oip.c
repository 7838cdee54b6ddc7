// SPDX-License-Identifier: Apache-2.0
//
// The Open Inference Protocol (KServe v2): POST /v2/models/M/infer, {"inputs": [{"name", "shape", "datatype", "data"}]}
// →
// {"outputs": [{"name", "shape", "datatype", "data"}]}; errors {"error"}. A table is one input a column, of shape [N].
// Data are row-major, flat or nested.
#include "base/arena.h"
#include "base/buf.h"
#include "serve/answer.h"
#include "serve/protocol.h"
#include "serve/reply.h"

#include <math.h>
#include <stdint.h>

enum datatype { TYPE_NONE, TYPE_BOOL, TYPE_INT64, TYPE_FP64, TYPE_BYTES };

static enum datatype type_of(const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
    case CELL_NULL:
        return TYPE_NONE;
    case CELL_BOOL:
        return TYPE_BOOL;
    case CELL_INTEGER:
        return TYPE_INT64;
    case CELL_NUMBER:
        return TYPE_FP64;
    case CELL_TEXT:
        return TYPE_BYTES;
    case CELL_RAW: // a token: a string, or something like a number
        return cell->len > 0 && cell->text[0] == '"' ? TYPE_BYTES : TYPE_FP64;
    }
    return TYPE_NONE;
}

// What most cells are; whole numbers among others are numbers.
static const char *column_type(const struct rows *rows, size_t column)
{
    static const char *const names[] = {"FP64", "BOOL", "INT64", "FP64", "BYTES"};
    size_t counts[ARRAY_LEN(names)] = {0};
    for (size_t i = 0; i < rows->row_count; i++)
        counts[type_of(&rows->cells[i * rows->column_count + column])]++;
    if (counts[TYPE_FP64] > 0) {
        counts[TYPE_FP64] += counts[TYPE_INT64];
        counts[TYPE_INT64] = 0;
    }
    enum datatype most = TYPE_NONE;
    for (enum datatype type = TYPE_BOOL; type <= TYPE_BYTES; type++)
        if (counts[type] > 0 && (most == TYPE_NONE || counts[type] > counts[most]))
            most = type;
    return names[most];
}

static bool is_left_out(const struct rows *rows, size_t column)
{
    for (size_t i = 0; i < rows->row_count; i++)
        if (rows->cells[i * rows->column_count + column].kind != CELL_ABSENT)
            return false;
    return rows->row_count > 0;
}

static bool encode(struct buf *body, const struct question *question)
{
    const struct rows *rows = &question->rows;
    buf_puts(body, "{\"parameters\":{\"content_type\":\"pd\"},\"inputs\":[");
    bool first = true;
    for (size_t i = 0; i < rows->column_count; i++) {
        if (is_left_out(rows, i))
            continue;
        buf_puts(body, first ? "{\"name\":" : ",{\"name\":");
        first = false;
        protocol_put_text(body, rows->columns[i]);
        buf_printf(body, ",\"shape\":[%zu],\"datatype\":\"%s\",\"data\":", rows->row_count, column_type(rows, i));
        protocol_put_column(body, rows, i);
        buf_putc(body, '}');
    }
    buf_puts(body, "]}");
    return false;
}

// The shape of an output: rows, and values a row. False when it is none.
static bool read_shape(size_t *rows, size_t *width, const struct piece *output)
{
    struct piece shape, extent;
    if (!piece_get(&shape, output, "shape") || shape.kind != PIECE_ARRAY)
        return false;
    struct piece_items items = piece_items(&shape);
    *rows = *width = 1;
    for (size_t rank = 0; piece_next(&items, NULL, &extent); rank++) {
        double number = extent.kind == PIECE_NUMBER ? piece_number(&extent) : -1;
        size_t *factor = rank == 0 ? rows : width;
        if (!(number >= 0) || number > 1e9 || number != floor(number) ||
            __builtin_mul_overflow(*factor, (size_t)number, factor))
            return false;
    }
    return true;
}

struct leaves {
    struct reply *reply;
    struct arena *arena;
    size_t width;    // values a row
    size_t seen;     // values so far
    double *numbers; // of the row that is being read, where a row is a list
    bool bad;
};

static void add_leaf(struct leaves *leaves, const struct piece *value)
{
    size_t place = leaves->seen++ % leaves->width;
    if (leaves->width == 1) {
        answer_of(reply_add(leaves->reply), value, NULL, leaves->arena);
        return;
    }
    if (value->kind != PIECE_NUMBER && value->kind != PIECE_NULL) {
        leaves->bad = true;
        return;
    }
    if (place == 0)
        leaves->numbers = arena_room(leaves->arena, leaves->width * sizeof *leaves->numbers);
    leaves->numbers[place] = value->kind == PIECE_NUMBER ? piece_number(value) : NAN;
    if (place + 1 == leaves->width)
        *reply_add(leaves->reply) =
            (struct answer){.kind = ANSWER_LIST, .numbers = leaves->numbers, .number_count = leaves->width};
}

// The depth is bounded by the reader.
static void walk(struct leaves *leaves, const struct piece *array)
{
    struct piece_items items = piece_items(array);
    struct piece item;
    while (!leaves->bad && piece_next(&items, NULL, &item)) {
        if (item.kind == PIECE_ARRAY)
            walk(leaves, &item);
        else
            add_leaf(leaves, &item);
    }
}

// The output of that name, else the first.
static bool choose_output(struct piece *out, const struct piece *body, const char *field)
{
    struct piece outputs, item, name;
    if (!piece_get(&outputs, body, "outputs") || outputs.kind != PIECE_ARRAY)
        return false;
    struct piece_items items = piece_items(&outputs);
    bool found = false;
    while (piece_next(&items, NULL, &item)) {
        bool named = field && piece_get(&name, &item, "name") && piece_is(&name, field);
        if (!found || named)
            *out = item;
        found = true;
        if (named)
            break;
    }
    return found;
}

static void read_answers(struct reply *reply, const struct piece *body, const struct question *question,
                         const char *field)
{
    (void)question;
    struct piece output, data;
    size_t rows, width;
    if (!choose_output(&output, body, field) || !piece_get(&data, &output, "data") || data.kind != PIECE_ARRAY) {
        CLEANUP(free) char *quoted = reply_quote(body->text, body->len);
        reply_set(reply, REPLY_UNREADABLE, "%d without \"outputs\" that have \"data\": %s", reply->status, quoted);
        return;
    }
    if (!read_shape(&rows, &width, &output)) {
        reply_set(reply, REPLY_UNREADABLE, "%d with an output without a \"shape\"", reply->status);
        return;
    }
    // What is allocated for a row is bounded by what came.
    size_t total;
    bool fits = !__builtin_mul_overflow(rows, width, &total) && total <= data.len;
    struct leaves leaves = {.reply = reply, .arena = reply_arena(reply), .width = width ? width : 1};
    if (fits)
        walk(&leaves, &data);
    if (!fits || leaves.bad || leaves.seen != total)
        reply_set(reply, REPLY_UNREADABLE, "%d with an output whose \"data\" do not fit its \"shape\"", reply->status);
}

const struct protocol protocol_oip = {
    .name = "oip",
    .ready = "/v2/health/ready",
    .path = "/v2/models/{model}/infer",
    .content_type = "application/json",
    .no_rows = true,
    .styles = 1u << STYLE_PLAIN,
    .encode = encode,
    .read = read_answers,
};

// SPDX-License-Identifier: Apache-2.0
#include "engine/recorded_rows.h"

#include "base/piece.h"
#include "fuzz/session.h"
#include "serve/row_answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 160 };

// The questions, as cells under the names that the first one has.
struct asked {
    const char **columns;
    struct cell *cells;
    struct rows rows;
    struct arena texts;
};

static void asked_free(struct asked *asked)
{
    free(asked->columns);
    free(asked->cells);
    arena_free(&asked->texts);
}
DEFINE_CLEANUP_VALUE(asked)

static void read_number(struct cell *cell, const struct piece *value, struct arena *texts)
{
    char *text = arena_bytes(texts, value->text, value->len), *end = NULL;
    cell->text = text;
    cell->len = value->len;
    cell->kind = CELL_NUMBER;
    cell->number = piece_number(value);
    if (strpbrk(text, ".eEN I"))
        return;
    errno = 0;
    long long integer = strtoll(text, &end, 10);
    if (errno == 0 && end == text + value->len) {
        cell->kind = CELL_INTEGER;
        cell->integer = integer;
    }
}

static void read_cell(struct cell *cell, const struct piece *value, struct arena *texts)
{
    switch (value->kind) {
    case PIECE_NULL:
        cell->kind = CELL_NULL;
        return;
    case PIECE_FALSE:
    case PIECE_TRUE:
        cell->kind = CELL_BOOL;
        cell->integer = value->kind == PIECE_TRUE;
        return;
    case PIECE_NUMBER:
        read_number(cell, value, texts);
        return;
    case PIECE_STRING:
        cell->kind = CELL_TEXT;
        cell->text = piece_text(&cell->len, value, texts);
        return;
    default:
        cell->kind = CELL_RAW;
        cell->text = arena_bytes(texts, value->text, value->len);
        cell->len = value->len;
    }
}

static int read_columns(struct asked *out, const struct baseline *baseline, struct error *err)
{
    const char *input = baseline->recorded[0].input;
    struct piece object, key;
    if (!piece_read(&object, input, strlen(input)) || object.kind != PIECE_OBJECT)
        return error_set(err, ERROR_USAGE, "row 1 of the baseline is no object");
    out->columns = mem_array(piece_count(&object), sizeof *out->columns);
    struct piece_items items = piece_items(&object);
    for (struct piece ignored; piece_next(&items, &key, &ignored);) {
        size_t length;
        out->columns[out->rows.column_count++] = piece_text(&length, &key, &out->texts);
    }
    return 0;
}

static int read_row(struct asked *out, const struct baseline *baseline, size_t row, struct error *err)
{
    const char *input = baseline->recorded[row].input;
    struct piece object, value;
    if (!piece_read(&object, input, strlen(input)) || object.kind != PIECE_OBJECT)
        return error_set(err, ERROR_USAGE, "row %zu of the baseline is no object", row + 1);
    for (size_t i = 0; i < out->rows.column_count; i++) {
        if (piece_get(&value, &object, out->columns[i]))
            read_cell(&out->cells[row * out->rows.column_count + i], &value, &out->texts);
    }
    return 0;
}

static int read_rows(struct asked *out, const struct baseline *baseline, struct error *err)
{
    size_t count;
    if (baseline->recorded_count == 0)
        return error_set(err, ERROR_USAGE, "the baseline holds no row");
    if (read_columns(out, baseline, err) < 0)
        return -1;
    if (__builtin_mul_overflow(out->rows.column_count, sizeof *out->cells, &count))
        return error_set(err, ERROR_USAGE, "the rows of the baseline are too large");
    out->cells = mem_array(baseline->recorded_count, count);
    out->rows.columns = out->columns;
    out->rows.cells = out->cells;
    out->rows.row_count = baseline->recorded_count;
    for (size_t i = 0; i < baseline->recorded_count; i++) {
        if (read_row(out, baseline, i, err) < 0)
            return -1;
    }
    return 0;
}

static void tell(struct strings *out, const struct recorded *recorded, const struct answer *was,
                 const struct answer *now, const struct row_answers *answers, size_t row)
{
    size_t length = strlen(recorded->input);
    CLEANUP(free) char *input = str_visible(recorded->input, length < SHOWN ? length : SHOWN);
    CLEANUP(free) char *before = answer_text(was);
    CLEANUP(free) char *after = now ? answer_text(now) : row_answers_why(answers, row);
    strings_printf(out, "%s%s: answered %s, recorded was %s", input, length < SHOWN ? "" : "…", after, before);
}

int recorded_rows_ask(struct strings *differences, size_t *asked, struct client *client,
                      const struct baseline *baseline, const struct fuzz_rules *rules, struct error *err)
{
    CLEANUP(asked) struct asked questions = {0};
    CLEANUP(row_answers) struct row_answers answers = {0};
    struct arena texts = {0};
    *asked = baseline->recorded_count;
    if (read_rows(&questions, baseline, err) < 0 || row_answers_ask(&answers, client, &questions.rows, err) < 0)
        return -1;
    for (size_t i = 0; i < baseline->recorded_count; i++) {
        const struct recorded *recorded = &baseline->recorded[i];
        const struct answer *now = row_answers_at(&answers, i);
        struct answer was;
        answer_read(&was, recorded->output, strlen(recorded->output), NULL, &texts);
        if (!now || !parity_agrees(&was, now, rules))
            tell(differences, recorded, &was, now, &answers, i);
        arena_clear(&texts);
    }
    arena_free(&texts);
    return 0;
}

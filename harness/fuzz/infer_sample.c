// SPDX-License-Identifier: Apache-2.0
//
// Cells as the data have them, and fitted to what a person made of the schema.
#include "base/str.h"
#include "fuzz/infer.h"
#include "fuzz/infer_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void sample_free(struct sample *sample)
{
    free(sample->cells);
    free(sample->columns);
    arena_free(&sample->texts);
    *sample = (struct sample){0};
}

// ---- From tokens

static void set_text(struct cell *out, enum cell_kind kind, const struct table_token *token, struct arena *arena)
{
    *out = (struct cell){.kind = kind, .text = arena_bytes(arena, token->text, token->len), .len = token->len};
}

static bool set_number(struct cell *out, const char *text, size_t len, bool whole)
{
    int64_t integer;
    double number;
    enum table_number_kind kind = table_number(&integer, &number, text, len);
    if (kind == NUMBER_NOT)
        return false;
    if (kind == NUMBER_INTEGER && whole)
        *out = (struct cell){.kind = CELL_INTEGER, .integer = integer};
    else
        *out = (struct cell){.kind = CELL_NUMBER, .number = number};
    return true;
}

static bool set_boolean(struct cell *out, const char *text, size_t len)
{
    bool yes = len == 4 && strncasecmp(text, "true", 4) == 0, no = len == 5 && strncasecmp(text, "false", 5) == 0;
    if (yes || no)
        *out = (struct cell){.kind = CELL_BOOL, .integer = yes, .text = text, .len = len};
    return yes || no;
}

bool column_is_numeric(const struct column *column)
{
    return column->type == COLUMN_INTEGER || column->type == COLUMN_NUMBER ||
           ((column->type == COLUMN_DATE || column->type == COLUMN_IDENTIFIER) && isfinite(column->min));
}

// A word for "missing" is null, but the word is kept: a person may know better (take_null).
static void infer_csv_cell(struct cell *out, const struct table_token *token, const struct column *column,
                           struct arena *arena)
{
    if (token->len == 0 || table_missing_word(token->text, token->len) >= 0) {
        set_text(out, CELL_NULL, token, arena);
        return;
    }
    set_text(out, CELL_TEXT, token, arena);
    if (column_is_numeric(column))
        (void)set_number(out, out->text, out->len, column->type != COLUMN_NUMBER);
    else if (column->type == COLUMN_BOOLEAN)
        (void)set_boolean(out, out->text, out->len);
}

void infer_cell(struct cell *out, const struct table_token *token, const struct column *column, struct arena *arena)
{
    switch (token->kind) {
    case TOKEN_ABSENT:
        *out = (struct cell){.kind = CELL_ABSENT};
        return;
    case TOKEN_NULL:
        *out = (struct cell){.kind = CELL_NULL};
        return;
    case TOKEN_CELL:
        infer_csv_cell(out, token, column, arena);
        return;
    case TOKEN_STRING:
        set_text(out, token->len > 0 ? CELL_TEXT : CELL_NULL, token, arena);
        return;
    case TOKEN_NUMBER: // NaN is null, as an empty cell of CSV is
        if (!set_number(out, token->text, token->len, column->type != COLUMN_NUMBER))
            *out = (struct cell){.kind = CELL_NULL};
        return;
    case TOKEN_BOOL:
        *out = (struct cell){.kind = CELL_BOOL, .integer = token->text[0] == 't'};
        return;
    case TOKEN_RAW:
        set_text(out, CELL_RAW, token, arena);
        return;
    }
}

// ---- To a schema. Each of these gives NULL, or what is wrong with the cell.

static const char *take_null(const struct column *column, struct cell *cell)
{
    if (cell->kind != CELL_ABSENT)
        *cell = (struct cell){.kind = CELL_NULL};
    return column->nullable ? NULL : "miss a value, but it is not \"nullable\"";
}

static const char *fit_range(const struct column *column, double number)
{
    if (number < column->min)
        return "are below its \"min\"";
    return number > column->max ? "are above its \"max\"" : NULL;
}

static const char *fit_number(const struct column *column, struct cell *cell)
{
    if (cell->kind == CELL_TEXT && !set_number(cell, cell->text, cell->len, true))
        return "hold no number";
    if (cell->kind != CELL_INTEGER && cell->kind != CELL_NUMBER)
        return "hold no number";
    double number = cell->kind == CELL_INTEGER ? (double)cell->integer : cell->number;
    if (column->type == COLUMN_NUMBER) {
        *cell = (struct cell){.kind = CELL_NUMBER, .number = number};
    } else if (cell->kind == CELL_NUMBER) {
        if (number != floor(number) || fabs(number) > 9007199254740992.0)
            return "hold no whole number";
        *cell = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)number};
    }
    return fit_range(column, number);
}

static const char *fit_boolean(struct cell *cell)
{
    if (cell->kind == CELL_TEXT)
        (void)set_boolean(cell, cell->text, cell->len);
    double number = cell->kind == CELL_INTEGER ? (double)cell->integer : cell->number;
    if ((cell->kind == CELL_INTEGER || cell->kind == CELL_NUMBER) && (number == 0 || number == 1))
        *cell = (struct cell){.kind = CELL_BOOL, .integer = number == 1, .text = number == 1 ? "1" : "0", .len = 1};
    return cell->kind == CELL_BOOL ? NULL : "hold neither true nor false";
}

// What a cell is in CSV; `room` has 32 bytes.
static struct table_token cell_text(const struct cell *cell, char *room)
{
    struct table_token token = {cell->text, cell->len, TOKEN_CELL};
    if (cell->text)
        return token;
    if (cell->kind == CELL_INTEGER)
        snprintf(room, 32, "%" PRId64, cell->integer);
    else if (cell->kind == CELL_NUMBER)
        str_double(room, cell->number);
    else
        snprintf(room, 32, "%s", cell->kind == CELL_BOOL ? cell->integer ? "true" : "false" : "");
    return (struct table_token){room, strlen(room), TOKEN_CELL};
}

static const char *fit_category(const struct column *column, const struct cell *cell)
{
    char room[32];
    const struct table_token token = cell_text(cell, room);
    for (size_t i = 0; i < column->category_count; i++) {
        const char *value = column->categories[i].value;
        if (strlen(value) == token.len && memcmp(value, token.text, token.len) == 0)
            return NULL;
    }
    return column->category_count > 0 ? "hold none of its \"categories\"" : NULL;
}

static const char *fit_date(const struct column *column, struct cell *cell)
{
    if (column->format && str_starts(column->format, "epoch"))
        return fit_number(column, cell);
    char room[32];
    const struct table_token token = cell_text(cell, room);
    if (column->format && date_format_is_known(column->format) && !date_fits(column->format, token.text, token.len))
        return "are not in its \"format\"";
    return cell->kind == CELL_INTEGER ? fit_range(column, (double)cell->integer) : NULL;
}

static const char *fit_text(const struct column *column, const struct cell *cell)
{
    if (column->longest > 0 && (cell->kind == CELL_TEXT || cell->kind == CELL_RAW) && cell->len > column->longest)
        return "are longer than its \"longest\"";
    return cell->kind == CELL_INTEGER ? fit_range(column, (double)cell->integer) : NULL;
}

static bool is_spelt(const struct column *column, const struct cell *cell)
{
    for (size_t i = 0; i < column->spelt.count; i++) {
        const char *word = column->spelt.items[i];
        if (strlen(word) == cell->len && memcmp(word, cell->text, cell->len) == 0)
            return true;
    }
    return cell->len == 0;
}

static const char *fit_cell(const struct column *column, struct cell *cell)
{
    if (cell->kind == CELL_NULL && cell->len > 0 && !is_spelt(column, cell))
        cell->kind = CELL_TEXT; // "None" of a column in which a person says that it is a category
    if (cell->kind == CELL_ABSENT || cell->kind == CELL_NULL || (cell->kind == CELL_TEXT && is_spelt(column, cell)))
        return take_null(column, cell);
    if (cell->kind == CELL_RAW && column->type != COLUMN_TEXT)
        return "hold an array or object";
    switch (column->type) {
    case COLUMN_INTEGER:
    case COLUMN_NUMBER:
        return fit_number(column, cell);
    case COLUMN_BOOLEAN:
        return fit_boolean(cell);
    case COLUMN_CATEGORY:
        return fit_category(column, cell);
    case COLUMN_DATE:
        return fit_date(column, cell);
    case COLUMN_TEXT:
    case COLUMN_IDENTIFIER:
        break;
    }
    return fit_text(column, cell);
}

// One problem a column: how many rows, and the first of them.
static void fit_column(struct cell *to, const struct sample *sample, size_t from, const struct column *column,
                       size_t stride, const char *file, struct error *err)
{
    const struct rows *rows = &sample->rows;
    size_t wrong = 0;
    const char *reason = NULL;
    CLEANUP(free) char *example = NULL;
    for (size_t row = 0; row < rows->row_count; row++) {
        struct cell *cell = &to[row * stride];
        *cell = rows->cells[row * rows->column_count + from];
        char room[32];
        const struct table_token before = cell_text(cell, room);
        const char *why = fit_cell(column, cell);
        if (why && wrong++ == 0) {
            reason = why;
            example = str_visible(before.text, before.len < 60 ? before.len : 60);
        }
    }
    if (reason)
        error_problem(err, file, 0, "column '%s': %zu of %zu rows %s%s%s%s", column->name, wrong, rows->row_count,
                      reason, *example ? ", such as '" : "", example, *example ? "'" : "");
}

int sample_fit(struct sample *sample, const struct schema *schema, struct error *err)
{
    size_t count = schema->count, rows = sample->rows.row_count, before = err->problem_count;
    struct table_names names = {0};
    for (size_t i = 0; i < sample->rows.column_count; i++)
        table_names_find(&names, sample->columns[i], strlen(sample->columns[i]), i, true);
    struct cell *cells = mem_array(rows * count + 1, sizeof *cells);
    const char **columns = mem_array(count + 1, sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &schema->columns[i];
        size_t from = table_names_find(&names, column->name, strlen(column->name), i, false);
        columns[i] = arena_copy(&sample->texts, column->name);
        if (from == SIZE_MAX)
            error_problem(err, schema->from, 0, "has no column '%s', which the schema has", column->name);
        else
            fit_column(&cells[i], sample, from, column, count, schema->from, err);
    }
    table_names_free(&names);
    free(sample->cells);
    free(sample->columns);
    sample->cells = cells;
    sample->columns = columns;
    sample->rows = (struct rows){columns, count, cells, rows};
    return err->problem_count > before ? -1 : 0;
}

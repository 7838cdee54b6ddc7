// SPDX-License-Identifier: Apache-2.0
#include "fuzz/mess.h"

#include <math.h>
#include <string.h>

void mess_set_text(struct fuzz_case *c, const char *text, size_t len)
{
    *mess_cell(c) = (struct cell){.kind = CELL_TEXT, .text = text, .len = len};
}

void mess_set_raw(struct fuzz_case *c, const char *text, size_t len)
{
    *mess_cell(c) = (struct cell){.kind = CELL_RAW, .text = text, .len = len};
}

struct cell mess_number_cell(const struct column *column, double value)
{
    // Beyond 2^63 there is no integer to hold it; the writer has it without an exponent up to 2^53 anyway.
    if (column->type != COLUMN_NUMBER && value == trunc(value) && fabs(value) < 0x1p63)
        return (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)value};
    return (struct cell){.kind = CELL_NUMBER, .number = value};
}

void mess_set_number(struct fuzz_case *c, double value)
{
    *mess_cell(c) = mess_number_cell(mess_column(c), value);
}

struct cell mess_category_cell(const struct fuzz_case *c, const char *value)
{
    const struct rows *rows = &c->sample->rows;
    const struct cell *like = mess_clean(c);
    for (size_t i = 0; i < rows->row_count && !mess_has_value(like); i++)
        like = &rows->cells[i * rows->column_count + c->column];
    double number;
    if ((like->kind == CELL_INTEGER || like->kind == CELL_NUMBER) &&
        str_read_double(&number, value, strlen(value)) == 0)
        return mess_number_cell(&(struct column){.type = like->kind == CELL_NUMBER ? COLUMN_NUMBER : COLUMN_INTEGER},
                                number);
    if (like->kind == CELL_BOOL) {
        // Which of the two it is, is told by the cells that are spelt so; "true", "1", "yes", … where none is.
        bool same = like->text && strlen(value) == like->len && memcmp(value, like->text, like->len) == 0;
        bool is_true = like->text ? same == (like->integer != 0) : strchr("tTyY1oO", value[0]) != NULL && value[0];
        return (struct cell){
            .kind = CELL_BOOL, .integer = is_true, .text = like->text ? value : NULL, .len = strlen(value)};
    }
    return (struct cell){.kind = CELL_TEXT, .text = value, .len = strlen(value)};
}

const struct buf *mess_token(struct fuzz_case *c, const struct cell *cell)
{
    struct cell plain = *cell;
    plain.text = NULL;
    buf_clear(&c->raw);
    cell_write_json(&c->raw, &plain);
    return &c->raw;
}

bool mess_is_number(const struct cell *cell)
{
    return cell->kind == CELL_INTEGER || (cell->kind == CELL_NUMBER && isfinite(cell->number));
}

double mess_number(const struct cell *cell)
{
    return cell->kind == CELL_INTEGER ? (double)cell->integer : cell->number;
}

bool mess_is_text(const struct cell *cell)
{
    return cell->kind == CELL_TEXT && cell->len > 0;
}

bool mess_has_value(const struct cell *cell)
{
    return cell->kind != CELL_NULL && cell->kind != CELL_ABSENT;
}

bool mess_same(const struct cell *a, const struct cell *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case CELL_ABSENT:
    case CELL_NULL:
        return true;
    case CELL_BOOL:
    case CELL_INTEGER:
        return a->integer == b->integer;
    case CELL_NUMBER:
        return memcmp(&a->number, &b->number, sizeof a->number) == 0;
    case CELL_TEXT:
    case CELL_RAW:
        return a->len == b->len && (a->len == 0 || a->text == b->text || memcmp(a->text, b->text, a->len) == 0);
    }
    return false;
}

bool mess_text_is(const struct cell *cell, const char *text, size_t len)
{
    return cell->kind == CELL_TEXT && cell->len == len && (len == 0 || memcmp(cell->text, text, len) == 0);
}

bool mess_is_category(const struct column *column, const char *text, size_t len)
{
    for (size_t i = 0; i < column->category_count; i++)
        if (strlen(column->categories[i].value) == len && memcmp(column->categories[i].value, text, len) == 0)
            return true;
    return false;
}

enum meaning mess_in_range(const struct column *column, double value)
{
    bool fits = value >= column->min && value <= column->max;
    return fits && (column->type == COLUMN_NUMBER || value == trunc(value)) ? MEANING_VALID : MEANING_MESSY;
}

bool mess_has_range(const struct case_space *space, size_t column, const char **why)
{
    const struct column *of = &space->schema->columns[column];
    *why = "the range of the column is not known";
    return isfinite(of->min) && isfinite(of->max) && of->min <= of->max;
}

bool mess_two_columns(const struct case_space *space, size_t column, const char **why)
{
    (void)column;
    *why = "there is one column only";
    return space->schema->count > 1;
}

static const struct mess_text *choose_text(const struct fuzz_case *c, struct choices *choices)
{
    const struct mutation *mutation = mess_mutation(c);
    return &mutation->texts[choose(choices, mutation->text_count)];
}

void mess_apply_text(struct fuzz_case *c, struct choices *choices)
{
    const struct mess_text *text = choose_text(c, choices);
    mess_set_text(c, text->text, text->len);
    if (mess_column(c)->type == COLUMN_CATEGORY && mess_is_category(mess_column(c), text->text, text->len))
        c->meaning = MEANING_VALID;
}

void mess_apply_raw(struct fuzz_case *c, struct choices *choices)
{
    const struct mess_text *text = choose_text(c, choices);
    mess_set_raw(c, text->text, text->len);
}

static bool is_listed(const struct fuzz_case *c, const struct cell *now)
{
    const struct mutation *mutation = mess_mutation(c);
    for (size_t i = 0; i < mutation->text_count; i++)
        if (mutation->texts[i].len == now->len && memcmp(mutation->texts[i].text, now->text, now->len) == 0)
            return true;
    return false;
}

bool mess_claims_text(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return now->kind == CELL_TEXT && is_listed(c, now);
}

bool mess_claims_raw(const struct fuzz_case *c, const struct cell *clean, const struct cell *now)
{
    (void)clean;
    return now->kind == CELL_RAW && is_listed(c, now);
}

bool mess_shape_kept(const struct fuzz_case *c)
{
    if (c->is_raw || c->content_type || c->style != STYLE_PLAIN || c->sources || c->row_count != c->clean.row_count ||
        c->column_count != c->clean.column_count)
        return false;
    for (size_t i = 0; i < c->column_count; i++)
        if (c->columns[i] != c->clean.columns[i] && strcmp(c->columns[i], c->clean.columns[i]) != 0)
            return false;
    return true;
}

bool mess_only_cell(const struct fuzz_case *c)
{
    if (!mess_shape_kept(c) || c->poisoned >= c->row_count || c->column >= c->column_count)
        return false;
    size_t mess = c->poisoned * c->column_count + c->column;
    for (size_t i = 0; i < c->row_count * c->column_count; i++)
        if (i != mess && !mess_same(&c->cells[i], &c->clean.cells[i]))
            return false;
    return true;
}

// Where the clean rows have a column of that name; SIZE_MAX.
static size_t find_column(const struct rows *rows, const char *name, size_t near)
{
    if (near < rows->column_count && (rows->columns[near] == name || strcmp(rows->columns[near], name) == 0))
        return near;
    for (size_t i = 0; i < rows->column_count; i++)
        if (strcmp(rows->columns[i], name) == 0)
            return i;
    return SIZE_MAX;
}

bool mess_cells_kept(const struct fuzz_case *c)
{
    for (size_t j = 0; j < c->column_count; j++) {
        size_t from = find_column(&c->clean, c->columns[j], j);
        for (size_t i = 0; i < c->row_count && from != SIZE_MAX; i++) {
            size_t row = c->sources ? c->sources[i] : i;
            if (row >= c->clean.row_count ||
                !mess_same(&c->cells[i * c->column_count + j], &c->clean.cells[row * c->clean.column_count + from]))
                return false;
        }
    }
    return true;
}

const char **mess_reshape(struct fuzz_case *c, size_t row_count, size_t column_count)
{
    size_t columns = column_count < c->column_count ? column_count : c->column_count;
    size_t rows = row_count < c->row_count ? row_count : c->row_count;
    const char **names = arena_room(&c->arena, column_count * sizeof *names);
    struct cell *cells = arena_room(&c->arena, row_count * column_count * sizeof *cells);
    for (size_t j = 0; j < column_count; j++)
        names[j] = j < columns ? c->columns[j] : "";
    for (size_t i = 0; i < row_count; i++)
        for (size_t j = 0; j < column_count; j++)
            cells[i * column_count + j] =
                i < rows && j < columns ? c->cells[i * c->column_count + j] : (struct cell){.kind = CELL_ABSENT};
    c->cells = cells;
    c->columns = names;
    c->row_count = row_count;
    c->column_count = column_count;
    return names;
}

size_t *mess_permutation(struct fuzz_case *c, struct choices *choices, size_t count)
{
    size_t *order = arena_room(&c->arena, (count ? count : 1) * sizeof *order);
    bool drawn = choose(choices, 2) == 1, moved = false;
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; drawn && i > 1; i--) { // Fisher and Yates
        size_t other = i - 1 - (size_t)choose(choices, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
        moved = moved || other != i - 1;
    }
    for (size_t i = 0; !moved && i < count; i++)
        order[i] = count - 1 - i;
    return order;
}

void mess_encode(struct fuzz_case *c)
{
    struct question question;
    c->is_raw = false;
    case_question(&question, c);
    if (c->ability->encode) {
        c->ability->encode(&c->raw, c->ability->context, &question);
    } else if (c->ability->json) {
        for (size_t i = 0; i < c->row_count; i++) {
            if (i > 0)
                buf_putc(&c->raw, '\n');
            row_write_json(&c->raw, &question.rows, i);
        }
    } else {
        row_write_csv_header(&c->raw, &question.rows);
        for (size_t i = 0; i < c->row_count; i++)
            row_write_csv(&c->raw, &question.rows, i);
    }
    c->is_raw = true;
}

// SPDX-License-Identifier: Apache-2.0
#include "engine/log_rows.h"

#include "base/str.h"
#include "core/drift_rules.h"
#include "drift/prediction.h"

#include <string.h>

void log_rows_begin(struct log_rows *out, const struct schema *schema, const char *id_column)
{
    size_t count = schema ? schema->count : 0;
    *out = (struct log_rows){0};
    out->columns = mem_array(count + 1, sizeof *out->columns);
    for (size_t i = 0; i < count; i++)
        out->columns[out->column_count++] = schema->columns[i].name;
    if (id_column && !(schema && schema_find(schema, id_column)))
        out->columns[out->column_count++] = id_column;
}

void log_rows_cell(struct cell *out, const struct piece *value, struct arena *texts)
{
    *out = (struct cell){0};
    switch (value->kind) {
    case PIECE_NULL:
        out->kind = CELL_NULL;
        return;
    case PIECE_FALSE:
    case PIECE_TRUE:
        out->kind = CELL_BOOL;
        out->integer = value->kind == PIECE_TRUE;
        return;
    case PIECE_STRING:
        out->kind = CELL_TEXT;
        out->text = piece_text(&out->len, value, texts);
        return;
    case PIECE_NUMBER:
    case PIECE_ARRAY:
    case PIECE_OBJECT:
        break;
    }
    // As it is written: 1, 1.0 and 1e0 stay what they were.
    out->kind = CELL_RAW;
    out->text = arena_bytes(texts, value->text, value->len);
    out->len = value->len;
}

static size_t find_column(const struct log_rows *rows, const struct piece *key)
{
    size_t i = 0;
    while (i < rows->column_count && !piece_is(key, rows->columns[i]))
        i++;
    return i;
}

static struct cell *add_cells(struct log_rows *rows)
{
    size_t first = rows->row_count * rows->column_count, needed = first + rows->column_count;
    while (rows->capacity < needed)
        rows->cells = mem_grow(rows->cells, rows->capacity, &rows->capacity, sizeof *rows->cells);
    for (size_t i = first; i < needed; i++)
        rows->cells[i] = (struct cell){.kind = CELL_ABSENT};
    return rows->cells + first;
}

bool log_rows_add(struct log_rows *rows, const struct piece *row, const char *id, const struct log_rules *rules)
{
    struct piece_items items = piece_items(row);
    struct piece key, value;
    struct cell *cells = add_cells(rows);
    while (piece_next(&items, &key, &value)) {
        size_t column = find_column(rows, &key);
        if (column < rows->column_count)
            log_rows_cell(&cells[column], &value, &rows->texts);
        else if (prediction_is_cell(rules, &key))
            return false;
    }
    // The column of ids stands behind those of the schema.
    struct cell *last = rows->column_count > 0 ? &cells[rows->column_count - 1] : NULL;
    if (id && last && last->kind == CELL_ABSENT && str_equal(rows->columns[rows->column_count - 1], rules->id_column))
        *last = (struct cell){.kind = CELL_TEXT, .text = arena_copy(&rows->texts, id), .len = strlen(id)};
    rows->row_count++;
    return true;
}

void log_rows_only(struct log_rows *rows, const struct piece *row, const struct log_rules *rules)
{
    struct piece_items items = piece_items(row);
    struct piece key, value;
    size_t count = piece_count(row), len;
    log_rows_free(rows);
    rows->columns = mem_array(count + 1, sizeof *rows->columns);
    rows->cells = mem_array(count + 1, sizeof *rows->cells);
    rows->capacity = count + 1;
    rows->row_count = 1;
    while (piece_next(&items, &key, &value)) {
        if (!prediction_is_cell(rules, &key))
            continue;
        rows->columns[rows->column_count] = piece_text(&len, &key, &rows->texts);
        log_rows_cell(&rows->cells[rows->column_count++], &value, &rows->texts);
    }
}

struct rows log_rows_view(const struct log_rows *rows)
{
    return (struct rows){rows->columns, rows->column_count, rows->cells, rows->row_count};
}

void log_rows_clear(struct log_rows *rows)
{
    rows->row_count = 0;
    arena_clear(&rows->texts);
}

void log_rows_free(struct log_rows *rows)
{
    free(rows->columns);
    free(rows->cells);
    arena_free(&rows->texts);
    *rows = (struct log_rows){0};
}

// SPDX-License-Identifier: Apache-2.0
//
// Rows that a log of predictions holds, to be asked again: values as they were logged, under the schema's columns.
#ifndef REPRO_ENGINE_LOG_ROWS_H
#define REPRO_ENGINE_LOG_ROWS_H

#include "base/arena.h"
#include "base/mem.h"
#include "base/piece.h"
#include "core/row.h"
#include "core/schema.h"

struct log_rules;

struct log_rows { // all-zero is empty
    struct arena texts;
    const char **columns; // the schema's, then the one that holds an id
    size_t column_count;
    struct cell *cells;
    size_t row_count, capacity; // capacity: in cells
};

// `schema` may be NULL. `id_column` is one more column; NULL: none.
void log_rows_begin(struct log_rows *out, const struct schema *schema, const char *id_column);
// Adds a row. A cell of the column of ids that the row does not have is `id` (may be NULL). False, and nothing is
// added, where the row has a column that is not known.
bool log_rows_add(struct log_rows *rows, const struct piece *row, const char *id, const struct log_rules *rules);
// The columns become those of this one row, which is the only one then.
void log_rows_only(struct log_rows *rows, const struct piece *row, const struct log_rules *rules);
struct rows log_rows_view(const struct log_rows *rows); // valid until the next one is added
void log_rows_clear(struct log_rows *rows);             // of rows; the columns stay
void log_rows_free(struct log_rows *rows);
DEFINE_CLEANUP_VALUE(log_rows)

// A value as a cell. Texts go to the arena.
void log_rows_cell(struct cell *out, const struct piece *value, struct arena *texts);

#endif

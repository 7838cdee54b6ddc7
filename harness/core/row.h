// SPDX-License-Identifier: Apache-2.0
//
// Rows as a model is asked: cells under column names. Nothing here is converted on the way: a cell is what will be
// written, so that "1", 1, 1.0 and "１" stay four different questions.
#ifndef REPRO_CORE_ROW_H
#define REPRO_CORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cell_kind {
    CELL_ABSENT,  // the key is not there (an empty cell in CSV)
    CELL_NULL,    // null (an empty cell in CSV)
    CELL_BOOL,    // `integer` is 0 or 1
    CELL_INTEGER, // written as such
    CELL_NUMBER,  // shortest form that reads back; NaN and ±Infinity as the bare words that Python writes
    CELL_TEXT,    // a string; any bytes, also what is not UTF-8
    CELL_RAW,     // a token of JSON that is written as it stands ("3.0", "1E+02", "[1]"); in CSV, the cell's text
};
struct cell {
    enum cell_kind kind;
    bool plain; // of CELL_TEXT: may stand between the quotes of JSON as it is. Only a hint: false is always right
    double number;
    int64_t integer;
    // Of CELL_TEXT and CELL_RAW; borrowed, not NUL-terminated. Of CELL_INTEGER and CELL_NUMBER: NULL, or the token that
    // it is written as, worked out before (row_prepare of serve/client.h). Of CELL_BOOL: NULL, or how CSV spells it.
    const char *text;
    size_t len;
};

// Rows under one list of names. Names may repeat, be renamed, or stand in another order than the schema's.
struct rows {
    const char *const *columns;
    size_t column_count;
    const struct cell *cells; // [row_count][column_count]
    size_t row_count;
};

#endif

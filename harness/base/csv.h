// SPDX-License-Identifier: Apache-2.0
//
// CSV, row by row, as RFC 4180 has it: cells in double quotes may hold delimiters, newlines and doubled quotes; lines
// end in LF or CRLF; a byte-order mark at the start and lines without any character are passed over.
#ifndef REPRO_BASE_CSV_H
#define REPRO_BASE_CSV_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct csv_cell {
    const char *text; // not NUL-terminated; valid until the next row is read
    size_t len;
};

struct csv {
    const char *name; // what messages call the file
    const char *at, *end;
    char delimiter;
    long line;     // of the current row's first character, 1-based
    long next;     // of the character at `at`
    size_t expect; // cells in every row; 0: as many as the first row has
    struct csv_cell *cells;
    size_t count, capacity;
    struct buf unquoted;
};

// The text is borrowed. The delimiter is a tab where the name ends in ".tsv".
void csv_init(struct csv *csv, const char *name, const char *text, size_t len);
// Reads the next row into `cells`; *more is false at the end. Every row must have as many cells as the first.
int csv_next(bool *more, struct csv *csv, struct error *err);
void csv_free(struct csv *csv);
DEFINE_CLEANUP_VALUE(csv)

// The cell's text without spaces and tabs around it. The caller frees.
char *csv_cell_text(const struct csv_cell *cell);

#endif

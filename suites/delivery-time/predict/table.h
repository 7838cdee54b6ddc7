// SPDX-License-Identifier: Apache-2.0
//
// A CSV file as RFC 4180 has it, in memory: a header, then rows; quotes, commas and line ends within quotes, LF or
// CRLF, a byte-order mark in front.
#ifndef DELIVERY_TABLE_H
#define DELIVERY_TABLE_H

#include "fault.h"

#include <stddef.h>

struct table {
    char *text;
    char **cells; // all of them, one row after the other; the first row is the header
    size_t cell_count, cell_capacity;
    struct table_row {
        size_t first, count; // cells
        long line;           // of the file
    } * rows;
    size_t row_count, row_capacity; // with the header
};

// Strict: refuses rows of another length than the header, quotes that do not close, NUL bytes, and a header that does
// not end (the file was cut off). Lenient: takes whatever there is. Both refuse a file without a header, or over
// 64 MiB.
bool table_read(struct table *out, const char *path, bool lenient, struct fault *fault);
const char *table_cell(const struct table *table, size_t row, size_t column); // "" where the row is too short
void table_free(struct table *table);

#endif

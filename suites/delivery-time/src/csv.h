// SPDX-License-Identifier: Apache-2.0
//
// A CSV file: a header line, then rows of as many cells. Cells hold neither commas nor quotes; an empty cell is
// missing.
#ifndef DELIVERY_CSV_H
#define DELIVERY_CSV_H

struct csv {
    const char *path;
    char **cells; // [row_count + 1][column_count]; the first row is the header
    int column_count;
    int row_count; // without the header
};

// Fails, naming the line, on a row with another number of cells than the header, on a quote, and on an empty file.
struct csv csv_read(const char *path);

int csv_column(const struct csv *csv, const char *name); // fails when there is none, or more than one
const char *csv_cell(const struct csv *csv, int row, int column);
int csv_line(int row); // of the file, for messages

#endif

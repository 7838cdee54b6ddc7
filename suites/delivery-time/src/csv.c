// SPDX-License-Identifier: Apache-2.0
#include "csv.h"

#include "fail.h"

#include <string.h>

enum { ROW_LIMIT = 10 * 1000 * 1000, COLUMN_LIMIT = 1000 };

static int count(const char *text, char wanted, const char *end)
{
    int found = 0;
    for (; text < end; text++)
        found += *text == wanted;
    return found;
}

// Cuts one line into cells, in place.
static void split_line(char **cells, char *line, int column_count)
{
    for (int i = 0; i < column_count; i++) {
        cells[i] = line;
        line += strcspn(line, ",");
        *line++ = '\0';
    }
}

struct csv csv_read(const char *path)
{
    struct csv csv = {.path = path};
    char *text = read_text(path);
    int lines = count(text, '\n', text + strlen(text)) + 1;
    if (lines > ROW_LIMIT)
        fail("'%s' has more than %d rows", path, ROW_LIMIT);
    csv.row_count = -1;
    for (char *line = text, *next; *line; line = next) {
        int number = csv.row_count + 2;
        char *end = line + strcspn(line, "\n");
        next = *end ? end + 1 : end;
        if (end > line && end[-1] == '\r')
            end--;
        *end = '\0';
        if (strchr(line, '"'))
            fail("%s:%d: quoted cells are not supported", path, number);
        int cells = count(line, ',', end) + 1;
        if (!csv.cells) {
            if (cells > COLUMN_LIMIT)
                fail("%s:1: more than %d columns", path, COLUMN_LIMIT);
            csv.column_count = cells;
            csv.cells = allocate((size_t)lines * (size_t)cells, sizeof *csv.cells);
        }
        if (cells != csv.column_count)
            fail("%s:%d: expected %d cells, found %d", path, number, csv.column_count, cells);
        csv.row_count++;
        split_line(csv.cells + (size_t)csv.row_count * (size_t)cells, line, cells);
    }
    if (csv.row_count < 1)
        fail("'%s' has no rows", path);
    return csv;
}

int csv_column(const struct csv *csv, const char *name)
{
    int found = -1;
    for (int i = 0; i < csv->column_count; i++) {
        if (strcmp(csv->cells[i], name) != 0)
            continue;
        if (found >= 0)
            fail("%s:1: column '%s' comes twice", csv->path, name);
        found = i;
    }
    if (found < 0)
        fail("%s:1: no column '%s'", csv->path, name);
    return found;
}

const char *csv_cell(const struct csv *csv, int row, int column)
{
    return csv->cells[(size_t)(row + 1) * (size_t)csv->column_count + (size_t)column];
}

int csv_line(int row)
{
    return row + 2;
}

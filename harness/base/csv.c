// SPDX-License-Identifier: Apache-2.0
#include "base/csv.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

// More columns than any table of metrics has; a file that goes beyond it is not one.
#define MOST_CELLS 100000

void csv_init(struct csv *csv, const char *name, const char *text, size_t len)
{
    *csv = (struct csv){.name = name, .at = text, .end = text + len, .delimiter = ',', .next = 1};
    if (str_ends(name, ".tsv"))
        csv->delimiter = '\t';
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        csv->at += 3;
}

// A quoted cell with doubled quotes is copied without them. The copies of a row stand one after another in one buffer,
// which may move while it grows: such a cell has only its length until the row is complete, and NULL for the text.

static int read_quoted(struct csv *csv, struct csv_cell *cell, bool *copied, struct error *err)
{
    const char *from = ++csv->at;
    *copied = false;
    for (;;) {
        const char *quote = memchr(csv->at, '"', (size_t)(csv->end - csv->at));
        if (!quote)
            return error_problem(err, csv->name, csv->line, "a quoted cell is never closed");
        for (const char *p = csv->at; (p = memchr(p, '\n', (size_t)(quote - p))) != NULL; p++)
            csv->next++;
        csv->at = quote + 1;
        if (csv->at == csv->end || *csv->at != '"') {
            if (*copied)
                buf_append(&csv->unquoted, from, (size_t)(quote - from));
            *cell = (struct csv_cell){from, (size_t)(quote - from)};
            return 0;
        }
        buf_append(&csv->unquoted, from, (size_t)(quote + 1 - from));
        *copied = true;
        from = ++csv->at;
    }
}

static void read_plain(struct csv *csv, struct csv_cell *cell)
{
    const char *from = csv->at;
    while (csv->at < csv->end && *csv->at != csv->delimiter && *csv->at != '\n')
        csv->at++;
    size_t len = (size_t)(csv->at - from);
    if (len > 0 && from[len - 1] == '\r' && (csv->at == csv->end || *csv->at == '\n'))
        len--;
    *cell = (struct csv_cell){from, len};
}

static void skip_blank_lines(struct csv *csv)
{
    while (csv->at < csv->end) {
        const char *p = csv->at + (*csv->at == '\r' && csv->end - csv->at > 1);
        if (*p != '\n')
            break;
        csv->at = p + 1;
        csv->next++;
    }
}

// One cell and what ends it; *last is true at the end of the row.
static int read_cell(struct csv *csv, struct csv_cell *cell, bool *last, struct error *err)
{
    size_t start = csv->unquoted.len;
    bool copied = false;
    if (csv->at < csv->end && *csv->at == '"') {
        if (read_quoted(csv, cell, &copied, err) < 0)
            return -1;
        if (copied)
            *cell = (struct csv_cell){NULL, csv->unquoted.len - start};
        if (csv->at < csv->end && *csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] == '\n'))
            csv->at++;
        if (csv->at < csv->end && *csv->at != csv->delimiter && *csv->at != '\n')
            return error_problem(err, csv->name, csv->next, "text after the closing quote of a cell");
    } else {
        read_plain(csv, cell);
    }
    *last = csv->at == csv->end || *csv->at == '\n';
    if (csv->at < csv->end && *csv->at == '\n')
        csv->next++;
    if (csv->at < csv->end)
        csv->at++;
    return 0;
}

int csv_next(bool *more, struct csv *csv, struct error *err)
{
    skip_blank_lines(csv);
    csv->count = 0;
    buf_clear(&csv->unquoted);
    csv->line = csv->next;
    *more = csv->at < csv->end;
    for (bool last = !*more; !last;) {
        if (csv->count == MOST_CELLS)
            return error_problem(err, csv->name, csv->line, "more than %d cells in one row", MOST_CELLS);
        csv->cells = mem_grow(csv->cells, csv->count, &csv->capacity, sizeof *csv->cells);
        if (read_cell(csv, &csv->cells[csv->count], &last, err) < 0)
            return -1;
        csv->count++;
    }
    if (!*more)
        return 0;
    size_t offset = 0;
    for (size_t i = 0; i < csv->count; i++) {
        if (!csv->cells[i].text) {
            csv->cells[i].text = csv->unquoted.data + offset;
            offset += csv->cells[i].len;
        }
    }
    if (csv->expect == 0)
        csv->expect = csv->count;
    if (csv->count != csv->expect)
        return error_problem(err, csv->name, csv->line, "%zu cell%s where the first line has %zu", csv->count,
                             csv->count == 1 ? "" : "s", csv->expect);
    return 0;
}

void csv_free(struct csv *csv)
{
    free(csv->cells);
    buf_free(&csv->unquoted);
    csv->cells = NULL;
}

char *csv_cell_text(const struct csv_cell *cell)
{
    const char *text = cell->text;
    size_t len = cell->len;
    while (len > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return str_ndup(text, len);
}

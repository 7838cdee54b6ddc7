// SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20 };

static bool read_file(char **out, size_t *size, const char *path, struct fault *fault)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return refuse(fault, "the input cannot be opened");
    size_t capacity = 1 << 16, len = 0;
    char *text = malloc(capacity);
    for (size_t got; text && (got = fread(text + len, 1, capacity - len - 1, file)) > 0;) {
        len += got;
        if (capacity - len < 2 && capacity < FILE_LIMIT) {
            char *more = realloc(text, capacity *= 2);
            if (!more)
                free(text);
            text = more;
        }
    }
    bool failed = ferror(file);
    fclose(file);
    if (!text || failed || len + 1 >= FILE_LIMIT) {
        free(text);
        return refuse(fault, "the input cannot be read, or is over %d MiB", FILE_LIMIT >> 20);
    }
    text[len] = '\0';
    *out = text;
    *size = len;
    return true;
}

// Room for one more of an array that doubles.
static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? *capacity * 2 : 64;
    void *more = realloc(items, *capacity * size);
    if (!more)
        abort();
    return more;
}

struct reader {
    struct table *table;
    char *at, *end, *to; // cells are written back over what was read
    long line;
    bool lenient, ended; // the row had a line end
};

static void add_cell(struct reader *reader, char *text)
{
    struct table *table = reader->table;
    table->cells = grow(table->cells, table->cell_count, &table->cell_capacity, sizeof *table->cells);
    table->cells[table->cell_count++] = text;
    table->rows[table->row_count - 1].count++;
}

static bool read_quoted(struct reader *reader, struct fault *fault)
{
    for (reader->at++; reader->at < reader->end; reader->at++) {
        if (*reader->at == '"' && reader->at[1] != '"')
            break;
        reader->at += *reader->at == '"';
        if (!*reader->at && !reader->lenient)
            return refuse(fault, "a NUL byte");
        reader->line += *reader->at == '\n';
        *reader->to++ = *reader->at ? *reader->at : ' ';
    }
    if (reader->at == reader->end)
        return reader->lenient || refuse(fault, "a quote does not close");
    reader->at++;
    bool ends =
        reader->at == reader->end || strchr(",\n", *reader->at) || (*reader->at == '\r' && reader->at[1] == '\n');
    return ends || reader->lenient || refuse(fault, "something follows a closing quote");
}

static bool read_cell(struct reader *reader, struct fault *fault)
{
    char *begin = reader->to;
    if (*reader->at == '"' && !read_quoted(reader, fault))
        return false;
    for (; reader->at < reader->end && *reader->at != ',' && *reader->at != '\n'; reader->at++) {
        if (*reader->at == '\r' && reader->at[1] == '\n')
            break;
        if (!reader->lenient && (*reader->at == '"' || *reader->at == '\0'))
            return refuse(fault, "a quote or a NUL byte within a cell");
        *reader->to++ = *reader->at ? *reader->at : ' ';
    }
    add_cell(reader, begin);
    return true;
}

static bool read_row(struct reader *reader, struct fault *fault)
{
    struct table *table = reader->table;
    table->rows = grow(table->rows, table->row_count, &table->row_capacity, sizeof *table->rows);
    table->rows[table->row_count++] = (struct table_row){table->cell_count, 0, reader->line};
    for (;;) {
        if (!read_cell(reader, fault))
            return false;
        char stop = reader->at < reader->end ? *reader->at : '\0';
        reader->at += stop == '\r' ? 2 : stop != '\0';
        *reader->to++ = '\0'; // a byte was read for it: the comma, the line end, or the text's own NUL
        if (stop == ',')
            continue;
        reader->ended = stop != '\0';
        reader->line++;
        return true;
    }
}

static bool check_row(const struct reader *reader, struct fault *fault)
{
    const struct table *table = reader->table;
    const struct table_row *header = &table->rows[0], *row = &table->rows[table->row_count - 1];
    if (table->row_count == 1 && !reader->ended)
        return refuse(fault, "the header does not end: the file is cut off");
    return row->count == header->count || refuse(fault, "expected %zu cells, found %zu", header->count, row->count);
}

bool table_read(struct table *out, const char *path, bool lenient, struct fault *fault)
{
    size_t size;
    *out = (struct table){0};
    if (!read_file(&out->text, &size, path, fault))
        return false;
    struct reader reader = {out, out->text, out->text + size, out->text, 1, lenient, false};
    if (size >= 3 && memcmp(reader.at, "\xef\xbb\xbf", 3) == 0)
        reader.at += 3;
    while (reader.at < reader.end) {
        long line = reader.line;
        if (!read_row(&reader, fault) || (!lenient && !check_row(&reader, fault)))
            return refuse_at(fault, line);
    }
    return out->row_count > 0 || refuse(fault, "the input is empty");
}

const char *table_cell(const struct table *table, size_t row, size_t column)
{
    const struct table_row *found = &table->rows[row];
    return column < found->count ? table->cells[found->first + column] : "";
}

void table_free(struct table *table)
{
    free(table->text);
    free(table->cells);
    free(table->rows);
    *table = (struct table){0};
}

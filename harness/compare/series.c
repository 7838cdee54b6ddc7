// SPDX-License-Identifier: Apache-2.0
//
// Reads a table of numbers. Cells are kept as (row, column, value) until the whole file is read, because rows of JSON
// lines may bring new columns at any time; the memory is bounded by the file's size and by MOST_CELLS.
#include "compare/series.h"

#include "base/buf.h"
#include "base/csv.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/str.h"
#include "compare/flat.h"
#include "compare/values.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LARGEST      ((size_t)256 * 1024 * 1024)
#define MOST_CELLS   ((size_t)1 << 25) // 256 MiB of doubles
#define MOST_COLUMNS 20000

struct cell {
    uint32_t row, column;
    double value;
};

struct column {
    char *name;
    size_t cells, numbers; // numbers are the cells that are not empty
    long text_line;        // of the first cell that is not a number, 0: there is none
    size_t seen;           // JSON lines: the row that named it last, counted from 1
};

struct table {
    struct column *columns;
    size_t column_count, column_capacity;
    size_t *by_name; // columns' indices, sorted by name
    size_t by_name_capacity;
    struct cell *cells;
    size_t cell_count, cell_capacity;
    size_t rows;
};

static void table_free(struct table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        free(table->columns[i].name);
    free(table->columns);
    free(table->by_name);
    free(table->cells);
    *table = (struct table){0};
}
DEFINE_CLEANUP_VALUE(table)

// Where the name is in by_name, or where it belongs.
static size_t find_name(const struct table *table, const char *name, bool *found)
{
    size_t low = 0, high = table->column_count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, table->columns[table->by_name[middle]].name);
        *found = order == 0;
        if (order <= 0)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

static size_t add_column(struct table *table, size_t at, const char *name)
{
    size_t count = table->column_count;
    table->columns = mem_grow(table->columns, count, &table->column_capacity, sizeof *table->columns);
    table->by_name = mem_grow(table->by_name, count, &table->by_name_capacity, sizeof *table->by_name);
    memmove(table->by_name + at + 1, table->by_name + at, (count - at) * sizeof *table->by_name);
    table->by_name[at] = count;
    table->columns[count] = (struct column){.name = str_dup(name)};
    table->column_count++;
    return count;
}

static bool add_cell(struct table *table, size_t column, double value)
{
    if (table->cell_count == MOST_CELLS)
        return false;
    table->cells = mem_grow(table->cells, table->cell_count, &table->cell_capacity, sizeof *table->cells);
    table->cells[table->cell_count++] = (struct cell){(uint32_t)table->rows, (uint32_t)column, value};
    table->columns[column].cells++;
    table->columns[column].numbers += !isnan(value);
    return true;
}

static int too_many(const char *name, long line, struct error *err)
{
    return error_problem(err, name, line, "more than %zu numbers or %d columns", MOST_CELLS, MOST_COLUMNS);
}

static int read_header(struct table *table, struct csv *csv, struct error *err)
{
    bool more = false, found = false;
    if (csv_next(&more, csv, err) < 0)
        return -1;
    for (size_t i = 0; more && i < csv->count; i++) {
        CLEANUP(free) char *column = csv_cell_text(&csv->cells[i]);
        if (!*column)
            return error_problem(err, csv->name, csv->line, "column %zu has no name", i + 1);
        size_t at = find_name(table, column, &found);
        if (found)
            return error_problem(err, csv->name, csv->line, "column '%s' comes twice", column);
        if (table->column_count == MOST_COLUMNS)
            return too_many(csv->name, csv->line, err);
        add_column(table, at, column);
    }
    return 0;
}

static bool is_blank(const struct csv_cell *cell)
{
    return strspn(cell->text, " \t") >= cell->len || cell->len == 0;
}

static int read_csv(struct table *table, const char *name, const char *text, size_t len, struct error *err)
{
    CLEANUP(csv) struct csv csv = {0};
    csv_init(&csv, name, text, len);
    if (read_header(table, &csv, err) < 0)
        return -1;
    for (bool more = table->column_count > 0; more;) {
        if (csv_next(&more, &csv, err) < 0)
            return -1;
        for (size_t i = 0; more && i < csv.count; i++) {
            double value = NAN;
            struct column *column = &table->columns[i];
            if (!number_parse(&value, csv.cells[i].text, csv.cells[i].len) && !is_blank(&csv.cells[i]) &&
                column->text_line == 0)
                column->text_line = csv.line;
            if (!add_cell(table, i, value))
                return too_many(name, csv.line, err);
        }
        table->rows += more;
    }
    // A column of text is no series and is left out; text among numbers is damage.
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].text_line > 0 && table->columns[i].numbers > 0)
            return error_problem(err, name, table->columns[i].text_line, "%s: expected a number",
                                 table->columns[i].name);
    }
    return 0;
}

// The column of a name, made when there is none yet; SIZE_MAX when there are too many. Rows mostly have one order: the
// i-th name is then that of the i-th column.
static size_t column_of(struct table *table, size_t i, const char *name, size_t len)
{
    if (i < table->column_count && !strncmp(table->columns[i].name, name, len) && !table->columns[i].name[len])
        return i;
    CLEANUP(free) char *copy = str_ndup(name, len);
    bool found = false;
    size_t at = find_name(table, copy, &found);
    if (found)
        return table->by_name[at];
    return table->column_count < MOST_COLUMNS ? add_column(table, at, copy) : SIZE_MAX;
}

// False when the row is not flat; nothing of it is kept then, but that its names may have columns without a cell. So do
// the names of text: they are needed to see a name that comes twice.
static bool read_flat_row(struct table *table, const char *text, size_t len)
{
    struct flat row = {text, text + len, 0};
    struct flat_member member;
    size_t start = table->cell_count;
    enum flat_kind kind;
    while ((kind = flat_next(&member, &row)) == FLAT_NUMBER || kind == FLAT_OTHER) {
        size_t column = column_of(table, row.members - 1, member.key, member.key_len);
        if (column == SIZE_MAX || table->columns[column].seen == table->rows + 1)
            break;
        table->columns[column].seen = table->rows + 1;
        if (kind == FLAT_NUMBER && !add_cell(table, column, member.number))
            break;
    }
    while (kind != FLAT_END && table->cell_count > start)
        table->columns[table->cells[--table->cell_count].column].cells--;
    return kind == FLAT_END;
}

static int read_json_line(struct table *table, const char *name, long line, const char *text, size_t len,
                          struct error *err)
{
    CLEANUP(value_list) struct value_list values = {0};
    if (!read_flat_row(table, text, len)) {
        if (values_parse_json(&values, name, text, len, line - 1, err) < 0)
            return -1;
        for (size_t i = 0; i < values.count; i++) {
            size_t column = column_of(table, i, values.items[i].name, strlen(values.items[i].name));
            if (column == SIZE_MAX || !add_cell(table, column, values.items[i].number))
                return too_many(name, line, err);
        }
    }
    table->rows++;
    return 0;
}

static int read_json_lines(struct table *table, const char *name, const char *text, size_t len, struct error *err)
{
    const char *end = text + len;
    for (long line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        size_t size = (size_t)(stop - text), blank = 0;
        while (blank < size && strchr(" \t\r", text[blank]))
            blank++;
        if (blank < size && read_json_line(table, name, line, text, size, err) < 0)
            return -1;
        text = stop + (newline != NULL);
    }
    return 0;
}

// Columns of text are left out.
static bool is_kept(const struct column *column)
{
    return column->cells > 0 && column->text_line == 0;
}

// Makes the dense table.
static int fill(struct series *out, const struct table *table, const char *name, struct error *err)
{
    CLEANUP(free) size_t *place = mem_array(table->column_count + 1, sizeof *place);
    size_t cells;
    for (size_t i = 0; i < table->column_count; i++)
        place[i] = is_kept(&table->columns[i]) ? out->column_count++ : SIZE_MAX;
    if (__builtin_mul_overflow(table->rows, out->column_count, &cells) || cells > MOST_CELLS)
        return error_problem(err, name, 0, "%zu rows of %zu columns are more than %zu numbers", table->rows,
                             out->column_count, MOST_CELLS);
    out->row_count = table->rows;
    out->columns = mem_array(out->column_count + 1, sizeof *out->columns);
    out->values = mem_array(cells + 1, sizeof *out->values);
    for (size_t i = 0; i < cells; i++)
        out->values[i] = NAN;
    for (size_t i = 0; i < table->column_count; i++) {
        if (place[i] != SIZE_MAX)
            out->columns[place[i]] = str_dup(table->columns[i].name);
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        const struct cell *cell = &table->cells[i];
        if (place[cell->column] != SIZE_MAX)
            out->values[cell->row * out->column_count + place[cell->column]] = cell->value;
    }
    return 0;
}

static int find_x(struct series *out, const char *name, const char *x, struct error *err)
{
    out->x = SIZE_MAX;
    for (size_t i = 0; x && i < out->column_count; i++) {
        if (!strcmp(out->columns[i], x))
            out->x = i;
    }
    if (!x || out->x != SIZE_MAX)
        return 0;
    const char *near = str_nearest(x, (const char *const *)out->columns, out->column_count);
    return error_problem(err, name, 0, "no column of numbers '%s'%s%s%s", x, near ? "; did you mean '" : "",
                         near ? near : "", near ? "'?" : "");
}

static long first_bad_line(const char *text, size_t len)
{
    size_t bad = len;
    str_is_utf8(text, len, &bad);
    const char *zero = memchr(text, '\0', len);
    size_t stop = zero && (size_t)(zero - text) < bad ? (size_t)(zero - text) : bad;
    long line = 1;
    for (size_t i = 0; i < stop; i++)
        line += text[i] == '\n';
    return line;
}

int series_parse(struct series *out, const char *name, const char *text, size_t len, const char *x, struct error *err)
{
    CLEANUP(table) struct table table = {0};
    *out = (struct series){.x = SIZE_MAX};
    if (len > 0 && (!str_is_utf8(text, len, NULL) || memchr(text, '\0', len)))
        return error_problem(err, name, first_bad_line(text, len), "not UTF-8 text");
    int status = str_ends(name, ".jsonl") || str_ends(name, ".ndjson") ? read_json_lines(&table, name, text, len, err)
                                                                       : read_csv(&table, name, text, len, err);
    if (status < 0)
        return -1;
    if (table.rows == 0)
        return error_problem(err, name, 0, "no row in it");
    status = fill(out, &table, name, err);
    if (status == 0 && out->column_count == 0)
        status = error_problem(err, name, 0, "no column of numbers in it");
    if (status == 0)
        status = find_x(out, name, x, err);
    if (status < 0)
        series_free(out);
    return status;
}

int series_read(struct series *out, const char *path, const char *name, const char *x, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    *out = (struct series){.x = SIZE_MAX};
    if (fs_read(&text, path, LARGEST, err) < 0)
        return -1;
    return series_parse(out, name, buf_text(&text), text.len, x, err);
}

void series_free(struct series *series)
{
    for (size_t i = 0; series->columns && i < series->column_count; i++)
        free(series->columns[i]);
    free(series->columns);
    free(series->values);
    *series = (struct series){.x = SIZE_MAX};
}

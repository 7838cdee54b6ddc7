// SPDX-License-Identifier: Apache-2.0
//
// CSV and TSV (RFC 4180, artifact: by name only), column by column. The first row holds the names, unless all of its
// cells are numbers; columns without a name of their own are named "[2]", from 0 on. A column of numbers is an f64
// tensor, any other one text with a line for each cell (artifact/lines.h).
//
// A table that is none (rows of different lengths, a quote that is not closed) is compared as text.
#include "base/csv.h"
#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/readers.h"
#include "base/number.h"

#include <string.h>

struct column {
    char *name;
    bool text;          // a cell was found that is no number
    struct buf numbers; // f64 each, as long as all are numbers
};

struct table {
    struct column *columns;
    size_t count, rows;
    bool named; // the first row holds names
};

static void free_table(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        free(table->columns[i].name);
        buf_free(&table->columns[i].numbers);
    }
    free(table->columns);
}

static bool is_number(double *out, const struct csv_cell *cell)
{
    return number_parse(out, cell->text, cell->len);
}

// A name that is empty, has a NUL in it or is another column's, too, does not tell: the place does.
static char *name_column(const struct table *table, const struct csv *csv, size_t index)
{
    const struct csv_cell *cell = &csv->cells[index];
    bool own = table->named && cell->len > 0 && !memchr(cell->text, '\0', cell->len);
    for (size_t i = 0; own && i < csv->count; i++)
        own = i == index || csv->cells[i].len != cell->len || memcmp(csv->cells[i].text, cell->text, cell->len) != 0;
    return own ? str_ndup(cell->text, cell->len) : str_printf("[%zu]", index);
}

static void add_row(struct table *table, const struct csv *csv)
{
    for (size_t i = 0; i < table->count; i++) {
        struct column *column = &table->columns[i];
        double number;
        if (column->text)
            continue;
        if (is_number(&number, &csv->cells[i]))
            buf_append(&column->numbers, &number, sizeof number);
        else
            column->text = true;
    }
    table->rows++;
}

static void begin_table(struct table *table, const struct csv *csv)
{
    double number;
    for (size_t i = 0; i < csv->count && !table->named; i++)
        table->named = !is_number(&number, &csv->cells[i]);
    table->count = csv->count;
    table->columns = mem_array(csv->count + 1, sizeof *table->columns);
    for (size_t i = 0; i < csv->count; i++)
        table->columns[i].name = name_column(table, csv, i);
    if (!table->named)
        add_row(table, csv);
}

static int read_table(struct table *table, const struct artifact_file *file, struct error *err)
{
    CLEANUP(csv) struct csv csv;
    csv_init(&csv, file->name, (const char *)file->bytes, file->len);
    for (;;) {
        bool more;
        if (csv_next(&more, &csv, err) < 0)
            return -1;
        if (!more)
            return 0;
        if (!table->columns)
            begin_table(table, &csv);
        else
            add_row(table, &csv);
    }
}

// The cells of the columns that are not numbers, in one more pass over the file: most tables have none.
static int read_texts(struct buf *texts, const struct table *table, const struct artifact_file *file, struct error *err)
{
    CLEANUP(csv) struct csv csv;
    csv_init(&csv, file->name, (const char *)file->bytes, file->len);
    bool skip = table->named;
    for (bool more = true; more;) {
        if (csv_next(&more, &csv, err) < 0)
            return -1;
        for (size_t i = 0; more && !skip && i < table->count; i++) {
            if (table->columns[i].text)
                lines_add(&texts[i], csv.cells[i].text, csv.cells[i].len);
        }
        skip = false;
    }
    return 0;
}

static int add_column(struct contents *out, const char *prefix, struct column *column, struct buf *text, size_t rows,
                      struct error *err)
{
    if (column->text)
        return lines_value(out, prefix, column->name, text, err);
    struct value *value = contents_add(out, prefix, column->name, VALUE_TENSOR, err);
    if (!value)
        return -1;
    value->tensor.dtype = DTYPE_F64;
    value->tensor.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    value->tensor.rank = 1;
    value->tensor.shape[0] = rows;
    size_t len = column->numbers.len;
    return tensor_set_contiguous(&value->tensor, contents_keep(out, buf_take(&column->numbers), len), len, err);
}

static int add_columns(struct contents *out, const char *prefix, struct table *table, const struct artifact_file *file,
                       struct error *err)
{
    struct buf *texts = mem_array(table->count + 1, sizeof *texts);
    bool any = false;
    for (size_t i = 0; i < table->count; i++)
        any = any || table->columns[i].text;
    int status = any ? read_texts(texts, table, file, err) : 0;
    for (size_t i = 0; status == 0 && i < table->count; i++)
        status = add_column(out, prefix, &table->columns[i], &texts[i], table->rows, err);
    for (size_t i = 0; i < table->count; i++)
        buf_free(&texts[i]);
    free(texts);
    return status;
}

int csv_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    CLEANUP(error) struct error fault = {0};
    struct table table = {0};
    int status = 0;
    if (read_table(&table, file, &fault) < 0 || !table.columns) {
        CLEANUP(free) char *text = error_text(&fault);
        contents_note(out, "%s: compared as text, since it is no table (%s)", file->name,
                      *text ? text : "there is no row in it");
        status = text_read(out, file, prefix, err);
    } else {
        contents_leave_out(out, "the spelling of numbers and the quotes of CSV");
        status = add_columns(out, prefix, &table, file, err);
    }
    free_table(&table);
    return status;
}

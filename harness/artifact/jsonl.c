// SPDX-License-Identifier: Apache-2.0
//
// JSON lines (jsonlines.org): one value on each line that is not blank, mostly an object, mostly with the same keys as
// the one before. What stands at the same path in the rows is a column:
//
//   numbers                         f64 tensor "loss"
//   true and false                  bool tensor "done"
//   texts                           "phase[]", one a line (artifact/lines.h)
//   a column that not every row has "loss@rows" too, i64: which rows, from 0 on
//
// Everything else (null, arrays, a text where there were numbers) is named by row and path: "#3.weights".
#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/outline.h"
#include "artifact/readers.h"
#include "artifact/tokens.h"
#include "base/str.h"

#include <string.h>

enum column_kind { COLUMN_NUMBERS, COLUMN_BOOLS, COLUMN_TEXTS, COLUMN_NONE };

struct column {
    const char *name; // in the contents
    enum column_kind kind;
    size_t count;
    struct buf cells; // f64, bytes, or lines
    struct buf rows;  // i64; filled from the first row that is missing on
};

struct table {
    struct contents *contents;
    const char *prefix;
    struct column *columns;
    size_t count, capacity;
    size_t *slots; // a hash table of indices + 1; its size is a power of two
    size_t slot_count;
    size_t rows;
    struct error *err;
};

// --- columns by name ---

static size_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return (size_t)(hash ^ hash >> 29);
}

static size_t *slot_of(const struct table *table, const char *name)
{
    size_t at = hash_of(name) & (table->slot_count - 1);
    while (table->slots[at] && strcmp(table->columns[table->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (table->slot_count - 1);
    return &table->slots[at];
}

static void grow(struct table *table)
{
    free(table->slots);
    table->slot_count = table->slot_count ? table->slot_count * 2 : 64;
    table->slots = mem_array(table->slot_count, sizeof *table->slots);
    for (size_t i = 0; i < table->count; i++)
        *slot_of(table, table->columns[i].name) = i + 1;
}

static struct column *find_column(struct table *table, const char *name, enum column_kind kind)
{
    if (table->count * 2 >= table->slot_count)
        grow(table);
    size_t *slot = slot_of(table, name);
    if (!*slot) {
        table->columns = mem_grow(table->columns, table->count, &table->capacity, sizeof *table->columns);
        table->columns[table->count++] = (struct column){.name = name, .kind = kind};
        *slot = table->count;
    }
    return &table->columns[*slot - 1];
}

// --- rows ---

static enum column_kind kind_of(const struct value *value)
{
    size_t len = strlen(value->name);
    if (value->kind == VALUE_NUMBER)
        return COLUMN_NUMBERS;
    // Texts in an array are named so already.
    if (value->kind == VALUE_TEXT && !(len >= 2 && !strcmp(value->name + len - 2, "[]")))
        return COLUMN_TEXTS;
    if (value->kind == VALUE_TENSOR && value->tensor.dtype == DTYPE_BOOL && value->tensor.rank == 0)
        return COLUMN_BOOLS;
    return COLUMN_NONE;
}

static void put_row(struct column *column, size_t row)
{
    int64_t index = (int64_t)row;
    buf_append(&column->rows, &index, sizeof index);
}

static void put_cell(struct column *column, const struct value *value, size_t row)
{
    if (column->kind == COLUMN_NUMBERS)
        buf_append(&column->cells, &value->number, sizeof value->number);
    else if (column->kind == COLUMN_BOOLS)
        buf_putc(&column->cells, (char)value->tensor.data[0]);
    else
        lines_add(&column->cells, (const char *)value->bytes, (size_t)value->size);
    if (column->count != row && column->rows.len == 0) {
        for (size_t i = 0; i < column->count; i++)
            put_row(column, i);
    }
    if (column->count != row)
        put_row(column, row);
    column->count++;
}

// Takes the values of one row, which stand from `first` on, into the columns; what fits into none stays.
static void take_row(struct table *table, size_t first)
{
    struct contents *contents = table->contents;
    size_t kept = first;
    for (size_t i = first; i < contents->count; i++) {
        struct value *value = &contents->items[i];
        enum column_kind kind = kind_of(value);
        struct column *column = kind == COLUMN_NONE ? NULL : find_column(table, value->name, kind);
        if (column && column->kind == kind) {
            put_cell(column, value, table->rows);
            continue;
        }
        CLEANUP(free)
        char *name = str_printf("#%zu%s%s", table->rows, *value->name && *value->name != '[' ? "." : "", value->name);
        value->name = contents_name(contents, table->prefix, name);
        contents->items[kept++] = *value;
    }
    contents->count = kept;
    table->rows++;
}

static int read_rows(struct table *table, const struct artifact_file *file)
{
    size_t line = 1, at = file->len >= 3 && !memcmp(file->bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    for (; at < file->len; line++) {
        const unsigned char *begin = file->bytes + at;
        const unsigned char *newline = memchr(begin, '\n', file->len - at);
        size_t len = newline ? (size_t)(newline - begin) : file->len - at, blank = 0;
        at += len + 1;
        while (blank < len && (begin[blank] == ' ' || begin[blank] == '\t' || begin[blank] == '\r'))
            blank++;
        if (blank == len)
            continue;
        CLEANUP(tokens) struct tokens tokens;
        tokens_json(&tokens, begin, len);
        tokens.line = line;
        size_t first = table->contents->count;
        if (outline_read(table->contents, "", &tokens, NULL, table->err) < 0)
            return -1;
        take_row(table, first);
    }
    return 0;
}

// --- values ---

static int add_tensor(struct table *table, const char *name, enum dtype dtype, struct buf *cells)
{
    struct value *value = contents_add(table->contents, table->prefix, name, VALUE_TENSOR, table->err);
    if (!value)
        return -1;
    value->tensor.dtype = dtype;
    value->tensor.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    value->tensor.rank = 1;
    value->tensor.shape[0] = cells->len / dtype_size(dtype);
    size_t len = cells->len;
    return tensor_set_contiguous(&value->tensor, contents_keep(table->contents, buf_take(cells), len), len, table->err);
}

static int add_column(struct table *table, struct column *column)
{
    // One that ends early is missing in the rows after it.
    if (column->count != table->rows && column->rows.len == 0) {
        for (size_t i = 0; i < column->count; i++)
            put_row(column, i);
    }
    if (column->rows.len > 0) {
        CLEANUP(free) char *rows = str_printf("%s@rows", column->name);
        if (add_tensor(table, rows, DTYPE_I64, &column->rows) < 0)
            return -1;
    }
    if (column->kind != COLUMN_TEXTS)
        return add_tensor(table, column->name, column->kind == COLUMN_BOOLS ? DTYPE_BOOL : DTYPE_F64, &column->cells);
    CLEANUP(free) char *list = str_printf("%s[]", column->name);
    return lines_value(table->contents, table->prefix, list, &column->cells, table->err);
}

int jsonl_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct table table = {.contents = out, .prefix = prefix, .err = err};
    int status = read_rows(&table, file);
    for (size_t i = 0; status == 0 && i < table.count; i++)
        status = add_column(&table, &table.columns[i]);
    for (size_t i = 0; i < table.count; i++) {
        buf_free(&table.columns[i].cells);
        buf_free(&table.columns[i].rows);
    }
    free(table.columns);
    free(table.slots);
    contents_leave_out(out, "white space, the order of keys and the spelling of numbers in JSON");
    return status;
}

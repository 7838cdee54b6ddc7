// SPDX-License-Identifier: Apache-2.0
//
// The files that metrics come from, and what each of them may look like.
#include "base/buf.h"
#include "base/csv.h"
#include "base/fs.h"
#include "base/number.h"
#include "base/str.h"
#include "compare/metrics.h"
#include "compare/values.h"

#include <string.h>

// A file of metrics is small; a CSV whose last row counts may be a whole history.
#define LARGEST ((size_t)128 * 1024 * 1024)

static int read_header(struct strings *columns, struct csv *csv, struct error *err)
{
    bool more = false;
    if (csv_next(&more, csv, err) < 0)
        return -1;
    for (size_t i = 0; more && i < csv->count; i++) {
        strings_take(columns, csv_cell_text(&csv->cells[i]));
        if (!*columns->items[i])
            return error_problem(err, csv->name, csv->line, "column %zu has no name", i + 1);
        if (csv->cells[i].len > VALUES_LONGEST_NAME)
            return error_problem(err, csv->name, csv->line, "column %zu: a name of more than %d bytes", i + 1,
                                 VALUES_LONGEST_NAME);
    }
    return 0;
}

// The columns' numbers in the last row; text and empty cells are left out, as text is in JSON.
static int parse_csv(struct value_list *out, const char *name, const char *text, size_t len, struct error *err)
{
    CLEANUP(csv) struct csv csv = {0};
    CLEANUP(strings) struct strings columns = {0};
    csv_init(&csv, name, text, len);
    if (read_header(&columns, &csv, err) < 0)
        return -1;
    CLEANUP(free) double *numbers = mem_array(columns.count + 1, sizeof *numbers);
    CLEANUP(free) bool *present = mem_array(columns.count + 1, sizeof *present);
    long line = 0;
    for (bool more = columns.count > 0; more;) {
        if (csv_next(&more, &csv, err) < 0)
            return -1;
        for (size_t i = 0; more && i < csv.count; i++)
            present[i] = number_parse(&numbers[i], csv.cells[i].text, csv.cells[i].len);
        line = more ? csv.line : line;
    }
    for (size_t i = 0; i < columns.count; i++) {
        if (present[i])
            values_add(out, steal(&columns.items[i]), numbers[i], line);
    }
    return 0;
}

static size_t trim(const char **text, size_t len)
{
    while (len > 0 && strchr(" \t\r", (*text)[len - 1]))
        len--;
    while (len > 0 && strchr(" \t", **text))
        (*text)++, len--;
    return len;
}

static int parse_line(struct value_list *out, const char *name, long line, const char *text, size_t len,
                      struct error *err)
{
    len = trim(&text, len);
    if (len == 0 || *text == '#')
        return 0;
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return error_problem(err, name, line, "expected NAME=VALUE");
    const char *value = equals + 1, *key = text;
    size_t value_len = trim(&value, (size_t)(text + len - value)), key_len = trim(&key, (size_t)(equals - text));
    if (key_len == 0 || key_len > VALUES_LONGEST_NAME)
        return error_problem(err, name, line, "expected a name of 1 to %d bytes before '='", VALUES_LONGEST_NAME);
    double number;
    if (!number_parse(&number, value, value_len)) {
        int shown = value_len > 40 ? 40 : (int)value_len;
        return error_problem(err, name, line, "%.*s: expected a number, found '%.*s'", (int)key_len, key, shown, value);
    }
    if (out->count == VALUES_MOST)
        return error_problem(err, name, line, "more than %d numbers: this is data, not metrics", VALUES_MOST);
    values_add(out, str_ndup(key, key_len), number, line);
    return 0;
}

static int parse_lines(struct value_list *out, const char *name, const char *text, size_t len, struct error *err)
{
    const char *end = text + len;
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        text += 3;
    for (long line = 1; text < end; line++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        if (parse_line(out, name, line, text, (size_t)(stop - text), err) < 0)
            return -1;
        text = stop + (newline != NULL);
    }
    return 0;
}

struct named {
    const char *name;
    long line; // 0: read from another file
};

static int by_name_then_line(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order ? order : (one->line > other->line) - (one->line < other->line);
}

static int refuse_duplicates(const char *name, const struct value_list *values, const struct metric_list *before,
                             struct error *err)
{
    size_t count = 0;
    CLEANUP(free) struct named *all = mem_array(values->count + before->count + 1, sizeof *all);
    for (size_t i = 0; i < before->count; i++)
        all[count++] = (struct named){before->items[i].name, 0};
    for (size_t i = 0; i < values->count; i++)
        all[count++] = (struct named){values->items[i].name, values->items[i].line};
    qsort(all, count, sizeof *all, by_name_then_line);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(all[i - 1].name, all[i].name) || all[i].line == 0)
            continue;
        if (all[i - 1].line == 0)
            return error_problem(err, name, all[i].line, "%s: another file has a metric of this name", all[i].name);
        return error_problem(err, name, all[i].line, "%s: this name comes twice (first on line %ld)", all[i].name,
                             all[i - 1].line);
    }
    return 0;
}

static long line_at(const char *text, size_t offset)
{
    long line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

int metrics_parse(struct metric_list *out, const char *name, const char *text, size_t len, struct error *err)
{
    CLEANUP(value_list) struct value_list values = {0};
    size_t bad = 0;
    if (!str_is_utf8(text, len, &bad))
        return error_problem(err, name, line_at(text, bad), "not UTF-8");
    const char *zero = len ? memchr(text, '\0', len) : NULL;
    if (zero)
        return error_problem(err, name, line_at(text, (size_t)(zero - text)), "a NUL byte: this is not text");
    int status;
    if (str_ends(name, ".json"))
        status = values_parse_json(&values, name, text, len, 0, err);
    else if (str_ends(name, ".csv") || str_ends(name, ".tsv"))
        status = parse_csv(&values, name, text, len, err);
    else
        status = parse_lines(&values, name, text, len, err);
    if (status < 0)
        return -1;
    if (values.count == 0)
        return error_problem(err, name, 0, "no number in it");
    if (refuse_duplicates(name, &values, out, err) < 0)
        return -1;
    for (size_t i = 0; i < values.count; i++)
        metric_list_add(out, values.items[i].name, values.items[i].number);
    metric_list_sort(out);
    return 0;
}

int metrics_read(struct metric_list *out, const char *path, const char *name, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (fs_read(&text, path, LARGEST, err) < 0)
        return -1;
    return metrics_parse(out, name, buf_text(&text), text.len, err);
}

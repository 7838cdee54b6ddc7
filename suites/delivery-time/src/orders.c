// SPDX-License-Identifier: Apache-2.0
#include "orders.h"

#include "csv.h"
#include "fail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool category;
} columns[] = {
    {"distance_km", false}, {"traffic", false}, {"weather", true}, {"hour", false}, {"items", false}, {"vehicle", true},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };
static const char target[] = "minutes";

static double read_number(const struct csv *csv, int row, int column)
{
    const char *cell = csv_cell(csv, row, column);
    char *end;
    double value = strtod(cell, &end);
    // strspn keeps out what strtod takes beside decimal numbers: spaces, "nan", "inf", hexadecimal.
    if (!*cell || *end || cell[strspn(cell, "+-.0123456789eE")] || !isfinite(value))
        fail("%s:%d: %s: expected a number, found '%.40s'", csv->path, csv_line(row), csv_cell(csv, -1, column), cell);
    return value + 0.0; // −0 becomes 0
}

// A total order but for equal values, which cannot be told apart: the result does not depend on how qsort works.
static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Index of the first edge that is not below `value`.
static int find_bin(const struct feature *feature, double value)
{
    int low = 0, high = feature->bin_count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (feature->edges[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Few distinct values get a bin each; of more, every bin gets about equally many.
static void cut_at_quantiles(struct feature *feature, const double *distinct, int count, int bin_limit)
{
    feature->bin_count = count < bin_limit ? count : bin_limit;
    feature->edges = allocate((size_t)feature->bin_count, sizeof *feature->edges);
    for (int bin = 0; bin < feature->bin_count; bin++)
        feature->edges[bin] = distinct[(int64_t)(bin + 1) * count / feature->bin_count - 1];
}

static void bin_numbers(struct feature *feature, const struct csv *csv, int column, int bin_limit)
{
    double *values = allocate((size_t)csv->row_count, sizeof *values);
    double *distinct = allocate((size_t)csv->row_count, sizeof *distinct);
    int count = 0;
    for (int row = 0; row < csv->row_count; row++) {
        if (!*csv_cell(csv, row, column))
            continue;
        values[row] = read_number(csv, row, column);
        distinct[count++] = values[row];
    }
    if (count == 0)
        fail("%s:1: column '%s' has no value at all", csv->path, feature->name);
    qsort(distinct, (size_t)count, sizeof *distinct, compare_numbers);
    int unique = 1;
    for (int i = 1; i < count; i++)
        if (distinct[i] > distinct[unique - 1])
            distinct[unique++] = distinct[i];
    cut_at_quantiles(feature, distinct, unique, bin_limit);
    for (int row = 0; row < csv->row_count; row++)
        feature->bins[row] = *csv_cell(csv, row, column) ? (uint8_t)find_bin(feature, values[row]) : MISSING;
    free(values);
    free(distinct);
}

static void bin_categories(struct feature *feature, const struct csv *csv, int column)
{
    const char **names = allocate(MAX_CATEGORIES, sizeof *names);
    int count = 0;
    for (int row = 0; row < csv->row_count; row++) {
        const char *cell = csv_cell(csv, row, column);
        if (!*cell || (count && bsearch(&cell, names, (size_t)count, sizeof *names, compare_names)))
            continue;
        if (count == MAX_CATEGORIES)
            fail("%s:%d: %s: more than %d categories", csv->path, csv_line(row), feature->name, MAX_CATEGORIES);
        names[count++] = cell;
        qsort(names, (size_t)count, sizeof *names, compare_names);
    }
    if (count == 0)
        fail("%s:1: column '%s' has no value at all", csv->path, feature->name);
    feature->categories = names;
    feature->bin_count = count;
    for (int row = 0; row < csv->row_count; row++) {
        const char *cell = csv_cell(csv, row, column);
        const char **found = bsearch(&cell, names, (size_t)count, sizeof *names, compare_names);
        feature->bins[row] = found ? (uint8_t)(found - names) : MISSING;
    }
}

struct orders orders_read(const char *path, int bin_limit)
{
    struct csv csv = csv_read(path);
    struct orders orders = {.feature_count = COLUMN_COUNT, .row_count = csv.row_count};
    orders.features = allocate(COLUMN_COUNT, sizeof *orders.features);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        struct feature *feature = &orders.features[i];
        int column = csv_column(&csv, columns[i].name);
        *feature = (struct feature){.name = columns[i].name, .category = columns[i].category};
        feature->bins = allocate((size_t)csv.row_count, sizeof *feature->bins);
        if (feature->category)
            bin_categories(feature, &csv, column);
        else
            bin_numbers(feature, &csv, column, bin_limit);
    }
    int column = csv_column(&csv, target);
    orders.minutes = allocate((size_t)csv.row_count, sizeof *orders.minutes);
    for (int row = 0; row < csv.row_count; row++)
        orders.minutes[row] = read_number(&csv, row, column);
    return orders;
}

// SPDX-License-Identifier: Apache-2.0
#include "drift/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Kept as cells of their own: more would cost time, and each be too rare to tell.
#define MOST_CATEGORIES (2 * SPREAD_CELLS)
#define LEAST_TIMES     5
#define COARSE          30 // cells of numbers that are not in steps: a multiple of the ten bins

static void allocate(struct spread *spread, size_t cells)
{
    spread->probabilities = mem_array(cells, sizeof *spread->probabilities);
    spread->edges = mem_array(cells, sizeof *spread->edges);
    spread->bin = mem_array(cells, sizeof *spread->bin);
}

// Chooses among the points: all of them where they are few enough steps, else at equal distances of their shares, so
// that a bin's edge is always a cell's.
static void cut_numbers(struct spread *out, const struct column_summary *reference)
{
    size_t points = reference->point_count;
    out->steps = reference->error == 0 && points <= SPREAD_CELLS;
    size_t cells = out->steps ? points : COARSE;
    allocate(out, cells + 4);
    out->edges[out->count++] = nextafter(reference->points[0], -INFINITY);
    double next_bin = 0.1, next_cell = 0, last = 0;
    size_t bin = 1;
    for (size_t i = 0; i < points; i++) {
        double share = i + 1 == points ? 1 : reference->shares[i];
        if (!out->steps && i > 0 && i + 1 < points && share < next_cell - 1e-9)
            continue;
        out->bin[out->count] = (uint16_t)bin;
        out->probabilities[out->count] = share - last;
        out->edges[out->count++] = reference->points[i];
        last = share;
        while (next_cell <= share + 1e-9)
            next_cell += 1.0 / (double)cells;
        if (share >= next_bin - 1e-9 && i + 1 < points) {
            bin++;
            while (next_bin <= share + 1e-9)
                next_bin += 0.1;
        }
    }
    out->bin[out->count++] = (uint16_t)++bin;
    out->bins = bin + 1;
}

static int by_name(const void *a, const void *b)
{
    const struct spread_name *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void cut_categories(struct spread *out, const struct column_summary *reference, uint64_t n)
{
    double total = (double)spread_values(reference), rest = 1;
    size_t most = reference->category_count < MOST_CATEGORIES ? reference->category_count : MOST_CATEGORIES;
    allocate(out, most + 1);
    out->names = mem_array(most + 1, sizeof *out->names);
    for (size_t i = 0; i < most; i++) {
        double times = (double)reference->categories[i].count;
        if (times < LEAST_TIMES || times / total * (double)n < 1)
            continue;
        out->names[out->count] = (struct spread_name){reference->categories[i].value, (uint16_t)out->count};
        out->probabilities[out->count] = times / total;
        out->bin[out->count] = (uint16_t)out->count;
        rest -= times / total;
        out->count++;
    }
    qsort(out->names, out->count, sizeof *out->names, by_name);
    out->bin[out->count] = (uint16_t)out->count;
    out->probabilities[out->count] = rest > 1e-12 ? rest : 0;
    out->bins = ++out->count;
}

bool spread_make(struct spread *out, const struct column_summary *reference, uint64_t n)
{
    *out = (struct spread){.kind = spread_kind(reference), .sigma = reference->sigma};
    if (spread_values(reference) == 0)
        out->kind = SPREAD_NONE;
    if (out->kind == SPREAD_NUMBERS)
        cut_numbers(out, reference);
    else if (out->kind == SPREAD_CATEGORIES)
        cut_categories(out, reference, n);
    return out->count > 1;
}

void spread_free(struct spread *spread)
{
    free(spread->probabilities);
    free(spread->edges);
    free(spread->bin);
    free(spread->names);
    *spread = (struct spread){0};
}

// The cell of a category; the last one where it has none of its own.
static size_t cell_of(const struct spread *spread, const char *name)
{
    size_t low = 0, high = spread->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(spread->names[middle].name, name);
        if (order == 0)
            return spread->names[middle].cell;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return spread->count - 1;
}

void spread_count(double *counts, const struct spread *spread, const struct column_summary *column)
{
    for (size_t i = 0; i < spread->bins; i++)
        counts[i] = 0;
    if (spread->kind == SPREAD_CATEGORIES) {
        for (size_t i = 0; i < column->category_count; i++)
            counts[spread->bin[cell_of(spread, column->categories[i].value)]] += (double)column->categories[i].count;
        counts[spread->bins - 1] += (double)column->other;
        return;
    }
    double total = (double)column->values, before = 0;
    for (size_t i = 0; i < spread->count; i++) {
        bool last = i + 1 == spread->count;
        if (!last && spread->bin[i] == spread->bin[i + 1])
            continue;
        double share = last ? 1 : spread_share(column, spread->edges[i]);
        counts[spread->bin[i]] = (share - before) * total;
        before = share;
    }
}

void spread_shift(double *probabilities, const struct spread *spread, const struct column_summary *column, double shift)
{
    memcpy(probabilities, spread->probabilities, spread->count * sizeof *probabilities);
    if (shift == 0)
        return;
    if (spread->kind == SPREAD_CATEGORIES) {
        size_t least = spread->count - 1; // the rest, where there is one; else the rarest of the others
        if (least > 1 && probabilities[least] == 0)
            least--;
        double gone = fmin(shift, probabilities[0]);
        probabilities[0] -= gone;
        probabilities[least] += gone;
        return;
    }
    double before = 0;
    for (size_t i = 0; i < spread->count; i++) {
        double share = i + 1 == spread->count ? 1 : spread_share(column, spread->edges[i] - shift);
        probabilities[i] = fmax(0, share - before);
        before = share;
    }
}

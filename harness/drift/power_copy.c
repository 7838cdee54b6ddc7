// SPDX-License-Identifier: Apache-2.0
#include "drift/power.h"

#include "base/str.h"
#include "drift/sampling.h"
#include "drift/spread.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void draw_numbers(struct column_summary *out, const struct column_summary *column, double shift, struct rng *rng)
{
    size_t count = column->point_count;
    CLEANUP(free) double *shares = mem_array(count, sizeof *shares);
    CLEANUP(free) double *drawn = mem_array(count, sizeof *drawn);
    for (size_t i = 0; i < count; i++)
        shares[i] = (i + 1 == count ? 1 : column->shares[i]) - (i ? column->shares[i - 1] : 0);
    sampling_multinomial(drawn, rng, out->values, shares, count);
    out->points = mem_array(count, sizeof *out->points);
    out->shares = mem_array(count, sizeof *out->shares);
    out->error = column->error;
    double sum = 0, square = 0, total = (double)out->values;
    for (size_t i = 0; i < count; i++) {
        // Of steps, those that nobody drew are none; of lines all points are kept, so that they stay as close.
        if (drawn[i] == 0 && (column->error == 0 || out->point_count == 0))
            continue;
        double from_mean = column->points[i] - column->mean;
        sum += drawn[i];
        out->mean += drawn[i] / total * from_mean;
        square += drawn[i] / total * from_mean * from_mean;
        out->points[out->point_count] = fmin(fmax(column->points[i] + shift, -DBL_MAX), DBL_MAX);
        out->shares[out->point_count++] = sum / total;
    }
    out->sigma = sqrt(fmax(0, square - out->mean * out->mean));
    out->mean += column->mean + shift;
    if (out->point_count == 0)
        return;
    out->min = out->points[0];
    out->max = out->points[out->point_count - 1];
    double inside = spread_share(out, column->max) - spread_share(out, nextafter(column->min, -INFINITY));
    out->out_of_range = (uint64_t)(fmax(0, 1 - inside) * total + 0.5);
}

static int by_count(const void *a, const void *b)
{
    const struct category_count *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count) : strcmp(x->value, y->value);
}

static void draw_categories(struct column_summary *out, const struct column_summary *column, double share,
                            struct rng *rng)
{
    size_t count = column->category_count;
    CLEANUP(free) double *shares = mem_array(count + 1, sizeof *shares);
    CLEANUP(free) double *drawn = mem_array(count + 1, sizeof *drawn);
    double total = (double)spread_values(column);
    for (size_t i = 0; i < count; i++)
        shares[i] = (double)column->categories[i].count / total;
    shares[count] = (double)column->other / total;
    double gone = fmin(share, shares[0]);
    shares[0] -= gone;
    shares[count - 1] += gone;
    sampling_multinomial(drawn, rng, out->values, shares, count + 1);
    out->categories = mem_array(count, sizeof *out->categories);
    for (size_t i = 0; i < count; i++) {
        if (drawn[i] == 0)
            continue;
        out->categories[out->category_count++] =
            (struct category_count){str_dup(column->categories[i].value), (uint64_t)drawn[i]};
        out->singles += drawn[i] == 1;
    }
    out->other = (uint64_t)drawn[count];
    if (out->category_count > 1)
        qsort(out->categories, out->category_count, sizeof *out->categories, by_count);
}

void power_copy(struct column_summary *out, const struct column_summary *column, uint64_t rows, double move,
                uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    double all = (double)column->rows, kinds[5] = {0}, drawn[5];
    const uint64_t counts[5] = {column->missing, column->nan, column->infinite, column->wrong_type};
    kinds[4] = 1;
    for (size_t i = 0; i < 4; i++) {
        kinds[i] = all > 0 ? (double)counts[i] / all : 0;
        kinds[4] -= kinds[i];
    }
    sampling_multinomial(drawn, &rng, rows, kinds, 5);
    *out = (struct column_summary){.name = str_dup(column->name),
                                   .type = column->type,
                                   .rows = rows,
                                   .missing = (uint64_t)drawn[0],
                                   .nan = (uint64_t)drawn[1],
                                   .infinite = (uint64_t)drawn[2],
                                   .wrong_type = (uint64_t)drawn[3],
                                   .values = (uint64_t)drawn[4],
                                   .min = NAN,
                                   .max = NAN};
    enum spread_kind kind = spread_kind(column);
    if (kind == SPREAD_NUMBERS && out->values > 0)
        draw_numbers(out, column, move * column->sigma, &rng);
    else if (kind == SPREAD_CATEGORIES)
        draw_categories(out, column, move, &rng);
    if (kind != SPREAD_NUMBERS || out->point_count == 0)
        out->mean = out->sigma = NAN;
}

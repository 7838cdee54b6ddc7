// SPDX-License-Identifier: Apache-2.0
//
// Times the judgement of live data beside a baseline, summaries in hand: bench_judgement [COLUMNS [ROWS]]. Every third
// column is of 50 categories, the others are numbers: 513 quantiles, or 60 different values. Prints milliseconds, the
// best of five.
#include "base/str.h"
#include "drift/judgement.h"
#include "drift/power.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct column_summary make(size_t index, uint64_t rows)
{
    struct column_summary out = {.rows = rows, .values = rows, .sigma = 0.29, .mean = 0.5, .max = 1};
    out.name = str_printf("column %zu", index);
    if (index % 3 == 2) {
        out.type = COLUMN_CATEGORY;
        out.categories = mem_array(50, sizeof *out.categories);
        for (; out.category_count < 50; out.category_count++)
            out.categories[out.category_count] =
                (struct category_count){str_printf("category %zu", out.category_count), rows / 50};
        out.other = rows % 50;
        return out;
    }
    out.type = COLUMN_NUMBER;
    out.point_count = index % 3 ? 60 : BASELINE_POINTS;
    out.error = index % 3 ? 0 : 1.0 / (BASELINE_POINTS - 1);
    out.points = mem_array(out.point_count, sizeof *out.points);
    out.shares = mem_array(out.point_count, sizeof *out.shares);
    for (size_t i = 0; i < out.point_count; i++)
        out.points[i] = out.shares[i] = (double)(i + 1) / (double)out.point_count;
    out.min = out.points[0];
    return out;
}

int main(int argc, char **argv)
{
    size_t columns = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
    uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    const struct drift_rules rules = {.given = true, .least = NAN};
    struct column_summary *reference = mem_array(columns, sizeof *reference);
    struct column_summary *current = mem_array(columns, sizeof *current);
    for (size_t i = 0; i < columns; i++) {
        reference[i] = make(i, rows);
        power_copy(&current[i], &reference[i], rows, 0, i);
    }
    double best = INFINITY;
    for (int round = 0; round < 5; round++) {
        double begin = now();
        CLEANUP(judgement) struct judgement *judgement = judgement_new(&(struct judgement_options){.rules = &rules});
        judgement_columns(judgement, DRIFT_COLUMNS, &(struct column_list){reference, columns},
                          &(struct column_list){current, columns});
        judgement_judge(judgement);
        best = fmin(best, now() - begin);
    }
    printf("%zu columns: %.1f ms\n", columns, best * 1e3);
    for (size_t i = 0; i < columns; i++) {
        column_summary_free(&reference[i]);
        column_summary_free(&current[i]);
    }
    free(reference);
    free(current);
    return 0;
}

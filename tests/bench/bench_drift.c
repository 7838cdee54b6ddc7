// SPDX-License-Identifier: Apache-2.0
//
// bench_drift [--exact] [--threads=N] A B: profiles of two CSV files, all of whose columns are numbers, and the
// Kolmogorov–Smirnov statistic of each column; then the most memory that was resident.
// bench_drift --make FILE ROWS SHIFT: such a file of ten columns, one of them shifted by so many σ.
#include "artifact/blocks.h"
#include "base/pool.h"
#include "base/rng.h"
#include "drift/profile.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static double normal(struct rng *rng)
{
    return sqrt(-2 * log(1 - rng_unit(rng))) * cos(2 * 3.14159265358979323846 * rng_unit(rng));
}

static int make(const char *path, uint64_t rows, double shift)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return 1;
    struct rng rng;
    rng_seed(&rng, (uint64_t)(shift * 1000) + 1);
    fputs("a,b,c,d,e,f,g,h,i,j\n", file);
    for (uint64_t i = 0; i < rows; i++) {
        for (int column = 0; column < 5; column++)
            fprintf(file, "%.17g,", normal(&rng) * (column + 1) + (column == 2 ? 3 * shift : 0));
        for (int column = 0; column < 3; column++)
            fprintf(file, "%.14f,", exp(normal(&rng)));
        fprintf(file, "%u,%u.%u\n", rng_below(&rng, 10000000), 18 + rng_below(&rng, 60), rng_below(&rng, 10));
    }
    return fclose(file) == 0 ? 0 : 1;
}

// A schema of what the header has.
static struct schema *numbers_of(const char *path, struct error *err)
{
    struct blocks blocks;
    struct table_names header = {0};
    struct schema *schema = NULL;
    if (blocks_open(&blocks, &header, path, path, 0, err) == 0) {
        schema = schema_new();
        for (size_t i = 0; i < header.count; i++)
            schema_add(schema, header.items[i].text)->type = COLUMN_NUMBER;
    }
    blocks_close(&blocks);
    table_names_free(&header);
    return schema;
}

// sup|F−G| of two ascending arrays, at the end of each group of equal values.
static double ks(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double most = 0, a_all = (double)a_count, b_all = (double)b_count;
    for (size_t i = 0, k = 0; i < a_count && k < b_count;) {
        double x = a[i], y = b[k], value = x < y ? x : y;
        i += x <= y;
        k += y <= x;
        if ((i < a_count && a[i] == value) || (k < b_count && b[k] == value))
            continue;
        double apart = fabs((double)i / a_all - (double)k / b_all);
        most = apart > most ? apart : most;
    }
    return most;
}

static uint64_t weight_of(const struct weighted *items, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += items[i].weight;
    return sum;
}

static double ks_weighted(const struct weighted *a, size_t a_count, const struct weighted *b, size_t b_count)
{
    double a_all = (double)weight_of(a, a_count), b_all = (double)weight_of(b, b_count), most = 0;
    uint64_t a_sum = 0, b_sum = 0;
    for (size_t i = 0, k = 0; i < a_count && k < b_count;) {
        double value = a[i].value < b[k].value ? a[i].value : b[k].value;
        if (a[i].value <= value)
            a_sum += a[i++].weight;
        if (b[k].value <= value)
            b_sum += b[k++].weight;
        most = fmax(most, fabs((double)a_sum / a_all - (double)b_sum / b_all));
    }
    return most;
}

struct comparison {
    const struct profile *a, *b;
    struct {
        double statistic, error;
    } * columns;
};

static void compare(size_t column, void *context)
{
    struct comparison *work = context;
    size_t a_count, b_count;
    const double *x = profile_numbers(work->a, column, &a_count), *y = profile_numbers(work->b, column, &b_count);
    double a_error = 0, b_error = 0, d;
    if (x && y) {
        d = ks(x, a_count, y, b_count);
    } else {
        CLEANUP(free) struct weighted *s = profile_weighted(work->a, column, &a_count, &a_error);
        CLEANUP(free) struct weighted *t = profile_weighted(work->b, column, &b_count, &b_error);
        d = ks_weighted(s, a_count, t, b_count);
    }
    work->columns[column].statistic = d;
    work->columns[column].error = a_error + b_error;
}

int main(int argc, char **argv)
{
    struct profile_options options = {0};
    int at = 1;
    if (argc == 5 && strcmp(argv[1], "--make") == 0)
        return make(argv[2], strtoull(argv[3], NULL, 10), strtod(argv[4], NULL));
    for (; at < argc && argv[at][0] == '-'; at++) {
        options.exact = options.exact || strcmp(argv[at], "--exact") == 0;
        if (strncmp(argv[at], "--threads=", 10) == 0)
            options.threads = strtoull(argv[at] + 10, NULL, 10);
    }
    if (argc - at != 2)
        return 2;
    CLEANUP(error) struct error err = {0};
    CLEANUP(schema) struct schema *schema = numbers_of(argv[at], &err);
    CLEANUP(profile) struct profile *a = schema ? profile_new(schema, &options) : NULL;
    CLEANUP(profile) struct profile *b = schema ? profile_new(schema, &options) : NULL;
    if (!schema || profile_read(a, argv[at], argv[at], &err) < 0 ||
        profile_read(b, argv[at + 1], argv[at + 1], &err) < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_drift: %s\n", text);
        return 1;
    }
    profile_finish(a);
    profile_finish(b);
    struct comparison work = {.a = a, .b = b, .columns = mem_array(schema->count + 1, sizeof *work.columns)};
    pool_run(options.threads, schema->count, compare, &work);
    for (size_t i = 0; i < schema->count; i++)
        printf("%s %.6f ± %.6f\n", schema->columns[i].name, work.columns[i].statistic, work.columns[i].error);
    free(work.columns);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%" PRIu64 " rows, %" PRIu64 " rows, %ld KiB\n", profile_rows(a), profile_rows(b), usage.ru_maxrss);
    return 0;
}

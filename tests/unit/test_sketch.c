// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "base/rng.h"
#include "drift/sketch.h"
#include "drift/sorted.h"
#include "unit.h"

#include <math.h>
#include <stdint.h>

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum shape { RANDOM, RISING, FALLING, TIED, HEAVY, SAW, SHAPES };

static double *values_of(enum shape shape, size_t count, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    double *values = mem_array(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        double unit = rng_unit(&rng);
        const double made[SHAPES] = {unit - 0.5,      (double)i,           -(double)i,
                                     floor(unit * 7), pow(unit, -3) - 1e3, (double)(i % 1000)};
        values[i] = made[shape];
    }
    return values;
}

static void add_in_runs(struct sketch *sketch, const double *values, size_t count, size_t run)
{
    for (size_t at = 0; at < count; at += run)
        sketch_add(sketch, values + at, count - at < run ? count - at : run);
}

// The greatest distance between the sketch's share of the values ≤ x and the true one, over all x.
static double worst(const struct sketch *sketch, double *sorted, size_t count)
{
    size_t items, at = 0;
    CLEANUP(free) struct weighted *list = sketch_items(sketch, &items);
    uint64_t sum = 0;
    double most = 0;
    for (size_t i = 0; i <= items; i++) {
        double bound = i < items ? list[i].value : INFINITY;
        while (at < count && sorted[at] < bound) // between two items the truth goes on rising
            at++;
        most = fmax(most, fabs((double)at - (double)sum) / (double)count);
        while (at < count && sorted[at] <= bound)
            at++;
        sum += i < items ? list[i].weight : 0;
        most = fmax(most, fabs((double)at - (double)sum) / (double)count);
        ck_assert(i == 0 || i == items || list[i].value > list[i - 1].value);
    }
    ck_assert_uint_eq(sum, count);
    ck_assert_uint_eq(sketch->count, count);
    return most;
}

START_TEST(no_rank_is_further_from_the_truth_than_is_stated)
{
    static const size_t counts[] = {1, 63, 64, 65, 1000, 20000, 100001}, runs[] = {1, 7, 64, 1000, 100000};
    for (int shape = 0; shape < SHAPES; shape++) {
        for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
            for (size_t r = 0; r < ARRAY_LEN(runs); r++) {
                if (runs[r] == 1 && counts[c] > 20000)
                    continue;
                CLEANUP(sketch) struct sketch sketch;
                sketch_init(&sketch, 64);
                CLEANUP(free) double *values = values_of((enum shape)shape, counts[c], c);
                add_in_runs(&sketch, values, counts[c], runs[r]);
                qsort(values, counts[c], sizeof *values, by_number);
                double error = worst(&sketch, values, counts[c]);
                ck_assert_msg(error <= sketch_error(&sketch) + 1e-12, "shape %d, %zu values in runs of %zu: %g, not %g",
                              shape, counts[c], runs[r], error, sketch_error(&sketch));
                // About levels × n / 2k was promised.
                double levels = ceil(log2((double)counts[c] / 64 + 1)) + 1;
                ck_assert_double_le(sketch_error(&sketch), levels / (2 * 64) + 0.02);
            }
        }
    }
}
END_TEST

START_TEST(how_many_are_added_at_a_time_does_not_matter)
{
    CLEANUP(free) double *values = values_of(HEAVY, 50000, 8);
    CLEANUP(sketch) struct sketch one, other;
    sketch_init(&one, 100);
    sketch_init(&other, 100);
    add_in_runs(&one, values, 50000, 1);
    add_in_runs(&other, values, 50000, 777);
    size_t one_count, other_count;
    CLEANUP(free) struct weighted *a = sketch_items(&one, &one_count), *b = sketch_items(&other, &other_count);
    ck_assert_uint_eq(one_count, other_count);
    for (size_t i = 0; i < one_count; i++)
        ck_assert(a[i].value == b[i].value && a[i].weight == b[i].weight);
    ck_assert_double_eq(sketch_error(&one), sketch_error(&other));
}
END_TEST

START_TEST(below_its_size_nothing_is_lost)
{
    CLEANUP(sketch) struct sketch sketch;
    sketch_init(&sketch, 1000);
    CLEANUP(free) double *values = values_of(RANDOM, 999, 3);
    add_in_runs(&sketch, values, 999, 10);
    qsort(values, 999, sizeof *values, by_number);
    ck_assert_double_eq(sketch_error(&sketch), 0);
    ck_assert_double_eq(worst(&sketch, values, 999), 0);
}
END_TEST

START_TEST(what_is_merged_keeps_its_error)
{
    enum { COUNT = 60000, PARTS = 13 };
    CLEANUP(free) double *values = values_of(HEAVY, COUNT, 5);
    CLEANUP(sketch) struct sketch whole, other;
    sketch_init(&whole, 128);
    sketch_init(&other, 100);
    for (size_t part = 0; part < PARTS; part++) {
        CLEANUP(sketch) struct sketch sketch;
        sketch_init(&sketch, 64 + 2 * part);
        size_t from = COUNT * part / PARTS, to = COUNT * (part + 1) / PARTS;
        add_in_runs(&sketch, values + from, to - from, 100 * (part + 1));
        sketch_merge(part % 2 ? &whole : &other, &sketch);
    }
    sketch_merge(&whole, &other);
    qsort(values, COUNT, sizeof *values, by_number);
    double error = worst(&whole, values, COUNT);
    ck_assert_double_gt(error, 0);
    ck_assert_double_le(error, sketch_error(&whole));
    ck_assert_double_lt(sketch_error(&whole), 0.1);
}
END_TEST

START_TEST(radix_sort_sorts)
{
    static const size_t counts[] = {0, 1, 2, 47, 48, 49, 300, 4095, 4096, 30000};
    struct rng rng;
    rng_seed(&rng, 9);
    for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
        for (int shape = 0; shape < SHAPES + 3; shape++) {
            size_t count = counts[c];
            CLEANUP(free) double *values = values_of((enum shape)(shape % SHAPES), count, c);
            for (size_t i = 0; shape == SHAPES && i < count; i++) {
                const double odd[] = {-0.0, 0.0, INFINITY, -INFINITY, 4.9e-324, -4.9e-324, 1.7e308, -1.7e308};
                values[i] = odd[rng_below(&rng, 8)];
            }
            for (size_t i = 0; shape == SHAPES + 1 && i < count; i++) // all but the last bits are the same, or none
                values[i] = i % 50 ? 1 + (double)rng_u32(&rng) * 0x1p-52 : -1e300;
            for (size_t i = 0; shape == SHAPES + 2 && i < count; i++)
                values[i] = 1.7e9 + (double)rng_below(&rng, 1000000);
            CLEANUP(free) double *expected = mem_copy(values, (count + 1) * sizeof *values);
            CLEANUP(free) double *scratch = mem_array(count + 1, sizeof *scratch);
            qsort(expected, count, sizeof *expected, by_number);
            sorted_doubles(values, scratch, count);
            for (size_t i = 0; i < count; i++)
                ck_assert(values[i] == expected[i]);
        }
    }
}
END_TEST

UNIT_MAIN("sketch", no_rank_is_further_from_the_truth_than_is_stated, how_many_are_added_at_a_time_does_not_matter,
          below_its_size_nothing_is_lost, what_is_merged_keeps_its_error, radix_sort_sorts)

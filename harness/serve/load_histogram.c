// SPDX-License-Identifier: Apache-2.0
#include "serve/load_histogram.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>

#define MOST_NANOSECONDS (((uint64_t)1 << 40) - 1)

static size_t bucket_of(uint64_t nanoseconds)
{
    if (nanoseconds < LOAD_SUB_BUCKETS)
        return (size_t)nanoseconds;
    unsigned octave = 63u - (unsigned)__builtin_clzll(nanoseconds) - 7; // of values from 128 << octave on
    return (octave + 1) * (size_t)LOAD_SUB_BUCKETS + (size_t)(nanoseconds >> octave) - LOAD_SUB_BUCKETS;
}

void load_histogram_add(struct load_histogram *histogram, double seconds)
{
    histogram->count++;
    if (!isfinite(seconds)) {
        histogram->never++;
        return;
    }
    double nanoseconds = seconds > 0 ? seconds * 1e9 + 0.5 : 0;
    uint64_t whole = nanoseconds < (double)MOST_NANOSECONDS ? (uint64_t)nanoseconds : MOST_NANOSECONDS;
    histogram->buckets[bucket_of(whole)]++;
}

void load_histogram_merge(struct load_histogram *to, const struct load_histogram *from)
{
    to->count += from->count;
    to->never += from->never;
    for (size_t i = 0; i < LOAD_BUCKETS; i++)
        to->buckets[i] += from->buckets[i];
}

double load_histogram_value(size_t bucket)
{
    if (bucket < LOAD_SUB_BUCKETS)
        return (double)bucket * 1e-9;
    size_t octave = bucket / LOAD_SUB_BUCKETS - 1, place = bucket % LOAD_SUB_BUCKETS;
    return ldexp((double)(LOAD_SUB_BUCKETS + place) + 0.5, (int)octave) * 1e-9;
}

double load_histogram_quantile(const struct load_histogram *histogram, double q)
{
    if (histogram->count == 0)
        return NAN;
    double rank = ceil(q * (double)histogram->count - 1e-9);
    uint64_t wanted = rank < 1 ? 1 : (uint64_t)rank, seen = 0;
    for (size_t i = 0; i < LOAD_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted)
            return load_histogram_value(i);
    }
    return INFINITY;
}

// ---- The interval

// How many of each block are later than the bucket that was looked at last.
struct later {
    const struct load_histogram *blocks;
    uint64_t *over;
    size_t count;
    uint64_t values, all_over;
    double z; // of Student's t for as many blocks, nearly
};

static void pass_bucket(struct later *later, size_t bucket)
{
    for (size_t b = 0; b < later->count; b++) {
        later->over[b] -= later->blocks[b].buckets[bucket];
        later->all_over -= later->blocks[b].buckets[bucket];
    }
}

// How many values each one that was counted is worth: 1 where blocks differ no more than chance makes them.
static double design_effect(const struct later *later, double share)
{
    double sum = 0, n = (double)later->values;
    if (later->count < 2 || share <= 0 || share >= 1)
        return 1;
    for (size_t b = 0; b < later->count; b++) {
        double off = (double)later->over[b] - share * (double)later->blocks[b].count;
        sum += off * off;
    }
    double variance = sum * (double)later->count / (double)(later->count - 1) / (n * n);
    double effect = variance / (share * (1 - share) / n);
    return effect > 1 ? effect : 1;
}

static void share_interval(double *low, double *high, const struct later *later)
{
    double share = (double)later->all_over / (double)later->values;
    double n = (double)later->values / design_effect(later, share), zz = later->z * later->z;
    double middle = (share + zz / (2 * n)) / (1 + zz / n);
    double half = later->z / (1 + zz / n) * sqrt(share * (1 - share) / n + zz / (4 * n * n));
    *low = middle - half;
    *high = middle + half;
}

void load_estimate(struct load_estimate *out, const struct load_histogram *blocks, size_t count, double q)
{
    CLEANUP(free) uint64_t *over = mem_array(count + 1, sizeof *over);
    CLEANUP(free) struct load_histogram *all = mem_alloc(sizeof *all);
    struct later later = {.blocks = blocks, .over = over, .count = count};
    for (size_t b = 0; b < count; b++) {
        load_histogram_merge(all, &blocks[b]);
        over[b] = blocks[b].count;
    }
    later.values = later.all_over = all->count;
    later.z = 1.96 + (count > 1 ? 2.4 / (double)(count - 1) : 0);
    *out = (struct load_estimate){load_histogram_quantile(all, q), INFINITY, INFINITY};
    bool has_low = false;
    for (size_t i = 0; i < LOAD_BUCKETS && later.values > 0; i++) {
        double low, high;
        if (all->buckets[i] == 0)
            continue;
        pass_bucket(&later, i);
        share_interval(&low, &high, &later);
        if (!has_low && low <= 1 - q)
            out->low = load_histogram_value(i);
        has_low = has_low || low <= 1 - q;
        if (high < 1 - q) {
            out->high = load_histogram_value(i);
            return;
        }
    }
}

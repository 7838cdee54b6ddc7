// SPDX-License-Identifier: Apache-2.0
#include "drift/sorted.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FEW = 48, MANY = 4096, MOST_PASSES = 8, MOST_BUCKETS = 2048 };

// The bits of a double in an order in which unsigned numbers are: the negative ones turned round.
static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(1) << 63);
}

static void insert(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = values[i];
        size_t to = i;
        for (uint64_t key = key_of(value); to > 0 && key_of(values[to - 1]) > key; to--)
            values[to] = values[to - 1];
        values[to] = value;
    }
}

// How often each digit comes, at each place, and where the first value with it then goes.
static void count_digits(uint32_t (*starts)[MOST_BUCKETS], const double *values, size_t count, int bits)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    int passes = (64 + bits - 1) / bits;
    for (int pass = 0; pass < passes; pass++)
        memset(starts[pass], 0, (mask + 1) * sizeof **starts);
    for (size_t i = 0; i < count; i++) {
        uint64_t key = key_of(values[i]);
        for (int pass = 0; pass < passes; pass++)
            starts[pass][key >> pass * bits & mask]++;
    }
    for (int pass = 0; pass < passes; pass++) {
        uint32_t sum = 0;
        for (size_t digit = 0; digit <= mask; digit++) {
            uint32_t times = starts[pass][digit];
            starts[pass][digit] = sum;
            sum += times;
        }
    }
}

void sorted_doubles(double *values, double *scratch, size_t count)
{
    uint32_t starts[MOST_PASSES][MOST_BUCKETS];
    if (count <= FEW) {
        insert(values, count);
        return;
    }
    if (count > UINT32_MAX) { // two halves
        size_t half = count / 2;
        sorted_doubles(values, scratch, half);
        sorted_doubles(values + half, scratch, count - half);
        sorted_merge(scratch, values, half, values + half, count - half);
        memcpy(values, scratch, count * sizeof *values);
        return;
    }
    int bits = count < MANY ? 8 : 11, passes = (64 + bits - 1) / bits;
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    count_digits(starts, values, count, bits);
    double *from = values, *to = scratch;
    for (int pass = 0; pass < passes; pass++) {
        uint64_t digit = key_of(from[0]) >> pass * bits & mask;
        size_t next = digit < mask ? starts[pass][digit + 1] : count;
        if (starts[pass][digit] == 0 && next == count)
            continue; // all have the same
        for (size_t i = 0; i < count; i++)
            to[starts[pass][key_of(from[i]) >> pass * bits & mask]++] = from[i];
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != values)
        memcpy(values, from, count * sizeof *values);
}

void sorted_merge(double *out, const double *a, size_t a_count, const double *b, size_t b_count)
{
    size_t i = 0, k = 0;
    while (i < a_count && k < b_count) { // no branch that data decide
        bool second = b[k] < a[i];
        *out++ = second ? b[k] : a[i];
        i += !second;
        k += second;
    }
    if (i < a_count)
        memcpy(out, a + i, (a_count - i) * sizeof *out);
    if (k < b_count) // nothing of the other is left
        memcpy(out, b + k, (b_count - k) * sizeof *out);
}

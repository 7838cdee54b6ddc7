// SPDX-License-Identifier: Apache-2.0
#include "drift/sorted.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FEW = 48, MANY = 1024, MOST_PASSES = 8, MOST_BUCKETS = 2048, ENOUGH_BITS = 33, BUDGET = 4 };

// The bits of a double in an order in which unsigned numbers are: the negative ones turned round.
static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(1) << 63);
}

// Insertion, which is quick where little is out of order. False when it is not: more than `budget` steps.
static bool insert(double *values, size_t count, size_t budget)
{
    for (size_t i = 1; i < count; i++) {
        double value = values[i];
        if (values[i - 1] < value)
            continue;
        size_t to = i;
        for (uint64_t key = key_of(value); to > 0 && key_of(values[to - 1]) > key; to--)
            values[to] = values[to - 1];
        values[to] = value;
        if (i - to > budget)
            return false;
        budget -= i - to;
    }
    return true;
}

// Digits of so many bits, from bit `low` on.
struct digits {
    int low, bits, passes;
    uint64_t mask;
};

static inline size_t digit_of(const struct digits *digits, double value, int pass)
{
    return key_of(value) >> (digits->low + pass * digits->bits) & digits->mask;
}

// How often each digit comes, at each place, and where the first value with it then goes.
static void count_digits(uint32_t (*starts)[MOST_BUCKETS], const struct digits *digits, const double *values,
                         size_t count)
{
    for (int pass = 0; pass < digits->passes; pass++)
        memset(starts[pass], 0, (digits->mask + 1) * sizeof **starts);
    for (size_t i = 0; i < count; i++) {
        for (int pass = 0; pass < digits->passes; pass++)
            starts[pass][digit_of(digits, values[i], pass)]++;
    }
    for (int pass = 0; pass < digits->passes; pass++) {
        uint32_t sum = 0;
        for (size_t digit = 0; digit <= digits->mask; digit++) {
            uint32_t times = starts[pass][digit];
            starts[pass][digit] = sum;
            sum += times;
        }
    }
}

// By the bits of the keys from `low` to below `high`; the others are taken for equal.
static void sort_by_digits(double *values, double *scratch, size_t count, int low, int high)
{
    uint32_t starts[MOST_PASSES][MOST_BUCKETS];
    struct digits digits = {.low = low, .bits = count < MANY ? 8 : 11};
    digits.mask = (UINT64_C(1) << digits.bits) - 1;
    digits.passes = (high - low + digits.bits - 1) / digits.bits;
    count_digits(starts, &digits, values, count);
    double *from = values, *to = scratch;
    for (int pass = 0; pass < digits.passes; pass++) {
        size_t digit = digit_of(&digits, from[0], pass);
        size_t next = digit < digits.mask ? starts[pass][digit + 1] : count;
        if (starts[pass][digit] == 0 && next == count)
            continue; // all have the same
        for (size_t i = 0; i < count; i++)
            to[starts[pass][digit_of(&digits, from[i], pass)]++] = from[i];
        double *swap = from;
        from = to;
        to = swap;
    }
    if (from != values)
        memcpy(values, from, count * sizeof *values);
}

void sorted_doubles(double *values, double *scratch, size_t count)
{
    if (count <= FEW) {
        insert(values, count, SIZE_MAX);
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
    uint64_t first = key_of(values[0]), differ = 0;
    for (size_t i = 1; i < count; i++)
        differ |= key_of(values[i]) ^ first;
    if (differ == 0)
        return;
    // Of the bits in which any two differ, the highest order nearly all there is; where they do not, all must.
    int high = 64 - __builtin_clzll(differ), least = __builtin_ctzll(differ), low = high - ENOUGH_BITS;
    sort_by_digits(values, scratch, count, low > least ? low : least, high);
    if (low > least && !insert(values, count, count * BUDGET))
        sort_by_digits(values, scratch, count, least, high);
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

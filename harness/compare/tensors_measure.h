// SPDX-License-Identifier: Apache-2.0
//
// What is summed over blocks of finite numbers. Only for tensors_kernel.c, which compiles these loops once for each
// instruction set.
#ifndef REPRO_COMPARE_TENSORS_MEASURE_H
#define REPRO_COMPARE_TENSORS_MEASURE_H

#include "compare/tensors_widen.h"

ALWAYS_INLINE uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

ALWAYS_INLINE void add_lanes(struct tensor_piece *piece, const double *golden, const double *now)
{
    const tensor_lanes *a = (const tensor_lanes *)golden, *b = (const tensor_lanes *)now;
    tensor_lanes dot0 = piece->lanes[0][0], golden0 = piece->lanes[1][0], now0 = piece->lanes[2][0];
    tensor_lanes dot1 = piece->lanes[0][1], golden1 = piece->lanes[1][1], now1 = piece->lanes[2][1];
    for (size_t i = 0; i < TENSOR_BLOCK / 8; i += 2) {
        dot0 += a[i] * b[i];
        golden0 += a[i] * a[i];
        now0 += b[i] * b[i];
        dot1 += a[i + 1] * b[i + 1];
        golden1 += a[i + 1] * a[i + 1];
        now1 += b[i + 1] * b[i + 1];
    }
    piece->lanes[0][0] = dot0, piece->lanes[1][0] = golden0, piece->lanes[2][0] = now0;
    piece->lanes[0][1] = dot1, piece->lanes[1][1] = golden1, piece->lanes[2][1] = now1;
}

// As add_lanes for a block that is equal on both sides.
ALWAYS_INLINE void add_squares(struct tensor_piece *piece, const double *golden)
{
    const tensor_lanes *a = (const tensor_lanes *)golden;
    tensor_lanes dot0 = piece->lanes[0][0], golden0 = piece->lanes[1][0], now0 = piece->lanes[2][0];
    tensor_lanes dot1 = piece->lanes[0][1], golden1 = piece->lanes[1][1], now1 = piece->lanes[2][1];
    for (size_t i = 0; i < TENSOR_BLOCK / 8; i += 2) {
        tensor_lanes square0 = a[i] * a[i], square1 = a[i + 1] * a[i + 1];
        dot0 += square0;
        golden0 += square0;
        now0 += square0;
        dot1 += square1;
        golden1 += square1;
        now1 += square1;
    }
    piece->lanes[0][0] = dot0, piece->lanes[1][0] = golden0, piece->lanes[2][0] = now0;
    piece->lanes[0][1] = dot1, piece->lanes[1][1] = golden1, piece->lanes[2][1] = now1;
}

// What the distances of one block come to.
struct distances {
    uint64_t differing, largest, low, high;
};

ALWAYS_INLINE struct distances sum_narrow(const uint32_t *ulp)
{
    uint32_t differing = 0, largest = 0, low = 0, high = 0; // sums of halves: 32 bits hold them
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        differing += ulp[i] != 0;
        largest = ulp[i] > largest ? ulp[i] : largest;
        low += ulp[i] & 0xffff;
        high += ulp[i] >> 16;
    }
    return (struct distances){differing, largest, low + ((uint64_t)high << 16), 0};
}

ALWAYS_INLINE struct distances sum_wide(const uint64_t *ulp)
{
    struct distances sum = {0};
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        sum.differing += ulp[i] != 0;
        sum.largest = ulp[i] > sum.largest ? ulp[i] : sum.largest;
        sum.low += (uint32_t)ulp[i];
        sum.high += ulp[i] >> 32;
    }
    return sum;
}

// Neighbours tend to fall into the same bucket: four sets of them keep one increment from waiting for the last.
ALWAYS_INLINE void add_histogram(struct tensor_piece *piece, const struct tensor_block *block)
{
    uint32_t buckets[4][TENSOR_HISTOGRAM] = {0};
    for (size_t i = 0; i < TENSOR_BLOCK; i += 4) {
        for (size_t k = 0; k < 4; k++) {
            if (block->wide)
                buckets[k][block->ulp.wide[i + k] ? 64 - __builtin_clzll(block->ulp.wide[i + k]) : 0]++;
            else
                buckets[k][63 - __builtin_clzll((uint64_t)block->ulp.narrow[i + k] << 1 | 1)]++;
        }
    }
    for (size_t k = 1; k < TENSOR_HISTOGRAM; k++)
        piece->histogram[k] += buckets[0][k] + buckets[1][k] + buckets[2][k] + buckets[3][k];
}

ALWAYS_INLINE struct distances add_distances(struct tensor_piece *piece, const struct tensor_block *block, size_t index)
{
    struct distances sum = block->wide ? sum_wide(block->ulp.wide) : sum_narrow(block->ulp.narrow);
    piece->differing += sum.differing;
    piece->ulp_low += sum.low;
    piece->ulp_high += sum.high;
    if (sum.largest > piece->max_ulp) {
        piece->max_ulp = sum.largest;
        piece->max_ulp_block = index;
    }
    if (sum.largest <= 1)
        piece->histogram[1] += sum.differing;
    else
        add_histogram(piece, block);
    return sum;
}

// 64-bit integers are not exactly doubles; their distance is.
ALWAYS_INLINE double difference(const struct tensor_block *block, size_t i, bool wide_integer)
{
    return wide_integer ? (double)block->ulp.wide[i] : fabs(block->now[i] - block->golden[i]);
}

ALWAYS_INLINE uint64_t count_outside(const struct tensor_block *block, const struct tensor_rule *rule,
                                     bool wide_integer)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        double apart = difference(block, i, wide_integer), size = fabs(block->golden[i]);
        outside += (tensor_block_ulp(block, i) > rule->max_ulp) & !(apart <= rule->abs + rule->rel * size);
    }
    return outside;
}

// Dividing is what costs most: only done in blocks where some ratio may be larger than the largest so far.
ALWAYS_INLINE void add_ratios(struct tensor_piece *piece, const struct tensor_block *block, size_t index,
                              bool wide_integer)
{
    double largest = piece->max_rel;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        double ratio = difference(block, i, wide_integer) / fabs(block->golden[i]);
        largest = block->golden[i] != 0 && ratio > largest ? ratio : largest;
    }
    if (largest > piece->max_rel) {
        piece->max_rel = largest;
        piece->max_rel_block = index;
    }
}

ALWAYS_INLINE void add_differences(struct tensor_piece *piece, const struct tensor_block *block, size_t index,
                                   bool wide_integer)
{
    // A little less than the largest ratio so far, so that rounding the product cannot hide a larger one.
    const double bound = piece->max_rel < 0x1p-960 ? 0 : piece->max_rel * (1 - 0x1p-40);
    int64_t largest = 0;
    uint64_t beyond = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        double apart = difference(block, i, wide_integer);
        int64_t bits = (int64_t)bits_of(apart);
        largest = bits > largest ? bits : largest;
        beyond += (apart >= bound * fabs(block->golden[i])) & (apart > 0);
    }
    double max_abs = bits_to_double((uint64_t)largest);
    if (max_abs > piece->max_abs) {
        piece->max_abs = max_abs;
        piece->max_abs_block = index;
    }
    if (beyond)
        add_ratios(piece, block, index, wide_integer);
}

ALWAYS_INLINE void measure_block(struct tensor_piece *piece, const struct tensor_block *block, size_t index,
                                 const struct tensor_rule *rule, bool wide_integer)
{
    struct distances sum = add_distances(piece, block, index);
    if (rule->max_ulp == 0 && rule->abs == 0 && rule->rel == 0)
        piece->outside += sum.differing;
    else if (sum.largest > rule->max_ulp)
        piece->outside += count_outside(block, rule, wide_integer);
    add_differences(piece, block, index, wide_integer);
}

// --- summaries ---

ALWAYS_INLINE void add_range(struct tensor_sums *sums, const double *numbers)
{
    double low[TENSOR_LANES], high[TENSOR_LANES];
    memcpy(low, numbers, sizeof low);
    memcpy(high, numbers, sizeof high);
    for (size_t i = TENSOR_LANES; i < TENSOR_BLOCK; i += TENSOR_LANES) {
        for (size_t k = 0; k < TENSOR_LANES; k++) {
            low[k] = numbers[i + k] < low[k] ? numbers[i + k] : low[k];
            high[k] = numbers[i + k] > high[k] ? numbers[i + k] : high[k];
        }
    }
    for (size_t k = 0; k < TENSOR_LANES; k++) {
        sums->min = low[k] < sums->min ? low[k] : sums->min;
        sums->max = high[k] > sums->max ? high[k] : sums->max;
    }
}

ALWAYS_INLINE void add_sums(struct tensor_sums *sums, const double *numbers)
{
    const tensor_lanes *a = (const tensor_lanes *)numbers;
    tensor_lanes sum0 = sums->lanes[0][0], square0 = sums->lanes[1][0];
    tensor_lanes sum1 = sums->lanes[0][1], square1 = sums->lanes[1][1];
    for (size_t i = 0; i < TENSOR_BLOCK / 8; i += 2) {
        sum0 += a[i];
        square0 += a[i] * a[i];
        sum1 += a[i + 1];
        square1 += a[i + 1] * a[i + 1];
    }
    sums->lanes[0][0] = sum0, sums->lanes[1][0] = square0;
    sums->lanes[0][1] = sum1, sums->lanes[1][1] = square1;
}

#endif

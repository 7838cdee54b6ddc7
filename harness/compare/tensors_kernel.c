// SPDX-License-Identifier: Apache-2.0
//
// Each loop is written so that compilers turn it into vector instructions: fixed length, no branches, integer
// reductions (the largest of doubles that are not negative is the largest of their bits), sums of doubles in lanes.
// What is rare (NaN, infinities) is set aside one by one before the loops run.
#include "compare/tensors_kernel.h"

#include "compare/tensors_measure.h"
#include "compare/tensors_widen.h"

#include <math.h>
#include <string.h>

#define AHEAD 4 // how many blocks before a block its memory is asked for
#define PARTS 8

// The bytes of one block, the numbers that count in it, and where it is in its piece.
struct place {
    const unsigned char *golden, *now;
    size_t count, index, size;    // size: of a number in bytes
    const unsigned char *soon[2]; // a block that comes soon; NULL: none
    unsigned char padded[2][TENSOR_BLOCK * 8];
};

static size_t number_size(enum dtype dtype)
{
    return dtype_is_complex(dtype) ? dtype_size(dtype) / 2 : dtype_size(dtype);
}

// Points at numbers [first, first + count) of the span; the end of a tensor is copied and filled up with zeros.
ALWAYS_INLINE void place_block(struct place *place, const struct tensor_span *span, size_t first, size_t size)
{
    size_t left = span->numbers - first;
    place->count = left < TENSOR_BLOCK ? left : TENSOR_BLOCK;
    place->size = size;
    place->index = span->first_block + first / TENSOR_BLOCK;
    place->golden = span->golden + first * size;
    place->now = span->now ? span->now + first * size : NULL;
    bool soon = left >= (AHEAD + 1) * TENSOR_BLOCK;
    place->soon[0] = soon ? place->golden + AHEAD * TENSOR_BLOCK * size : NULL;
    place->soon[1] = soon && place->now ? place->now + AHEAD * TENSOR_BLOCK * size : NULL;
    if (left >= TENSOR_BLOCK)
        return;
    memset(place->padded, 0, sizeof place->padded);
    memcpy(place->padded[0], place->golden, left * size);
    place->golden = place->padded[0];
    if (place->now) {
        memcpy(place->padded[1], place->now, left * size);
        place->now = place->padded[1];
    }
}

// Asks for one part of the memory of a block that comes soon. The processor's own foresight ends with each page of 4
// KiB; in parts, because it can wait for a few lines at a time only while it computes.
ALWAYS_INLINE void look_ahead(const struct place *place, size_t part)
{
    size_t step = TENSOR_BLOCK * place->size / PARTS;
    if (!place->soon[0])
        return;
    for (size_t i = part * step; i < (part + 1) * step; i += 64) {
        __builtin_prefetch(place->soon[0] + i);
        if (place->soon[1])
            __builtin_prefetch(place->soon[1] + i);
    }
}

ALWAYS_INLINE void clear_ulp(struct tensor_block *block, size_t i)
{
    if (block->wide)
        block->ulp.wide[i] = 0;
    else
        block->ulp.narrow[i] = 0;
}

static void count_distance(struct tensor_piece *piece, uint64_t ulp, size_t block)
{
    piece->ulp_low += (uint32_t)ulp;
    piece->ulp_high += ulp >> 32;
    piece->histogram[ulp ? 64 - __builtin_clzll(ulp) : 0]++;
    if (ulp > piece->max_ulp) {
        piece->max_ulp = ulp;
        piece->max_ulp_block = block;
    }
}

static void count_without_distance(struct tensor_piece *piece)
{
    piece->without_distance++;
    piece->histogram[TENSOR_HISTOGRAM - 1]++;
}

// Counts the pairs in which something is not finite, and makes them pairs of zeros for the loops that follow.
static void set_aside(struct tensor_piece *piece, struct tensor_block *block, const struct place *place,
                      uint64_t max_ulp)
{
    for (size_t i = 0; i < place->count; i++) {
        double golden = block->golden[i], now = block->now[i];
        if (isfinite(golden) && isfinite(now))
            continue;
        uint64_t ulp = tensor_block_ulp(block, i);
        if (isnan(golden) != isnan(now)) {
            count_without_distance(piece);
            piece->differing++;
            piece->outside++;
            piece->nan_appeared += !isnan(golden);
            piece->nan_vanished += !isnan(now);
        } else if (isnan(golden)) {
            piece->nan_payload +=
                memcmp(place->golden + i * place->size, place->now + i * place->size, place->size) != 0;
        } else if (ulp) {
            count_distance(piece, ulp, place->index);
            piece->differing++;
            piece->outside += ulp > max_ulp;
        }
        piece->inf_appeared += isinf(now) && !isinf(golden);
        piece->inf_vanished += isinf(golden) && !isinf(now);
        block->golden[i] = block->now[i] = 0;
        clear_ulp(block, i);
    }
}

// --- complex numbers: one by one ---

static bool is_finite_complex(const double *parts)
{
    return isfinite(parts[0]) && isfinite(parts[1]);
}

double tensor_magnitude(double real, double imaginary)
{
    double sum = real * real + imaginary * imaginary;
    if (isnormal(sum))
        return sqrt(sum);
    double large = fmax(fabs(real), fabs(imaginary)), small = fmin(fabs(real), fabs(imaginary));
    return large == 0 || !isfinite(large) ? large : large * sqrt(1 + (small / large) * (small / large));
}

static void measure_complex(struct tensor_piece *piece, const double *golden, const double *now, size_t index,
                            bool near, const struct tensor_rule *rule)
{
    double apart = tensor_magnitude(now[0] - golden[0], now[1] - golden[1]);
    double size = tensor_magnitude(golden[0], golden[1]);
    double ratio = size == 0 ? 0 : apart / size;
    piece->outside += !near && !(apart <= rule->abs + rule->rel * size);
    if (apart > piece->max_abs) {
        piece->max_abs = apart;
        piece->max_abs_block = index;
    }
    if (ratio > piece->max_rel) {
        piece->max_rel = ratio;
        piece->max_rel_block = index;
    }
}

static void compare_complex(struct tensor_piece *piece, struct tensor_block *block, const struct place *place,
                            const struct tensor_rule *rule)
{
    for (size_t i = 0; i < place->count; i += 2) {
        double *golden = block->golden + i, *now = block->now + i;
        const uint64_t ulp[2] = {tensor_block_ulp(block, i), tensor_block_ulp(block, i + 1)};
        bool gap = false; // NaN against a number
        for (size_t k = 0; k < 2; k++) {
            if (isnan(golden[k]) != isnan(now[k])) {
                gap = true;
                count_without_distance(piece);
            } else if (ulp[k]) {
                count_distance(piece, ulp[k], place->index);
            }
        }
        bool finite = is_finite_complex(golden) && is_finite_complex(now);
        bool near = !gap && ulp[0] <= rule->max_ulp && ulp[1] <= rule->max_ulp;
        bool differs = gap || ulp[0] || ulp[1];
        piece->differing += differs;
        bool was_nan = isnan(golden[0]) || isnan(golden[1]), is_nan = isnan(now[0]) || isnan(now[1]);
        bool bits = memcmp(place->golden + i * place->size, place->now + i * place->size, 2 * place->size) != 0;
        piece->bits_differ += bits;
        piece->nan_payload += bits && !differs && is_nan;
        bool was_inf = isinf(golden[0]) || isinf(golden[1]), is_inf = isinf(now[0]) || isinf(now[1]);
        piece->nan_appeared += is_nan && !was_nan;
        piece->nan_vanished += was_nan && !is_nan;
        piece->inf_appeared += is_inf && !was_inf;
        piece->inf_vanished += was_inf && !is_inf;
        if (finite) {
            measure_complex(piece, golden, now, place->index, near, rule);
        } else {
            piece->outside += !near;
            golden[0] = golden[1] = now[0] = now[1] = 0;
        }
    }
}

// --- a block, a span ---

static void set_ulp_of_nan(struct tensor_block *block)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        if (isnan(block->golden[i]) || isnan(block->now[i]))
            clear_ulp(block, i);
    }
}

// 0 as bits is a number but of one type.
static void clear_padding(enum dtype dtype, double *numbers, size_t count)
{
    if (dtype == DTYPE_F8_E8M0)
        memset(numbers + count, 0, (TENSOR_BLOCK - count) * sizeof *numbers);
}

ALWAYS_INLINE void compare_equal(struct tensor_piece *piece, enum dtype dtype, const struct place *place)
{
    struct tensor_bits bits;
    double golden[TENSOR_BLOCK] __attribute__((aligned(64)));
    for (size_t i = 0; i < PARTS; i++)
        look_ahead(place, i);
    load_bits(&bits, dtype, place->golden);
    bool special = widen(golden, dtype, &bits);
    clear_padding(dtype, golden, place->count);
    if (special) {
        size_t together = dtype_is_complex(dtype) ? 2 : 1;
        for (size_t i = 0; i < TENSOR_BLOCK; i += together) {
            if (!isfinite(golden[i]) || !isfinite(golden[i + together - 1]))
                golden[i] = golden[i + together - 1] = 0;
        }
    }
    add_squares(piece, golden);
}

ALWAYS_INLINE void compare_block(struct tensor_piece *piece, enum dtype dtype, const struct place *place, size_t size,
                                 const struct tensor_rule *rule)
{
    if (!memcmp(place->golden, place->now, TENSOR_BLOCK * size)) {
        compare_equal(piece, dtype, place);
        return;
    }
    struct tensor_block block;
    struct tensor_bits golden, now;
    look_ahead(place, 0);
    load_bits(&golden, dtype, place->golden);
    load_bits(&now, dtype, place->now);
    look_ahead(place, 1);
    bool special = widen(block.golden, dtype, &golden);
    look_ahead(place, 2);
    special |= widen(block.now, dtype, &now);
    look_ahead(place, 3);
    clear_padding(dtype, block.golden, place->count);
    clear_padding(dtype, block.now, place->count);
    uint64_t bits = distance(&block, dtype, &golden, &now);
    look_ahead(place, 4);
    if (special)
        set_ulp_of_nan(&block);
    if (dtype_is_complex(dtype)) {
        compare_complex(piece, &block, place, rule);
    } else {
        piece->bits_differ += bits;
        look_ahead(place, 5);
        if (special)
            set_aside(piece, &block, place, rule->max_ulp);
        if (dtype == DTYPE_U64 || dtype == DTYPE_I64)
            measure_block(piece, &block, place->index, rule, true);
        else
            measure_block(piece, &block, place->index, rule, false);
    }
    look_ahead(place, 6);
    add_lanes(piece, block.golden, block.now);
    look_ahead(place, 7);
}

ALWAYS_INLINE void compare_span(struct tensor_piece *piece, const struct tensor_span *span,
                                const struct tensor_rule *rule)
{
    struct place place;
    size_t size = number_size(span->dtype);
    for (size_t first = 0; first < span->numbers; first += TENSOR_BLOCK) {
        place_block(&place, span, first, size);
        compare_block(piece, span->dtype, &place, size, rule);
    }
}

void tensor_block_exact(struct tensor_block *out, const struct tensor_span *span, size_t first)
{
    struct place place;
    struct tensor_bits golden, now;
    place_block(&place, span, first, number_size(span->dtype));
    load_bits(&golden, span->dtype, place.golden);
    load_bits(&now, span->dtype, place.now);
    bool special = widen(out->golden, span->dtype, &golden);
    special |= widen(out->now, span->dtype, &now);
    distance(out, span->dtype, &golden, &now);
    if (special)
        set_ulp_of_nan(out);
}

void tensor_numbers(double *out, enum dtype dtype, const unsigned char *bytes, size_t count)
{
    struct tensor_span span = {.dtype = dtype, .golden = bytes, .numbers = count};
    for (size_t first = 0; first < count; first += TENSOR_BLOCK) {
        struct place place;
        struct tensor_bits bits;
        double numbers[TENSOR_BLOCK];
        place_block(&place, &span, first, number_size(dtype));
        load_bits(&bits, dtype, place.golden);
        widen(numbers, dtype, &bits);
        memcpy(out + first, numbers, place.count * sizeof *out);
    }
}

// --- summaries ---

// Numbers that are not finite are counted and become `instead`.
static void count_special(struct tensor_sums *sums, double *numbers, size_t count, double instead)
{
    for (size_t i = 0; i < count; i++) {
        if (isfinite(numbers[i]))
            continue;
        sums->nan += isnan(numbers[i]) != 0;
        sums->inf += isinf(numbers[i]) != 0;
        sums->finite--;
        numbers[i] = instead;
    }
}

// One by one, for blocks with gaps in them; the sums then see zeros there.
static void add_range_of_finite(struct tensor_sums *sums, double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (isfinite(numbers[i])) {
            sums->min = numbers[i] < sums->min ? numbers[i] : sums->min;
            sums->max = numbers[i] > sums->max ? numbers[i] : sums->max;
        }
    }
    count_special(sums, numbers, count, 0);
    memset(numbers + count, 0, (TENSOR_BLOCK - count) * sizeof *numbers);
}

ALWAYS_INLINE void summarise_span(struct tensor_sums *sums, const struct tensor_span *span)
{
    struct place place;
    size_t size = number_size(span->dtype);
    for (size_t first = 0; first < span->numbers; first += TENSOR_BLOCK) {
        struct tensor_bits bits;
        double numbers[TENSOR_BLOCK] __attribute__((aligned(64)));
        place_block(&place, span, first, size);
        for (size_t i = 0; i < PARTS; i++)
            look_ahead(&place, i);
        load_bits(&bits, span->dtype, place.golden);
        bool special = widen(numbers, span->dtype, &bits);
        sums->finite += place.count;
        if (special || place.count < TENSOR_BLOCK)
            add_range_of_finite(sums, numbers, place.count);
        else
            add_range(sums, numbers);
        add_sums(sums, numbers);
    }
}

// --- the same for each instruction set ---

static bool always(void)
{
    return true;
}

#define KERNEL(name, target)                                                                                           \
    target static void compare_##name(struct tensor_piece *piece, const struct tensor_span *span,                      \
                                      const struct tensor_rule *rule)                                                  \
    {                                                                                                                  \
        compare_span(piece, span, rule);                                                                               \
    }                                                                                                                  \
    target static void summarise_##name(struct tensor_sums *sums, const struct tensor_span *span)                      \
    {                                                                                                                  \
        summarise_span(sums, span);                                                                                    \
    }

KERNEL(baseline, )

#if defined __x86_64__ && defined __GNUC__
// clang has no such option in an attribute, and uses the whole width anyway.
#ifdef __clang__
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#else
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,prefer-vector-width=512")))
#endif
KERNEL(avx512, AVX512)
KERNEL(avx2, __attribute__((target("avx2"))))

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

const struct tensor_kernel tensor_kernels[] = {
#if defined __x86_64__ && defined __GNUC__
    {"avx512", has_avx512, compare_avx512, summarise_avx512},
    {"avx2", has_avx2, compare_avx2, summarise_avx2},
#endif
    {"baseline", always, compare_baseline, summarise_baseline},
};
const size_t tensor_kernel_count = sizeof tensor_kernels / sizeof tensor_kernels[0];

const struct tensor_kernel *tensor_kernel_best(void)
{
    const struct tensor_kernel *kernel = tensor_kernels;
    while (!kernel->usable())
        kernel++;
    return kernel;
}

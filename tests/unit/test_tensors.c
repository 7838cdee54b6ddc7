// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// Tensors are held against a reference that is slow and obvious: numbers decoded field by field, distances counted in
// a sorted table of all numbers of a type.
#include "compare/tensors.h"
#include "compare/tensors_kernel.h"

#include "base/rng.h"
#include "unit.h"

#include <inttypes.h>
#include <math.h>

static const struct tensor_rule equality;

static struct tensor vector(enum dtype dtype, const void *data, uint64_t count)
{
    struct error err = {0};
    struct tensor tensor = {.dtype = dtype, .rank = 1, .shape = {count}};
    ck_ok(tensor_set_contiguous(&tensor, data, count * dtype_size(dtype), &err), &err);
    return tensor;
}

static struct tensor_difference compare(enum dtype dtype, const void *golden, const void *now, uint64_t count)
{
    struct tensor a = vector(dtype, golden, count), b = vector(dtype, now, count);
    struct tensor_difference d;
    tensor_compare(&d, &a, &b, &equality, 1);
    return d;
}

// --- the reference ---

struct format {
    enum dtype dtype;
    int exponent_bits, fraction_bits, bias;
    bool ieee, fnuz; // neither: e4m3
};
static const struct format formats[] = {
    {DTYPE_F8_E4M3, 4, 3, 7, false, false},    {DTYPE_F8_E5M2, 5, 2, 15, true, false},
    {DTYPE_F8_E4M3FNUZ, 4, 3, 8, false, true}, {DTYPE_F8_E5M2FNUZ, 5, 2, 16, false, true},
    {DTYPE_F16, 5, 10, 15, true, false},       {DTYPE_BF16, 8, 7, 127, true, false},
};

static double decode(const struct format *f, unsigned bits)
{
    int width = 1 + f->exponent_bits + f->fraction_bits;
    unsigned sign = bits >> (width - 1), exponent = bits >> f->fraction_bits & ((1u << f->exponent_bits) - 1);
    unsigned fraction = bits & ((1u << f->fraction_bits) - 1), top = (1u << f->exponent_bits) - 1;
    if (f->fnuz && sign && !exponent && !fraction)
        return NAN;
    if (f->ieee && exponent == top)
        return fraction ? NAN : sign ? -INFINITY : INFINITY;
    if (f->dtype == DTYPE_F8_E4M3 && exponent == top && fraction == 7)
        return NAN;
    double magnitude =
        exponent ? ldexp((double)(fraction | 1u << f->fraction_bits), (int)exponent - f->bias - f->fraction_bits)
                 : ldexp((double)fraction, 1 - f->bias - f->fraction_bits);
    return sign ? -magnitude : magnitude;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// All numbers of a format in order, each once; gives their count. Room for 65,536.
static size_t list_numbers(double *out, const struct format *f)
{
    size_t count = 0, unique = 0;
    for (unsigned bits = 0; bits < 1u << (1 + f->exponent_bits + f->fraction_bits); bits++) {
        double value = decode(f, bits);
        if (!isnan(value) && !(value == 0 && signbit(value)))
            out[count++] = value;
    }
    qsort(out, count, sizeof *out, by_value);
    for (size_t i = 0; i < count; i++) {
        if (unique == 0 || out[i] != out[unique - 1])
            out[unique++] = out[i];
    }
    return unique;
}

static size_t rank_of(const double *numbers, size_t count, double value)
{
    const double *found = bsearch(&value, numbers, count, sizeof *numbers, by_value);
    ck_assert_ptr_nonnull(found);
    return (size_t)(found - numbers);
}

static size_t bucket_of(uint64_t ulp)
{
    size_t bucket = 0;
    for (; ulp; ulp >>= 1)
        bucket++;
    return bucket;
}

// Random bytes, many of which are equal to their neighbour's or to one another's, so that everything is met.
static void fill_pair(struct rng *rng, unsigned char *a, unsigned char *b, size_t len, uint32_t differ)
{
    for (size_t i = 0; i < len; i++) {
        a[i] = (unsigned char)rng_u32(rng);
        b[i] = rng_below(rng, 100) < differ ? (unsigned char)rng_u32(rng) : a[i];
    }
}

// --- numbers of every type ---

static void check_numbers(int which)
{
    static double expected[65536];
    static unsigned char bytes[65536 * 2];
    const struct format *f = &formats[which];
    size_t size = dtype_size(f->dtype), count = size == 1 ? 256 : 65536;
    for (unsigned bits = 0; bits < count; bits++) {
        expected[bits] = decode(f, bits);
        memcpy(bytes + bits * size, &bits, size);
    }
    struct tensor small = vector(f->dtype, bytes, count), large = vector(DTYPE_F64, expected, count);
    struct tensor_difference d;
    tensor_compare(&d, &small, &large, &equality, 1);
    ck_assert_uint_eq(d.differing, 0);
    ck_assert_uint_eq(d.max_ulp, 0);
    for (unsigned bits = 0; bits < count; bits++) // something else is seen as such
        expected[bits] += expected[bits] / 4 + 1e-60;
    tensor_compare(&d, &small, &large, &equality, 1);
    ck_assert_uint_ge(d.differing, count - count / 8 - 2);
}

START_TEST(small_floats_have_the_numbers_of_their_formats)
{
    for (int which = 0; which < (int)(sizeof formats / sizeof formats[0]); which++)
        check_numbers(which);
}
END_TEST

static void check_ulps(int which)
{
    static double numbers[65536];
    enum { COUNT = 20000 };
    static unsigned char a[COUNT * 2], b[COUNT * 2];
    const struct format *f = &formats[which];
    size_t size = dtype_size(f->dtype), count = list_numbers(numbers, f);
    struct rng rng;
    rng_seed(&rng, 1);
    fill_pair(&rng, a, b, COUNT * size, 30);
    uint64_t histogram[TENSOR_HISTOGRAM] = {0}, sum = 0, with = 0, max = 0, at = 0, differing = 0;
    for (size_t i = 0; i < COUNT; i++) {
        unsigned x = 0, y = 0;
        memcpy(&x, a + i * size, size);
        memcpy(&y, b + i * size, size);
        double golden = decode(f, x), now = decode(f, y);
        if (isnan(golden) != isnan(now)) {
            histogram[65]++;
            differing++;
            continue;
        }
        size_t g = isnan(golden) ? 0 : rank_of(numbers, count, golden),
               n = isnan(now) ? 0 : rank_of(numbers, count, now);
        uint64_t ulp = g > n ? g - n : n - g;
        histogram[bucket_of(ulp)]++;
        sum += ulp;
        with++;
        differing += ulp != 0;
        if (ulp > max)
            max = ulp, at = i;
    }
    struct tensor_difference d = compare(f->dtype, a, b, COUNT);
    ck_assert_uint_eq(d.max_ulp, max);
    ck_assert_uint_eq(d.max_ulp_at, at);
    ck_assert_uint_eq(d.differing, differing);
    ck_assert_double_eq(d.mean_ulp, (double)sum / (double)with);
    ck_assert_mem_eq(d.histogram, histogram, sizeof histogram);
}

START_TEST(ulp_counts_the_numbers_between)
{
    for (int which = 0; which < (int)(sizeof formats / sizeof formats[0]); which++)
        check_ulps(which);
}
END_TEST

START_TEST(f8_e8m0_is_powers_of_two)
{
    unsigned char bits[256];
    double expected[256];
    for (int i = 0; i < 256; i++) {
        bits[i] = (unsigned char)i;
        expected[i] = i == 255 ? NAN : ldexp(1, i - 127);
    }
    struct tensor small = vector(DTYPE_F8_E8M0, bits, 256), large = vector(DTYPE_F64, expected, 256);
    struct tensor_difference d;
    tensor_compare(&d, &small, &large, &equality, 1);
    ck_assert_uint_eq(d.differing, 0);
    unsigned char a[] = {0, 254, 255, 255}, b[] = {254, 254, 255, 0};
    d = compare(DTYPE_F8_E8M0, a, b, 4);
    ck_assert_uint_eq(d.max_ulp, 254);
    ck_assert_uint_eq(d.differing, 2);
    ck_assert_uint_eq(d.nan_vanished, 1);
}
END_TEST

struct edge {
    uint64_t golden, now, ulp; // ulp UINT64_MAX: none
};

START_TEST(f32_distances_at_the_edges)
{
    static const struct edge edges[] = {
        {0x00000000, 0x80000000, 0},                    // 0, -0
        {0x00000000, 0x00000001, 1},                    // 0, least subnormal
        {0x80000001, 0x00000001, 2},                    // over zero
        {0x007fffff, 0x00800000, 1},                    // largest subnormal, least normal
        {0x3f800000, 0x3f800001, 1},                    // 1
        {0x3f7fffff, 0x3f800000, 1},                    // below 1
        {0x7f7fffff, 0x7f800000, 1},                    // largest, inf
        {0xff800000, 0x7f800000, UINT64_C(0xff000000)}, // -inf, inf
        {0xff7fffff, 0x7f7fffff, UINT64_C(0xfefffffe)}, // -max, max
        {0x7fc00000, 0x7fc00000, 0},                    // NaN
        {0x7fc00000, 0xff800001, 0},                    // NaN of two payloads
        {0x7fc00000, 0x3f800000, UINT64_MAX},           // NaN, 1
        {0x7f800000, 0x7f800001, UINT64_MAX},           // inf, NaN
    };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        uint32_t a = (uint32_t)edges[i].golden, b = (uint32_t)edges[i].now;
        bool none = edges[i].ulp == UINT64_MAX;
        for (int turn = 0; turn < 2; turn++) {
            struct tensor_difference d = turn ? compare(DTYPE_F32, &b, &a, 1) : compare(DTYPE_F32, &a, &b, 1);
            ck_assert_uint_eq(d.max_ulp, none ? 0 : edges[i].ulp);
            ck_assert_uint_eq(d.histogram[65], none);
            ck_assert_uint_eq(d.differing, edges[i].ulp != 0);
            ck_assert_uint_eq(d.bits_differ, a != b);
        }
    }
}
END_TEST

START_TEST(f64_distances_at_the_edges)
{
    static const struct edge edges[] = {
        {0, 0x8000000000000000, 0},
        {0x8000000000000001, 1, 2},
        {0x000fffffffffffff, 0x0010000000000000, 1},
        {0x7fefffffffffffff, 0x7ff0000000000000, 1},
        {0xfff0000000000000, 0x7ff0000000000000, 0xffe0000000000000},
        {0x7ff8000000000000, 0xfff0000000000001, 0},
        {0x7ff8000000000000, 0, UINT64_MAX},
        {0x3ff0000000000000, 0x4000000000000000, UINT64_C(1) << 52},
    };
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        bool none = edges[i].ulp == UINT64_MAX;
        struct tensor_difference d = compare(DTYPE_F64, &edges[i].golden, &edges[i].now, 1);
        ck_assert_uint_eq(d.max_ulp, none ? 0 : edges[i].ulp);
        ck_assert_uint_eq(d.histogram[none ? 65 : bucket_of(edges[i].ulp)], 1);
        ck_assert_uint_eq(d.differing, edges[i].ulp != 0);
    }
}
END_TEST

START_TEST(integer_distances_do_not_overflow)
{
    int64_t a64[] = {INT64_MIN, INT64_MAX, -1, 5}, b64[] = {INT64_MAX, INT64_MIN, 1, 5};
    struct tensor_difference d = compare(DTYPE_I64, a64, b64, 4);
    ck_assert_uint_eq(d.max_ulp, UINT64_MAX);
    ck_assert_uint_eq(d.max_ulp_at, 0);
    ck_assert_uint_eq(d.differing, 3);
    ck_assert_double_eq(d.max_abs, 0x1p64);
    ck_assert_uint_eq(d.histogram[64], 2);
    ck_assert_double_eq(d.mean_ulp, (2 * 0x1p64 + 2) / 4);
    uint64_t u64[] = {0, UINT64_MAX}, v64[] = {UINT64_MAX, UINT64_MAX - 1};
    d = compare(DTYPE_U64, u64, v64, 2);
    ck_assert_uint_eq(d.max_ulp, UINT64_MAX);
    ck_assert_uint_eq(d.differing, 2);
    int32_t a32[] = {INT32_MIN}, b32[] = {INT32_MAX};
    ck_assert_uint_eq(compare(DTYPE_I32, a32, b32, 1).max_ulp, UINT32_MAX);
    ck_assert_double_eq(compare(DTYPE_I32, a32, b32, 1).max_abs, UINT32_MAX);
    uint32_t u32[] = {3000000000}, v32[] = {1};
    ck_assert_uint_eq(compare(DTYPE_U32, u32, v32, 1).max_ulp, 2999999999);
    ck_assert_double_eq(compare(DTYPE_U32, u32, v32, 1).golden_at, 3e9);
    int16_t a16[] = {-32768}, b16[] = {32767};
    ck_assert_uint_eq(compare(DTYPE_I16, a16, b16, 1).max_ulp, 65535);
    int8_t a8[] = {-128}, b8[] = {127};
    ck_assert_uint_eq(compare(DTYPE_I8, a8, b8, 1).max_ulp, 255);
    ck_assert_double_eq(compare(DTYPE_I8, a8, b8, 1).golden_at, -128);
}
END_TEST

START_TEST(any_byte_but_zero_is_true)
{
    unsigned char a[] = {0, 1, 2, 255, 0}, b[] = {0, 255, 1, 7, 9};
    struct tensor_difference d = compare(DTYPE_BOOL, a, b, 5);
    ck_assert_uint_eq(d.differing, 1);
    ck_assert_uint_eq(d.bits_differ, 1);
    ck_assert_uint_eq(d.max_ulp, 1);
    ck_assert_uint_eq(d.max_ulp_at, 4);
    struct tensor x = vector(DTYPE_BOOL, a, 4), y = vector(DTYPE_BOOL, b, 4);
    ck_assert(tensor_same(&x, &y));
    x = vector(DTYPE_BOOL, a, 5), y = vector(DTYPE_BOOL, b, 5);
    ck_assert(!tensor_same(&x, &y));
}
END_TEST

// --- the statistics ---

START_TEST(what_is_not_finite_is_counted_and_left_out_of_the_sums)
{
    float a[] = {1, NAN, INFINITY, 2, -INFINITY, 3, INFINITY, NAN},
          b[] = {1, 5, INFINITY, NAN, INFINITY, INFINITY, 4, NAN};
    struct tensor_difference d = compare(DTYPE_F32, a, b, 8);
    ck_assert_uint_eq(d.differing, 5);
    ck_assert_uint_eq(d.outside, 5);
    ck_assert_uint_eq(d.nan_appeared, 1);
    ck_assert_uint_eq(d.nan_vanished, 1);
    ck_assert_uint_eq(d.inf_appeared, 1);
    ck_assert_uint_eq(d.inf_vanished, 1);
    ck_assert_double_eq(d.max_abs, 0);
    ck_assert_double_eq(d.max_rel, 0);
    ck_assert_double_eq(d.cosine, 1);
    ck_assert_uint_eq(d.histogram[65], 2);
    ck_assert_uint_eq(d.max_ulp_at, 4);
}
END_TEST

START_TEST(signs_of_zero_and_payloads_of_nan_are_told_apart)
{
    uint32_t a[] = {0, 0x7fc00000, 0x80000000, 0x3f800000}, b[] = {0x80000000, 0x7fc00001, 0, 0x3f800000};
    struct tensor_difference d = compare(DTYPE_F32, a, b, 4);
    ck_assert_uint_eq(d.differing, 0);
    ck_assert_uint_eq(d.bits_differ, 3);
    ck_assert_uint_eq(d.nan_payload, 1);
    struct tensor t = vector(DTYPE_F32, a, 4);
    char *text = tensor_describe(&d, &t);
    ck_assert_str_eq(text, "equal as numbers; 2 elements differ in the sign of zero, 1 in the payload of NaN");
    free(text);
}
END_TEST

START_TEST(the_largest_differences_are_found_where_they_are_first)
{
    double a[2000], b[2000];
    for (int i = 0; i < 2000; i++)
        a[i] = b[i] = 1 + i % 7;
    b[700] = a[700] + 0.5; // 1 + 0: relative 0.5
    b[1403] = a[1403] - 3; // 1 + 3 = 4: absolute 3
    b[1410] = a[1410] - 3; // again
    a[1999] = 0, b[1999] = 0x1p-1074;
    struct tensor_difference d = compare(DTYPE_F64, a, b, 2000);
    ck_assert_uint_eq(d.max_abs_at, 1403);
    ck_assert_double_eq(d.max_abs, 3);
    ck_assert_double_eq(d.golden_at, 4);
    ck_assert_double_eq(d.new_at, 1);
    ck_assert_uint_eq(d.max_rel_at, 1403);
    ck_assert_double_eq(d.max_rel, 0.75);
    ck_assert_uint_eq(d.differing, 4);
    ck_assert_uint_eq(d.histogram[1], 1);
}
END_TEST

START_TEST(relative_differences_of_subnormal_numbers_are_found)
{
    double a[1024], b[1024];
    for (int i = 0; i < 1024; i++)
        a[i] = b[i] = 5 * 0x1p-1074;
    b[3] = 8 * 0x1p-1074; // 0.6, which rounds to the whole distance when multiplied by one step
    a[900] = 0x1p-1074, b[900] = 2 * 0x1p-1074;
    struct tensor_difference d = compare(DTYPE_F64, a, b, 1024);
    ck_assert_double_eq(d.max_rel, 1);
    ck_assert_uint_eq(d.max_rel_at, 900);
}
END_TEST

START_TEST(complex_numbers_are_measured_by_magnitude_and_counted_by_part)
{
    float a[] = {3, 4, 0, 0, 1, 1, 2, 2}, b[] = {3, 4, 0, 0, 4, 5, 2, NAN};
    struct tensor_difference d = compare(DTYPE_C64, a, b, 4);
    ck_assert_uint_eq(d.count, 4);
    ck_assert_uint_eq(d.differing, 2);
    ck_assert_uint_eq(d.nan_appeared, 1);
    ck_assert_double_eq(d.max_abs, 5);
    ck_assert_uint_eq(d.max_abs_at, 2);
    ck_assert_double_eq_tol(d.max_rel, 5 / sqrt(2), 1e-15);
    ck_assert_uint_eq(d.histogram[0], 5);
    ck_assert_uint_eq(d.histogram[65], 1);
    ck_assert_uint_eq(d.max_ulp_at, 2);
    double x[] = {1e200, 1e200}, y[] = {2e200, 1e200};
    d = compare(DTYPE_C128, x, y, 1);
    ck_assert_double_eq(d.max_abs, 1e200);
    ck_assert_double_eq_tol(d.max_rel, 1 / sqrt(2), 1e-15);
}
END_TEST

START_TEST(blocks_differ_or_do_not)
{
    unsigned char a[18 * 6], b[sizeof a];
    memset(a, 1, sizeof a);
    memcpy(b, a, sizeof b);
    b[18 * 4 + 3] = b[18 * 5] = 2;
    struct error err = {0};
    struct tensor x = {.dtype = DTYPE_BLOCK,
                       .type_name = "Q4_0",
                       .rank = 2,
                       .shape = {2, 96},
                       .block_bytes = 18,
                       .block_elements = 32};
    struct tensor y = x;
    ck_ok(tensor_set_contiguous(&x, a, sizeof a, &err), &err);
    ck_ok(tensor_set_contiguous(&y, b, sizeof b, &err), &err);
    struct tensor_difference d;
    tensor_compare(&d, &x, &y, &equality, 1);
    ck_assert_uint_eq(d.count, 6);
    ck_assert_uint_eq(d.differing, 2);
    ck_assert(!tensor_same(&x, &y));
    ck_assert(tensor_same(&x, &x));
    char *text = tensor_describe(&d, &x);
    ck_assert_str_eq(text, "2 of 6 blocks differ, first at [1,32]");
    free(text);
}
END_TEST

START_TEST(equal_vectors_have_the_cosine_one)
{
    float a[3001];
    struct rng rng;
    rng_seed(&rng, 5);
    for (int i = 0; i < 3001; i++)
        a[i] = (float)rng_unit(&rng) - 0.3f;
    ck_assert_double_eq(compare(DTYPE_F32, a, a, 3001).cosine, 1);
    float b[3001];
    for (int i = 0; i < 3001; i++)
        b[i] = -a[i];
    ck_assert_double_eq(compare(DTYPE_F32, a, b, 3001).cosine, -1);
    memset(b, 0, sizeof b);
    ck_assert_double_nan(compare(DTYPE_F32, a, b, 3001).cosine);
}
END_TEST

// --- rules ---

START_TEST(an_element_within_either_tolerance_is_within)
{
    static const struct {
        struct tensor_rule rule;
        uint64_t outside;
    } rules[] = {
        {{0}, 4},
        {{.max_ulp = 1}, 3},
        {{.max_ulp = (1u << 21) - 1}, 3},
        {{.abs = 0.26}, 2},
        {{.rel = 0.26}, 1},
        {{.abs = 1e30, .rel = 1e30}, 1}, // not even so is an infinity near a number
        {{.max_ulp = UINT64_MAX}, 0},    // but there is a last number before it
    };
    float a[] = {1, 1, 8, 5, INFINITY}, b[] = {1.0000001f, 1.25f, 10, 5, 3};
    struct tensor x = vector(DTYPE_F32, a, 5), y = vector(DTYPE_F32, b, 5);
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct tensor_difference d;
        tensor_compare(&d, &x, &y, &rules[i].rule, 1);
        ck_assert_uint_eq(d.differing, 4);
        ck_assert_msg(d.outside == rules[i].outside, "rule %zu: %" PRIu64, i, d.outside);
    }
}
END_TEST

START_TEST(close_depends_on_the_type)
{
    struct tensor_rule close = {.close = true, .abs = 5, .max_ulp = 2};
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_F32).rel, 1.3e-6);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_F32).abs, 1e-5);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_C64).rel, 1.3e-6);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_BF16).rel, 1.6e-2);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_F16).rel, 1e-3);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_F64).rel, 1e-7);
    ck_assert_double_eq(tensor_rule_for(&close, DTYPE_I32).abs, 0);
    ck_assert_uint_eq(tensor_rule_for(&close, DTYPE_I32).max_ulp, 2);
}
END_TEST

// --- the same however it is computed ---

static const enum dtype numeric[] = {DTYPE_BOOL,    DTYPE_U8,          DTYPE_I8,          DTYPE_U16,     DTYPE_I16,
                                     DTYPE_U32,     DTYPE_I32,         DTYPE_U64,         DTYPE_I64,     DTYPE_F8_E4M3,
                                     DTYPE_F8_E5M2, DTYPE_F8_E4M3FNUZ, DTYPE_F8_E5M2FNUZ, DTYPE_F8_E8M0, DTYPE_F16,
                                     DTYPE_BF16,    DTYPE_F32,         DTYPE_F64,         DTYPE_C64,     DTYPE_C128};
#define NUMERIC (int)(sizeof numeric / sizeof numeric[0])

static void check_kernels(int which)
{
    enum { COUNT = 3 * TENSOR_BLOCK + 38 };
    static unsigned char a[COUNT * 8 + 1], b[COUNT * 8 + 1];
    struct rng rng;
    rng_seed(&rng, (uint64_t)which);
    for (int round = 0; round < 8; round++) {
        const struct tensor_rule rule = {.rel = round % 2 ? 0.125 : 0, .max_ulp = round % 3};
        fill_pair(&rng, a, b, sizeof a, round < 4 ? 2 : 60);
        size_t size = dtype_size(numeric[which]) / (dtype_is_complex(numeric[which]) ? 2 : 1);
        memcpy(b + 1 + TENSOR_BLOCK * size, a + 1 + TENSOR_BLOCK * size, TENSOR_BLOCK * size); // one block is equal
        struct tensor_span span = {.dtype = numeric[which], .golden = a + 1, .now = b + 1, .numbers = COUNT};
        struct tensor_piece pieces[2];
        struct tensor_sums sums[2];
        for (size_t k = 0; k < tensor_kernel_count; k++) {
            struct tensor_piece *piece = &pieces[k > 0];
            struct tensor_sums *sum = &sums[k > 0];
            if (k > 0 && !tensor_kernels[k].usable())
                continue;
            const struct tensor_kernel *kernel = k > 0 ? &tensor_kernels[k] : tensor_kernel_best();
            memset(piece, 0, sizeof *piece);
            memset(sum, 0, sizeof *sum);
            kernel->compare(piece, &span, &rule);
            kernel->summarise(sum, &span);
            ck_assert_msg(!memcmp(piece, &pieces[0], sizeof *piece), "%s differs", kernel->name);
            ck_assert_msg(!memcmp(sum, &sums[0], sizeof *sum), "%s differs", kernel->name);
        }
    }
}

START_TEST(every_instruction_set_gives_the_same_bits)
{
    for (int which = 0; which < NUMERIC; which++)
        check_kernels(which);
}
END_TEST

static void check_threads(int which)
{
    enum { COUNT = 300001 };
    enum dtype dtype = numeric[which];
    size_t size = dtype_size(dtype) * COUNT;
    unsigned char *a = malloc(size), *b = malloc(size);
    struct rng rng;
    rng_seed(&rng, 7 + (uint64_t)which);
    fill_pair(&rng, a, b, size, 5);
    struct tensor x = vector(dtype, a, COUNT), y = vector(dtype, b, COUNT);
    static const size_t threads[] = {1, 2, 8};
    struct tensor_difference d[3];
    struct tensor_summary s[3];
    memset(d, 0, sizeof d);
    memset(s, 0, sizeof s);
    for (int i = 0; i < 3; i++) {
        tensor_compare(&d[i], &x, &y, &equality, threads[i]);
        tensor_summarise(&s[i], &x, threads[i]);
        ck_assert_mem_eq(&d[i], &d[0], sizeof d[0]);
        ck_assert_mem_eq(&s[i], &s[0], sizeof s[0]);
    }
    ck_assert_uint_eq(d[0].count, COUNT);
    ck_assert(d[0].differing > 0);
    ck_assert(!tensor_same(&x, &y));
    memcpy(b, a, size);
    ck_assert(tensor_same(&x, &y));
    tensor_compare(&d[0], &x, &y, &equality, 2);
    ck_assert_uint_eq(d[0].bits_differ + d[0].differing + d[0].max_ulp, 0);
    b[size - 1] ^= dtype == DTYPE_BOOL ? 0 : 1;
    ck_assert(tensor_same(&x, &y) == (dtype == DTYPE_BOOL));
    free(a);
    free(b);
}

START_TEST(the_number_of_threads_changes_nothing)
{
    for (int which = 0; which < NUMERIC; which++)
        check_threads(which);
}
END_TEST

static void check_strides(int which)
{
    enum { ROWS = 130, COLUMNS = 77, COUNT = ROWS * COLUMNS };
    enum dtype dtype = numeric[which];
    size_t size = dtype_size(dtype), word = dtype_is_complex(dtype) ? size / 2 : size;
    static unsigned char a[COUNT * 16], b[COUNT * 16], odd[COUNT * 16 + 3], turned[COUNT * 16];
    struct rng rng;
    rng_seed(&rng, 17);
    fill_pair(&rng, a, b, COUNT * size, 20);
    memcpy(odd + 3, b, COUNT * size);
    for (size_t i = 0; i < COUNT; i++) { // columns first, and the other byte order
        size_t to = (i % COLUMNS) * ROWS + i / COLUMNS;
        for (size_t k = 0; k < size; k++)
            turned[to * size + k] = b[i * size + k / word * word + (word - 1 - k % word)];
    }
    struct error err = {0};
    struct tensor plain = {.dtype = dtype, .rank = 2, .shape = {ROWS, COLUMNS}}, golden = plain, moved = plain,
                  other = plain;
    ck_ok(tensor_set_contiguous(&golden, a, COUNT * size, &err), &err);
    ck_ok(tensor_set_contiguous(&plain, b, COUNT * size, &err), &err);
    ck_ok(tensor_set_contiguous(&moved, odd + 3, COUNT * size, &err), &err);
    other.big_endian = true;
    tensor_fortran_strides(&other);
    ck_ok(tensor_set_strided(&other, turned, COUNT * size, 0, &err), &err);
    struct tensor_difference d[3];
    memset(d, 0, sizeof d);
    tensor_compare(&d[0], &golden, &plain, &equality, 1);
    tensor_compare(&d[1], &golden, &moved, &equality, 1);
    tensor_compare(&d[2], &golden, &other, &equality, 2);
    ck_assert(d[0].differing > 0);
    ck_assert_mem_eq(&d[1], &d[0], sizeof d[0]);
    ck_assert_mem_eq(&d[2], &d[0], sizeof d[0]);
    ck_assert(tensor_same(&plain, &other));
    ck_assert(!tensor_same(&golden, &other));
    struct tensor_summary s[2];
    memset(s, 0, sizeof s);
    tensor_summarise(&s[0], &plain, 1);
    tensor_summarise(&s[1], &other, 2);
    ck_assert_mem_eq(&s[0], &s[1], sizeof s[0]);
}

START_TEST(strides_byte_order_and_alignment_change_nothing)
{
    for (int which = 0; which < NUMERIC; which++)
        check_strides(which);
}
END_TEST

START_TEST(tensors_of_any_rank_are_compared)
{
    double one = 1, two = 2;
    struct error err = {0};
    struct tensor a = {.dtype = DTYPE_F64}, b = a;
    ck_ok(tensor_set_contiguous(&a, (const unsigned char *)&one, 8, &err), &err);
    ck_ok(tensor_set_contiguous(&b, (const unsigned char *)&two, 8, &err), &err);
    struct tensor_difference d;
    tensor_compare(&d, &a, &b, &equality, 0);
    char *text = tensor_describe(&d, &a);
    ck_assert_str_eq(text, "max 4,503,599,627,370,496 ULP (1) at [], 1 of 1 differs");
    free(text);
    struct tensor c = {.dtype = DTYPE_F64, .rank = 32};
    for (int i = 0; i < 32; i++)
        c.shape[i] = 1;
    struct tensor e = c;
    ck_ok(tensor_set_contiguous(&c, (const unsigned char *)&one, 8, &err), &err);
    ck_ok(tensor_set_contiguous(&e, (const unsigned char *)&one, 8, &err), &err);
    tensor_compare(&d, &c, &e, &equality, 0);
    ck_assert_uint_eq(d.count, 1);
    ck_assert_uint_eq(d.differing, 0);
}
END_TEST

static void check_empty(int which)
{
    struct error err = {0};
    struct tensor a = {.dtype = numeric[which], .rank = 3, .shape = {4, 0, 7}};
    ck_ok(tensor_set_contiguous(&a, NULL, 0, &err), &err);
    struct tensor_difference d;
    struct tensor_summary s;
    tensor_compare(&d, &a, &a, &equality, 0);
    tensor_summarise(&s, &a, 0);
    ck_assert_uint_eq(d.count + d.differing + d.outside + d.bits_differ + d.histogram[0], 0);
    ck_assert_double_nan(d.cosine);
    ck_assert_double_eq(s.min + s.max + s.mean + s.l2, 0);
    ck_assert(tensor_same(&a, &a));
}

START_TEST(tensors_without_elements_are_equal)
{
    for (int which = 0; which < NUMERIC; which++)
        check_empty(which);
}
END_TEST

// --- summaries ---

START_TEST(summaries_are_of_finite_numbers)
{
    float a[] = {3, NAN, -4, INFINITY, 0, 1, -INFINITY};
    struct tensor t = vector(DTYPE_F32, a, 7);
    struct tensor_summary s;
    tensor_summarise(&s, &t, 1);
    ck_assert_double_eq(s.min, -4);
    ck_assert_double_eq(s.max, 3);
    ck_assert_double_eq(s.mean, 0);
    ck_assert_double_eq(s.l2, sqrt(26));
    ck_assert_uint_eq(s.nan, 1);
    ck_assert_uint_eq(s.inf, 2);
    float b[] = {NAN, INFINITY};
    t = vector(DTYPE_F32, b, 2);
    tensor_summarise(&s, &t, 1);
    ck_assert_double_eq(s.min + s.max + s.mean + s.l2, 0);
    unsigned char e8[] = {127, 128}; // 1 and 2: what is beyond the end must not count
    t = vector(DTYPE_F8_E8M0, e8, 2);
    tensor_summarise(&s, &t, 1);
    ck_assert_double_eq(s.min, 1);
    ck_assert_double_eq(s.mean, 1.5);
    ck_assert_double_eq(s.l2, sqrt(5));
    float zeros[] = {-0.0f, -0.0f};
    t = vector(DTYPE_F32, zeros, 2);
    tensor_summarise(&s, &t, 1);
    ck_assert(!signbit(s.min) && !signbit(s.max) && !signbit(s.mean));
}
END_TEST

UNIT_MAIN("tensors", small_floats_have_the_numbers_of_their_formats, ulp_counts_the_numbers_between,
          f8_e8m0_is_powers_of_two, f32_distances_at_the_edges, f64_distances_at_the_edges,
          integer_distances_do_not_overflow, any_byte_but_zero_is_true,
          what_is_not_finite_is_counted_and_left_out_of_the_sums, signs_of_zero_and_payloads_of_nan_are_told_apart,
          the_largest_differences_are_found_where_they_are_first, relative_differences_of_subnormal_numbers_are_found,
          complex_numbers_are_measured_by_magnitude_and_counted_by_part, blocks_differ_or_do_not,
          equal_vectors_have_the_cosine_one, an_element_within_either_tolerance_is_within, close_depends_on_the_type,
          every_instruction_set_gives_the_same_bits, the_number_of_threads_changes_nothing,
          strides_byte_order_and_alignment_change_nothing, tensors_of_any_rank_are_compared,
          tensors_without_elements_are_equal, summaries_are_of_finite_numbers)

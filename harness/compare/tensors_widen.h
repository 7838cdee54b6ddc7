// SPDX-License-Identifier: Apache-2.0
//
// Blocks of numbers of any type as doubles, and how far apart they are in their own representation. Every number of at
// most 32 bits, and every f64, is exactly a double; 64-bit integers are rounded, but not their distance.
// Only for tensors_kernel.c, which compiles these loops once for each instruction set.
//
//   f16 s.5.10  bf16 s.8.7  e5m2 s.5.2: IEEE-like, the highest exponent is NaN and infinity
//   e4m3 s.4.3: no infinities, NaN is s.1111.111
//   e4m3fnuz, e5m2fnuz: the exponent's bias is one more, NaN is what would be −0, everything else is a number
//   e8m0: 2^(bits − 127), NaN is 0xff
#ifndef REPRO_COMPARE_TENSORS_WIDEN_H
#define REPRO_COMPARE_TENSORS_WIDEN_H

#include "compare/tensors_kernel.h"

#include <math.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// Words in a file, wherever they begin.
typedef uint16_t any_u16 __attribute__((aligned(1), may_alias));
typedef uint32_t any_u32 __attribute__((aligned(1), may_alias));
typedef uint64_t any_u64 __attribute__((aligned(1), may_alias));

// The bits of a block: in the file itself where the type has 32 or 64 bits, else in `room`.
struct tensor_bits {
    const any_u32 *narrow; // of types of at most 32 bits
    const any_u64 *wide;
    uint32_t room[TENSOR_BLOCK];
};

// A type with sign, exponent and fraction of at most 16 bits.
struct tensor_form {
    uint32_t sign;    // its bit
    uint32_t special; // the least magnitude that is not finite; 0: only the sign bit alone is NaN
    bool infinity;    // `special` itself is infinity, not NaN
    int fraction, bias;
};

ALWAYS_INLINE float bits_to_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

ALWAYS_INLINE uint32_t float_to_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

ALWAYS_INLINE double bits_to_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// --- the bits ---

ALWAYS_INLINE void load_8(struct tensor_bits *bits, const unsigned char *restrict from)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        bits->room[i] = from[i];
}

ALWAYS_INLINE void load_i8(struct tensor_bits *bits, const unsigned char *restrict from)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        bits->room[i] = (uint32_t)(int8_t)from[i];
}

ALWAYS_INLINE void load_bool(struct tensor_bits *bits, const unsigned char *restrict from)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        bits->room[i] = from[i] != 0;
}

ALWAYS_INLINE void load_16(struct tensor_bits *bits, const any_u16 *restrict from)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        bits->room[i] = from[i];
}

ALWAYS_INLINE void load_i16(struct tensor_bits *bits, const any_u16 *restrict from)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        bits->room[i] = (uint32_t)(int16_t)from[i];
}

// Takes a full block of the type's bytes, which stay where they are for as long as the bits are looked at.
ALWAYS_INLINE void load_bits(struct tensor_bits *bits, enum dtype dtype, const unsigned char *bytes)
{
    bits->narrow = bits->room;
    bits->wide = NULL;
    switch (dtype) {
    case DTYPE_BOOL:
        load_bool(bits, bytes);
        break;
    case DTYPE_I8:
        load_i8(bits, bytes);
        break;
    case DTYPE_I16:
        load_i16(bits, (const any_u16 *)bytes);
        break;
    case DTYPE_U16:
    case DTYPE_F16:
    case DTYPE_BF16:
        load_16(bits, (const any_u16 *)bytes);
        break;
    case DTYPE_U32:
    case DTYPE_I32:
    case DTYPE_F32:
    case DTYPE_C64:
        bits->narrow = (const any_u32 *)bytes;
        break;
    case DTYPE_U64:
    case DTYPE_I64:
    case DTYPE_F64:
    case DTYPE_C128:
        bits->wide = (const any_u64 *)bytes;
        break;
    default:
        load_8(bits, bytes);
        break;
    }
}

// --- the numbers: true when one of them is not finite ---

ALWAYS_INLINE bool widen_form(double *restrict to, const any_u32 *restrict bits, struct tensor_form form)
{
    const uint32_t offset = (uint32_t)(127 - form.bias) << 23, one = UINT32_C(1) << 23;
    const uint32_t shift = 31 - (uint32_t)__builtin_ctz(form.sign), infinite = 0x7f800000, nan = 0x7fc00000;
    uint32_t special = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        uint32_t magnitude = bits[i] & (form.sign - 1), sign = (bits[i] & form.sign) << shift;
        // A subnormal number gets a leading one in front, which is then taken away again.
        uint32_t leading = magnitude >> form.fraction ? 0 : offset + one;
        uint32_t shifted = (magnitude << (23 - form.fraction)) + offset + (leading ? one : 0);
        uint32_t value = float_to_bits(bits_to_float(shifted) - bits_to_float(leading));
        uint32_t odd = form.special ? magnitude >= form.special : bits[i] == form.sign;
        uint32_t instead = form.infinity && magnitude == form.special ? infinite : nan;
        to[i] = bits_to_float(sign | (odd ? instead : value));
        special |= odd;
    }
    return special;
}

ALWAYS_INLINE bool widen_e8m0(double *restrict to, const any_u32 *restrict bits)
{
    uint32_t special = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        to[i] = bits[i] == 0xff ? NAN : bits_to_double((uint64_t)(bits[i] + 1023 - 127) << 52);
        special |= bits[i] == 0xff;
    }
    return special;
}

ALWAYS_INLINE bool widen_f32(double *restrict to, const any_u32 *restrict bits)
{
    uint32_t special = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        to[i] = bits_to_float(bits[i]);
        special |= (bits[i] & 0x7fffffff) >= 0x7f800000;
    }
    return special;
}

ALWAYS_INLINE bool widen_f64(double *restrict to, const any_u64 *restrict bits)
{
    uint64_t special = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        to[i] = bits_to_double(bits[i]);
        // Overflows into the sign bit when the exponent is the highest.
        special |= (bits[i] & 0x7fffffffffffffff) + 0x0010000000000000;
    }
    return special >> 63;
}

ALWAYS_INLINE bool widen_u32(double *restrict to, const any_u32 *restrict bits)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        to[i] = bits[i];
    return false;
}

ALWAYS_INLINE bool widen_i32(double *restrict to, const any_u32 *restrict bits)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        to[i] = (int32_t)bits[i];
    return false;
}

ALWAYS_INLINE bool widen_u64(double *restrict to, const any_u64 *restrict bits)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        to[i] = (double)bits[i];
    return false;
}

ALWAYS_INLINE bool widen_i64(double *restrict to, const any_u64 *restrict bits)
{
    for (size_t i = 0; i < TENSOR_BLOCK; i++)
        to[i] = (double)(int64_t)bits[i];
    return false;
}

ALWAYS_INLINE bool widen(double *to, enum dtype dtype, const struct tensor_bits *bits)
{
    const struct tensor_form f16 = {0x8000, 0x7c00, true, 10, 15}, bf16 = {0x8000, 0x7f80, true, 7, 127};
    const struct tensor_form e4m3 = {0x80, 0x7f, false, 3, 7}, e5m2 = {0x80, 0x7c, true, 2, 15};
    const struct tensor_form e4m3fnuz = {0x80, 0, false, 3, 8}, e5m2fnuz = {0x80, 0, false, 2, 16};
    switch (dtype) {
    case DTYPE_F8_E4M3:
        return widen_form(to, bits->narrow, e4m3);
    case DTYPE_F8_E5M2:
        return widen_form(to, bits->narrow, e5m2);
    case DTYPE_F8_E4M3FNUZ:
        return widen_form(to, bits->narrow, e4m3fnuz);
    case DTYPE_F8_E5M2FNUZ:
        return widen_form(to, bits->narrow, e5m2fnuz);
    case DTYPE_F8_E8M0:
        return widen_e8m0(to, bits->narrow);
    case DTYPE_F16:
        return widen_form(to, bits->narrow, f16);
    case DTYPE_BF16:
        return widen_form(to, bits->narrow, bf16);
    case DTYPE_F32:
    case DTYPE_C64:
        return widen_f32(to, bits->narrow);
    case DTYPE_F64:
    case DTYPE_C128:
        return widen_f64(to, bits->wide);
    case DTYPE_I8:
    case DTYPE_I16:
    case DTYPE_I32:
        return widen_i32(to, bits->narrow);
    case DTYPE_U64:
        return widen_u64(to, bits->wide);
    case DTYPE_I64:
        return widen_i64(to, bits->wide);
    default:
        return widen_u32(to, bits->narrow);
    }
}

// --- the distances ---

// Bits with a sign in front as a signed number that grows as the float does.
ALWAYS_INLINE int32_t key_32(uint32_t bits, uint32_t sign)
{
    int32_t magnitude = (int32_t)(bits & (sign - 1));
    return bits & sign ? -magnitude : magnitude;
}

ALWAYS_INLINE int64_t key_64(uint64_t bits)
{
    int64_t magnitude = (int64_t)(bits & 0x7fffffffffffffff);
    return bits >> 63 ? -magnitude : magnitude;
}

ALWAYS_INLINE uint32_t apart_i32(int32_t a, int32_t b)
{
    return a > b ? (uint32_t)a - (uint32_t)b : (uint32_t)b - (uint32_t)a;
}

ALWAYS_INLINE uint64_t apart_i64(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

ALWAYS_INLINE uint64_t distance_sign(uint32_t *restrict ulp, const any_u32 *restrict a, const any_u32 *restrict b,
                                     uint32_t sign)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = apart_i32(key_32(a[i], sign), key_32(b[i], sign));
    }
    return bits;
}

ALWAYS_INLINE uint64_t distance_i32(uint32_t *restrict ulp, const any_u32 *restrict a, const any_u32 *restrict b)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = apart_i32((int32_t)a[i], (int32_t)b[i]);
    }
    return bits;
}

ALWAYS_INLINE uint64_t distance_u32(uint32_t *restrict ulp, const any_u32 *restrict a, const any_u32 *restrict b)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
    }
    return bits;
}

ALWAYS_INLINE uint64_t distance_f64(uint64_t *restrict ulp, const any_u64 *restrict a, const any_u64 *restrict b)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = apart_i64(key_64(a[i]), key_64(b[i]));
    }
    return bits;
}

ALWAYS_INLINE uint64_t distance_i64(uint64_t *restrict ulp, const any_u64 *restrict a, const any_u64 *restrict b)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = apart_i64((int64_t)a[i], (int64_t)b[i]);
    }
    return bits;
}

ALWAYS_INLINE uint64_t distance_u64(uint64_t *restrict ulp, const any_u64 *restrict a, const any_u64 *restrict b)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < TENSOR_BLOCK; i++) {
        bits += a[i] != b[i];
        ulp[i] = a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
    }
    return bits;
}

// Gives how many words differ.
ALWAYS_INLINE uint64_t distance(struct tensor_block *block, enum dtype dtype, const struct tensor_bits *a,
                                const struct tensor_bits *b)
{
    block->wide = a->wide != NULL;
    switch (dtype) {
    case DTYPE_F8_E4M3:
    case DTYPE_F8_E5M2:
    case DTYPE_F8_E4M3FNUZ:
    case DTYPE_F8_E5M2FNUZ:
        return distance_sign(block->ulp.narrow, a->narrow, b->narrow, 0x80);
    case DTYPE_F16:
    case DTYPE_BF16:
        return distance_sign(block->ulp.narrow, a->narrow, b->narrow, 0x8000);
    case DTYPE_F32:
    case DTYPE_C64:
        return distance_sign(block->ulp.narrow, a->narrow, b->narrow, 0x80000000);
    case DTYPE_F64:
    case DTYPE_C128:
        return distance_f64(block->ulp.wide, a->wide, b->wide);
    case DTYPE_I8:
    case DTYPE_I16:
    case DTYPE_I32:
        return distance_i32(block->ulp.narrow, a->narrow, b->narrow);
    case DTYPE_I64:
        return distance_i64(block->ulp.wide, a->wide, b->wide);
    case DTYPE_U64:
        return distance_u64(block->ulp.wide, a->wide, b->wide);
    default:
        return distance_u32(block->ulp.narrow, a->narrow, b->narrow);
    }
}

#endif

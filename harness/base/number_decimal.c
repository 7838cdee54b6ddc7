// SPDX-License-Identifier: Apache-2.0
//
// Decimals of up to 19 digits to the nearest double, without the multiplications of any length that the general case
// takes. After D. Lemire, "Number parsing at a gigabyte per second" (Software: Practice and Experience 51, 2021): the
// mantissa times the first 64 (where those leave it open, 128) bits of 5^exponent decide all 53 bits and how the rest
// is rounded, for there is no other decimal near enough.
#include "base/number.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { LEAST = -27, SHIFT = 9 /* bits of the product below the 53 that are kept, the rounded one, and one more */ };

// 2^(127 + ⌈log2 5^n⌉) / 5^n, rounded up: high and low half.
static const uint64_t reciprocals[][2] = {
    {0xcccccccccccccccc, 0xcccccccccccccccd}, // 5^-1
    {0xa3d70a3d70a3d70a, 0x3d70a3d70a3d70a4}, // 5^-2
    {0x83126e978d4fdf3b, 0x645a1cac083126ea}, // 5^-3
    {0xd1b71758e219652b, 0xd3c36113404ea4a9}, // 5^-4
    {0xa7c5ac471b478423, 0x0fcf80dc33721d54}, // 5^-5
    {0x8637bd05af6c69b5, 0xa63f9a49c2c1b110}, // 5^-6
    {0xd6bf94d5e57a42bc, 0x3d32907604691b4d}, // 5^-7
    {0xabcc77118461cefc, 0xfdc20d2b36ba7c3e}, // 5^-8
    {0x89705f4136b4a597, 0x31680a88f8953031}, // 5^-9
    {0xdbe6fecebdedd5be, 0xb573440e5a884d1c}, // 5^-10
    {0xafebff0bcb24aafe, 0xf78f69a51539d749}, // 5^-11
    {0x8cbccc096f5088cb, 0xf93f87b7442e45d4}, // 5^-12
    {0xe12e13424bb40e13, 0x2865a5f206b06fba}, // 5^-13
    {0xb424dc35095cd80f, 0x538484c19ef38c95}, // 5^-14
    {0x901d7cf73ab0acd9, 0x0f9d37014bf60a11}, // 5^-15
    {0xe69594bec44de15b, 0x4c2ebe687989a9b4}, // 5^-16
    {0xb877aa3236a4b449, 0x09befeb9fad487c3}, // 5^-17
    {0x9392ee8e921d5d07, 0x3aff322e62439fd0}, // 5^-18
    {0xec1e4a7db69561a5, 0x2b31e9e3d06c32e6}, // 5^-19
    {0xbce5086492111aea, 0x88f4bb1ca6bcf585}, // 5^-20
    {0x971da05074da7bee, 0xd3f6fc16ebca5e04}, // 5^-21
    {0xf1c90080baf72cb1, 0x5324c68b12dd6339}, // 5^-22
    {0xc16d9a0095928a27, 0x75b7053c0f178294}, // 5^-23
    {0x9abe14cd44753b52, 0xc4926a9672793543}, // 5^-24
    {0xf79687aed3eec551, 0x3a83ddbd83f52205}, // 5^-25
    {0xc612062576589dda, 0x95364afe032a819e}, // 5^-26
    {0x9e74d1b791e07e48, 0x775ea264cf55347e}, // 5^-27
};

// The leading bits of w × 5^-n, in two halves. `w` has its highest bit set.
static wide leading(uint64_t w, int n)
{
    const uint64_t *r = reciprocals[n - 1];
    wide product = (wide)w * r[0];
    uint64_t open = (UINT64_C(1) << SHIFT) - 1;
    if (((uint64_t)(product >> 64) & open) == open)
        product += (wide)w * r[1] >> 64; // a carry from below may reach the bits that count
    return product;
}

bool number_decimal(double *out, uint64_t digits, int exponent)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (digits <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        // Both are exactly doubles: the one operation rounds once.
        *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
        return true;
    }
    if (exponent == 0) {
        *out = (double)digits;
        return true;
    }
    if (digits == 0 || exponent < LEAST || exponent > 0)
        return false;
    int zeros = __builtin_clzll(digits);
    wide product = leading(digits << zeros, -exponent);
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    int upper = (int)(high >> 63);
    uint64_t mantissa = high >> (upper + SHIFT);
    // log2 10^exponent, rounded down, is exponent × 217706 / 2^16.
    int64_t biased = ((int64_t)exponent * 217706 >> 16) + 63 + upper - zeros + 1023;
    // Half way between two doubles, which only a small power of five can be: to the even one.
    if (low <= 1 && exponent >= -4 && (mantissa & 3) == 1 && mantissa << (upper + SHIFT) == high)
        mantissa &= ~UINT64_C(1);
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> 53) {
        mantissa >>= 1;
        biased++;
    }
    uint64_t bits = (mantissa & ~(UINT64_C(1) << 52)) | (uint64_t)biased << 52;
    memcpy(out, &bits, sizeof bits);
    return true;
}

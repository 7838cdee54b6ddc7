// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/rng.h"
#include "unit.h"

START_TEST(the_numbers_are_those_of_the_published_example)
{
    static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e};
    struct rng rng;
    rng_seed(&rng, 42);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(rng_u32(&rng), expected[i]);
}
END_TEST

START_TEST(another_seed_gives_other_numbers)
{
    struct rng a, b;
    rng_seed(&a, 1);
    rng_seed(&b, 2);
    int same = 0;
    for (int i = 0; i < 1000; i++)
        same += rng_u32(&a) == rng_u32(&b);
    ck_assert_int_lt(same, 3);
}
END_TEST

START_TEST(a_bounded_number_stays_below_and_reaches_all)
{
    struct rng rng;
    rng_seed(&rng, 7);
    int seen[6] = {0};
    for (int i = 0; i < 60000; i++)
        seen[rng_below(&rng, 6)]++; // a write outside is found by the sanitizer
    for (int i = 0; i < 6; i++)
        ck_assert_int_gt(seen[i], 9500);
    ck_assert_uint_eq(rng_below(&rng, 1), 0);
}
END_TEST

START_TEST(a_unit_number_lies_from_0_to_below_1)
{
    struct rng rng;
    rng_seed(&rng, 7);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double value = rng_unit(&rng);
        ck_assert(value >= 0 && value < 1);
        sum += value;
    }
    ck_assert_double_eq_tol(sum / 100000, 0.5, 0.01);
}
END_TEST

START_TEST(tokens_differ_and_hold_only_letters_and_digits)
{
    char a[101], b[101], none[1] = {'x'};
    rng_token(a, sizeof a);
    rng_token(b, sizeof b);
    ck_assert_uint_eq(strlen(a), 100);
    ck_assert_uint_eq(strspn(a, "abcdefghijklmnopqrstuvwxyz0123456789"), 100);
    ck_assert_str_ne(a, b);
    rng_token(none, sizeof none);
    ck_assert_str_eq(none, "");
}
END_TEST

UNIT_MAIN("rng", the_numbers_are_those_of_the_published_example, another_seed_gives_other_numbers,
          a_bounded_number_stays_below_and_reaches_all, a_unit_number_lies_from_0_to_below_1,
          tokens_differ_and_hold_only_letters_and_digits)

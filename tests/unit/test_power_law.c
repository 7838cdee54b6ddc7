// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
#include "base/rng.h"
#include "engine/power_law.h"
#include "unit.h"

#include <math.h>

START_TEST(points_on_a_power_law_give_its_exponent)
{
    static const double exponents[] = {-1, 0, 0.5, 1, 2, 3};
    const double x[] = {100, 200, 400, 800};
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        double y[4];
        for (size_t j = 0; j < 4; j++)
            y[j] = 3e-5 * pow(x[j], exponents[i]);
        struct power_law law;
        ck_assert_int_eq(power_law_fit(&law, x, y, 4), 0);
        ck_assert_double_eq_tol(law.exponent, exponents[i], 1e-9);
        ck_assert_double_eq_tol(law.low, exponents[i], 1e-6);
        ck_assert_double_eq_tol(law.high, exponents[i], 1e-6);
    }
}
END_TEST

// log y = 0.3 log x + (0.1, −0.2, 0.1, 0) in logarithms to base 2 at x = 1, 2, 4, 8: worked out by hand.
START_TEST(the_interval_is_that_of_the_textbook)
{
    const double x[] = {1, 2, 4, 8}, off[] = {0.1, -0.2, 0.1, 0};
    double y[4];
    for (size_t i = 0; i < 4; i++)
        y[i] = exp2(0.3 * (double)i + off[i]);
    struct power_law law;
    ck_assert_int_eq(power_law_fit(&law, x, y, 4), 0);
    // Sxx = 5; the slope of the offsets (−1.5·0.1 + 0.5·0.2 + 0.5·0.1) / 5 = 0; their squares sum to 0.06.
    double half = 4.303 * sqrt(0.06 / 2 / 5);
    ck_assert_double_eq_tol(law.exponent, 0.3, 1e-12);
    ck_assert_double_eq_tol(law.low, 0.3 - half, 1e-12);
    ck_assert_double_eq_tol(law.high, 0.3 + half, 1e-12);
}
END_TEST

START_TEST(the_interval_holds_the_exponent_of_noisy_points)
{
    enum { ROUNDS = 1000 };
    struct rng rng;
    rng_seed(&rng, 11);
    int held = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double x[12], y[12];
        for (size_t i = 0; i < 12; i++) {
            double noise = 0;
            for (int k = 0; k < 12; k++)
                noise += rng_unit(&rng);
            x[i] = exp2((double)(i / 3));
            y[i] = pow(x[i], 1.2) * exp(0.1 * (noise - 6));
        }
        struct power_law law;
        ck_assert_int_eq(power_law_fit(&law, x, y, 12), 0);
        held += law.low <= 1.2 && 1.2 <= law.high;
    }
    ck_assert_int_ge(held, ROUNDS * 93 / 100);
    ck_assert_int_le(held, ROUNDS * 97 / 100);
}
END_TEST

START_TEST(too_few_points_have_none)
{
    const double x[] = {1, 2, 4}, same[] = {2, 2, 2};
    struct power_law law;
    ck_assert_int_eq(power_law_fit(&law, x, x, 2), -1);
    ck_assert_int_eq(power_law_fit(&law, x, x, 0), -1);
    ck_assert_int_eq(power_law_fit(&law, same, x, 3), -1);
    ck_assert_int_eq(power_law_fit(&law, x, same, 3), 0);
}
END_TEST

UNIT_MAIN("power_law", points_on_a_power_law_give_its_exponent, the_interval_is_that_of_the_textbook,
          the_interval_holds_the_exponent_of_noisy_points, too_few_points_have_none)

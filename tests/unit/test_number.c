// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "unit.h"

#include "base/mem.h"
#include "base/number.h"
#include "base/rng.h"
#include "base/str.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>

static bool parse(double *out, const char *text)
{
    return number_parse(out, text, strlen(text));
}

START_TEST(decimal_numbers_are_read)
{
    static const struct {
        const char *text;
        double value;
    } table[] = {
        {"0", 0},
        {"3", 3},
        {"+3", 3},
        {"-0.5", -0.5},
        {".5", 0.5},
        {"5.", 5},
        {"1e3", 1000},
        {"1E-3", 0.001},
        {"1e+3", 1000},
        {"  7\t", 7},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"123456789012345678", 123456789012345678.0},
        {"1e-400", 0},
        {"1e400", INFINITY},
        {"-1e400", -INFINITY},
        {"inf", INFINITY},
        {"-Infinity", -INFINITY},
        {"+INF", INFINITY},
        {"0.30000000000000004", 0.30000000000000004},
        {"9007199254740993", 9007199254740992.0},
        {"4.9406564584124654e-324", 4.9406564584124654e-324},
        {"1e99999999999999999999", INFINITY},
        {"0e99999999999999999999", 0},
        {"0.000000000000000000000000000001e30", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        double value = NAN;
        ck_assert_msg(parse(&value, table[i].text), "'%s' is refused", table[i].text);
        ck_assert_msg(value == table[i].value, "'%s' gives %.17g", table[i].text, value);
    }
    double value = 0;
    ck_assert(parse(&value, "NaN") && isnan(value));
    ck_assert(parse(&value, "-nan") && isnan(value));
    ck_assert(parse(&value, "-0") && value == 0 && signbit(value));
}
END_TEST

START_TEST(what_is_not_a_decimal_number_is_refused)
{
    static const char *const table[] = {"",
                                        " ",
                                        "+",
                                        "-",
                                        ".",
                                        "e5",
                                        "1e",
                                        "1e+",
                                        "0x1p3",
                                        "0x10",
                                        "1,5",
                                        "1 2",
                                        "--1",
                                        "+-1",
                                        "1.2.3",
                                        "nan(1)",
                                        "infin",
                                        "infinity1",
                                        "1f",
                                        "1\n",
                                        "one",
                                        "1e5.0",
                                        ("\xc2\xa0"
                                         "1")};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        double value = 42;
        ck_assert_msg(!parse(&value, table[i]), "'%s' is taken", table[i]);
        ck_assert(value == 42);
    }
    CLEANUP(free) char *digits = mem_alloc(5001);
    memset(digits, '1', 5000);
    double value;
    ck_assert(!parse(&value, digits));
    digits[1000] = '\0';
    ck_assert(parse(&value, digits) && isinf(value));
}
END_TEST

// The quick way and strtod must agree on every bit.
START_TEST(what_strtod_reads_is_read_alike)
{
    struct rng rng;
    rng_seed(&rng, 7);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        uint64_t digits = (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng);
        digits >>= rng_below(&rng, 64);
        int point = (int)rng_below(&rng, 8);
        snprintf(text, sizeof text, "%ju.%0*ue%d", (uintmax_t)digits, point + 1, rng_below(&rng, 10),
                 (int)rng_below(&rng, 60) - 30);
        double value = NAN;
        ck_assert(parse(&value, text));
        ck_assert_msg(value == strtod(text, NULL), "'%s' gives %.17g", text, value);
    }
}
END_TEST

START_TEST(numbers_are_rounded_for_people)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } table[] = {
        {0.0020999999999999908, 3, "0.0021"},
        {-0.0020999999999999908, 3, "-0.0021"},
        {1e-6, 3, "0.000001"},
        {123456, 3, "123000"},
        {0.5, 1, "0.5"},
        {1.0 / 3, 17, "0.3333333333333333"},
        {0, 3, "0"},
        {INFINITY, 3, "Infinity"},
        {9.999, 3, "10"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char text[32], other[32];
        number_print(text, table[i].digits, table[i].value);
        if (table[i].value == 1e-6)
            str_double(other, 1e-6); // its form is base's choice
        else
            snprintf(other, sizeof other, "%s", table[i].text);
        ck_assert_str_eq(text, other);
    }
}
END_TEST

START_TEST(thousands_are_separated)
{
    static const struct {
        uint64_t value;
        const char *text;
    } table[] = {
        {0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char text[32];
        number_group(text, table[i].value);
        ck_assert_str_eq(text, table[i].text);
    }
}
END_TEST

START_TEST(the_locale_means_nothing)
{
    static const char *const locales[] = {"C", "de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < ARRAY_LEN(locales); i++) {
        if (!setlocale(LC_ALL, locales[i]))
            continue;
        double value = 0;
        char text[32];
        ck_assert(parse(&value, "0.30000000000000004") && value == 0.30000000000000004);
        ck_assert(!parse(&value, "0,5"));
        number_print(text, 3, 0.25);
        ck_assert_str_eq(text, "0.25");
    }
    setlocale(LC_ALL, "C");
}
END_TEST

// strtod is the judge: of numbers as they come, of those half way between two doubles, and beside them.
START_TEST(decimals_are_rounded_as_strtod_rounds_them)
{
    struct rng rng;
    rng_seed(&rng, 7);
    size_t quick = 0;
    for (int i = 0; i < 400000; i++) {
        uint64_t digits = (uint64_t)rng_u32(&rng) << 32 | rng_u32(&rng);
        digits >>= rng_below(&rng, 64);
        int exponent = -(int)rng_below(&rng, 30);
        if (i % 2) { // an odd number of halves of the last bit, as a decimal
            digits = ((UINT64_C(1) << 53) + (digits >> 12)) | 1;
            exponent = -(int)rng_below(&rng, 5);
            for (int k = exponent; k < 0; k++)
                digits = digits < UINT64_MAX / 5 ? digits * 5 : digits;
            digits += rng_below(&rng, 3) - 1;
        }
        char text[64];
        snprintf(text, sizeof text, "%" PRIu64 "e%d", digits, exponent);
        double value = NAN, expected = strtod(text, NULL);
        if (!number_decimal(&value, digits, exponent))
            continue;
        quick++;
        ck_assert_msg(value == expected, "%s gives %.17g, not %.17g", text, value, expected);
    }
    ck_assert_uint_gt(quick, 350000);
}
END_TEST

UNIT_MAIN("number", decimals_are_rounded_as_strtod_rounds_them, decimal_numbers_are_read,
          what_is_not_a_decimal_number_is_refused, what_strtod_reads_is_read_alike, numbers_are_rounded_for_people,
          thousands_are_separated, the_locale_means_nothing)

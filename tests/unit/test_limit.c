// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
#include "engine/limit.h"

#include "base/str.h"
#include "engine/latency_picture.h"
#include "unit.h"

#include <math.h>

START_TEST(a_limit_is_broken_only_by_the_whole_interval)
{
    static const struct {
        double low, high;
        bool at_least;
        enum limit_standing standing;
    } cases[] = {
        {1, 9, false, LIMIT_KEPT},   {1, 10, false, LIMIT_KEPT},       {9, 11, false, LIMIT_OPEN},
        {10, 11, false, LIMIT_OPEN}, {9, INFINITY, false, LIMIT_OPEN}, {10.1, 11, false, LIMIT_BROKEN},
        {11, 12, true, LIMIT_KEPT},  {10, INFINITY, true, LIMIT_KEPT}, {9, 10, true, LIMIT_OPEN},
        {9, 11, true, LIMIT_OPEN},   {8, 9.9, true, LIMIT_BROKEN},     {INFINITY, INFINITY, false, LIMIT_BROKEN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct limit limit = {
            .low = cases[i].low, .high = cases[i].high, .at_least = cases[i].at_least, .allowed = 10};
        ck_assert_int_eq(limit_standing(&limit), cases[i].standing);
    }
}
END_TEST

START_TEST(values_are_shown_with_three_digits)
{
    static const struct {
        char *(*show)(double);
        double value;
        const char *text;
    } cases[] = {
        {limit_seconds, 0.000412, "0.412 ms"},
        {limit_seconds, 0.02, "20 ms"},
        {limit_seconds, 1.25, "1.25 s"},
        {limit_seconds, 0.0431, "43.1 ms"},
        {limit_seconds, 125, "2 min 5 s"},
        {limit_seconds, INFINITY, "never"},
        {limit_seconds, 0.4567, "457 ms"},
        {limit_rate, 1600, "1,600/s"},
        {limit_rate, 0.5, "0.5/s"},
        {limit_count, 1234567, "1,234,567"},
        {limit_number, 1.0999, "1.1"},
        {limit_number, 0.0000123, "1.2e-05"},
        {limit_number, 0, "0"},
        {limit_bytes, 1048576, "1 MiB"},
        {limit_number, INFINITY, "no bound"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = cases[i].show(cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
        free(text);
    }
}
END_TEST

static size_t columns_of(const char *line, size_t len)
{
    size_t columns = 0;
    uint32_t code;
    for (size_t at = 0, size; at < len && (size = str_utf8_next(line + at, len - at, &code)) > 0; at += size)
        columns++;
    return columns;
}

START_TEST(a_picture_fits_80_columns_and_stands_in_line)
{
    static const struct latency_point points[] = {
        {25, 0.0001, 0.0002, 0.0005, false},
        {1600, 0.001, 0.02, 0.05, false},
        {12800, 0.5, 12.34, 59.9, true},
        {102400.4, 0.5, INFINITY, INFINITY, true},
        {409600, INFINITY, INFINITY, INFINITY, true},
    };
    for (size_t count = 0; count <= sizeof points / sizeof points[0]; count++) {
        char *picture = latency_picture(points, count, 0.02, "p99");
        size_t lines = 0, width = 0;
        for (const char *line = picture, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
            size_t columns = columns_of(line, (size_t)(end - line));
            ck_assert_msg(columns <= 80, "%zu columns: %s", columns, picture);
            width = lines == 0 ? columns : width;
            if (lines <= count)
                ck_assert_msg(columns == width, "line %zu has %zu columns, not %zu:\n%s", lines, columns, width,
                              picture);
        }
        ck_assert_uint_eq(lines, count + 2);
        free(picture);
    }
}
END_TEST

START_TEST(a_longer_latency_has_a_longer_bar)
{
    static const struct latency_point points[] = {{1, 0.001, 0.001, 0.001, false}, {2, 0.1, 0.1, 0.1, true}};
    char *picture = latency_picture(points, 2, 0, NULL), *line = strchr(picture, '\n') + 1;
    size_t bars[2] = {0};
    for (size_t i = 0; i < 2; i++, line = strchr(line, '\n') + 1) {
        size_t len = strcspn(line, "\n");
        for (const char *at = line; (at = strstr(at, "█")) && at < line + len; at++)
            bars[i]++;
    }
    ck_assert_uint_ge(bars[0], 1);
    ck_assert_uint_ge(bars[1], bars[0] + 20);
    ck_assert_ptr_nonnull(strstr(picture, "2/s !"));
    ck_assert_ptr_null(strstr(picture, "│"));
    free(picture);
}
END_TEST

UNIT_MAIN("limit", a_limit_is_broken_only_by_the_whole_interval, values_are_shown_with_three_digits,
          a_picture_fits_80_columns_and_stands_in_line, a_longer_latency_has_a_longer_bar)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/picture.h"
#include "unit.h"

#include <string.h>

static struct column_summary numbers(double *points, double *shares, size_t count)
{
    return (struct column_summary){
        .type = COLUMN_NUMBER, .values = 100, .points = points, .shares = shares, .point_count = count};
}

START_TEST(few_values_get_a_row_each)
{
    double points[] = {1, 2}, before[] = {0.75, 1}, after[] = {0.25, 1};
    const struct column_summary a = numbers(points, before, 2), b = numbers(points, after, 2);
    CLEANUP(buf) struct buf out = {0};
    picture_beside(&out, &a, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "1                       ████████████████████  75.0 %"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "  25.0 %\n2 "));
}
END_TEST

START_TEST(many_values_get_bins_whose_shares_make_the_whole)
{
    double points[100], shares[100];
    for (int i = 0; i < 100; i++) {
        points[i] = i;
        shares[i] = (i + 1) / 100.0;
    }
    const struct column_summary a = numbers(points, shares, 100), none = {.type = COLUMN_NUMBER};
    CLEANUP(buf) struct buf out = {0};
    picture_beside(&out, &a, &none);
    size_t rows = 0;
    double total = 0;
    for (const char *line = strchr(buf_text(&out), '\n') + 1; *line; line = strchr(line, '\n') + 1, rows++) {
        const char *percent = strchr(line, '%');
        while (percent[-1] == ' ')
            percent--;
        while (percent[-1] != ' ')
            percent--;
        total += atof(percent);
    }
    ck_assert_uint_eq(rows, 12);
    ck_assert_double_eq_tol(total, 100, 1);
}
END_TEST

START_TEST(categories_of_both_are_shown_and_the_rest_together)
{
    struct category_count before[] = {{(char *)"rain", 60}, {(char *)"sun\033[31m", 40}},
                          after[] = {{(char *)"hail", 9}};
    const struct column_summary a = {.type = COLUMN_CATEGORY, .values = 100, .categories = before, .category_count = 2},
                                b = {.type = COLUMN_CATEGORY, .values = 10, .categories = after, .category_count = 1};
    CLEANUP(buf) struct buf out = {0};
    picture_beside(&out, &a, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "hail"));
    ck_assert_ptr_nonnull(strstr(buf_text(&out), "(all others)"));
    ck_assert_ptr_null(strchr(buf_text(&out), '\033'));
}
END_TEST

START_TEST(columns_without_a_value_draw_nothing)
{
    const struct column_summary none = {.type = COLUMN_NUMBER};
    CLEANUP(buf) struct buf out = {0};
    picture_beside(&out, &none, &none);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

UNIT_MAIN("picture", few_values_get_a_row_each, many_values_get_bins_whose_shares_make_the_whole,
          categories_of_both_are_shown_and_the_rest_together, columns_without_a_value_draw_nothing)

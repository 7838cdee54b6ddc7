// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/counts.h"
#include "unit.h"

#include <string.h>

static void add(struct counts *counts, const char *text)
{
    counts_add(counts, text, strlen(text), 1);
}

START_TEST(each_text_is_counted_in_the_order_in_which_it_came_first)
{
    CLEANUP(counts) struct counts counts = {0};
    const char *const texts[] = {"b", "", "a", "b", "", "b", "c"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        add(&counts, texts[i]);
    ck_assert_uint_eq(counts.count, 4);
    ck_assert_str_eq(counts.items[0].text, "b");
    ck_assert_uint_eq(counts.items[0].times, 3);
    ck_assert_str_eq(counts.items[1].text, "");
    ck_assert_uint_eq(counts.items[1].times, 2);
    ck_assert_str_eq(counts.items[3].text, "c");
    counts_clear(&counts);
    ck_assert_uint_eq(counts.count, 0);
    add(&counts, "c");
    ck_assert_uint_eq(counts.items[0].times, 1);
}
END_TEST

START_TEST(beyond_the_bound_what_is_new_is_counted_together)
{
    CLEANUP(counts) struct counts counts = {.limit = 1000};
    char text[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3000; i++) {
            snprintf(text, sizeof text, "value %d", i);
            add(&counts, text);
        }
    }
    ck_assert_uint_eq(counts.count, 1000);
    ck_assert_uint_eq(counts.other, 4000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(counts.items[i].times, 2);
    ck_assert_str_eq(counts.items[999].text, "value 999");
}
END_TEST

START_TEST(pieces_that_are_merged_are_as_one)
{
    CLEANUP(counts) struct counts whole = {.limit = 50}, merged = {.limit = 50};
    for (int piece = 0; piece < 5; piece++) {
        CLEANUP(counts) struct counts part = {0};
        for (int i = 0; i < 40; i++) {
            char text[32];
            snprintf(text, sizeof text, "%d", (piece * 17 + i * i) % 83);
            add(&whole, text);
            add(&part, text);
        }
        counts_merge(&merged, &part);
    }
    ck_assert_uint_eq(whole.count, merged.count);
    ck_assert_uint_eq(whole.other, merged.other);
    for (size_t i = 0; i < whole.count; i++) {
        ck_assert_str_eq(whole.items[i].text, merged.items[i].text);
        ck_assert_uint_eq(whole.items[i].times, merged.items[i].times);
    }
}
END_TEST

UNIT_MAIN("counts", each_text_is_counted_in_the_order_in_which_it_came_first,
          beyond_the_bound_what_is_new_is_counted_together, pieces_that_are_merged_are_as_one)

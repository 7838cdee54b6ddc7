// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "core/manifest.h"
#include "unit.h"

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

START_TEST(a_digest_is_written_and_read_as_64_digits)
{
    struct digest digest, again;
    char hex[65];
    ck_assert_int_eq(digest_from_hex(&digest, HEX_B), 0);
    ck_assert_int_eq(digest.bytes[1], 0x11);
    ck_assert_int_eq(digest.bytes[31], 0xff);
    digest_hex(hex, &digest);
    ck_assert_str_eq(hex, HEX_B);
    ck_assert_int_eq(digest_from_hex(&again, hex), 0);
    ck_assert(digest_equal(&digest, &again));
    again.bytes[31] ^= 1;
    ck_assert(!digest_equal(&digest, &again));
}
END_TEST

START_TEST(what_is_not_64_lower_case_digits_is_no_digest)
{
    struct digest digest;
    CLEANUP(free) char *cut = str_ndup(HEX_A, 63), *odd = str_ndup(HEX_A, 1);
    const char *const bad[] = {"",
                               odd,
                               cut,
                               HEX_A "a",
                               "A" HEX_A,
                               "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaag",
                               " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(digest_from_hex(&digest, bad[i]) == -1, "'%s'", bad[i]);
}
END_TEST

START_TEST(files_are_found_in_byte_order)
{
    struct file_list list CLEANUP(file_list) = {0};
    ck_assert_ptr_null(file_list_find(&list, "a"));
    const char *const names[] = {"a/b", "a-b", "b", "a", "ä", "B"}, *const order[] = {"B", "a", "a-b", "a/b", "b", "ä"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        file_list_add(&list, names[i])->size = i;
    file_list_sort(&list);
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        ck_assert_str_eq(list.items[i].path, order[i]);
    ck_assert_uint_eq(file_list_find(&list, "a-b")->size, 1);
    ck_assert_ptr_null(file_list_find(&list, "a-"));
}
END_TEST

START_TEST(a_copied_list_is_its_own)
{
    struct file_list from = {0}, to CLEANUP(file_list) = {0};
    file_list_add(&from, "a")->format = str_dup("npy");
    file_list_copy(&to, &from);
    file_list_copy(&to, &from);
    file_list_free(&from);
    ck_assert_uint_eq(to.count, 2);
    ck_assert_str_eq(to.items[1].path, "a");
    ck_assert_str_eq(to.items[1].format, "npy");
}
END_TEST

START_TEST(a_moved_list_leaves_nothing_behind)
{
    struct file_list from CLEANUP(file_list) = {0}, to CLEANUP(file_list) = {0};
    file_list_add(&to, "a");
    file_list_add(&from, "b")->format = str_dup("npy");
    file_list_move(&to, &from);
    ck_assert_uint_eq(from.count, 0);
    ck_assert_uint_eq(to.count, 2);
    ck_assert_str_eq(to.items[1].path, "b");
    ck_assert_str_eq(to.items[1].format, "npy");
    file_list_add(&from, "c");
    ck_assert_str_eq(from.items[0].path, "c");
}
END_TEST

START_TEST(metrics_are_found_by_name)
{
    struct metric_list list CLEANUP(metric_list) = {0};
    ck_assert_ptr_null(metric_list_find(&list, "a"));
    metric_list_add(&list, "loss", 2);
    metric_list_add(&list, "accuracy", 1);
    metric_list_sort(&list);
    ck_assert_str_eq(list.items[0].name, "accuracy");
    ck_assert_double_eq(metric_list_find(&list, "loss")->value, 2);
    ck_assert_ptr_null(metric_list_find(&list, "los"));
}
END_TEST

UNIT_MAIN("manifest_lists", a_digest_is_written_and_read_as_64_digits, what_is_not_64_lower_case_digits_is_no_digest,
          files_are_found_in_byte_order, a_copied_list_is_its_own, a_moved_list_leaves_nothing_behind,
          metrics_are_found_by_name)

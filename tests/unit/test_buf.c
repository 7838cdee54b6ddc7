// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/buf.h"
#include "base/json.h"
#include "unit.h"

START_TEST(an_empty_buffer_is_valid)
{
    struct buf buf = {0};
    ck_assert_str_eq(buf_text(&buf), "");
    buf_clear(&buf);
    char *taken = buf_take(&buf);
    ck_assert_str_eq(taken, "");
    free(taken);
    buf_free(&buf);
}
END_TEST

START_TEST(text_is_terminated_after_every_step)
{
    CLEANUP(buf) struct buf buf = {0};
    for (int i = 0; i < 1000; i++) {
        buf_putc(&buf, 'x');
        ck_assert_uint_eq(strlen(buf.data), buf.len);
        buf_append(&buf, "yz", 2);
        ck_assert_uint_eq(strlen(buf.data), buf.len);
        buf_printf(&buf, "%d", i);
        ck_assert_uint_eq(strlen(buf.data), buf.len);
    }
    ck_assert(strncmp(buf.data, "xyz0xyz1xyz2", 12) == 0);
    buf_clear(&buf);
    ck_assert_str_eq(buf_text(&buf), "");
    ck_assert_uint_gt(buf.cap, 0);
}
END_TEST

START_TEST(bytes_with_nul_are_kept)
{
    CLEANUP(buf) struct buf buf = {0};
    buf_append(&buf, "a\0b", 3);
    buf_append(&buf, NULL, 0);
    ck_assert_uint_eq(buf.len, 3);
    ck_assert_mem_eq(buf.data, "a\0b", 4);
}
END_TEST

START_TEST(a_formatted_text_may_be_longer_than_any_guess)
{
    CLEANUP(buf) struct buf buf = {0};
    char *lengthy = mem_alloc(100001);
    memset(lengthy, 'q', 100000);
    buf_printf(&buf, "<%s>", lengthy);
    ck_assert_uint_eq(buf.len, 100002);
    ck_assert(buf.data[0] == '<' && buf.data[1] == 'q' && buf.data[100001] == '>');
    free(lengthy);
}
END_TEST

START_TEST(reserved_bytes_are_zero_even_where_text_stood)
{
    CLEANUP(buf) struct buf buf = {0};
    buf_puts(&buf, "some text that was here before");
    buf_clear(&buf);
    char *where = buf_reserve(&buf, 20);
    ck_assert_ptr_eq(where, buf.data);
    memcpy(where, "abc", 3);
    buf.len += 3;
    ck_assert_str_eq(buf.data, "abc");
}
END_TEST

START_TEST(visible_text_keeps_what_it_is_told_to_keep)
{
    CLEANUP(buf) struct buf buf = {0};
    buf_visible(&buf, "a\n\tb\r\x1b[0m\0é", 12, "\n\t");
    ck_assert_str_eq(buf.data, "a\n\tb\\r\\x1b[0m\\x00é");
}
END_TEST

START_TEST(a_quoted_json_string_replaces_what_is_not_utf8)
{
    CLEANUP(buf) struct buf buf = {0};
    buf_json_quote(&buf, "a\0\xc0\x80\x7fé", 7);
    ck_assert_str_eq(buf.data, "\"a\\u0000\xef\xbf\xbd\xef\xbf\xbd\x7fé\"");
}
END_TEST

START_TEST(a_growing_array_is_zeroed_beyond_its_items)
{
    int *items = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 10000; i++) {
        items = mem_grow(items, count, &capacity, sizeof *items);
        ck_assert_int_eq(items[count], 0);
        items[count++] = i + 1;
    }
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(items[i], i + 1);
    free(items);
}
END_TEST

START_TEST(what_is_stolen_is_not_cleaned_up)
{
    char *kept = NULL;
    {
        CLEANUP(free) char *text = mem_copy("kept", 5);
        CLEANUP(fd) int fd = -1;
        kept = steal(&text);
        ck_assert_ptr_null(text);
        ck_assert_int_eq(steal_fd(&fd), -1);
    }
    ck_assert_str_eq(kept, "kept");
    free(kept);
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    {
        CLEANUP(fd) int read_end = pipes[0];
        CLEANUP(fd) int write_end = pipes[1];
        ck_assert_int_eq(steal_fd(&write_end), pipes[1]);
        ck_assert_int_eq(write_end, -1);
    }
    ck_assert_int_eq(close(pipes[0]), -1);
    ck_assert_int_eq(close(pipes[1]), 0);
}
END_TEST

UNIT_MAIN("buf", an_empty_buffer_is_valid, text_is_terminated_after_every_step, bytes_with_nul_are_kept,
          a_formatted_text_may_be_longer_than_any_guess, reserved_bytes_are_zero_even_where_text_stood,
          visible_text_keeps_what_it_is_told_to_keep, a_quoted_json_string_replaces_what_is_not_utf8,
          a_growing_array_is_zeroed_beyond_its_items, what_is_stolen_is_not_cleaned_up)

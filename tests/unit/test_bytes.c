// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
#include "unit.h"

#include "base/mem.h"
#include "base/str.h"
#include "compare/bytes.h"

#include <sys/stat.h>

static char *folder;

static char *put(const char *name, const void *bytes, size_t len)
{
    char *path = str_printf("%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static void begin(void)
{
    folder = unit_folder();
}

static void end(void)
{
    const char *const names[] = {"a", "b", "link", "pipe"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP(free) char *path = str_printf("%s/%s", folder, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
    free(folder);
}

static struct bytes_difference compare(const void *a, size_t a_len, const void *b, size_t b_len)
{
    CLEANUP(free) char *path_a = put("a", a, a_len);
    CLEANUP(free) char *path_b = put("b", b, b_len);
    struct error err = {0};
    struct bytes_difference difference;
    ck_ok(bytes_compare(&difference, path_a, path_b, &err), &err);
    return difference;
}

START_TEST(equal_files_are_equal)
{
    begin();
    struct bytes_difference d = compare("abc", 3, "abc", 3);
    ck_assert(d.equal);
    ck_assert_uint_eq(d.size_a, 3);
    ck_assert_uint_eq(d.size_b, 3);
    ck_assert_uint_eq(d.differing, 0);
    d = compare("", 0, "", 0);
    ck_assert(d.equal);
    end();
}
END_TEST

START_TEST(a_file_is_equal_to_itself)
{
    begin();
    CLEANUP(free) char *path = put("a", "abc", 3);
    struct error err = {0};
    struct bytes_difference d;
    ck_ok(bytes_compare(&d, path, path, &err), &err);
    ck_assert(d.equal);
    ck_assert_uint_eq(d.size_b, 3);
    end();
}
END_TEST

// Around the edges of the loops: vectors of 128, runs of 64, blocks of 128 KiB.
START_TEST(differing_bytes_are_counted_and_the_first_is_found_wherever_they_are)
{
    begin();
    enum { SIZE = 300001 };
    static const size_t places[] = {0,   1,    63,     64,     65,     127,    128,    129,   255,
                                    256, 4096, 131071, 131072, 131073, 262143, 262144, 300000};
    unsigned char *a = mem_alloc(SIZE), *b = mem_alloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        a[i] = b[i] = (unsigned char)(i * 7 + i / 251);
    for (size_t i = ARRAY_LEN(places); i-- > 0;) {
        b[places[i]] ^= 0x55;
        struct bytes_difference d = compare(a, SIZE, b, SIZE);
        ck_assert(!d.equal);
        ck_assert_uint_eq(d.first, places[i]);
        ck_assert_uint_eq(d.byte_a, a[places[i]]);
        ck_assert_uint_eq(d.byte_b, b[places[i]]);
        ck_assert_uint_eq(d.differing, ARRAY_LEN(places) - i);
    }
    for (size_t i = 0; i < SIZE; i++)
        b[i] = (unsigned char)~a[i];
    ck_assert_uint_eq(compare(a, SIZE, b, SIZE).differing, SIZE);
    free(a);
    free(b);
    end();
}
END_TEST

START_TEST(a_longer_file_differs_where_the_shorter_one_ends)
{
    begin();
    struct bytes_difference d = compare("abc", 3, "abcde", 5);
    ck_assert(!d.equal);
    ck_assert_uint_eq(d.first, 3);
    ck_assert_uint_eq(d.differing, 0);
    ck_assert_uint_eq(d.byte_a, 0);
    ck_assert_uint_eq(d.byte_b, 'd');
    size_t large = (size_t)1 << 20;
    char *zeros = mem_alloc(large);
    d = compare(zeros, large, zeros, 131072);
    ck_assert(!d.equal);
    ck_assert_uint_eq(d.size_a, large);
    ck_assert_uint_eq(d.size_b, 131072);
    ck_assert_uint_eq(d.first, 131072);
    d = compare("", 0, zeros, large);
    ck_assert_uint_eq(d.size_b, large);
    ck_assert_uint_eq(d.first, 0);
    free(zeros);
    end();
}
END_TEST

START_TEST(a_difference_is_told_in_one_line)
{
    static const struct {
        struct bytes_difference difference;
        const char *text;
    } table[] = {
        {{false, 12304, 12304, 1024, 17, 0x40, 0x3f},
         "12,304 bytes in both; 17 differ, first at offset 1,024: 0x3f, golden has 0x40"},
        {{false, 1, 1, 0, 1, 0x40, 0x3f}, "1 byte in both; 1 differs, first at offset 0: 0x3f, golden has 0x40"},
        {{false, 1000, 1234567, 1000, 0, 0, 9},
         "1,234,567 bytes, golden has 1,000; equal up to offset 1,000, where golden ends"},
        {{false, 5, 3, 3, 0, 9, 0}, "3 bytes, golden has 5; equal up to offset 3, where this one ends"},
        {{false, 5, 3, 1, 2, 9, 8}, "3 bytes, golden has 5; 2 differ, first at offset 1: 0x08, golden has 0x09"},
        {{true, 999, 999, 999, 0, 0, 0}, "999 bytes in both; equal"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(free) char *text = bytes_describe(&table[i].difference);
        ck_assert_str_eq(text, table[i].text);
    }
}
END_TEST

START_TEST(what_is_not_a_regular_file_is_refused_without_hanging)
{
    begin();
    CLEANUP(free) char *path = put("a", "abc", 3);
    CLEANUP(free) char *pipe_path = str_printf("%s/pipe", folder);
    CLEANUP(free) char *absent = str_printf("%s/absent", folder);
    ck_assert_int_eq(mkfifo(pipe_path, 0600), 0);
    struct bytes_difference d;
    struct error err = {0};
    ck_assert_int_eq(bytes_compare(&d, path, pipe_path, &err), -1);
    ck_error_has(&err, "not a regular file");
    error_free(&err);
    ck_assert_int_eq(bytes_compare(&d, folder, path, &err), -1);
    ck_error_has(&err, "not a regular file");
    error_free(&err);
    ck_assert_int_eq(bytes_compare(&d, path, absent, &err), -1);
    ck_error_has(&err, "No such file or directory");
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    error_free(&err);
    end();
}
END_TEST

UNIT_MAIN("bytes", equal_files_are_equal, a_file_is_equal_to_itself,
          differing_bytes_are_counted_and_the_first_is_found_wherever_they_are,
          a_longer_file_differs_where_the_shorter_one_ends, a_difference_is_told_in_one_line,
          what_is_not_a_regular_file_is_refused_without_hanging)

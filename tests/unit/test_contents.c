// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "unit.h"
#include "unit_files.h"

#include "artifact/contents.h"

#include <fcntl.h>
#include <sys/stat.h>

static void expect_value(const struct contents *contents, const char *name, enum value_kind kind, const char *text)
{
    const struct value *value = contents_find(contents, name);
    ck_assert_msg(value != NULL, "there is no '%s'", name);
    ck_assert_int_eq(value->kind, kind);
    ck_assert_uint_eq(value->size, strlen(text));
    ck_assert_mem_eq(value->bytes, text, strlen(text));
}

START_TEST(a_file_that_no_reader_understands_is_bytes_and_says_so)
{
    struct error err = {0};
    char *folder = enter_folder();
    put("image", "\x89PNG\r\n\x1a\n");
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "image", &err), &err);
    ck_assert_str_eq(contents->format->name, "png");
    ck_assert_uint_eq(contents->count, 1);
    expect_value(contents, "", VALUE_BYTES, "\x89PNG\r\n\x1a\n");
    ck_assert_str_eq(contents->note, "image: compared byte for byte (png)");
    leave_folder(folder);
}
END_TEST

START_TEST(text_is_one_value)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "notes.txt", "hello\n", 6, &err), &err);
    ck_assert_str_eq(contents->format->name, "text");
    expect_value(contents, "", VALUE_TEXT, "hello\n");
    ck_assert_ptr_null(contents->note);
}
END_TEST

START_TEST(an_empty_file_is_no_bytes)
{
    struct error err = {0};
    char *folder = enter_folder();
    put("empty", "");
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "empty", &err), &err);
    expect_value(contents, "", VALUE_BYTES, "");
    ck_assert_ptr_null(contents->note);
    leave_folder(folder);
}
END_TEST

START_TEST(a_folder_is_all_of_its_files)
{
    struct error err = {0};
    char *folder = enter_folder();
    put("m/b.txt", "b");
    put("m/a/z.txt", "z");
    put("m/a-b", "dash");
    put("m/.hidden", "h");
    put("m/.git/HEAD", "ref");
    ck_assert_int_eq(symlink("/etc/passwd", "m/link"), 0);
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "m", &err), &err);
    ck_assert_str_eq(contents->format->name, "folder");
    ck_assert_uint_eq(contents->count, 5);
    for (size_t i = 1; i < contents->count; i++)
        ck_assert_int_lt(strcmp(contents->items[i - 1].name, contents->items[i].name), 0);
    expect_value(contents, "a/z.txt", VALUE_TEXT, "z");
    expect_value(contents, ".hidden", VALUE_TEXT, "h");
    expect_value(contents, "link", VALUE_TEXT, "/etc/passwd");
    ck_assert_ptr_null(contents_find(contents, ".git/HEAD"));
    ck_assert(strings_has(&contents->left_out, ".git"));
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_no_file_is_refused_at_once)
{
    char *folder = enter_folder();
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(mkdir("m", 0700), 0);
    ck_assert_int_eq(mkfifo("m/pipe", 0600), 0);
    ck_assert_int_eq(symlink("nowhere", "broken"), 0);
    static const char *const table[][2] = {
        {"pipe", "not a regular file"},       {"m", "not a regular file"},        {"/dev/zero", "not a regular file"},
        {"missing", "cannot open 'missing'"}, {"broken", "cannot open 'broken'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct error err = {0};
        struct contents *contents = NULL;
        ck_assert_int_eq(contents_open(&contents, table[i][0], &err), -1);
        ck_error_has(&err, table[i][1]);
        error_free(&err);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_an_error)
{
    if (geteuid() == 0)
        return; // root may read anything
    struct error err = {0};
    char *folder = enter_folder();
    put("secret", "s");
    ck_assert_int_eq(chmod("secret", 0), 0);
    struct contents *contents = NULL;
    ck_assert_int_eq(contents_open(&contents, "secret", &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot open 'secret': Permission denied");
    leave_folder(folder);
}
END_TEST

START_TEST(a_mapped_file_that_changes_is_told)
{
    struct error err = {0};
    char *folder = enter_folder();
    CLEANUP(free) char *large = mem_alloc(200001);
    memset(large, 'x', 200000);
    put("large", large);
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_open(&contents, "large", &err), &err);
    ck_assert_uint_eq(contents->items[0].size, 200000);
    ck_ok(contents_check(contents, &err), &err);
    FILE *file = fopen("large", "a");
    fputs("more", file);
    fclose(file);
    ck_assert_int_eq(contents_check(contents, &err), -1);
    expect_error(&err, ERROR_MACHINE, "'large' changed while it was read");
    leave_folder(folder);
}
END_TEST

START_TEST(values_are_found_by_name_in_any_order_of_adding)
{
    struct error err = {0};
    struct contents contents = {0};
    char name[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "w%d", i * 7919 % 1000);
        struct value *value = contents_add(&contents, "p", name, VALUE_NUMBER, &err);
        ck_assert_ptr_nonnull(value);
        value->number = i * 7919 % 1000;
    }
    ck_ok(contents_finish(&contents, &err), &err);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "p:w%d", i);
        const struct value *value = contents_find(&contents, name);
        ck_assert_ptr_nonnull(value);
        ck_assert_int_eq((int)value->number, i);
    }
    ck_assert_ptr_null(contents_find(&contents, "p:w1000"));
    ck_assert_ptr_null(contents_find(&contents, ""));
    free(contents.items);
    arena_free(&contents.texts);
}
END_TEST

START_TEST(a_name_that_comes_twice_is_an_error_that_names_it)
{
    struct error err = {0};
    struct contents contents = {0};
    const char *const names[] = {"b", "a", "b"};
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(contents_add(&contents, "", names[i], VALUE_NUMBER, &err));
    ck_assert_int_eq(contents_finish(&contents, &err), -1);
    expect_error(&err, ERROR_USAGE, "'b' comes twice");
    free(contents.items);
    arena_free(&contents.texts);
}
END_TEST

START_TEST(too_many_values_are_an_error)
{
    struct error err = {0};
    struct contents contents = {.count = CONTENTS_MAX_VALUES};
    ck_assert_ptr_null(contents_add(&contents, "", "one more", VALUE_NUMBER, &err));
    expect_error(&err, ERROR_USAGE, "more than 1048576 values");
}
END_TEST

START_TEST(neighbours_are_opened_below_the_folder_only)
{
    struct error err = {0};
    char *folder = enter_folder();
    put("in/a/shard", "s");
    put("out", "o");
    ck_assert_int_eq(symlink("../out", "in/link"), 0);
    ck_assert_int_eq(symlink("a", "in/folder"), 0);
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "", "", 0, &err), &err);
    struct artifact_file file;
    ck_ok(contents_map(contents, &file, "in", "a/shard", &err), &err);
    ck_assert_uint_eq(file.len, 1);
    ck_assert_str_eq(file.name, "a/shard");
    ck_assert_str_eq(file.folder, "in/a");
    static const char *const table[][2] = {
        {"../out", "leads out"},       {"/etc/passwd", "leads out"},
        {"a/../../out", "leads out"},  {"", "leads out"},
        {"link", "symbolic link"},     {"folder/shard", "Not a directory"},
        {"gone", "'gone' is missing"}, {"a", "is a folder"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        ck_assert_int_eq(contents_map(contents, &file, "in", table[i][0], &err), -1);
        ck_error_has(&err, table[i][1]);
        error_free(&err);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(what_was_left_out_is_told_once_and_the_first_note_stays)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    ck_ok(contents_parse(&contents, "t", "text", 4, &err), &err);
    contents_leave_out(contents, "dates");
    contents_leave_out(contents, "dates");
    contents_note(contents, "first %d", 1);
    contents_note(contents, "second");
    ck_assert_uint_eq(contents->left_out.count, 1);
    ck_assert_str_eq(contents->note, "first 1");
}
END_TEST

START_TEST(decompressed_bytes_are_counted_together)
{
    struct error err = {0};
    struct contents contents = {0};
    ck_ok(contents_unpacked(&contents, CONTENTS_MAX_UNPACKED, CONTENTS_MAX_UNPACKED, &err), &err);
    ck_assert_int_eq(contents_unpacked(&contents, 1, 1, &err), -1);
    expect_error(&err, ERROR_USAGE, "more than 16 GiB when decompressed");
    ck_assert_int_eq(contents_unpacked(&contents, UINT64_MAX, UINT64_MAX, &err), -1);
    error_free(&err);
}
END_TEST

START_TEST(a_bomb_is_told_by_its_ratio)
{
    struct error err = {0};
    struct contents contents = {0};
    ck_ok(contents_unpacked(&contents, 1000, (uint64_t)1 << 30, &err), &err);
    ck_assert_int_eq(contents_unpacked(&contents, 1000, 1 << 20, &err), -1);
    expect_error(&err, ERROR_USAGE, "it is compressed more than 200 times: this looks like a bomb");
}
END_TEST

UNIT_MAIN("contents", a_file_that_no_reader_understands_is_bytes_and_says_so, text_is_one_value,
          an_empty_file_is_no_bytes, a_folder_is_all_of_its_files, what_is_no_file_is_refused_at_once,
          a_file_that_may_not_be_read_is_an_error, a_mapped_file_that_changes_is_told,
          values_are_found_by_name_in_any_order_of_adding, a_name_that_comes_twice_is_an_error_that_names_it,
          too_many_values_are_an_error, neighbours_are_opened_below_the_folder_only,
          what_was_left_out_is_told_once_and_the_first_note_stays, decompressed_bytes_are_counted_together,
          a_bomb_is_told_by_its_ratio)

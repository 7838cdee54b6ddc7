// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
#include "drift/prediction_log.h"

#include "base/fs.h"
#include "drift/log_lines.h"
#include "unit.h"
#include "unit_log.h"

#include <sys/stat.h>

static char *folder;

static void put(const char *name, const char *text, size_t len)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *path = fs_join(folder, name);
    ck_ok(fs_write_atomic(path, text, len, &err), &err);
}

// Entries numbered from `first` to `last`, a line each.
static void put_entries(const char *name, int first, int last)
{
    CLEANUP(buf) struct buf text = {0};
    for (int i = first; i <= last; i++)
        buf_printf(&text, "{\"id\": \"r%d\", \"time\": %d, \"input\": {\"x\": %d}, \"output\": %d}\n", i, 1000 + i, i,
                   i * 2);
    put(name, buf_text(&text), text.len);
}

static void compress(const char *name)
{
    CLEANUP(free) char *command = str_printf("gzip -f '%s/%s'", folder, name);
    ck_assert_int_eq(system(command), 0);
}

// The ids of the entries, one after the other: "r1 r2 ".
static char *ids(struct prediction_counts *counts, const struct prediction_log_options *options)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    CLEANUP(free) char *path = fs_join(folder, "log.jsonl");
    const struct log_rules rules = unit_log_rules();
    struct prediction_log_options wanted = *options;
    struct prediction entry;
    struct buf found = {0};
    bool more = true;
    wanted.rules = &rules;
    ck_ok(prediction_log_open(&log, path, &wanted, &err), &err);
    while (more) {
        ck_ok(prediction_log_next(&more, &entry, log, &err), &err);
        if (more)
            buf_printf(&found, "%s ", entry.id ? entry.id : "-");
    }
    *counts = *prediction_log_counts(log);
    return buf_take(&found);
}

static void set_up(void)
{
    folder = unit_folder();
}

static void tear_down(void)
{
    CLEANUP(error) struct error err = {0};
    ck_ok(fs_remove_tree(folder, &err), &err);
    free(folder);
}

static const struct prediction_log_options all;

START_TEST(rotated_files_are_read_oldest_first)
{
    struct prediction_counts counts;
    put_entries("log.jsonl", 7, 8);
    put_entries("log.jsonl.1", 5, 6);
    put_entries("log.jsonl.2", 3, 4);
    compress("log.jsonl.2");
    put_entries("log.jsonl.10", 1, 2);
    compress("log.jsonl.10");
    put_entries("log.jsonl.2026-11-20", 0, 0);
    put_entries("log.jsonl.1.gz", 99, 99); // being made of log.jsonl.1, which is still there
    put_entries("log.jsonl.bak", 98, 98);
    put_entries("other.jsonl.1", 97, 97);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "r0 r1 r2 r3 r4 r5 r6 r7 r8 ");
    ck_assert_uint_eq(counts.files, 5);
    ck_assert_uint_eq(counts.entries, 9);
    ck_assert_uint_eq(counts.lines, 9);
}
END_TEST

START_TEST(a_byte_order_mark_is_no_part_of_the_first_line)
{
    struct prediction_counts counts;
    static const char marked[] = "\xef\xbb\xbf{\"id\": 1, \"input\": {}, \"output\": 1}\n";
    static const char marked_within[] = "{\"id\": 2, \"input\": {}, \"output\": 1}\n\xef\xbb\xbf{\"id\": 3}\n";
    put("log.jsonl.1", marked, sizeof marked - 1);
    compress("log.jsonl.1");
    put("log.jsonl", marked_within, sizeof marked_within - 1);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "1 2 ");
    ck_assert_uint_eq(counts.not_json, 1);
}
END_TEST

START_TEST(a_log_that_was_just_rotated_away_is_read)
{
    struct prediction_counts counts;
    put_entries("log.jsonl.1", 1, 2);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "r1 r2 ");
}
END_TEST

START_TEST(broken_lines_and_repetitions_are_passed_over_and_counted)
{
    struct prediction_counts counts;
    static const char text[] = "{\"id\": 1, \"input\": {}, \"output\": 1}\r\n"
                               "\n   \n"
                               "{\"id\": 2, \"input\": {}, \"outp\n"
                               "{\"id\": 1, \"input\": {}, \"output\": 1}\n"
                               "{\"id\": 3, \"input\": {}}\n"
                               "\0\0\0\n"
                               "{\"id\": 4, \"input\": {}, \"output\": 1}\n"
                               "{\"input\": {}, \"error\": \"no\"}\n"
                               "{\"id\": 5, \"input\": {}, \"output\": 1";
    put("log.jsonl", text, sizeof text - 1);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "1 4 - ");
    ck_assert_uint_eq(counts.lines, 8);
    ck_assert_uint_eq(counts.entries, 3);
    ck_assert_uint_eq(counts.repeated, 1);
    ck_assert_uint_eq(counts.not_json, 1);
    ck_assert_uint_eq(counts.incomplete, 1);
    ck_assert_uint_eq(counts.with_nul, 1);
    ck_assert_uint_eq(counts.unfinished, 1);
    ck_assert_uint_eq(counts.errors, 1);
    ck_assert_uint_eq(counts.without_id, 1);
    ck_assert_uint_eq(counts.without_time, 3);
}
END_TEST

START_TEST(a_last_line_without_its_end_counts_when_it_is_whole)
{
    struct prediction_counts counts;
    static const char text[] = "{\"id\": 1, \"input\": {}, \"output\": 1}";
    put("log.jsonl", text, sizeof text - 1);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "1 ");
    ck_assert_uint_eq(counts.unfinished, 0);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_passed_over)
{
    struct prediction_counts counts;
    CLEANUP(buf) struct buf text = {0};
    buf_puts(&text, "{\"id\": 1, \"input\": {}, \"output\": 1}\n{\"id\": \"");
    for (size_t i = 0; i < LOG_LINE_MOST; i++)
        buf_putc(&text, 'x');
    buf_puts(&text, "\", \"input\": {}, \"output\": 1}\n{\"id\": 3, \"input\": {}, \"output\": 1}\n");
    put("log.jsonl", text.data, text.len);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert_str_eq(found, "1 3 ");
    ck_assert_uint_eq(counts.too_long, 1);
}
END_TEST

START_TEST(since_leaves_out_what_is_older)
{
    struct prediction_counts counts;
    put_entries("log.jsonl", 1, 9);
    CLEANUP(free) char *found = ids(&counts, &(struct prediction_log_options){.has_since = true, .since = 1007});
    ck_assert_str_eq(found, "r7 r8 r9 ");
    ck_assert_uint_eq(counts.early, 6);
}
END_TEST

// Of 400 entries in four files, two of them compressed, with broken lines among them.
START_TEST(last_takes_the_newest_across_files)
{
    put_entries("log.jsonl.3", 1, 100);
    compress("log.jsonl.3");
    put_entries("log.jsonl.2", 101, 200);
    put_entries("log.jsonl.1", 201, 300);
    compress("log.jsonl.1");
    CLEANUP(buf) struct buf text = {0};
    for (int i = 301; i <= 400; i++)
        buf_printf(&text, "{\"id\": \"r%d\", \"input\": {}, \"output\": 1}\nbroken\n", i);
    put("log.jsonl", text.data, text.len);
    static const unsigned wanted[] = {1, 2, 99, 100, 101, 150, 200, 201, 299, 300, 301, 399, 400, 401, 5000};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct prediction_counts counts;
        unsigned expected = wanted[i] < 400 ? wanted[i] : 400;
        char first[32];
        CLEANUP(free) char *found = ids(&counts, &(struct prediction_log_options){.last = wanted[i]});
        snprintf(first, sizeof first, "r%u ", 401 - expected);
        ck_assert_uint_eq(counts.entries, expected);
        ck_assert_msg(strncmp(found, first, strlen(first)) == 0, "last %u begins with %.10s", wanted[i], found);
    }
}
END_TEST

START_TEST(a_compressed_file_that_ends_early_is_read_as_far_as_it_goes)
{
    struct prediction_counts counts;
    put_entries("log.jsonl", 5001, 5002);
    put_entries("log.jsonl.1", 1, 5000);
    compress("log.jsonl.1");
    CLEANUP(free) char *path = fs_join(folder, "log.jsonl.1.gz");
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(truncate(path, st.st_size / 2), 0);
    CLEANUP(free) char *found = ids(&counts, &all);
    ck_assert(strncmp(found, "r1 r2 ", 6) == 0);
    ck_assert(strstr(found, "r5001 r5002 ") != NULL);
    ck_assert_uint_eq(counts.damaged, 1);
    ck_assert_uint_eq(counts.cut, 1);
    ck_assert_uint_gt(counts.entries, 1000);
}
END_TEST

START_TEST(a_rotation_while_it_is_read_loses_nothing)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *path = fs_join(folder, "log.jsonl"), *older = fs_join(folder, "log.jsonl.1");
    const struct log_rules rules = unit_log_rules();
    const struct prediction_log_options options = {.rules = &rules};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    struct prediction entry;
    bool more = true;
    size_t count = 0;
    put_entries("log.jsonl", 11, 20);
    put_entries("log.jsonl.1", 1, 10);
    ck_ok(prediction_log_open(&log, path, &options, &err), &err);
    ck_assert_int_eq(rename(path, older), 0); // over the older one
    put_entries("log.jsonl", 21, 30);         // the next look's
    while (more) {
        ck_ok(prediction_log_next(&more, &entry, log, &err), &err);
        count += more;
    }
    ck_assert_uint_eq(count, 20);
}
END_TEST

START_TEST(a_log_that_is_emptied_while_it_is_read_ends_early_and_is_told)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *path = fs_join(folder, "log.jsonl");
    const struct log_rules rules = unit_log_rules();
    const struct prediction_log_options options = {.rules = &rules};
    CLEANUP(prediction_log) struct prediction_log *log = NULL;
    struct prediction entry;
    bool more = true;
    put_entries("log.jsonl", 1, 10);
    ck_ok(prediction_log_open(&log, path, &options, &err), &err);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_ok(prediction_log_next(&more, &entry, log, &err), &err);
    ck_assert(!more);
    ck_assert_uint_eq(prediction_log_counts(log)->shortened, 1);
}
END_TEST

START_TEST(a_log_beneath_a_folder_is_not_read_through_links)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *link = fs_join(folder, "sub/log.jsonl"), *sub = fs_join(folder, "sub");
    CLEANUP(free) char *outside = fs_join(folder, "linked");
    const struct log_rules rules = unit_log_rules();
    const struct prediction_log_options options = {.rules = &rules, .folder = folder};
    struct prediction_log *log = NULL;
    put_entries("secret.jsonl", 1, 1);
    ck_assert_int_eq(mkdir(sub, 0777), 0);
    ck_assert_int_eq(symlink("../secret.jsonl", link), 0);
    ck_assert_int_eq(symlink("sub", outside), 0);
    ck_assert_int_lt(prediction_log_open(&log, "sub/log.jsonl", &options, &err), 0);
    ck_error_has(&err, "'sub/log.jsonl' is a symbolic link");
    error_free(&err);
    ck_assert_int_lt(prediction_log_open(&log, "linked/log.jsonl", &options, &err), 0);
    error_free(&err);
    ck_assert_int_lt(prediction_log_open(&log, "../log.jsonl", &options, &err), 0);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *missing = fs_join(folder, "no/log.jsonl"), *pipe = fs_join(folder, "pipe");
    const struct log_rules rules = unit_log_rules();
    const struct prediction_log_options options = {.rules = &rules};
    struct prediction_log *log = NULL;
    ck_assert_int_lt(prediction_log_open(&log, missing, &options, &err), 0);
    ck_error_has(&err, "there is no log");
    error_free(&err);
    ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    ck_assert_int_lt(prediction_log_open(&log, pipe, &options, &err), 0);
    ck_error_has(&err, "not a regular file");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {rotated_files_are_read_oldest_first,
                                  a_byte_order_mark_is_no_part_of_the_first_line,
                                  a_log_that_was_just_rotated_away_is_read,
                                  broken_lines_and_repetitions_are_passed_over_and_counted,
                                  a_last_line_without_its_end_counts_when_it_is_whole,
                                  a_line_that_is_too_long_is_passed_over,
                                  since_leaves_out_what_is_older,
                                  last_takes_the_newest_across_files,
                                  a_compressed_file_that_ends_early_is_read_as_far_as_it_goes,
                                  a_rotation_while_it_is_read_loses_nothing,
                                  a_log_that_is_emptied_while_it_is_read_ends_early_and_is_told,
                                  a_log_beneath_a_folder_is_not_read_through_links,
                                  what_is_no_file_is_refused};
    Suite *suite = suite_create("prediction_log");
    TCase *tcase = tcase_create("prediction_log");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

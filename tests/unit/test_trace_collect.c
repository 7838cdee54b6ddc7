// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
#include "unit.h"

#include "base/buf.h"
#include "base/json.h"
#include "run/trace_collect.h"
#include "run/trace_path.h"

static unsigned flags(const struct trace_collect *collect, uint32_t file)
{
    return collect->files[file].flags;
}

static uint32_t see(struct trace_collect *collect, const char *path, enum trace_kind kind)
{
    uint32_t known = trace_collect_known(collect, path, true);
    return known != TRACE_NO_FILE ? known : trace_collect_see(collect, path, true, path, kind);
}

static void end(struct trace_collect *collect)
{
    struct trace_log log;
    trace_collect_finish(&log, collect);
    trace_log_free(&log);
}

START_TEST(what_a_call_does_depends_on_what_was_there_before)
{
    static const struct {
        const char *what;
        enum trace_kind before;
        enum trace_act acts[4];
        size_t count;
        unsigned flags;
    } cases[] = {
        {"an input", TRACE_REGULAR, {TRACE_ACT_READ, TRACE_ACT_READ}, 2, TRACE_READ},
        {"nothing", TRACE_NOTHING, {TRACE_ACT_READ}, 1, TRACE_ABSENT},
        {"an output", TRACE_NOTHING, {TRACE_ACT_REPLACE_OR_MAKE, TRACE_ACT_READ}, 2, TRACE_WRITTEN | TRACE_OWN},
        {"missed, then made",
         TRACE_NOTHING,
         {TRACE_ACT_READ, TRACE_ACT_MAKE},
         2,
         TRACE_ABSENT | TRACE_WRITTEN | TRACE_OWN},
        {"replaced, then read", TRACE_REGULAR, {TRACE_ACT_REPLACE, TRACE_ACT_READ}, 2, TRACE_WRITTEN},
        {"read, then replaced", TRACE_REGULAR, {TRACE_ACT_READ, TRACE_ACT_REPLACE}, 2, TRACE_READ | TRACE_WRITTEN},
        {"changed in place", TRACE_REGULAR, {TRACE_ACT_CHANGE}, 1, TRACE_READ | TRACE_WRITTEN},
        {"changed, were it there", TRACE_NOTHING, {TRACE_ACT_CHANGE}, 1, TRACE_ABSENT},
        {"removed, then missed", TRACE_REGULAR, {TRACE_ACT_REMOVE, TRACE_ACT_READ}, 2, TRACE_REMOVED},
        {"removed, then made again",
         TRACE_REGULAR,
         {TRACE_ACT_REMOVE, TRACE_ACT_MAKE, TRACE_ACT_READ},
         3,
         TRACE_REMOVED | TRACE_WRITTEN},
        {"made, removed, missed",
         TRACE_NOTHING,
         {TRACE_ACT_MAKE, TRACE_ACT_REMOVE, TRACE_ACT_READ},
         3,
         TRACE_WRITTEN | TRACE_REMOVED | TRACE_OWN},
        {"removed though not there", TRACE_NOTHING, {TRACE_ACT_REMOVE}, 1, 0},
        {"made though there", TRACE_REGULAR, {TRACE_ACT_MAKE}, 1, TRACE_LOOKED_UP},
        {"moved away", TRACE_REGULAR, {TRACE_ACT_TAKE}, 1, TRACE_READ | TRACE_REMOVED},
        {"linked to", TRACE_REGULAR, {TRACE_ACT_SHARE}, 1, TRACE_READ},
        {"started", TRACE_REGULAR, {TRACE_ACT_EXECUTE}, 1, TRACE_READ | TRACE_EXECUTED},
        {"started in vain", TRACE_NOTHING, {TRACE_ACT_EXECUTE}, 1, TRACE_ABSENT},
        {"listed", TRACE_FOLDER, {TRACE_ACT_READ}, 1, TRACE_LISTED},
        {"written as if no folder", TRACE_FOLDER, {TRACE_ACT_REPLACE_OR_MAKE}, 1, TRACE_LOOKED_UP},
        {"looked up", TRACE_REGULAR, {TRACE_ACT_LOOK}, 1, TRACE_LOOKED_UP},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trace_collect collect = {0};
        uint32_t file = see(&collect, "/a", cases[i].before);
        for (size_t k = 0; k < cases[i].count; k++)
            trace_collect_act(&collect, file, cases[i].acts[k], TRACE_REGULAR);
        ck_assert_msg(flags(&collect, file) == cases[i].flags, "%s: %#x", cases[i].what, flags(&collect, file));
        end(&collect);
    }
}
END_TEST

START_TEST(what_lies_in_a_folder_of_the_run_is_the_run_s)
{
    struct trace_collect collect = {0};
    trace_collect_act(&collect, see(&collect, "/a/made", TRACE_NOTHING), TRACE_ACT_PUT, TRACE_FOLDER);
    uint32_t inside = see(&collect, "/a/made/deep/file", TRACE_REGULAR),
             beside = see(&collect, "/a/made2", TRACE_REGULAR);
    trace_collect_act(&collect, inside, TRACE_ACT_READ, TRACE_NOTHING);
    trace_collect_act(&collect, beside, TRACE_ACT_READ, TRACE_NOTHING);
    ck_assert_uint_eq(flags(&collect, inside), TRACE_OWN);
    ck_assert_uint_eq(flags(&collect, beside), TRACE_READ);
    end(&collect);
}
END_TEST

START_TEST(a_file_that_appears_during_the_run_is_its_own)
{
    struct trace_collect collect = {0};
    uint32_t file = see(&collect, "/a", TRACE_NOTHING);
    trace_collect_act(&collect, file, TRACE_ACT_LOOK, TRACE_NOTHING);
    trace_collect_forget(&collect);
    ck_assert_uint_eq(trace_collect_known(&collect, "/a", true), TRACE_NO_FILE);
    ck_assert_uint_eq(see(&collect, "/a", TRACE_REGULAR), file);
    trace_collect_act(&collect, file, TRACE_ACT_READ, TRACE_NOTHING);
    ck_assert_uint_eq(flags(&collect, file), TRACE_ABSENT | TRACE_OWN);
    end(&collect);
}
END_TEST

START_TEST(spellings_are_known_until_they_are_forgotten)
{
    struct trace_collect collect = {0};
    uint32_t file = trace_collect_see(&collect, "/link/./x", true, "/real/x", TRACE_REGULAR);
    ck_assert_str_eq(collect.files[file].link, "/link/x");
    ck_assert_uint_eq(trace_collect_known(&collect, "/link/./x", true), file);
    ck_assert_uint_eq(trace_collect_known(&collect, "/link/./x", false), TRACE_NO_FILE);
    ck_assert_uint_eq(trace_collect_known(&collect, "/real/x", true), TRACE_NO_FILE);
    ck_assert_uint_eq(see(&collect, "/real/x", TRACE_REGULAR), file);
    trace_collect_forget(&collect);
    ck_assert_uint_eq(trace_collect_known(&collect, "/link/./x", true), TRACE_NO_FILE);
    end(&collect);
}
END_TEST

START_TEST(many_files_are_all_found_again_and_come_out_sorted)
{
    enum { MANY = 30000 };
    struct trace_collect collect = {0};
    struct trace_log log;
    char path[64];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            snprintf(path, sizeof path, "/many/%d", i * 7 % MANY);
            trace_collect_act(&collect, see(&collect, path, TRACE_REGULAR), TRACE_ACT_READ, TRACE_NOTHING);
        }
    trace_collect_finish(&log, &collect);
    ck_assert_uint_eq(log.file_count, MANY);
    for (size_t i = 1; i < log.file_count; i++)
        ck_assert_int_lt(strcmp(log.files[i - 1].path, log.files[i].path), 0);
    ck_assert_ptr_nonnull(trace_log_find(&log, "/many/29999"));
    ck_assert_ptr_null(trace_log_find(&log, "/many/30000"));
    trace_log_free(&log);
}
END_TEST

START_TEST(over_the_limit_the_list_is_cut_and_says_so)
{
    struct trace_collect collect = {.limit = 2};
    struct trace_log log;
    static const char *const paths[] = {"/a", "/b", "/c", "/a"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        trace_collect_act(&collect, see(&collect, paths[i], TRACE_REGULAR), TRACE_ACT_READ, TRACE_NOTHING);
    trace_collect_finish(&log, &collect);
    ck_assert(log.cut);
    ck_assert_uint_eq(log.file_count, 2);
    ck_assert_ptr_null(trace_log_find(&log, "/c"));
    trace_log_free(&log);
}
END_TEST

START_TEST(contacts_and_entropy_are_counted_and_bounded)
{
    struct trace_collect collect = {0};
    struct trace_log log;
    char address[64];
    for (int i = 0; i < 3000; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d port 80", i / 250, i % 250);
        trace_collect_contact(&collect, "connect", address, "scan");
        trace_collect_entropy(&collect, "/bin/x", "getrandom");
    }
    trace_collect_finish(&log, &collect);
    ck_assert(log.cut);
    ck_assert_uint_eq(log.contact_count, 1000);
    ck_assert_uint_eq(log.entropy_count, 1);
    ck_assert_uint_eq(log.entropy[0].times, 3000);
    trace_log_free(&log);
}
END_TEST

START_TEST(the_log_is_json_whatever_the_names)
{
    struct trace_collect collect = {0};
    struct trace_log log;
    struct buf text = {0};
    struct error err = {0};
    struct json *json = NULL;
    trace_collect_act(&collect, see(&collect, "/bad\xff\"\n", TRACE_REGULAR), TRACE_ACT_READ, TRACE_NOTHING);
    trace_collect_act(&collect, see(&collect, "/bin/sh", TRACE_REGULAR), TRACE_ACT_EXECUTE, TRACE_NOTHING);
    trace_collect_contact(&collect, "connect", "10.0.0.1 port 80", "curl");
    trace_collect_entropy(&collect, "/bin/sh", "getrandom");
    trace_collect_unresolved(&collect, "why");
    trace_collect_finish(&log, &collect);
    trace_log_write(&text, &log);
    ck_ok(json_parse(&json, "trace.json", text.data, text.len, NULL, &err), &err);
    const struct json_value *root = json_root(json);
    ck_assert_uint_eq(json_count(json_get(root, "files")), 2);
    ck_assert_str_eq(json_string(json_get(json_at(json_get(root, "programs"), 0), "path")), "/bin/sh");
    ck_assert_str_eq(json_string(json_at(json_get(root, "unresolved_why"), 0)), "why");
    ck_assert_str_eq(json_string(json_get(json_at(json_get(root, "contacts"), 0), "address")), "10.0.0.1 port 80");
    ck_assert_str_eq(json_string(json_get(json_at(json_get(root, "entropy"), 0), "source")), "getrandom");
    json_free(json);
    buf_free(&text);
    trace_log_free(&log);
}
END_TEST

START_TEST(paths_are_cleaned_and_split)
{
    static const struct {
        const char *path, *clean, *last;
        size_t parent;
        bool special;
    } cases[] = {
        {"/", "/", NULL, 0, false},
        {"/a", "/a", "a", 0, false},
        {"//a//b", "/a/b", "b", 3, false},
        {"/a/./b/../c", "/a/c", "c", 9, false},
        {"/..", "/", NULL, 0, false},
        {"/a/..", "/", NULL, 0, false},
        {"/../../a", "/a", "a", 6, false},
        {"/a/", "/a", NULL, 0, false},
        {"/.../b", "/.../b", "b", 4, false},
        {"/proc/self/maps", "/proc/self/maps", "maps", 10, true},
        {"/procs", "/procs", "procs", 0, false},
        {"/dev/null", "/dev/null", "null", 4, true},
        {"/dev/shm/x", "/dev/shm/x", "x", 8, false},
        {"/sys", "/sys", "sys", 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        size_t parent = 0;
        trace_path_clean(out, cases[i].path);
        ck_assert_str_eq(out, cases[i].clean);
        strcpy(out, cases[i].path);
        trace_path_clean(out, out);
        ck_assert_str_eq(out, cases[i].clean);
        const char *last = trace_path_split(cases[i].path, &parent);
        ck_assert_pstr_eq(last, cases[i].last);
        if (last)
            ck_assert_uint_eq(parent, cases[i].parent);
        ck_assert_int_eq(trace_path_is_special(cases[i].path), cases[i].special);
    }
}
END_TEST

UNIT_MAIN("trace_collect", what_a_call_does_depends_on_what_was_there_before,
          what_lies_in_a_folder_of_the_run_is_the_run_s, a_file_that_appears_during_the_run_is_its_own,
          spellings_are_known_until_they_are_forgotten, many_files_are_all_found_again_and_come_out_sorted,
          over_the_limit_the_list_is_cut_and_says_so, contacts_and_entropy_are_counted_and_bounded,
          the_log_is_json_whatever_the_names, paths_are_cleaned_and_split)

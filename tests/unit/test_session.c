// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// One invocation: run folders, notes, and suites worked on side by side.
#include "engine/session.h"

#include "base/pool.h"
#include "unit_project.h"

#include <fcntl.h>
#include <stdatomic.h>

START_TEST(a_folder_that_is_not_there_opens_no_session)
{
    struct session *session = NULL;
    struct error err = {0};
    struct session_options options = {.folder = "/no/such/folder", .stop_fd = -1};
    ck_assert_int_eq(session_open(&session, &options, &err), -1);
    ck_assert_ptr_null(session);
    error_free(&err);
    session_free(NULL);
}
END_TEST

START_TEST(opening_leaves_nothing_behind_and_preparing_makes_a_locked_folder)
{
    char *folder = enter_project();
    struct session *session = NULL;
    struct error err = {0};
    struct session_options options = {.folder = ".", .stop_fd = -1};
    put_sums("");
    ck_ok(session_open(&session, &options, &err), &err);
    ck_assert(!fs_exists(".repro"));
    ck_ok(session_prepare_runs(session, &err), &err);
    expect_file(".repro/.gitignore", "*\n");
    ck_assert_uint_eq(count_entries(".repro/runs"), 1);
    CLEANUP(free) char *lock_path = fs_join(session->run_folder, "lock");
    int lock = -1;
    ck_assert_int_eq(fs_lock(&lock, lock_path, 0, &err), -1);
    error_free(&err);
    session_free(session);
    ck_ok(fs_lock(&lock, lock_path, 0, &err), &err);
    close(lock);
    leave_folder(folder);
}
END_TEST

START_TEST(runs_older_than_the_newest_twenty_are_forgotten_unless_they_work)
{
    char *folder = enter_project();
    struct error err = {0};
    put_sums("");
    for (int i = 10; i < 35; i++) {
        CLEANUP(free) char *path = str_printf(".repro/runs/20200101T0000%d.000Z-aaaaaa/stdout.log", i);
        put(path, "old\n");
    }
    int lock = -1;
    ck_ok(fs_lock(&lock, ".repro/runs/20200101T000011.000Z-aaaaaa/lock", 0, &err), &err);
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    ck_assert(!fs_exists(".repro/runs/20200101T000010.000Z-aaaaaa"));
    ck_assert(fs_exists(".repro/runs/20200101T000011.000Z-aaaaaa")); // its repro still works
    ck_assert(!fs_exists(".repro/runs/20200101T000014.000Z-aaaaaa"));
    ck_assert(fs_exists(".repro/runs/20200101T000015.000Z-aaaaaa"));
    ck_assert_uint_eq(count_entries(".repro/runs"), 20 + 1 + 1);
    close(lock);
    leave_folder(folder);
}
END_TEST

START_TEST(notes_are_remembered_replaced_and_forgotten)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    ck_assert_ptr_null(session_recall(session, "verdict", "sums"));
    session_remember(session, "verdict", "sums", "passed");
    session_remember(session, "verdict", "other", "failed");
    CLEANUP(free) char *first = session_recall(session, "verdict", "sums");
    ck_assert_str_eq(first, "passed");
    session_remember(session, "verdict", "sums", "error");
    CLEANUP(free) char *second = session_recall(session, "verdict", "sums");
    ck_assert_str_eq(second, "error");
    session_remember(session, "verdict", "sums", NULL);
    session_remember(session, "verdict", "sums", NULL); // twice is fine
    ck_assert_ptr_null(session_recall(session, "verdict", "sums"));
    CLEANUP(free) char *other = session_recall(session, "verdict", "other");
    ck_assert_str_eq(other, "failed");
    leave_folder(folder);
}
END_TEST

START_TEST(notes_that_cannot_be_kept_or_are_no_notes_are_no_fault)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    put(".repro/cache/verdict-empty", "");
    put(".repro/cache/verdict-newline", "\n");
    sh("head -c 100000 /dev/zero > .repro/cache/verdict-large; mkdir .repro/cache/verdict-folder");
    ck_assert_ptr_null(session_recall(session, "verdict", "empty"));
    ck_assert_ptr_null(session_recall(session, "verdict", "newline"));
    ck_assert_ptr_null(session_recall(session, "verdict", "large"));
    ck_assert_ptr_null(session_recall(session, "verdict", "folder"));
    session_remember(session, "verdict", "folder", "passed");
    ck_assert_ptr_null(session_recall(session, "verdict", "folder"));
    leave_folder(folder);
}
END_TEST

START_TEST(only_narrows_the_stages)
{
    struct session session = {.options = {.only = 1u << STAGE_CODE | 1u << STAGE_LIMITS}};
    ck_assert(session_wants(&session, STAGE_CODE) && session_wants(&session, STAGE_LIMITS));
    ck_assert(!session_wants(&session, STAGE_GOLDEN));
    session.options.only = 0;
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        ck_assert(session_wants(&session, (enum stage)stage));
}
END_TEST

START_TEST(the_result_is_kept_once_there_is_a_run_folder)
{
    char *folder = enter_project();
    put_sums("");
    struct session bare = {0};
    struct error err = {0};
    CLEANUP(result) struct result *result = result_new("repro verify");
    result_add(result, "sums", STAGE_CODE, "code", VERDICT_PASS);
    ck_ok(session_keep_result(&bare, result, &err), &err);
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    ck_ok(session_keep_result(session, result, &err), &err);
    CLEANUP(free) char *path = fs_join(session->run_folder, "result.json");
    CLEANUP(buf) struct buf text = {0}, again = {0};
    CLEANUP(result) struct result *read = NULL;
    ck_ok(fs_read(&text, path, 0, &err), &err);
    ck_ok(result_parse(&read, path, text.data, text.len, &err), &err);
    result_write(&again, read);
    ck_assert_str_eq(buf_text(&again), buf_text(&text));
    leave_folder(folder);
}
END_TEST

// ---- suites side by side

struct jobs {
    atomic_int done;
    int failing;     // the job that fails, by its number; −1: none
    int stop_at;     // the job that presses Ctrl-C
    int stop_writer; // and with what
};

// The suites are called "s00", "s01", …
static void job(struct session *session, const char *name, struct result *result, void *context)
{
    (void)session;
    struct jobs *jobs = context;
    int number = atoi(name + 1);
    atomic_fetch_add(&jobs->done, 1);
    struct check *check =
        result_add(result, name, STAGE_CODE, "job", number == jobs->failing ? VERDICT_FAIL : VERDICT_PASS);
    check_reason(check, "done");
    pairs_set(&result->properties, "isolation", number % 2 ? "full" : "none");
    if (number == jobs->stop_at)
        ck_assert_int_eq(write(jobs->stop_writer, "x", 1), 1);
}

static struct result *run_jobs(struct session_options options, struct jobs *jobs, int count)
{
    CLEANUP(strings) struct strings names = {0};
    struct session session = {.options = options};
    for (int i = 0; i < count; i++)
        strings_printf(&names, "s%02d", i);
    struct result *result = result_new("repro verify");
    session_each(&session, &names, result, job, jobs);
    return result;
}

START_TEST(results_come_in_the_order_of_the_names_however_many_work)
{
    for (size_t count = 0; count <= 8; count = count ? count * 2 : 1) {
        struct jobs jobs = {.failing = -1, .stop_at = -1};
        CLEANUP(result)
        struct result *result = run_jobs((struct session_options){.jobs = count, .stop_fd = -1}, &jobs, 40);
        ck_assert_int_eq(atomic_load(&jobs.done), 40);
        ck_assert_uint_eq(result->check_count, 40);
        ck_assert_uint_eq(result->suite_count, 40);
        for (int i = 0; i < 40; i++)
            ck_assert_int_eq(atoi(result->checks[i].suite + 1), i);
        const char *both = pairs_get(&result->properties, "isolation");
        ck_assert_str_eq(both, "none, full"); // several values are listed, each once
        ck_assert_uint_eq(result->properties.count, 1);
    }
}
END_TEST

START_TEST(no_suites_are_no_work)
{
    struct jobs jobs = {.failing = -1, .stop_at = -1};
    CLEANUP(result) struct result *result = run_jobs((struct session_options){.stop_fd = -1}, &jobs, 0);
    ck_assert_uint_eq(result->check_count, 0);
    ck_assert_int_eq(result_exit_status(result), 3); // an empty gate is not an open one
}
END_TEST

START_TEST(with_fail_fast_what_follows_a_failure_is_skipped_by_name)
{
    struct jobs jobs = {.failing = 2, .stop_at = -1};
    CLEANUP(result)
    struct result *result = run_jobs((struct session_options){.fail_fast = true, .stop_fd = -1}, &jobs, 5);
    ck_assert_int_eq(atomic_load(&jobs.done), 3);
    ck_assert_uint_eq(result->check_count, 5);
    ck_assert_int_eq(result->checks[2].verdict, VERDICT_FAIL);
    for (size_t i = 3; i < 5; i++) {
        ck_assert_int_eq(result->checks[i].verdict, VERDICT_SKIP);
        ck_assert_str_eq(result->checks[i].reason, "not run: 's02' did not pass, and --fail-fast was given");
    }
    ck_assert_int_eq(result_exit_status(result), 1);
}
END_TEST

START_TEST(without_fail_fast_everything_is_run)
{
    struct jobs jobs = {.failing = 0, .stop_at = -1};
    CLEANUP(result) struct result *result = run_jobs((struct session_options){.stop_fd = -1}, &jobs, 5);
    ck_assert_int_eq(atomic_load(&jobs.done), 5);
    ck_assert_uint_eq(result_count(result, NULL, VERDICT_PASS), 4);
}
END_TEST

START_TEST(fail_fast_side_by_side_skips_or_runs_but_loses_none)
{
    struct jobs jobs = {.failing = 0, .stop_at = -1};
    CLEANUP(result)
    struct result *result = run_jobs((struct session_options){.jobs = 4, .fail_fast = true, .stop_fd = -1}, &jobs, 40);
    size_t ran = result_count(result, NULL, VERDICT_PASS) + result_count(result, NULL, VERDICT_FAIL);
    ck_assert_uint_eq(ran, (size_t)atomic_load(&jobs.done));
    ck_assert_uint_eq(ran + result_count(result, NULL, VERDICT_SKIP), 40);
}
END_TEST

START_TEST(after_ctrl_c_no_further_suite_begins)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    struct jobs jobs = {.failing = -1, .stop_at = 1, .stop_writer = ends[1]};
    CLEANUP(result) struct result *result = run_jobs((struct session_options){.stop_fd = ends[0]}, &jobs, 4);
    ck_assert_int_eq(atomic_load(&jobs.done), 2);
    ck_assert_str_eq(result->checks[3].reason, "not run: stopped");
    ck_assert_int_eq(result->checks[3].verdict, VERDICT_SKIP);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

// ---- the observer

struct heard {
    struct strings phases;
};

static void hear(void *context, const char *suite, const char *phase, double expected)
{
    struct heard *heard = context;
    strings_printf(&heard->phases, "%s %s %.0f", suite, phase ? phase : "done", expected);
}

START_TEST(the_observer_hears_phases_and_the_end)
{
    struct heard heard = {0};
    struct session session = {.options = {.stop_fd = -1, .observer = {hear, &heard}}};
    struct session silent = {0};
    CLEANUP(strings) struct strings names = {0};
    CLEANUP(result) struct result *result = result_new(NULL);
    struct jobs jobs = {.failing = -1, .stop_at = -1};
    strings_add(&names, "s00");
    session_phase(&session, "s00", "training", 3);
    session_phase(&silent, "s00", "training", 3);
    session_each(&session, &names, result, job, &jobs);
    CLEANUP(free) char *all = strings_join(&heard.phases, "; ");
    ck_assert_str_eq(all, "s00 training 3; s00 done 0");
    strings_free(&heard.phases);
}
END_TEST

UNIT_MAIN("session", a_folder_that_is_not_there_opens_no_session,
          opening_leaves_nothing_behind_and_preparing_makes_a_locked_folder,
          runs_older_than_the_newest_twenty_are_forgotten_unless_they_work, notes_are_remembered_replaced_and_forgotten,
          notes_that_cannot_be_kept_or_are_no_notes_are_no_fault, only_narrows_the_stages,
          the_result_is_kept_once_there_is_a_run_folder, results_come_in_the_order_of_the_names_however_many_work,
          no_suites_are_no_work, with_fail_fast_what_follows_a_failure_is_skipped_by_name,
          without_fail_fast_everything_is_run, fail_fast_side_by_side_skips_or_runs_but_loses_none,
          after_ctrl_c_no_further_suite_begins, the_observer_hears_phases_and_the_end)

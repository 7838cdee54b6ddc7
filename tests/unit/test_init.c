// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Init: from one run of a command to a suite.json that works.
#include "engine/init.h"

#include "unit_verify.h"

struct attempt {
    int status; // of init_suite
    struct init_report report;
    struct error error;
};

// Without a trace, so that what is read is guessed. (tests/cli/init_declares_what_a_command_reads.sh has one.)
static struct attempt try_init(const char *name, const char *script, double timeout)
{
    CLEANUP(session)
    struct session *session = open_session((struct session_options){.timeout = timeout});
    CLEANUP(strings) struct strings command = {0};
    struct attempt attempt = {0};
    strings_add(&command, "sh");
    strings_add(&command, "-c");
    strings_add(&command, script);
    attempt.status = init_suite(&attempt.report, session, name, ".", &command, &attempt.error);
    return attempt;
}

static void expect_list(const struct strings *list, const char *expected)
{
    CLEANUP(free) char *all = strings_join(list, " ");
    ck_assert_str_eq(all, expected);
}

// Inits the suite `s` with the script and gives the document as it reads.
static struct suite *init_and_load(const char *script)
{
    struct attempt attempt = try_init("s", script, 0);
    struct suite *suite = NULL;
    struct error err = {0};
    ck_ok(attempt.status, &attempt.error);
    ck_ok(suite_load(&suite, ".", "s", &err), &err);
    init_report_free(&attempt.report);
    return suite;
}

static void expect_refused(const char *name, const char *script, const char *part)
{
    struct attempt attempt = try_init(name, script, 0);
    ck_assert_int_eq(attempt.status, -1);
    expect_error(&attempt.error, ERROR_USAGE, part);
    init_report_free(&attempt.report);
}

START_TEST(every_output_finds_its_place)
{
    char *folder = enter_project();
    struct attempt attempt = try_init("s",
                                      "echo 1 > model.bin; echo '{\"accuracy\": 1}' > metrics.json; echo > train.log;"
                                      "printf 'step,loss\\n1,2\\n2,1\\n' > history.csv",
                                      0);
    ck_ok(attempt.status, &attempt.error);
    ck_assert_str_eq(attempt.report.path, "suites/s/suite.json");
    expect_list(&attempt.report.artifacts, "model.bin");
    expect_list(&attempt.report.metrics, "metrics.json");
    expect_list(&attempt.report.series, "history.csv");
    expect_list(&attempt.report.logs, "train.log");
    ck_assert(attempt.report.wall > 0);
    ck_assert(!attempt.report.tracked);
    init_report_free(&attempt.report);

    CLEANUP(suite) struct suite *suite = NULL;
    struct error err = {0};
    ck_ok(suite_load(&suite, ".", "s", &err), &err);
    ck_assert_int_eq(suite_artifact(suite, "model.bin")->compare, COMPARE_BYTES);
    ck_assert_int_eq(suite_artifact(suite, "train.log")->compare, COMPARE_NONE);
    ck_assert_str_eq(suite->metrics.series[0].x, "step");
    ck_assert(suite->train.timeout > 599 && suite->train.timeout < 601);
    record(NULL);
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    leave_folder(folder);
}
END_TEST

START_TEST(inputs_are_guessed_from_the_files_that_are_there_but_what_the_run_wrote)
{
    char *folder = enter_project();
    put("train.py", "import torch\n");
    put("params.json", "{}");
    put("data/a.csv", "1\n");
    put("model.bin", "of an earlier run\n");
    put("node_modules/x.js", "");
    put(".venv/y.py", "");
    ck_assert_int_eq(symlink("train.py", "again.py"), 0);
    CLEANUP(suite) struct suite *suite = init_and_load("echo 1 > model.bin");
    expect_list(&suite->inputs.code, "train.py");
    expect_list(&suite->inputs.data, "data/a.csv");
    expect_list(&suite->inputs.settings, "params.json");
    expect_list(&suite->class_packages, "torch");
    expect_list(&suite->train.pins, "hashseed threads isa:avx2");
    leave_folder(folder);
}
END_TEST

START_TEST(in_git_the_tracked_files_are_guessed_from)
{
    char *folder = enter_project();
    put("train.sh", "");
    put("data.csv", "1\n");
    sh("git init -q .; commit one");
    put("scratch.csv", "2\n");
    CLEANUP(suite) struct suite *suite = init_and_load("echo 1 > model.bin");
    expect_list(&suite->inputs.data, "data.csv");
    expect_list(&suite->inputs.code, "train.sh");
    ck_assert_uint_eq(suite->train.pins.count, 0);
    leave_folder(folder);
}
END_TEST

START_TEST(many_files_of_one_folder_and_ending_become_a_glob)
{
    char *folder = enter_project();
    sh("mkdir a b; for i in $(seq 1 13); do echo > a/$i.csv; done; for i in $(seq 1 12); do echo > b/$i.csv; done;"
       "echo > a/words.txt");
    CLEANUP(suite) struct suite *suite = init_and_load("echo 1 > model.bin");
    ck_assert_uint_eq(suite->inputs.data.count, 1 + 1 + 12);
    ck_assert(strings_has(&suite->inputs.data, "a/*.csv"));
    ck_assert(strings_has(&suite->inputs.data, "a/words.txt"));
    ck_assert(strings_has(&suite->inputs.data, "b/12.csv")); // few enough to be named
    leave_folder(folder);
}
END_TEST

START_TEST(files_without_an_ending_never_become_a_glob_of_everything)
{
    char *folder = enter_project();
    sh("for i in $(seq 1 20); do mkdir -p m$i; echo > m$i/Makefile; echo > $i.c; done; echo > Makefile; echo 1 > "
       "data.csv");
    CLEANUP(suite) struct suite *suite = init_and_load("echo 1 > model.bin");
    ck_assert(strings_has(&suite->inputs.code, "*.c"));
    ck_assert(strings_has(&suite->inputs.code, "Makefile"));
    ck_assert(strings_has(&suite->inputs.code, "m7/Makefile"));
    ck_assert(!strings_has(&suite->inputs.code, "*"));
    expect_list(&suite->inputs.data, "data.csv");
    leave_folder(folder);
}
END_TEST

START_TEST(names_that_no_document_can_hold_are_left_out_or_refused)
{
    char *folder = enter_project();
    put("data-\xff.csv", "1\n");
    put("data.csv", "1\n");
    CLEANUP(suite) struct suite *suite = init_and_load("echo 1 > model.bin");
    expect_list(&suite->inputs.data, "data.csv");
    expect_refused("t", "echo 1 > $(printf 'model-\\377.bin')", "only files whose names are not UTF-8");
    ck_assert(!fs_exists("suites/t"));
    leave_folder(folder);
}
END_TEST

START_TEST(a_timeout_that_was_needed_is_kept)
{
    char *folder = enter_project();
    struct attempt attempt = try_init("s", "echo 1 > model.bin", 1800.5);
    CLEANUP(suite) struct suite *suite = NULL;
    struct error err = {0};
    ck_ok(attempt.status, &attempt.error);
    ck_ok(suite_load(&suite, ".", "s", &err), &err);
    ck_assert(suite->train.timeout > 1800.4 && suite->train.timeout < 1800.6);
    init_report_free(&attempt.report);
    leave_folder(folder);
}
END_TEST

START_TEST(what_gives_nothing_to_compare_is_refused)
{
    char *folder = enter_project();
    expect_refused("s", "echo broken >&2; exit 7", "it exited with status 7\nbroken");
    expect_refused("s", "true", "the command wrote no file in the project");
    expect_refused("s", "echo > train.log", "the command wrote only logs ('train.log')");
    expect_refused("bad/name", "echo > model", "'bad/name' cannot be the name of a suite");
    expect_refused("", "echo > model", "'' cannot be the name of a suite");
    ck_assert(!fs_exists("suites"));
    ck_assert(!fs_exists("train.log"));
    put("suites/s/suite.json", "mine");
    expect_refused("s", "echo > model", "'suites/s/suite.json' exists already");
    expect_file("suites/s/suite.json", "mine");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("init", every_output_finds_its_place, inputs_are_guessed_from_the_files_that_are_there_but_what_the_run_wrote,
          in_git_the_tracked_files_are_guessed_from, many_files_of_one_folder_and_ending_become_a_glob,
          files_without_an_ending_never_become_a_glob_of_everything,
          names_that_no_document_can_hold_are_left_out_or_refused, a_timeout_that_was_needed_is_kept,
          what_gives_nothing_to_compare_is_refused)

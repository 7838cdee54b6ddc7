// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Status: what changed since golden, without training.
#include "engine/status.h"

#include "unit_verify.h"

// The status of the suite `sums`, which is the only one. The caller frees.
static struct status status_now(void)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    struct status status = {0};
    struct error err = {0};
    ck_ok(status_find(&status, session, &session->project->suites, &err), &err);
    return status;
}

static void expect_moved(const char *expected, bool code_only)
{
    for (int twice = 0; twice < 2; twice++) { // the second time, what is known is used
        struct status status = status_now();
        const struct status_entry *entry = &status.entries[0];
        CLEANUP(strings) struct strings names = {0};
        ck_assert_int_eq(entry->error.kind, ERROR_NONE);
        for (size_t i = 0; i < entry->moved.count; i++) {
            const char *line = entry->moved.items[i];
            strings_take(&names, str_ndup(line, (size_t)(strrchr(line, ':') - line)));
        }
        CLEANUP(free) char *all = strings_join(&names, "; ");
        ck_assert_str_eq(all, expected);
        ck_assert_int_eq(entry->code_only, code_only);
        status_free(&status);
    }
}

START_TEST(a_suite_without_golden_has_no_class)
{
    char *folder = enter_project();
    put_sums("");
    struct status status = status_now();
    ck_assert_uint_eq(status.count, 1);
    ck_assert_str_eq(status.entries[0].suite, "sums");
    ck_assert_ptr_null(status.entries[0].class_name);
    ck_assert_uint_eq(status.entries[0].classes.count, 0);
    ck_assert_ptr_null(status.entries[0].last);
    status_free(&status);
    leave_folder(folder);
}
END_TEST

START_TEST(every_kind_of_input_that_moved_is_told)
{
    char *folder = enter_recorded("");
    expect_moved("", false);
    edit("train.sh", "set -eu", "set -eu # a comment");
    expect_moved("code: train.sh", true);
    put("factor.json", "{\"factor\": 2}\n");
    expect_moved("settings: factor.json; code: train.sh", false);
    put("numbers.txt", "5\n");
    expect_moved("data: numbers.txt; settings: factor.json; code: train.sh", false);
    put_sums("");
    expect_moved("", false);
    edit("suites/sums/suite.json", "\"timeout\"", "\"env\": {\"A\": \"1\"}, \"timeout\"");
    expect_moved("command: env A", false);
    leave_folder(folder);
}
END_TEST

START_TEST(another_golden_is_noticed_though_no_input_moved)
{
    char *folder = enter_recorded("");
    expect_moved("", false);
    sh("cp -r golden ../before; git init -q .");
    put("factor.json", "{\"factor\": 2}\n");
    record("new");
    expect_moved("", false);
    sh("rm -r golden; cp -r ../before golden");
    expect_moved("settings: factor.json", false);
    leave_folder(folder);
}
END_TEST

START_TEST(what_is_wrong_with_one_suite_is_said_beside_its_name)
{
    char *folder = enter_recorded("");
    put("suites/broken/suite.json", "{");
    put("suites/absent/suite.json", "{\"suite\": \"absent\", \"train\": {\"command\": [\"true\"]}, "
                                    "\"inputs\": {\"data\": [\"none.csv\"]}}");
    struct status status = status_now();
    ck_assert_uint_eq(status.count, 3);
    ck_assert_str_eq(status.entries[0].suite, "absent");
    ck_assert_int_eq(status.entries[0].error.kind, ERROR_USAGE);
    ck_error_has(&status.entries[0].error, "none.csv");
    ck_assert_int_eq(status.entries[1].error.kind, ERROR_USAGE);
    ck_assert_int_eq(status.entries[2].error.kind, ERROR_NONE);
    ck_assert_str_eq(status.entries[2].class_name, "any");
    status_free(&status);
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_cannot_be_read_is_an_error)
{
    char *folder = enter_recorded("");
    put("golden/sums/any/manifest.json", "{");
    struct status status = status_now();
    ck_assert_int_eq(status.entries[0].error.kind, ERROR_USAGE);
    status_free(&status);
    leave_folder(folder);
}
END_TEST

START_TEST(a_superseded_golden_of_another_class_does_not_count)
{
    char *folder = enter_project();
    use_classes();
    record_for_class("zz-new", "2.5");
    record_for_class("zz-a-old", "1.5"); // comes first
    put("factor.json", "{\"factor\": 2.5}\n");
    expect_moved("", false);
    struct status status = status_now();
    ck_assert_str_eq(status.entries[0].class_name, "zz-new");
    ck_assert_uint_eq(status.entries[0].classes.count, 2);
    status_free(&status);
    put("factor.json", "{\"factor\": 3.5}\n");
    expect_moved("settings: factor.json", false);
    leave_folder(folder);
}
END_TEST

START_TEST(the_last_verdict_is_one_of_three_words)
{
    static const struct {
        const char *note, *last;
    } cases[] = {{"passed\n", "passed"},    {"failed\n", "failed"}, {"error\n", "error"},
                 {"\033[2Jpassed\n", NULL}, {"passed", NULL},       {"", NULL}};
    char *folder = enter_recorded("");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        put(".repro/cache/verdict-sums", cases[i].note);
        struct status status = status_now();
        ck_assert_msg(str_equal(status.entries[0].last, cases[i].last), "%zu", i);
        status_free(&status);
    }
    leave_folder(folder);
}
END_TEST

START_TEST(ctrl_c_ends_it)
{
    char *folder = enter_recorded("");
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    CLEANUP(session) struct session *session = open_session((struct session_options){.stop_fd = ends[0]});
    struct status status = {0};
    struct error err = {0};
    ck_assert_int_eq(status_find(&status, session, &session->project->suites, &err), -1);
    expect_error(&err, ERROR_STOPPED, "stopped");
    status_free(&status);
    close(ends[0]);
    close(ends[1]);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("status", a_suite_without_golden_has_no_class, every_kind_of_input_that_moved_is_told,
          another_golden_is_noticed_though_no_input_moved, what_is_wrong_with_one_suite_is_said_beside_its_name,
          a_golden_that_cannot_be_read_is_an_error, a_superseded_golden_of_another_class_does_not_count,
          the_last_verdict_is_one_of_three_words, ctrl_c_ends_it)

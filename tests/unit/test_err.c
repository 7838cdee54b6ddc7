// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/err.h"
#include "base/str.h"
#include "unit.h"

#include <errno.h>

static void expect_error(const struct error *err, const char *expected)
{
    char *text = error_text(err);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(the_first_cause_is_kept)
{
    struct error err = {0};
    ck_assert_int_eq(error_set(&err, ERROR_USAGE, "unknown suite '%s'", "churn"), -1);
    ck_assert_int_eq(error_set(&err, ERROR_MACHINE, "later"), -1);
    errno = ENOENT;
    ck_assert_int_eq(error_errno(&err, "later still"), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    expect_error(&err, "unknown suite 'churn'");
    error_free(&err);
    ck_assert_int_eq(err.kind, ERROR_NONE);
}
END_TEST

START_TEST(an_errno_is_told_in_words)
{
    struct error err = {0};
    errno = ENOENT;
    ck_assert_int_eq(error_errno(&err, "cannot open '%s'", "x"), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(err.kind, ERROR_MACHINE);
    expect_error(&err, "cannot open 'x': No such file or directory");
    error_free(&err);
}
END_TEST

START_TEST(context_goes_in_front_of_a_message)
{
    struct error err = {0};
    ck_assert_int_eq(error_context(&err, "nothing to"), -1);
    expect_error(&err, "");
    error_set(&err, ERROR_MACHINE, "no space");
    error_context(&err, "cannot record '%s'", "churn");
    expect_error(&err, "cannot record 'churn': no space");
    error_free(&err);
}
END_TEST

START_TEST(every_problem_of_a_document_is_listed)
{
    struct error err = {0};
    ck_assert_int_eq(error_problem(&err, "suite.json", 14, "abs: expected a number"), -1);
    error_problem(&err, "suite.json", 0, "no line known");
    error_problem(&err, NULL, 3, "no file known");
    error_context(&err, "context");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    expect_error(&err, "suite.json:14: abs: expected a number\nsuite.json: no line known\nno file known");
    error_free(&err);
    for (int i = 0; i < 1000; i++)
        error_problem(&err, "f", i, "%d", i);
    ck_assert_uint_eq(err.problem_count, 1000);
    ck_assert_str_eq(err.problems[999].text, "999");
    error_free(&err);
}
END_TEST

START_TEST(a_hostile_name_cannot_reach_the_terminal)
{
    struct error err = {0};
    error_set(&err, ERROR_USAGE, "cannot open '%s'", "\x1b]0;x\x07");
    expect_error(&err, "cannot open '\\x1b]0;x\\x07'");
    error_free(&err);
    error_problem(&err, "a\nb.json", 1, "x");
    expect_error(&err, "a\\nb.json:1: x");
    error_free(&err);
}
END_TEST

UNIT_MAIN("err", the_first_cause_is_kept, an_errno_is_told_in_words, context_goes_in_front_of_a_message,
          every_problem_of_a_document_is_listed, a_hostile_name_cannot_reach_the_terminal)

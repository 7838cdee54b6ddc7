// SPDX-License-Identifier: Apache-2.0
// Links: repro_cli
//
// The command line, taken apart: every way to write an option, and what is said about a wrong one.
#include "cli/options.h"

#include "cli/setup.h"
#include "unit.h"

// Words separated by single spaces; "''" is the empty word.
static void parse(struct cli_args *args, const char *line)
{
    CLEANUP(strings) struct strings words = {0};
    strings_add(&words, "repro");
    while (*line) {
        size_t length = strcspn(line, " ");
        bool empty = length == 2 && strncmp(line, "''", 2) == 0;
        strings_take(&words, str_ndup(line, empty ? 0 : length));
        line += length + (line[length] == ' ');
    }
    args_parse(args, (int)words.count, words.items);
}

static void expect_parsed(const char *line, const char *command, const char *values, const char *rest)
{
    struct cli_args args;
    parse(&args, line);
    CLEANUP(free) char *fault = error_text(&args.error);
    ck_assert_msg(args.error.kind == ERROR_NONE, "%s: %s", line, fault);
    ck_assert_str_eq(args.command ? args.command->name : "", command);
    CLEANUP(strings) struct strings found = {0};
    for (size_t i = 0; i < args.values.count; i++)
        strings_printf(&found, "%s=%s", args.values.items[i].name, args.values.items[i].value);
    CLEANUP(free) char *got = strings_join(&found, " "), *names = strings_join(&args.rest, " ");
    ck_assert_msg(str_equal(got, values), "%s: '%s'", line, got);
    ck_assert_msg(str_equal(names, rest), "%s: '%s'", line, names);
    args_free(&args);
}

static void expect_refused(const char *line, const char *text)
{
    struct cli_args args;
    parse(&args, line);
    CLEANUP(free) char *fault = error_text(&args.error);
    ck_assert_msg(args.error.kind == ERROR_USAGE, "%s was not refused", line);
    ck_assert_msg(str_equal(fault, text), "%s: '%s'", line, fault);
    args_free(&args);
}

START_TEST(options_can_be_written_in_every_usual_way)
{
    expect_parsed("verify", "verify", "", "");
    expect_parsed("verify churn digits-*", "verify", "", "churn digits-*");
    expect_parsed("verify --junit x.xml", "verify", "junit=x.xml", "");
    expect_parsed("verify --junit=x.xml", "verify", "junit=x.xml", "");
    expect_parsed("verify --junit=a=b", "verify", "junit=a=b", "");
    expect_parsed("verify --junit= churn", "verify", "junit=", "churn");
    expect_parsed("verify --junit '' churn", "verify", "junit=", "churn");
    expect_parsed("verify --junit - churn", "verify", "junit=-", "churn");
    expect_parsed("verify -j4", "verify", "jobs=4", "");
    expect_parsed("verify -j 4 churn", "verify", "jobs=4", "churn");
    expect_parsed("verify -xv", "verify", "fail-fast= verbose=", "");
    expect_parsed("verify -xvj8", "verify", "fail-fast= verbose= jobs=8", "");
    expect_parsed("verify -xj 8 a", "verify", "fail-fast= jobs=8", "a");
    expect_parsed("verify -", "verify", "", "-");
    expect_parsed("-C there verify", "verify", "directory=there", "");
    expect_parsed("--junit x verify churn", "verify", "junit=x", "churn");
    expect_parsed("--version", "", "version=", "");
}
END_TEST

START_TEST(what_follows_two_dashes_is_left_alone)
{
    expect_parsed("init churn -- python3 -u train.py --junit x", "init", "", "churn python3 -u train.py --junit x");
    expect_parsed("init churn -- sh -c -- x", "init", "", "churn sh -c -- x");
    expect_parsed("verify --", "verify", "", "");
    expect_parsed("-- verify", "", "", "verify");
}
END_TEST

START_TEST(an_option_that_is_given_again_replaces_but_only_adds_up)
{
    expect_parsed("verify --junit a --junit b", "verify", "junit=b", "");
    expect_parsed("verify --only code --only=inputs,golden", "verify", "only=code,inputs,golden", "");
}
END_TEST

START_TEST(a_wrong_word_is_answered_with_the_nearest)
{
    expect_refused("verfy", "unknown command 'verfy'; did you mean 'verify'?; see: repro --help");
    expect_refused("zzzzzz", "unknown command 'zzzzzz'; see: repro --help");
    expect_refused("''", "unknown command ''; see: repro --help");
    expect_refused("verify --juint x", "unknown option '--juint'; did you mean '--junit'?; see: repro verify --help");
    expect_refused("verify --zzzzzzz", "unknown option '--zzzzzzz'; see: repro verify --help");
    expect_refused("verify --=x", "unknown option '--=x'; see: repro verify --help");
    expect_refused("verify -xz", "unknown option '-xz'; see: repro verify --help");
    expect_refused("--zzzzzzz", "unknown option '--zzzzzzz'; see: repro --help");
}
END_TEST

START_TEST(an_option_of_another_command_is_unknown)
{
    expect_refused("status --junit x", "unknown option '--junit'; see: repro status --help");
    expect_refused("verify --reason x", "unknown option '--reason'; see: repro verify --help");
    expect_refused("verify -n 3", "unknown option '-n'; see: repro verify --help");
    // before the command, too, where it is not known yet who must take it
    expect_refused("--limit 3 verify", "unknown option '--limit'; see: repro verify --help");
}
END_TEST

START_TEST(arguments_are_asked_for_and_checked)
{
    expect_refused("verify --junit", "--junit needs an argument: FILE");
    expect_refused("verify -j", "-j needs an argument: N");
    expect_refused("verify -xj", "-j needs an argument: N");
    expect_refused("verify --fail-fast=yes", "--fail-fast takes no argument");
    expect_refused("verify --at nowhere", "--at: expected one of worktree|head|golden, found 'nowhere'");
    expect_refused("verify --at head|golden", "--at: expected one of worktree|head|golden, found 'head|golden'");
    expect_refused("verify --at=", "--at: expected one of worktree|head|golden, found ''");
    expect_refused("verify --at hea", "--at: expected one of worktree|head|golden, found 'hea'");
}
END_TEST

START_TEST(the_first_fault_is_the_one_that_is_told)
{
    expect_refused("verify --bogus --at nowhere", "unknown option '--bogus'; see: repro verify --help");
}
END_TEST

START_TEST(what_was_typed_can_be_pasted)
{
    char program[] = "repro", command[] = "record", reason[] = "--reason=it's right; rm -rf *", suite[] = "churn";
    char *words[] = {program, command, reason, suite, NULL};
    struct cli_args args;
    args_parse(&args, 4, words);
    ck_assert_str_eq(args.typed, "repro record '--reason=it'\\''s right; rm -rf *' churn");
    args_free(&args);
}
END_TEST

// ---- from there to a session's options

static void expect_setup(const char *line, const char *fault)
{
    struct cli_args args;
    struct session_options options;
    struct error err = {0};
    parse(&args, line);
    ck_assert_int_eq(args.error.kind, ERROR_NONE);
    int done = setup_options(&options, &args, NULL, &err);
    CLEANUP(free) char *text = error_text(&err);
    ck_assert_msg(done == (fault ? -1 : 0) && str_equal(text, fault ? fault : ""), "%s: '%s'", line, text);
    error_free(&err);
    args_free(&args);
}

START_TEST(numbers_and_times_are_checked)
{
    expect_setup("verify -j 1024 --timeout 1h30m", NULL);
    expect_setup("verify -j 0", "--jobs: expected a number from 1 to 1024, found '0'");
    expect_setup("verify -j 1025", "--jobs: expected a number from 1 to 1024, found '1025'");
    expect_setup("verify -j -1", "--jobs: expected a number from 1 to 1024, found '-1'");
    expect_setup("verify -j 99999999999999999999",
                 "--jobs: expected a number from 1 to 1024, found '99999999999999999999'");
    expect_setup("verify -j 2x", "--jobs: expected a number from 1 to 1024, found '2x'");
    expect_setup("verify -j ''", "--jobs: expected a number from 1 to 1024, found ''");
    expect_setup("verify --timeout 0s", "--timeout: expected a time such as \"90s\" or \"10m\", found '0s'");
    expect_setup("verify --timeout 90", "--timeout: expected a time such as \"90s\" or \"10m\", found '90'");
}
END_TEST

START_TEST(stages_are_checked_one_by_one)
{
    expect_setup("verify --only code,inputs", NULL);
    expect_setup("verify --only code,", NULL);
    expect_setup("verify --only code,metrisc", "--only: unknown stage 'metrisc'; did you mean 'metrics'?");
    expect_setup("verify --only zzz", "--only: unknown stage 'zzz'");
    expect_setup("verify --only ,", "--only: unknown stage ''");
    // an empty variable of a script must not widen what is asked for
    expect_setup("verify --only ''", "--only: expected a stage, found nothing");
}
END_TEST

START_TEST(words_become_settings)
{
    struct cli_args args;
    struct session_options options;
    struct error err = {0};
    parse(&args, "verify --at golden --isolation none --workspace reflink --only golden,limits --timeout 90s -x -j3 "
                 "--base main");
    ck_ok(setup_options(&options, &args, NULL, &err), &err);
    ck_assert_int_eq(options.at, SOURCE_GOLDEN);
    ck_assert_int_eq(options.isolation, ISOLATION_NONE);
    ck_assert_int_eq(options.workspace, WORKSPACE_REFLINK);
    ck_assert_uint_eq(options.only, 1u << STAGE_GOLDEN | 1u << STAGE_LIMITS);
    ck_assert(options.timeout > 89.9 && options.timeout < 90.1);
    ck_assert(options.fail_fast);
    ck_assert_uint_eq(options.jobs, 3);
    ck_assert_str_eq(options.base, "main");
    ck_assert_str_eq(options.command, args.typed);
    args_free(&args);

    parse(&args, "verify");
    ck_ok(setup_options(&options, &args, NULL, &err), &err);
    ck_assert(options.at == SOURCE_WORKTREE && options.isolation == ISOLATION_AUTO &&
              options.workspace == WORKSPACE_AUTO);
    ck_assert(options.only == 0 && options.jobs == 0 && !options.fail_fast && !options.base && options.echo_fd == -1);
    args_free(&args);
}
END_TEST

UNIT_MAIN("options", options_can_be_written_in_every_usual_way, what_follows_two_dashes_is_left_alone,
          an_option_that_is_given_again_replaces_but_only_adds_up, a_wrong_word_is_answered_with_the_nearest,
          an_option_of_another_command_is_unknown, arguments_are_asked_for_and_checked,
          the_first_fault_is_the_one_that_is_told, what_was_typed_can_be_pasted, numbers_and_times_are_checked,
          stages_are_checked_one_by_one, words_become_settings)

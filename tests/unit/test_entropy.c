// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Entropy that says something about training, and entropy that every program draws.
#include "engine/entropy.h"

#include "unit.h"

static struct trace_program programs[] = {{.path = "/usr/bin/bash", .starts = 3},
                                          {.path = "/usr/bin/python3.11", .starts = 2}};

static char *told(struct trace_entropy *drawn, size_t count, struct trace_entropy *bare, size_t bare_count)
{
    static struct trace_program python = {.path = "/usr/bin/python3.11", .starts = 1};
    const struct trace_log log = {
        .programs = programs, .program_count = ARRAY_LEN(programs), .entropy = drawn, .entropy_count = count};
    const struct trace_log known = {
        .programs = &python, .program_count = 1, .entropy = bare, .entropy_count = bare_count};
    return entropy_beyond(&log, bare ? &known : NULL);
}

static void expect(struct trace_entropy drawn, const char *text)
{
    struct trace_entropy bare = {.program = "/usr/bin/python3.11", .source = "getrandom", .times = 2};
    CLEANUP(free) char *found = told(&drawn, 1, &bare, 1);
    if (text)
        ck_assert_str_eq(found, text);
    else
        ck_assert_ptr_null(found);
}

START_TEST(what_a_start_draws_by_itself_is_no_evidence)
{
    expect((struct trace_entropy){"/usr/bin/bash", "getrandom", 3}, NULL);
    expect((struct trace_entropy){"/usr/bin/python3.11", "getrandom", 4}, NULL);
    expect((struct trace_entropy){"/usr/bin/python3.11", "getrandom", 1}, NULL);
}
END_TEST

START_TEST(what_goes_beyond_it_is_told)
{
    expect((struct trace_entropy){"/usr/bin/bash", "getrandom", 4},
           "bash drew entropy (getrandom, 1 time more than by itself)");
    expect((struct trace_entropy){"/usr/bin/python3.11", "getrandom", 7},
           "python3.11 drew entropy (getrandom, 3 times more than by itself)");
    expect((struct trace_entropy){"/usr/bin/python3.11", "/dev/urandom", 1},
           "python3.11 drew entropy (/dev/urandom, 1 time)");
    expect((struct trace_entropy){"/usr/bin/bash", "/dev/random", 2}, "bash drew entropy (/dev/random, 2 times)");
    expect((struct trace_entropy){"/opt/unlisted", "getrandom", 2},
           "unlisted drew entropy (getrandom, 1 time more than by itself)");
}
END_TEST

START_TEST(an_interpreter_that_could_not_be_measured_is_not_blamed)
{
    struct trace_entropy drawn[] = {{"/usr/bin/python3.11", "getrandom", 100}, {"/usr/bin/x", "/dev/urandom", 1}};
    CLEANUP(free) char *found = told(drawn, 2, NULL, 0);
    ck_assert_str_eq(found, "x drew entropy (/dev/urandom, 1 time)");
}
END_TEST

START_TEST(nothing_drawn_is_nothing_told)
{
    ck_assert_ptr_null(told(NULL, 0, NULL, 0));
}
END_TEST

UNIT_MAIN("entropy", what_a_start_draws_by_itself_is_no_evidence, what_goes_beyond_it_is_told,
          an_interpreter_that_could_not_be_measured_is_not_blamed, nothing_drawn_is_nothing_told)

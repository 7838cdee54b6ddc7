// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "serve/client.h"
#include "serve/kind.h"
#include "unit_files.h"
#include "unit_launcher.h"
#include "unit_models.h"

enum { MANY = 600 };

static const char *const columns[] = {"x"};

// A client, many questions {"x": i}, their replies.
struct fixture {
    char *folder;
    struct launcher launcher;
    struct strings command;
    struct client *client;
    struct cell cells[MANY];
    struct question questions[MANY];
    struct reply replies[MANY];
};

static struct client_options options_of(struct fixture *f, const char *model)
{
    strings_add(&f->command, "/proc/self/exe");
    strings_add(&f->command, "model");
    strings_add(&f->command, model);
    return (struct client_options){
        .launcher = &f->launcher, .command = &f->command, .timeout = 0.3, .start_timeout = 10, .limit = 1 << 20};
}

static struct fixture *prepare(void)
{
    struct fixture *f = mem_alloc(sizeof *f);
    f->folder = enter_folder();
    f->launcher = unit_launcher(f->folder);
    for (size_t i = 0; i < MANY; i++) {
        f->cells[i] = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)i};
        f->questions[i].rows = (struct rows){columns, 1, &f->cells[i], 1};
    }
    return f;
}

static struct fixture *begin_with(const char *model, double timeout)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, model);
    options.timeout = timeout;
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "stream", &options, &err), &err);
    return f;
}

static struct fixture *begin(const char *model)
{
    return begin_with(model, 10);
}

static void forget(struct fixture *f)
{
    for (size_t i = 0; i < MANY; i++)
        reply_free(&f->replies[i]);
}

static void finish(struct fixture *f)
{
    forget(f);
    client_close(f->client);
    strings_free(&f->command);
    leave_folder(f->folder);
    free(f);
}

static void ask(struct fixture *f, size_t first, size_t count)
{
    CLEANUP(error) struct error err = {0};
    ck_ok(client_ask(f->client, f->questions + first, f->replies + first, count, &err), &err);
}

static void expect_answer(const struct fixture *f, size_t index)
{
    const struct reply *reply = &f->replies[index];
    ck_assert_msg(reply->kind == REPLY_ANSWERED, "%zu: %s: %s", index, reply_kind_name(reply->kind), reply->why);
    ck_assert_uint_eq(reply->count, 1);
    ck_assert_int_eq(reply->answers[0].kind, ANSWER_NUMBER);
    ck_assert_double_eq(reply->answers[0].number, 2 * (double)f->cells[index].integer);
}

static void expect_reply(const struct reply *reply, enum reply_kind kind, const char *why)
{
    ck_assert_msg(reply->kind == kind, "%s: %s", reply_kind_name(reply->kind), reply->why ? reply->why : "");
    ck_assert_msg(strstr(reply->why, why) != NULL, "expected '%s' in '%s'", why, reply->why);
}

// Until the process has written something that nobody has read.
static void wait_for_output(const struct fixture *f)
{
    struct pollfd fd = {.fd = f->client->served.out, .events = POLLIN};
    ck_assert_int_eq(poll(&fd, 1, 20000), 1);
}

// Everything is answered rightly, but the thirteenth is what is said of it.
static void expect_thirteenth(const char *model, enum reply_kind kind, const char *why)
{
    struct fixture *f = begin_with(model, kind == REPLY_HUNG ? 1 : 10);
    ask(f, 0, MANY);
    for (size_t i = 0; i < MANY; i++) {
        if (i == 13)
            expect_reply(&f->replies[i], kind, why);
        else
            expect_answer(f, i);
    }
    // And alone, in a process that has answered others.
    forget(f);
    ask(f, 0, 1);
    ask(f, 13, 1);
    expect_answer(f, 0);
    expect_reply(&f->replies[13], kind, why);
    ask(f, 1, 1);
    expect_answer(f, 1);
    finish(f);
}

START_TEST(many_questions_are_answered_in_order_by_one_process)
{
    struct fixture *f = begin("honest");
    ask(f, 0, MANY);
    for (size_t i = 0; i < MANY; i++)
        expect_answer(f, i);
    ck_assert_uint_eq(client_starts(f->client), 1);
    ck_assert_str_eq(f->replies[3].text, "{\"prediction\": 6}");
    ck_assert_uint_eq(f->replies[3].len, 17);
    finish(f);
}
END_TEST

START_TEST(a_question_of_several_rows_is_several_lines)
{
    struct fixture *f = begin("rejects");
    f->questions[0].rows.row_count = 20;
    f->questions[1].rows.row_count = 0;
    ask(f, 0, 3);
    ck_assert_int_eq(f->replies[0].kind, REPLY_ANSWERED);
    ck_assert_uint_eq(f->replies[0].count, 20);
    ck_assert_double_eq(f->replies[0].answers[19].number, 38);
    ck_assert_int_eq(f->replies[0].answers[13].kind, ANSWER_REJECTED);
    ck_assert_str_eq(f->replies[0].answers[13].text, "x may not be 13");
    ck_assert_int_eq(f->replies[1].kind, REPLY_ANSWERED);
    ck_assert_uint_eq(f->replies[1].count, 0);
    expect_answer(f, 2);
    finish(f);
}
END_TEST

START_TEST(a_refusal_is_one)
{
    expect_thirteenth("rejects", REPLY_REJECTED, "x may not be 13");
}
END_TEST

START_TEST(the_question_that_crashes_it_is_found_among_many)
{
    expect_thirteenth("crashes", REPLY_CRASHED, "ended by signal 6 (SIGABRT) before it answered");
    expect_thirteenth("half a line", REPLY_CRASHED, "exited with status 4 before it answered");
}
END_TEST

START_TEST(what_a_crashed_process_wrote_is_kept)
{
    struct fixture *f = begin("exits");
    ask(f, 0, 20);
    expect_reply(&f->replies[13], REPLY_CRASHED, "exited with status 3");
    ck_assert_int_eq(f->replies[13].status, 3);
    ck_assert_str_eq(f->replies[13].stderr_tail, "no 13, please\n");
    ck_assert_uint_eq(client_starts(f->client), 3); // it, the one that found it out, the one for the rest
    finish(f);
}
END_TEST

START_TEST(a_process_that_ends_after_its_answer_is_found_out)
{
    struct fixture *f = begin("dies after");
    ask(f, 0, 40);
    expect_reply(&f->replies[13], REPLY_CRASHED, "exited with status 5 after it had answered");
    for (size_t i = 0; i < 40; i++)
        if (i != 13)
            expect_answer(f, i);
    finish(f);
}
END_TEST

START_TEST(the_question_that_hangs_it_is_found_among_many)
{
    expect_thirteenth("hangs", REPLY_HUNG, "no answer within ");
    expect_thirteenth("swallows", REPLY_HUNG, "no answer within ");
}
END_TEST

START_TEST(a_line_too_many_moves_no_answer)
{
    expect_thirteenth("stammers", REPLY_UNREADABLE, "more lines than it was asked for");
}
END_TEST

START_TEST(a_line_too_many_that_comes_late_is_found_when_it_comes_again)
{
    struct fixture *f = begin("says more later");
    ask(f, 13, 1);
    if (f->replies[13].kind == REPLY_ANSWERED) // it may have been fast
        wait_for_output(f);
    forget(f);
    ask(f, 14, 1);
    expect_answer(f, 14);
    ask(f, 13, 1);
    expect_reply(&f->replies[13], REPLY_UNREADABLE, "more lines than it was asked for");
    finish(f);
}
END_TEST

START_TEST(a_line_that_is_not_JSON_is_unreadable)
{
    expect_thirteenth("mumbles", REPLY_UNREADABLE, "not JSON: 'what?'");
}
END_TEST

START_TEST(an_endless_answer_is_cut_off)
{
    expect_thirteenth("pours", REPLY_TOO_LARGE, "more than 1048576 bytes");
}
END_TEST

START_TEST(a_greeting_is_told_once_and_then_ignored)
{
    static const char *const models[] = {"greets", "greets in JSON", "greets without an end"};
    for (size_t m = 0; m < ARRAY_LEN(models); m++) {
        struct fixture *f = begin(models[m]);
        wait_for_output(f);
        ask(f, 0, 50);
        expect_reply(&f->replies[0], REPLY_UNREADABLE, "before it was asked anything");
        for (size_t i = 1; i < 50; i++)
            expect_answer(f, i);
        CLEANUP(error) struct error err = {0};
        ck_ok(client_restart(f->client, &err), &err);
        forget(f);
        ask(f, 0, 50);
        for (size_t i = 0; i < 50; i++)
            expect_answer(f, i);
        finish(f);
    }
}
END_TEST

START_TEST(a_death_that_no_question_alone_brings_is_told_all_the_same)
{
    struct fixture *f = begin("dies of the fifth");
    ask(f, 0, 8);
    size_t crashed = 0;
    for (size_t i = 0; i < 8; i++)
        crashed += f->replies[i].kind == REPLY_CRASHED;
    ck_assert_uint_ge(crashed, 1);
    finish(f);
}
END_TEST

START_TEST(a_process_that_stops_reading_does_not_hold_us_up)
{
    struct fixture *f = begin_with("stops reading", 1);
    CLEANUP(free) char *text = mem_alloc(200000);
    memset(text, 'a', 200000);
    for (size_t i = 0; i < 20; i++)
        f->cells[i] = (struct cell){.kind = CELL_TEXT, .text = text, .len = 200000};
    CLEANUP(error) struct error err = {0};
    ck_ok(client_ask(f->client, f->questions, f->replies, 20, &err), &err);
    size_t hung = 0;
    for (size_t i = 0; i < 20; i++)
        hung += f->replies[i].kind == REPLY_HUNG;
    ck_assert_uint_ge(hung, 1);
    finish(f);
}
END_TEST

START_TEST(one_that_writes_before_it_reads_does_not_lock_up)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "writes first");
    options.limit = 4 << 20;
    options.timeout = 5;
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "stream", &options, &err), &err);
    CLEANUP(free) char *text = mem_alloc(2 << 20);
    memset(text, 'a', 2 << 20);
    f->cells[0] = (struct cell){.kind = CELL_TEXT, .text = text, .len = 2 << 20};
    ask(f, 0, 10);
    ck_assert_uint_gt(f->replies[0].len, 1 << 20);
    for (size_t i = 1; i < 10; i++)
        expect_answer(f, i);
    finish(f);
}
END_TEST

START_TEST(a_model_that_ends_whatever_it_is_asked_is_given_up)
{
    static const struct {
        const char *model;
        enum reply_kind kind;
        const char *why;
    } cases[] = {
        {"ends at once", REPLY_CRASHED, "exited with status 1"},
        {"closes its output", REPLY_CRASHED, "closed its standard output"},
        {"closes its input", REPLY_CRASHED, "closed its standard input"},
        {"never answers", REPLY_HUNG, "no answer within 400 ms"},
        {"buffers", REPLY_HUNG, "must flush its standard output"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fixture *f = prepare();
        struct client_options options = options_of(f, cases[i].model);
        options.start_timeout = 0.4;
        CLEANUP(error) struct error err = {0};
        ck_ok(client_open(&f->client, "stream", &options, &err), &err);
        ck_assert_int_eq(client_ask(f->client, f->questions, f->replies, 100, &err), -1);
        ck_assert_int_eq(err.kind, ERROR_USAGE);
        ck_error_has(&err, "the model has answered nothing");
        ck_error_has(&err, cases[i].why);
        expect_reply(&f->replies[0], cases[i].kind, cases[i].why);
        expect_reply(&f->replies[99], REPLY_NONE, "answered nothing");
        ck_assert_uint_le(client_starts(f->client), 5);
        finish(f);
    }
}
END_TEST

START_TEST(raw_bytes_go_as_they_are)
{
    struct fixture *f = begin("honest");
    f->questions[0] = (struct question){.raw = "{\"x\":21}", .raw_len = 8};
    f->questions[1] = (struct question){.raw = "{\"x\":1}\n{\"x\":2}\n", .raw_len = 16};
    f->questions[2] = (struct question){.raw = "", .raw_len = 0};
    ask(f, 0, 4);
    ck_assert_double_eq(f->replies[0].answers[0].number, 42);
    ck_assert_uint_eq(f->replies[1].count, 2);
    ck_assert_double_eq(f->replies[1].answers[1].number, 4);
    ck_assert_uint_eq(f->replies[2].count, 1);
    expect_answer(f, 3);
    finish(f);
}
END_TEST

START_TEST(usage_is_the_process_s)
{
    struct fixture *f = begin("honest");
    ask(f, 0, 1);
    uint64_t memory = 0;
    unsigned descriptors = 0;
    client_usage(&memory, &descriptors, f->client);
    ck_assert_uint_gt(memory, 4096);
    ck_assert_uint_ge(descriptors, 3);
    finish(f);
}
END_TEST

// What the shell makes of the command is what was asked.
static void expect_repeat(struct fixture *f, const char *answer)
{
    CLEANUP(free) char *command = client_repeat(f->client, &f->questions[0]);
    CLEANUP(free) char *line = str_printf("%s >said.txt\n", command);
    put("repeat.sh", line);
    ck_assert_int_eq(system("sh repeat.sh"), 0);
    expect_file("said.txt", answer);
}

START_TEST(a_question_can_be_repeated_from_a_shell)
{
    struct fixture *f = prepare();
    strings_add(&f->command, "cat");
    strings_add(&f->command, "-");
    struct client_options options = {.launcher = &f->launcher, .command = &f->command};
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "stream", &options, &err), &err);
    f->cells[0] = (struct cell){.kind = CELL_TEXT, .text = "it's 100 % \\ \"fine\"", .len = 19};
    expect_repeat(f, "{\"x\":\"it's 100 % \\\\ \\\"fine\\\"\"}\n");
    f->questions[0] = (struct question){.raw = "-n \xff\x01'%s\\n", .raw_len = 10};
    expect_repeat(f, "-n \xff\x01'%s\\n\n");
    finish(f);
}
END_TEST

START_TEST(what_cannot_be_asked_is_said_at_once)
{
    struct fixture *f = prepare();
    CLEANUP(error) struct error err = {0};
    struct client_options options = {.launcher = &f->launcher, .command = &f->command};
    ck_assert_int_eq(client_open(&f->client, "stream", &options, &err), -1);
    expect_error(&err, ERROR_USAGE, "the command of the model (stream) is empty");
    ck_assert_int_eq(client_open(&f->client, "telepathy", &options, &err), -1);
    expect_error(&err, ERROR_USAGE, "unknown way of asking a model: 'telepathy'");
    finish(f);
}
END_TEST

int main(int argc, char **argv)
{
    model_dispatch(argc, argv);
    const TTest *const tests[] = {
        many_questions_are_answered_in_order_by_one_process,
        a_question_of_several_rows_is_several_lines,
        a_refusal_is_one,
        the_question_that_crashes_it_is_found_among_many,
        what_a_crashed_process_wrote_is_kept,
        a_process_that_ends_after_its_answer_is_found_out,
        the_question_that_hangs_it_is_found_among_many,
        a_line_too_many_moves_no_answer,
        a_line_too_many_that_comes_late_is_found_when_it_comes_again,
        a_line_that_is_not_JSON_is_unreadable,
        an_endless_answer_is_cut_off,
        a_greeting_is_told_once_and_then_ignored,
        a_death_that_no_question_alone_brings_is_told_all_the_same,
        a_process_that_stops_reading_does_not_hold_us_up,
        one_that_writes_before_it_reads_does_not_lock_up,
        a_model_that_ends_whatever_it_is_asked_is_given_up,
        raw_bytes_go_as_they_are,
        usage_is_the_process_s,
        a_question_can_be_repeated_from_a_shell,
        what_cannot_be_asked_is_said_at_once,
    };
    return unit_run("stream", tests, ARRAY_LEN(tests));
}

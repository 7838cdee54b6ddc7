// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "serve/client.h"
#include "serve/output.h"
#include "unit_files.h"
#include "unit_launcher.h"

#include <math.h>

static const char *const columns[] = {"x", "name"};

struct fixture {
    char *folder;
    struct launcher launcher;
    struct strings command;
    struct client *client;
    struct cell cells[6];
    struct question question;
    struct reply reply;
};

// A question of three rows to a shell program; it is the command's only word after sh -c.
static struct fixture *prepare(const char *program)
{
    struct fixture *f = mem_alloc(sizeof *f);
    f->folder = enter_folder();
    f->launcher = unit_launcher(f->folder);
    strings_add(&f->command, "sh");
    strings_add(&f->command, "-c");
    strings_add(&f->command, program);
    for (size_t i = 0; i < 6; i++)
        f->cells[i] = i % 2 ? (struct cell){.kind = CELL_TEXT, .text = "a,b", .len = 3}
                            : (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)i};
    f->question.rows = (struct rows){columns, 2, f->cells, 3};
    return f;
}

static struct client_options options_of(const struct fixture *f)
{
    return (struct client_options){
        .launcher = &f->launcher, .command = &f->command, .timeout = 10, .start_timeout = 10, .limit = 4096};
}

static struct fixture *begin(const char *program)
{
    struct fixture *f = prepare(program);
    const struct client_options options = options_of(f);
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "batch", &options, &err), &err);
    ck_ok(client_ask(f->client, &f->question, &f->reply, 1, &err), &err);
    return f;
}

static void finish(struct fixture *f)
{
    reply_free(&f->reply);
    client_close(f->client);
    for (size_t i = 0; i < 2; i++) // nothing is left where files pass
        ck_assert(!fs_exists(i ? "input.csv" : "output.csv"));
    strings_free(&f->command);
    leave_folder(f->folder);
    free(f);
}

static void expect_reply(const char *program, enum reply_kind kind, int status, const char *why)
{
    struct fixture *f = begin(program);
    ck_assert_msg(f->reply.kind == kind, "%s: %s", reply_kind_name(f->reply.kind), f->reply.why ? f->reply.why : "");
    ck_assert_msg(strstr(f->reply.why, why) != NULL, "expected '%s' in '%s'", why, f->reply.why);
    ck_assert_int_eq(f->reply.status, status);
    finish(f);
}

static void expect_numbers(const struct reply *reply)
{
    ck_assert_msg(reply->kind == REPLY_ANSWERED, "%s: %s", reply_kind_name(reply->kind), reply->why);
    ck_assert_uint_eq(reply->count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(reply->answers[i].kind, ANSWER_NUMBER);
        ck_assert_double_eq(reply->answers[i].number, 4 * (double)i);
    }
}

START_TEST(a_csv_is_written_and_read)
{
    struct fixture *f = begin(
        "cp {input} seen.csv; awk -F, 'NR==1 {print \"id,prediction\"; next} {print \"n,\" 2*$1}' {input} >{output}");
    expect_numbers(&f->reply);
    expect_file("seen.csv", "x,name\n0,\"a,b\"\n2,\"a,b\"\n4,\"a,b\"\n");
    ck_assert(client_ability(f->client)->csv && !client_ability(f->client)->json);
    ck_assert_uint_eq(client_starts(f->client), 1);
    finish(f);
}
END_TEST

START_TEST(json_lines_are_written_and_read_where_the_command_says_so)
{
    struct fixture *f = begin("cp {input:jsonl} seen; echo {output} >name; "
                              "for y in 0 4 8; do echo \"{\\\"prediction\\\": $y}\"; done >{output}");
    expect_numbers(&f->reply);
    expect_file("seen", "{\"x\":0,\"name\":\"a,b\"}\n{\"x\":2,\"name\":\"a,b\"}\n{\"x\":4,\"name\":\"a,b\"}\n");
    ck_assert(client_ability(f->client)->json && !client_ability(f->client)->csv);
    finish(f);
}
END_TEST

START_TEST(raw_bytes_and_no_rows_go_as_they_are)
{
    struct fixture *f = begin("cp {input} seen; echo 1 >{output}");
    CLEANUP(error) struct error err = {0};
    reply_free(&f->reply);
    f->question = (struct question){.raw = "x\xff", .raw_len = 2};
    ck_ok(client_ask(f->client, &f->question, &f->reply, 1, &err), &err);
    expect_file("seen", "x\xff");
    reply_free(&f->reply);
    f->question = (struct question){.rows = {columns, 2, f->cells, 0}};
    ck_ok(client_ask(f->client, &f->question, &f->reply, 1, &err), &err);
    expect_file("seen", "x,name\n");
    finish(f);
}
END_TEST

START_TEST(a_refusal_is_an_exit_status_with_a_message)
{
    expect_reply(": {input} {output}; echo 'x may not be 2' >&2; exit 2", REPLY_REJECTED, 2,
                 "exited with status 2: x may not be 2");
}
END_TEST

START_TEST(a_crash_is_not_a_refusal)
{
    expect_reply(": {input} {output}; kill -SEGV $$", REPLY_CRASHED, -SIGSEGV, "ended by signal 11 (SIGSEGV)");
    expect_reply(": {input} {output}; exit 3", REPLY_CRASHED, 3, "exited with status 3 without a word");
    expect_reply(": {input} {output}; exec /usr/bin/python3 -S -c '1/0'", REPLY_CRASHED, 1,
                 "exited with status 1: ZeroDivisionError");
    expect_reply(": {input} {output}; sh -c 'kill -ABRT $$'", REPLY_CRASHED, 134, "134");
    expect_reply(": {input} {output}; no-such-program", REPLY_CRASHED, 127, "not found");
}
END_TEST

START_TEST(an_output_that_is_none_is_unreadable)
{
    expect_reply(": {input} {output}", REPLY_UNREADABLE, 0, "wrote no output");
    expect_reply(": {input}; : >{output}", REPLY_UNREADABLE, 0, "the output is empty");
    expect_reply(": {input}; mkdir {output}", REPLY_UNREADABLE, 0, "not a regular file");
    expect_reply(": {input}; ln -s /etc/passwd {output}", REPLY_UNREADABLE, 0, "not a regular file");
    expect_reply(": {input}; mkfifo {output}", REPLY_UNREADABLE, 0, "not a regular file");
    expect_reply(": {input}; head -c 5000 /dev/zero >{output}", REPLY_TOO_LARGE, 0, "more than 4096 bytes");
    expect_reply(": {input}; truncate -s 1T {output}", REPLY_TOO_LARGE, 0, "more than 4096 bytes");
}
END_TEST

START_TEST(one_that_does_not_end_is_ended)
{
    struct fixture *f = prepare(": {input} {output}; echo working >&2; exec sleep 1000");
    struct client_options options = options_of(f);
    options.timeout = 0.2;
    options.start_timeout = 0.3;
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "batch", &options, &err), &err);
    ck_ok(client_ask(f->client, &f->question, &f->reply, 1, &err), &err);
    ck_assert_int_eq(f->reply.kind, REPLY_HUNG);
    ck_assert_str_eq(f->reply.why, "did not end within 500 ms");
    ck_assert_str_eq(f->reply.stderr_tail, "working\n");
    finish(f);
}
END_TEST

START_TEST(what_the_question_before_left_is_not_read)
{
    struct fixture *f = begin("test -e once && exit; : >once {input}; echo 1 >{output}");
    ck_assert_int_eq(f->reply.kind, REPLY_ANSWERED);
    reply_free(&f->reply);
    CLEANUP(error) struct error err = {0};
    ck_ok(client_ask(f->client, &f->question, &f->reply, 1, &err), &err);
    ck_assert_int_eq(f->reply.kind, REPLY_UNREADABLE);
    finish(f);
}
END_TEST

static int no_start(struct served *out, void *context, const struct strings *argv, bool pipes, struct error *err)
{
    (void)out;
    (void)context;
    (void)argv;
    (void)pipes;
    return error_set(err, ERROR_MACHINE, "no more processes");
}

START_TEST(one_that_cannot_be_started_is_an_error)
{
    struct fixture *f = prepare(": {input} {output}");
    const struct client_options options = options_of(f);
    f->launcher.start = no_start;
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "batch", &options, &err), &err);
    ck_assert_int_eq(client_ask(f->client, &f->question, &f->reply, 1, &err), -1);
    ck_assert_int_eq(f->reply.kind, REPLY_NONE);
    ck_assert_str_eq(f->reply.why, "no more processes");
    expect_error(&err, ERROR_MACHINE, "no more processes");
    finish(f);
}
END_TEST

START_TEST(a_command_without_its_files_is_refused)
{
    static const char *const commands[][2] = {
        {"cat {input}", "the command has no {output}"},
        {"cat >{output}", "the command has no {input}"},
        {"cat {input} {input:jsonl} {output}", "names its input both {input} and {input:jsonl}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct fixture *f = prepare(commands[i][0]);
        const struct client_options options = options_of(f);
        CLEANUP(error) struct error err = {0};
        ck_assert_int_eq(client_open(&f->client, "batch", &options, &err), -1);
        expect_error(&err, ERROR_USAGE, commands[i][1]);
        finish(f);
    }
}
END_TEST

START_TEST(a_question_can_be_repeated_from_a_shell)
{
    struct fixture *f = begin("cut -d, -f1 {input} | sed 1d >{output}");
    CLEANUP(free) char *command = client_repeat(f->client, &f->question);
    CLEANUP(free) char *line = str_printf("%s >said.txt\n", command);
    put("repeat.sh", line);
    ck_assert_int_eq(system("sh repeat.sh"), 0);
    expect_file("said.txt", "0\n2\n4\n");
    unlink("input.csv");
    unlink("output.csv");
    finish(f);
}
END_TEST

START_TEST(an_output_is_recognised_by_what_is_in_it)
{
    static const struct {
        const char *text, *field;
        size_t rows;
        const char *kinds; // of the answers: Number, Text, Bool, 0, List, Rejected, Other
        double first;
    } cases[] = {
        {"1\n2\n3\n", NULL, 3, "NNN", 1},
        {"y\n1\n2\n3\n", NULL, 3, "NNN", 1},
        {"\xef\xbb\xbfprediction\r\n1\r\nnan\r\n\r\n3\r\n", NULL, 3, "NNN", 1},
        {"a,prediction\n9,1\n9,\n", NULL, 2, "N0", 1},
        {"a,y\n9,1\n9,no\n", "y", 2, "NT", 1},
        {"y,error\n1,\n,bad row\n", NULL, 2, "NR", 1},
        {"setosa\nversicolor\n", NULL, 2, "TT", 0},
        {"class\nsetosa\nversicolor\n", NULL, 2, "TT", 0},
        {"prediction\n\"1\"\n", NULL, 1, "N", 1},
        {"6\n", NULL, 1, "N", 6},
        {"{\"y\": 1}\n{\"error\": \"no\"}\n\n{\"y\": true}\n", NULL, 3, "NRB", 1},
        {"[0.5, 0.5]\n[0.1, 0.9]\n", NULL, 2, "LL", 0},
        {"[1, 2, 3]", NULL, 3, "NNN", 1},
        {"[0.5, 0.5]", NULL, 1, "L", 0},
        {"{\"predictions\": [1, 2]}", NULL, 2, "NN", 1},
        {"prediction\n", NULL, 0, "", 0},
        {"", NULL, 0, "", 0},
        {"NaN\n", NULL, 1, "N", NAN},
    };
    static const char letters[] = "NTB0LRO";
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reply reply = {0};
        const struct question question = {.rows = {columns, 1, NULL, cases[i].rows}};
        output_read(&reply, cases[i].text, strlen(cases[i].text), &question, cases[i].field);
        ck_assert_msg(reply.kind == REPLY_ANSWERED, "'%s': %s", cases[i].text, reply.why);
        ck_assert_msg(reply.count == strlen(cases[i].kinds), "'%s': %zu", cases[i].text, reply.count);
        for (size_t j = 0; j < reply.count; j++)
            ck_assert_msg(letters[reply.answers[j].kind] == cases[i].kinds[j], "'%s' %zu", cases[i].text, j);
        ck_assert(reply.count == 0 || isnan(cases[i].first) || reply.answers[0].number == cases[i].first);
        reply_free(&reply);
    }
}
END_TEST

START_TEST(an_output_of_no_form_is_unreadable)
{
    static const char *const texts[][2] = {
        {"a,b\n1,2\n", "several columns and none called \"prediction\": 'a,b'"},
        {"prediction\n1,2\n", "neither JSON nor CSV: output:2: 2 cells where the first line has 1"},
        {"{\"y\": 1}\nwhat?\n", "line 2 of the output is not JSON: 'what?'"},
        {"\"a\n", "a quoted cell is never closed"},
        {" \n", "the output is empty"},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct reply reply = {0};
        const struct question question = {.rows = {columns, 1, NULL, 1}};
        output_read(&reply, texts[i][0], strlen(texts[i][0]), &question, NULL);
        ck_assert_int_eq(reply.kind, REPLY_UNREADABLE);
        ck_assert_msg(strstr(reply.why, texts[i][1]) != NULL, "expected '%s' in '%s'", texts[i][1], reply.why);
        reply_free(&reply);
    }
}
END_TEST

UNIT_MAIN("batch", a_csv_is_written_and_read, json_lines_are_written_and_read_where_the_command_says_so,
          raw_bytes_and_no_rows_go_as_they_are, a_refusal_is_an_exit_status_with_a_message, a_crash_is_not_a_refusal,
          an_output_that_is_none_is_unreadable, one_that_does_not_end_is_ended,
          what_the_question_before_left_is_not_read, one_that_cannot_be_started_is_an_error,
          a_command_without_its_files_is_refused, a_question_can_be_repeated_from_a_shell,
          an_output_is_recognised_by_what_is_in_it, an_output_of_no_form_is_unreadable)

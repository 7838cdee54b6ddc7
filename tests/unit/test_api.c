// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "serve/client.h"
#include "unit_files.h"
#include "unit_launcher.h"

#include <math.h>

enum { MANY = 40 };

static const char *const columns[] = {"x"};

struct fixture {
    char *folder;
    struct launcher launcher;
    struct strings command;
    struct client *client;
    struct cell cells[MANY];
    struct question questions[MANY];
    struct reply replies[MANY];
};

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

static struct client_options options_of(struct fixture *f, const char *protocol, const char *habit)
{
    strings_add(&f->command, "/usr/bin/python3");
    strings_add(&f->command, "-SE");
    strings_printf(&f->command, "%s/serve/server.py", getenv("FIXTURES"));
    strings_add(&f->command, "{port}");
    strings_add(&f->command, protocol);
    strings_add(&f->command, habit);
    return (struct client_options){.launcher = &f->launcher,
                                   .command = &f->command,
                                   .protocol = protocol,
                                   .model = "a model",
                                   .timeout = 5,
                                   .start_timeout = 20,
                                   .limit = 1 << 20};
}

static struct fixture *begin_with(const char *protocol, const char *habit, double timeout)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, protocol, habit);
    options.timeout = timeout;
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "api", &options, &err), &err);
    return f;
}

static struct fixture *begin(const char *protocol, const char *habit)
{
    return begin_with(protocol, habit, 5);
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
    ck_assert_int_eq(reply->status, 200);
    ck_assert_uint_eq(reply->count, 1);
    ck_assert_int_eq(reply->answers[0].kind, ANSWER_NUMBER);
    ck_assert_double_eq(reply->answers[0].number, 2 * (double)f->cells[index].integer);
}

static void expect_reply(const struct reply *reply, enum reply_kind kind, const char *why)
{
    ck_assert_msg(reply->kind == kind, "%s: %s", reply_kind_name(reply->kind), reply->why ? reply->why : "");
    ck_assert_msg(strstr(reply->why, why) != NULL, "expected '%s' in '%s'", why, reply->why);
}

static void expect_numbers(const struct reply *reply, const double *numbers, size_t count)
{
    ck_assert_msg(reply->kind == REPLY_ANSWERED, "%s: %s", reply_kind_name(reply->kind), reply->why);
    ck_assert_uint_eq(reply->count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(reply->answers[i].kind, ANSWER_NUMBER);
        ck_assert_double_eq(reply->answers[i].number, numbers[i]);
    }
}

static void speak(const char *protocol, unsigned styles)
{
    struct fixture *f = begin(protocol, "honest");
    ask(f, 0, MANY);
    for (size_t i = 0; i < MANY; i++)
        expect_answer(f, i);
    forget(f);
    ck_assert_uint_eq(client_ability(f->client)->styles, styles);
    static const double doubled[] = {2, 4, 6};
    for (unsigned style = 0; style <= STYLE_CSV; style++) {
        if (!(styles & 1u << style))
            continue;
        f->questions[0].rows = (struct rows){columns, 1, &f->cells[1], 3};
        f->questions[0].style = style;
        ask(f, 0, 1);
        expect_numbers(&f->replies[0], doubled, 3);
        forget(f);
    }
    f->questions[0] = (struct question){.rows = {columns, 1, &f->cells[0], 0}};
    f->cells[1] = (struct cell){.kind = CELL_TEXT, .text = "12", .len = 2};
    f->questions[2] = (struct question){.raw = "{\"x\":", .raw_len = 5};
    f->questions[3].content_type = "text/html";
    ask(f, 0, 4);
    expect_numbers(&f->replies[0], NULL, 0);
    ck_assert_int_eq(f->replies[1].kind, REPLY_REJECTED);
    ck_assert_int_eq(f->replies[2].kind, REPLY_REJECTED);
    ck_assert_int_eq(f->replies[1].status, 400);
    expect_reply(&f->replies[3], REPLY_REJECTED, "415: this type is not understood");
    ck_assert_uint_eq(client_starts(f->client), 1);
    finish(f);
}

START_TEST(mlflow_is_spoken)
{
    speak("mlflow", 1u << STYLE_PLAIN | 1u << STYLE_SPLIT | 1u << STYLE_INPUTS | 1u << STYLE_CSV);
}
END_TEST

START_TEST(the_open_inference_protocol_is_spoken)
{
    speak("oip", 1u << STYLE_PLAIN);
}
END_TEST

START_TEST(tensorflow_serving_is_spoken)
{
    speak("tfserving", 1u << STYLE_PLAIN | 1u << STYLE_INPUTS);
}
END_TEST

START_TEST(plain_json_is_spoken)
{
    speak("json", 1u << STYLE_PLAIN);
}
END_TEST

// Everything is answered rightly, but the thirteenth is what is said of it.
static void expect_thirteenth(const char *habit, enum reply_kind kind, int status, const char *why)
{
    struct fixture *f = begin_with("mlflow", habit, kind == REPLY_HUNG ? 1 : 10);
    ask(f, 0, 20);
    for (size_t i = 0; i < 20; i++) {
        if (i == 13)
            expect_reply(&f->replies[i], kind, why);
        else
            expect_answer(f, i);
    }
    ck_assert_int_eq(f->replies[13].status, status);
    if (kind == REPLY_CRASHED)
        ck_assert_str_eq(f->replies[13].stderr_tail, "a model that cannot count to 13\n");
    finish(f);
}

START_TEST(what_one_question_does_is_known_of_it_alone)
{
    static const struct {
        const char *habit;
        enum reply_kind kind;
        int status;
        const char *why;
    } cases[] = {
        {"rejects", REPLY_REJECTED, 400, "400: x may not be 13"},
        {"fails", REPLY_FAILED, 500, "500: inside"},
        {"html", REPLY_FAILED, 500, "500: '<html>Internal Server Error</html>'"},
        {"traces", REPLY_FAILED, 400, "400: Encountered an unexpected error"},
        {"lies", REPLY_UNREADABLE, 200, "200 without \"predictions\": '{\"error\": \"no 13 here\"}'"},
        {"mumbles", REPLY_UNREADABLE, 200, "200 with what is not JSON: 'what?'"},
        {"redirects", REPLY_UNREADABLE, 302, "302"},
        {"pours", REPLY_TOO_LARGE, 200, "more than 1048576 bytes"},
        {"pours headers", REPLY_TOO_LARGE, 200, "the rest was not read"},
        {"resets", REPLY_FAILED, 0, "closed the connection before it had answered"},
        {"breaks off", REPLY_FAILED, 200, "closed the connection before it had answered"},
        {"not http", REPLY_UNREADABLE, 0, "not an answer of HTTP"},
        {"crashes", REPLY_CRASHED, 3, "exited with status 3 before it answered"},
        {"hangs", REPLY_HUNG, 0, "no answer within "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_thirteenth(cases[i].habit, cases[i].kind, cases[i].status, cases[i].why);
}
END_TEST

START_TEST(NaN_is_an_answer)
{
    struct fixture *f = begin("mlflow", "nan");
    ask(f, 13, 1);
    ck_assert_int_eq(f->replies[13].kind, REPLY_ANSWERED);
    ck_assert(isnan(f->replies[13].answers[0].number));
    finish(f);
}
END_TEST

START_TEST(a_server_that_closes_each_connection_is_asked_all_the_same)
{
    struct fixture *f = begin("json", "closes");
    ask(f, 0, MANY);
    for (size_t i = 0; i < MANY; i++)
        expect_answer(f, i);
    finish(f);
}
END_TEST

START_TEST(a_server_that_is_slow_is_not_hung)
{
    static const char *const habits[] = {"one at a time", "loads late"};
    for (size_t h = 0; h < ARRAY_LEN(habits); h++) {
        struct fixture *f = begin_with("json", habits[h], 1);
        ask(f, 0, 12); // which takes longer than one may
        for (size_t i = 0; i < 12; i++)
            expect_answer(f, i);
        ck_assert_uint_eq(client_starts(f->client), 1);
        finish(f);
    }
}
END_TEST

START_TEST(flask_is_asked)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "mlflow", "");
    strings_free(&f->command);
    strings_add(&f->command, "/usr/bin/python3");
    strings_printf(&f->command, "%s/serve/flask_server.py", getenv("FIXTURES"));
    strings_add(&f->command, "{port}");
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "api", &options, &err), &err);
    f->cells[7] = (struct cell){.kind = CELL_NULL};
    f->questions[8] = (struct question){.raw = "{\"dataframe", .raw_len = 11};
    ask(f, 0, MANY);
    for (size_t i = 0; i < MANY; i++)
        if (i != 7 && i != 8)
            expect_answer(f, i);
    expect_reply(&f->replies[7], REPLY_FAILED, "400: Encountered an unexpected error"); // inside the model
    expect_reply(&f->replies[8], REPLY_REJECTED, "400: '<!doctype html>");
    finish(f);
}
END_TEST

START_TEST(an_output_is_chosen_by_its_name)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "oip", "honest");
    options.output_field = "score";
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "api", &options, &err), &err);
    ask(f, 3, 1);
    ck_assert_int_eq(f->replies[3].answers[0].kind, ANSWER_LIST);
    ck_assert_uint_eq(f->replies[3].answers[0].number_count, 2);
    ck_assert_double_eq(f->replies[3].answers[0].numbers[1], -6);
    finish(f);
}
END_TEST

static void expect_no_start(const char *habit, double start_timeout, const char *const *parts, size_t count)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "mlflow", habit);
    options.start_timeout = start_timeout;
    CLEANUP(error) struct error err = {0};
    ck_assert_int_eq(client_open(&f->client, "api", &options, &err), -1);
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    for (size_t i = 0; i < count; i++)
        ck_error_has(&err, parts[i]);
    finish(f);
}

START_TEST(a_server_that_does_not_start_is_told_with_what_it_wrote)
{
    static const char *const ends[] = {"the server exited with status 1 before it was ready", "ImportError"};
    expect_no_start("ends at once", 20, ends, 2);
    static const char *const never[] = {"the server was not ready within 2", "GET /ping on port", "status 503"};
    expect_no_start("never ready", 2, never, 3);
    static const char *const taken[] = {"the server says that its port (", "is taken", "Address already in use"};
    expect_no_start("port taken for ever", 20, taken, 3);
}
END_TEST

START_TEST(a_port_that_was_taken_meanwhile_is_another_the_next_time)
{
    struct fixture *f = begin("mlflow", "port taken once");
    ck_assert_uint_eq(client_starts(f->client), 2);
    ask(f, 1, 1);
    expect_answer(f, 1);
    finish(f);
}
END_TEST

static int no_socket(void *context, struct served *served, int family, struct error *err)
{
    (void)context;
    (void)served;
    (void)family;
    return error_set(err, ERROR_MACHINE, "there is no loopback here");
}

START_TEST(a_network_that_cannot_be_had_is_the_machine_s_fault)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "mlflow", "honest");
    f->launcher.socket = no_socket;
    CLEANUP(error) struct error err = {0};
    ck_assert_int_eq(client_open(&f->client, "api", &options, &err), -1);
    expect_error(&err, ERROR_MACHINE, "the server cannot be reached: there is no loopback here");
    finish(f);
}
END_TEST

START_TEST(options_that_cannot_work_are_refused)
{
    struct fixture *f = prepare();
    struct client_options options = options_of(f, "mlflow", "honest");
    CLEANUP(error) struct error err = {0};
    options.protocol = "grpc";
    ck_assert_int_eq(client_open(&f->client, "api", &options, &err), -1);
    expect_error(&err, ERROR_USAGE, "unknown protocol: 'grpc' (mlflow, oip, tfserving, json)");
    options.protocol = "json";
    options.ready = "ping";
    ck_assert_int_eq(client_open(&f->client, "api", &options, &err), -1);
    expect_error(&err, ERROR_USAGE, "does not begin with '/'");
    strings_free(&f->command);
    strings_add(&f->command, "true");
    options.ready = "/ping";
    ck_assert_int_eq(client_open(&f->client, "api", &options, &err), -1);
    expect_error(&err, ERROR_USAGE, "has no {port}");
    finish(f);
}
END_TEST

START_TEST(a_question_may_have_a_header_of_its_own)
{
    struct fixture *f = begin("json", "obeys a header");
    char headers[20][32];
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        snprintf(headers[i], sizeof headers[i], "X-Number: %zu", 2 * i);
        f->questions[i].header = headers[i];
    }
    ask(f, 0, ARRAY_LEN(headers) + 1);
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        expect_answer(f, i);
    ck_assert_double_eq(f->replies[ARRAY_LEN(headers)].answers[0].number, -1); // it is not kept for the next one
    CLEANUP(free) char *command = client_repeat(f->client, &f->questions[1]);
    ck_assert_msg(strstr(command, " -H 'X-Number: 2' --data-binary ") != NULL, "%s", command);
    finish(f);
}
END_TEST

START_TEST(a_restart_is_another_process_on_another_port)
{
    struct fixture *f = begin("json", "honest");
    ask(f, 0, 3);
    forget(f);
    CLEANUP(error) struct error err = {0};
    ck_ok(client_restart(f->client, &err), &err);
    ck_assert_uint_eq(client_starts(f->client), 2);
    ask(f, 0, 3);
    expect_answer(f, 2);
    finish(f);
}
END_TEST

START_TEST(a_question_can_be_repeated_with_curl)
{
    struct fixture *f = begin("mlflow", "honest");
    CLEANUP(free) char *command = client_repeat(f->client, &f->questions[3]);
    ck_assert_str_eq(command, "curl -sS -H 'Content-Type: application/json' --data-binary "
                              "'{\"dataframe_records\":[{\"x\":3}]}' \"http://127.0.0.1:$PORT/invocations\"");
    static const char *const piped[] = {"printf '\\377' | curl -sS -H 'Content-Type: text/x' --data-binary @- ",
                                        "printf '@x' | curl", "printf '%s\\n' 'a' 'b' | curl"};
    static const char *const bodies[] = {"\xff", "@x", "a\nb\n"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct question question = {.raw = bodies[i], .raw_len = strlen(bodies[i]), .content_type = "text/x"};
        CLEANUP(free) char *other = client_repeat(f->client, &question);
        ck_assert_msg(str_starts(other, piped[i]), "%s", other);
    }
    finish(f);
}
END_TEST

UNIT_MAIN("api", flask_is_asked, mlflow_is_spoken, the_open_inference_protocol_is_spoken, tensorflow_serving_is_spoken,
          plain_json_is_spoken, what_one_question_does_is_known_of_it_alone, NaN_is_an_answer,
          a_server_that_closes_each_connection_is_asked_all_the_same, a_server_that_is_slow_is_not_hung,
          an_output_is_chosen_by_its_name, a_server_that_does_not_start_is_told_with_what_it_wrote,
          a_port_that_was_taken_meanwhile_is_another_the_next_time, a_network_that_cannot_be_had_is_the_machine_s_fault,
          options_that_cannot_work_are_refused, a_restart_is_another_process_on_another_port,
          a_question_can_be_repeated_with_curl, a_question_may_have_a_header_of_its_own)

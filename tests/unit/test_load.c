// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
//
// The model is this program, run again: as "PROGRAM server PORT HABIT" it answers over HTTP (the protocol "json"), one
// after the other; as "PROGRAM lines HABIT", JSON lines. A habit begins at its 300th question.
#include "base/clock.h"
#include "serve/load.h"
#include "unit_files.h"
#include "unit_launcher.h"

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <time.h>

enum { THE_ONE = 300, AT_ONCE = 64 };
#define ANSWER "{\"prediction\": 1}"

static void pause_for(double seconds)
{
    const struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(fmod(seconds, 1) * 1e9)};
    nanosleep(&time, NULL);
}

static const char *answer_as(const char *habit, int number)
{
    if (str_equal(habit, "stalls once") && number == THE_ONE)
        pause_for(0.2);
    if (str_equal(habit, "takes 5 ms"))
        pause_for(0.005);
    if (str_equal(habit, "dies") && number == THE_ONE)
        _exit(3);
    if (str_equal(habit, "hangs") && number >= THE_ONE)
        for (;;)
            pause();
    if (str_equal(habit, "refuses every tenth") && number % 10 == 0)
        return "{\"error\": \"not today\"}";
    return ANSWER;
}

static int lines_main(const char *habit)
{
    char *line = NULL;
    size_t cap = 0;
    for (int number = 1; getline(&line, &cap, stdin) > 0; number++) {
        printf("%s\n", answer_as(habit, number));
        fflush(stdout);
    }
    free(line);
    return 0;
}

// False when the connection is to be closed.
static bool answer_http(int fd, const char *habit, int number)
{
    char request[8192], reply[512];
    ssize_t got = read(fd, request, sizeof request);
    if (got <= 0)
        return false;
    const char *body = answer_as(habit, number);
    bool broken = str_equal(habit, "speaks something else"), closes = str_equal(habit, "closes each time");
    bool drops = str_equal(habit, "drops idle ones") && number % 50 == 0;
    int len = snprintf(reply, sizeof reply, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s",
                       strstr(body, "error") ? "400 Bad Request" : "200 OK", strlen(body),
                       closes ? "Connection: close\r\n" : "", body);
    if (broken && number > 3)
        len = snprintf(reply, sizeof reply, "220 mail.example ESMTP\r\n");
    return write(fd, reply, (size_t)len) == len && !closes && !drops;
}

static int server_main(int port, const char *habit)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), number = 0;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0)
        return 1;
    struct pollfd fds[AT_ONCE + 1] = {{.fd = listener, .events = POLLIN}};
    nfds_t count = 1;
    while (poll(fds, count, -1) > 0) {
        for (nfds_t i = 1; i < count; i++) {
            if (fds[i].revents && !answer_http(fds[i].fd, habit, number++)) {
                close(fds[i].fd);
                fds[i--] = fds[--count];
            }
        }
        if (fds[0].revents && count <= AT_ONCE) {
            fds[count] = (struct pollfd){.fd = accept(listener, NULL, NULL), .events = POLLIN};
            setsockopt(fds[count++].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        }
    }
    return 0;
}

// ---- One run

struct fixture {
    char *folder;
    struct launcher launcher;
    struct strings command;
    struct client *client;
    struct cell cell;
    struct question question;
    struct load_result result;
};

static const char *const columns[] = {"x"};

static struct fixture *begin(const char *kind, const char *habit)
{
    struct fixture *f = mem_alloc(sizeof *f);
    bool api = str_equal(kind, "api");
    f->folder = enter_folder();
    f->launcher = unit_launcher(f->folder);
    f->cell = (struct cell){.kind = CELL_INTEGER, .integer = 5};
    f->question.rows = (struct rows){columns, 1, &f->cell, 1};
    strings_add(&f->command, "/proc/self/exe");
    strings_add(&f->command, api ? "server" : "lines");
    if (api)
        strings_add(&f->command, "{port}");
    strings_add(&f->command, habit);
    const struct client_options options = {
        .launcher = &f->launcher, .command = &f->command, .protocol = "json", .ready = "/", .timeout = 5};
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, kind, &options, &err), &err);
    return f;
}

static void finish(struct fixture *f)
{
    load_result_free(&f->result);
    client_close(f->client);
    strings_free(&f->command);
    leave_folder(f->folder);
    free(f);
}

static void load(struct fixture *f, double rate, double seconds, double give_up)
{
    const struct load_options options = {
        .questions = &f->question, .count = 1, .rate = rate, .seconds = seconds, .give_up = give_up};
    CLEANUP(error) struct error err = {0};
    ck_ok(load_run(&f->result, f->client, &options, &err), &err);
    const struct load_result *r = &f->result;
    ck_assert_uint_eq(r->due, r->answered + r->failed + r->unanswered);
    uint64_t counted = 0;
    for (size_t i = 0; i < r->block_count; i++)
        counted += r->blocks[i].count;
    ck_assert_uint_eq(counted, r->due);
}

static uint64_t later_than(const struct load_result *result, double seconds)
{
    uint64_t count = 0;
    for (size_t b = 0; b < result->block_count; b++)
        for (size_t i = 0; i < LOAD_BUCKETS; i++)
            count += load_histogram_value(i) > seconds ? result->blocks[b].buckets[i] : 0;
    return count;
}

static const char *const kinds[] = {"api", "stream"};

START_TEST(every_question_of_a_quick_model_is_answered)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "none");
        load(f, 1000, 0.5, 0);
        load(f, 500, 0.5, 0); // a second run is added
        ck_assert_uint_eq(f->result.due, 750);
        ck_assert_uint_eq(f->result.answered, 750);
        ck_assert_ptr_null(f->result.failure);
        ck_assert_uint_eq(f->result.block_count, 2 * LOAD_BLOCKS);
        ck_assert_double_eq_tol(f->result.seconds, 1, 1e-6);
        struct load_estimate p50;
        load_result_quantile(&p50, &f->result, 0.5);
        ck_assert_double_gt(p50.value, 0);
        ck_assert_double_lt(p50.value, 0.1);
        ck_assert_uint_eq(client_starts(f->client), 1);
        finish(f);
    }
}
END_TEST

// A loop that waits for each answer would see one late one: all others would be sent after the stall.
START_TEST(a_stall_of_200_ms_makes_the_200_late_that_were_due_in_it)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "stalls once");
        load(f, 1000, 1, 0);
        ck_assert_uint_eq(f->result.answered, 1000);
        ck_assert_uint_ge(later_than(&f->result, 0.005), 190);
        ck_assert_uint_ge(later_than(&f->result, 0.1), 95);
        ck_assert_uint_ge(later_than(&f->result, 0.19), 5);
        finish(f);
    }
}
END_TEST

START_TEST(a_model_that_cannot_keep_up_is_given_up)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "takes 5 ms");
        load(f, 2000, 20, 0.3);
        ck_assert(f->result.gave_up);
        ck_assert_double_lt(f->result.seconds, 5);
        ck_assert_uint_gt(f->result.unanswered, 0);
        ck_assert_uint_gt(later_than(&f->result, 0.1), 100);
        // What was on its way is not taken for an answer to what comes now.
        struct load_result first = f->result;
        f->result = (struct load_result){0};
        load(f, 20, 0.5, 0);
        ck_assert_uint_eq(f->result.answered, 10);
        ck_assert_uint_eq(client_starts(f->client), 2);
        load_result_free(&first);
        finish(f);
    }
}
END_TEST

START_TEST(refusals_are_counted_and_told)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "refuses every tenth");
        load(f, 1000, 0.5, 0);
        ck_assert_uint_ge(f->result.failed, 49);
        ck_assert_uint_le(f->result.failed, 51);
        ck_assert_ptr_nonnull(strstr(f->result.failure, "not today"));
        struct load_estimate p99;
        load_result_quantile(&p99, &f->result, 0.99);
        ck_assert(isinf(p99.value)); // a question that was refused was never answered
        finish(f);
    }
}
END_TEST

START_TEST(a_process_that_dies_is_told)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "dies");
        load(f, 1000, 2, 0);
        ck_assert(f->result.ended);
        ck_assert_ptr_nonnull(f->result.failure);
        ck_assert_uint_lt(f->result.due, 2000);
        finish(f);
    }
}
END_TEST

START_TEST(a_process_that_hangs_is_given_up)
{
    for (size_t k = 0; k < 2; k++) {
        struct fixture *f = begin(kinds[k], "hangs");
        load(f, 1000, 20, 0.5);
        ck_assert(f->result.gave_up);
        ck_assert_uint_ge(f->result.unanswered, 400);
        finish(f);
    }
}
END_TEST

START_TEST(connections_that_are_closed_are_opened_again)
{
    static const char *const habits[] = {"closes each time", "drops idle ones"};
    for (size_t i = 0; i < 2; i++) {
        struct fixture *f = begin("api", habits[i]);
        load(f, 500, 0.5, 0);
        ck_assert_msg(f->result.answered == 250, "%s: %s", habits[i], f->result.failure);
        finish(f);
    }
}
END_TEST

START_TEST(what_is_not_http_fails)
{
    struct fixture *f = begin("api", "speaks something else");
    load(f, 200, 0.5, 0);
    ck_assert_uint_ge(f->result.failed, 95);
    ck_assert_ptr_nonnull(strstr(f->result.failure, "first line"));
    finish(f);
}
END_TEST

static bool stop_at_once(void *context)
{
    (void)context;
    return true;
}

START_TEST(a_run_can_be_stopped)
{
    struct fixture *f = begin("stream", "none");
    const struct load_options options = {
        .questions = &f->question, .count = 1, .rate = 100, .seconds = 1000, .stopped = stop_at_once};
    CLEANUP(error) struct error err = {0};
    ck_ok(load_run(&f->result, f->client, &options, &err), &err);
    ck_assert(f->result.stopped);
    ck_assert_uint_lt(f->result.due, 1000);
    finish(f);
}
END_TEST

START_TEST(what_is_not_counted_warms_it)
{
    struct fixture *f = begin("stream", "stalls once");
    const struct load_options options = {
        .questions = &f->question, .count = 1, .rate = 1000, .seconds = 0.3, .warm = 0.8};
    CLEANUP(error) struct error err = {0};
    ck_ok(load_run(&f->result, f->client, &options, &err), &err);
    ck_assert_uint_eq(f->result.due, 300);
    ck_assert_uint_eq(f->result.answered, 300);
    finish(f);
}
END_TEST

START_TEST(a_model_without_a_process_is_not_loaded)
{
    struct fixture *f = mem_alloc(sizeof *f);
    f->folder = enter_folder();
    f->launcher = unit_launcher(f->folder);
    strings_add(&f->command, "true");
    strings_add(&f->command, "{input}");
    strings_add(&f->command, "{output}");
    const struct client_options wanted = {.launcher = &f->launcher, .command = &f->command};
    const struct load_options options = {.questions = &f->question, .count = 1, .rate = 1, .seconds = 1};
    CLEANUP(error) struct error err = {0};
    ck_ok(client_open(&f->client, "batch", &wanted, &err), &err);
    ck_assert_int_eq(load_run(&f->result, f->client, &options, &err), -1);
    ck_error_has(&err, "no process that stays alive");
    finish(f);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 4 && str_equal(argv[1], "server"))
        return server_main(atoi(argv[2]), argv[3]);
    if (argc == 3 && str_equal(argv[1], "lines"))
        return lines_main(argv[2]);
    const TTest *const tests[] = {every_question_of_a_quick_model_is_answered,
                                  a_stall_of_200_ms_makes_the_200_late_that_were_due_in_it,
                                  a_model_that_cannot_keep_up_is_given_up,
                                  refusals_are_counted_and_told,
                                  a_process_that_dies_is_told,
                                  a_process_that_hangs_is_given_up,
                                  connections_that_are_closed_are_opened_again,
                                  what_is_not_http_fails,
                                  a_run_can_be_stopped,
                                  what_is_not_counted_warms_it,
                                  a_model_without_a_process_is_not_loaded};
    return unit_run("load", tests, sizeof tests / sizeof tests[0]);
}

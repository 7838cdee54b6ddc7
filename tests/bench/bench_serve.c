// SPDX-License-Identifier: Apache-2.0
//
// bench_serve stream ROWS: rows of ten columns written, sent to a process that answers each line, its answers read, a
// second. bench_serve api REQUESTS: the same by MLflow's protocol to a server that keeps connections alive. Both are
// this program, as "bench_serve model" and "bench_serve server PORT", and do as little as they can.
#include "../unit/unit_launcher.h"
#include "base/arena.h"
#include "base/clock.h"
#include "serve/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { COLUMNS = 10, AT_ONCE = 2048, ROWS = 500 };

static int model(void)
{
    static char answers[1 << 16];
    static char lines[1 << 16];
    static const char answer[] = "{\"prediction\": 1}\n";
    for (ssize_t got; (got = read(0, lines, sizeof lines)) > 0;) {
        size_t len = 0;
        for (const char *at = lines; (at = memchr(at, '\n', (size_t)(lines + got - at))); at++) {
            memcpy(answers + len, answer, sizeof answer - 1);
            len += sizeof answer - 1;
        }
        for (size_t sent = 0; sent < len;) {
            ssize_t wrote = write(1, answers + sent, len - sent);
            if (wrote <= 0)
                return 1;
            sent += (size_t)wrote;
        }
    }
    return 0;
}

// One readable connection: a request comes in one piece, which it does for small ones on loopback.
static void answer_request(int fd)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
                                 "{\"predictions\": [1]}";
    char request[8192];
    ssize_t got = read(fd, request, sizeof request);
    if (got <= 0 || write(fd, answer, sizeof answer - 1) < 0)
        close(fd);
}

static int server(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0)
        return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[64];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, ready, 64, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd != listener) {
                answer_request(ready[i].data.fd);
                continue;
            }
            struct epoll_event added = {.events = EPOLLIN, .data.fd = accept(listener, NULL, NULL)};
            setsockopt(added.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_ctl(poller, EPOLL_CTL_ADD, added.data.fd, &added);
        }
    }
}

// Rows of ten columns: integers, numbers, a category, as they come from a sample.
static void make_cells(struct cell *cells, struct arena *arena)
{
    static const char *const words[] = {"north", "south", "east", "west"};
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        if (i % COLUMNS < 4)
            cells[i] = (struct cell){.kind = CELL_INTEGER, .integer = (int64_t)(i * 7919 % 1000)};
        else if (i % COLUMNS < 8)
            cells[i] = (struct cell){.kind = CELL_NUMBER, .number = (double)(i * 7919 % 100000) / 1000};
        else
            cells[i] = (struct cell){.kind = CELL_TEXT, .text = words[i % 4], .len = strlen(words[i % 4])};
    }
    row_prepare(cells, ROWS * COLUMNS, arena);
}

static int measure(struct client *client, size_t count, struct error *err)
{
    static const char *const names[COLUMNS] = {"age",  "tenure", "calls", "visits", "income",
                                               "debt", "score",  "ratio", "region", "segment"};
    static struct cell cells[ROWS * COLUMNS];
    static struct question questions[AT_ONCE];
    static struct reply replies[AT_ONCE];
    struct arena arena = {0};
    make_cells(cells, &arena);
    for (size_t i = 0; i < AT_ONCE; i++)
        questions[i].rows = (struct rows){names, COLUMNS, cells + i % ROWS * COLUMNS, 1};
    size_t right = 0;
    double began = clock_seconds();
    for (size_t asked = 0; asked < count; asked += AT_ONCE) {
        size_t now = count - asked < AT_ONCE ? count - asked : AT_ONCE;
        if (client_ask(client, questions, replies, now, err) < 0)
            return -1;
        for (size_t i = 0; i < now; i++) {
            right += replies[i].kind == REPLY_ANSWERED && replies[i].count == 1 && replies[i].answers[0].number == 1;
            reply_free(&replies[i]);
        }
    }
    double seconds = clock_seconds() - began;
    arena_free(&arena);
    if (right != count)
        return error_set(err, ERROR_MACHINE, "%zu of %zu were answered rightly", right, count);
    printf("%.0f\n", (double)count / seconds);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && str_equal(argv[1], "model"))
        return model();
    if (argc == 3 && str_equal(argv[1], "server"))
        return server(atoi(argv[2]));
    if (argc != 3)
        return 2;
    bool api = str_equal(argv[1], "api");
    CLEANUP(strings) struct strings command = {0};
    strings_add(&command, "/proc/self/exe");
    strings_add(&command, api ? "server" : "model");
    if (api)
        strings_add(&command, "{port}");
    const struct launcher launcher = unit_launcher(".");
    const struct client_options options = {
        .launcher = &launcher, .command = &command, .protocol = "mlflow", .ready = "/ping"};
    CLEANUP(error) struct error err = {0};
    CLEANUP(client) struct client *client = NULL;
    int done = client_open(&client, argv[1], &options, &err);
    if (done == 0)
        done = measure(client, strtoul(argv[2], NULL, 10), &err);
    if (done < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_serve: %s\n", text);
    }
    return done < 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// bench_load load RATE SECONDS [DELAY]: open-loop load on a trivial server that keeps connections alive and answers
// DELAY microseconds after it has read (0; it spins, so that it is exact). Prints, in seconds: the rate that was
// answered, how late questions were taken up (p50, p99), and the latencies less the delay (p50, p99). bench_load server
// PORT DELAY: that server alone, for other tools.
#include "../unit/unit_launcher.h"
#include "base/clock.h"
#include "serve/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

// One readable connection: a request comes in one piece, which it does for small ones on loopback.
static void answer_request(int fd, double delay)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
                                 "{\"predictions\": [1]}";
    char request[8192];
    ssize_t got = read(fd, request, sizeof request);
    double until = delay > 0 ? clock_seconds() + delay : 0;
    while (delay > 0 && clock_seconds() < until)
        continue;
    if (got <= 0 || write(fd, answer, sizeof answer - 1) < 0)
        close(fd);
}

static int server(int port, double delay)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 64) < 0)
        return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[64];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, ready, 64, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd != listener) {
                answer_request(ready[i].data.fd, delay);
                continue;
            }
            struct epoll_event added = {.events = EPOLLIN, .data.fd = accept(listener, NULL, NULL)};
            setsockopt(added.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_ctl(poller, EPOLL_CTL_ADD, added.data.fd, &added);
        }
    }
}

static int measure(struct client *client, double rate, double seconds, double delay, struct error *err)
{
    static const char *const names[] = {"x"};
    const struct cell cell = {.kind = CELL_INTEGER, .integer = 5};
    const struct question question = {.rows = {names, 1, &cell, 1}};
    const struct load_options options = {
        .questions = &question, .count = 1, .rate = rate, .seconds = seconds, .warm = 0.2};
    CLEANUP(load_result) struct load_result result = {0};
    if (load_run(&result, client, &options, err) < 0)
        return -1;
    struct load_estimate p50, p99;
    load_result_quantile(&p50, &result, 0.5);
    load_result_quantile(&p99, &result, 0.99);
    if (result.failure)
        return error_set(err, ERROR_MACHINE, "%s", result.failure);
    printf("%.0f %.9f %.9f %.9f %.9f\n", (double)result.answered / result.seconds,
           load_histogram_quantile(&result.late, 0.5), load_histogram_quantile(&result.late, 0.99), p50.value - delay,
           p99.value - delay);
    return 0;
}

int main(int argc, char **argv)
{
    double delay = argc > 3 ? atof(argv[argc - 1]) * 1e-6 : 0;
    if (argc == 4 && str_equal(argv[1], "server"))
        return server(atoi(argv[2]), delay);
    if (argc < 4 || argc > 5 || !str_equal(argv[1], "load"))
        return 2;
    delay = argc == 5 ? delay : 0;
    CLEANUP(strings) struct strings command = {0};
    strings_add(&command, "/proc/self/exe");
    strings_add(&command, "server");
    strings_add(&command, "{port}");
    strings_add(&command, argc == 5 ? argv[4] : "0");
    const struct launcher launcher = unit_launcher(".");
    const struct client_options options = {
        .launcher = &launcher, .command = &command, .protocol = "mlflow", .ready = "/ping"};
    CLEANUP(error) struct error err = {0};
    CLEANUP(client) struct client *client = NULL;
    int done = client_open(&client, "api", &options, &err);
    if (done == 0)
        done = measure(client, atof(argv[2]), atof(argv[3]), delay, &err);
    if (done < 0) {
        CLEANUP(free) char *text = error_text(&err);
        fprintf(stderr, "bench_load: %s\n", text);
    }
    return done < 0;
}

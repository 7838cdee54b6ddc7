// SPDX-License-Identifier: Apache-2.0
//
// Load over HTTP: connections that are kept alive, one question at a time on each. A client of our own, for libcurl's
// takes longer for a question than the answer may.
#include "base/clock.h"
#include "serve/http_reply.h"
#include "serve/load_way.h"
#include "serve/protocol.h"
#include "serve/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    CONNECTIONS = 64,
    SPARE = 16, // sockets that are there before they are needed: asking the sandbox for one takes time
    CHUNK = 64 << 10,
};

enum connection_state { IDLE, CONNECTING, WRITING, READING };
struct connection {
    int fd;
    enum connection_state state;
    bool used; // a question was answered on it
    uint64_t number;
    size_t written;
    struct http_reply reply;
};

struct door {
    struct client_door to;
    struct buf *requests; // of each question
    struct connection connections[CONNECTIONS];
    struct connection *order[CONNECTIONS]; // the first `idle` are free, those up to `open` in use, the rest closed
    size_t idle, open;
    int spare[SPARE];
    size_t spares;
    uint64_t again[CONNECTIONS]; // questions whose connection was closed before they were read
    size_t agains;
    char *chunk;
};

static void encode(struct buf *out, const struct load_run *run, const struct door *door, size_t index)
{
    CLEANUP(buf) struct buf body = {0};
    const char *content_type;
    protocol_encode(&body, &content_type, door->to.protocol, &run->options->questions[index]);
    buf_printf(out, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
               door->to.path, door->to.port, content_type, body.len);
    buf_append(out, buf_text(&body), body.len);
}

static int make_socket(struct load_run *run, struct error *err)
{
    const struct launcher *launcher = run->client->options.launcher;
    int one = 1, fd = launcher->socket(launcher->context, &run->client->served, AF_INET, err);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void end(struct load_run *run);

static int begin(struct load_run *run, struct error *err)
{
    struct door *door = run->state = mem_alloc(sizeof *door);
    run->client->kind->door(&door->to, run->client);
    // A server that serves one connection after the other must not wait for those that `ask` keeps.
    run->client->kind->stopped(run->client);
    door->chunk = mem_alloc(CHUNK);
    door->requests = mem_array(run->options->count, sizeof *door->requests);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        door->connections[i].fd = -1;
        door->order[i] = &door->connections[i];
    }
    for (size_t i = 0; i < run->options->count; i++)
        encode(&door->requests[i], run, door, i);
    for (; door->spares < SPARE; door->spares++) {
        door->spare[door->spares] = make_socket(run, err);
        if (door->spare[door->spares] < 0) {
            end(run);
            return -1;
        }
    }
    return 0;
}

// ---- Connections: those in use stand behind the idle ones in `order`, closed ones behind them

static void swap(struct door *door, size_t a, size_t b)
{
    struct connection *held = door->order[a];
    door->order[a] = door->order[b];
    door->order[b] = held;
}

static size_t place_of(const struct door *door, const struct connection *connection)
{
    size_t place = 0;
    while (door->order[place] != connection)
        place++;
    return place;
}

static void become_idle(struct door *door, struct connection *connection)
{
    connection->state = IDLE;
    connection->used = true;
    swap(door, place_of(door, connection), door->idle++);
}

// Of one in use.
static void close_connection(struct door *door, struct connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
    connection->used = false;
    swap(door, place_of(door, connection), --door->open);
}

// The one whose question was answered last, for it is warm; else a new one. NULL when all are in use.
static struct connection *take_connection(struct load_run *run)
{
    struct door *door = run->state;
    if (door->idle > 0)
        return door->order[--door->idle];
    if (door->open == CONNECTIONS)
        return NULL;
    CLEANUP(error) struct error err = {0};
    struct connection *connection = door->order[door->open];
    connection->fd = door->spares > 0 ? door->spare[--door->spares] : make_socket(run, &err);
    if (connection->fd < 0) {
        run->lost = true;
        if (!run->out->failure)
            run->out->failure = error_text(&err);
        return NULL;
    }
    connection->state = CONNECTING;
    door->open++;
    if (door->open > run->out->connections)
        run->out->connections = (unsigned)door->open;
    return connection;
}

// ---- One question

static void fail(struct load_run *run, struct connection *connection, const char *why)
{
    const struct launcher *launcher = run->client->options.launcher;
    uint64_t number = connection->number;
    close_connection(run->state, connection);
    load_done(run, number, 0, why);
    if (!launcher->alive(launcher->context, &run->client->served))
        run->lost = true;
}

// The connection was closed. When that was before anything of the reply came, on one that had waited, the server did
// not mean this question: it is sent again.
static void was_closed(struct load_run *run, struct connection *connection)
{
    struct door *door = run->state;
    if (connection->used && !http_reply_has_begun(&connection->reply) && door->agains < CONNECTIONS) {
        door->again[door->agains++] = connection->number;
        close_connection(door, connection);
        return;
    }
    fail(run, connection, "the connection was closed before the whole answer was there");
}

static void write_request(struct load_run *run, struct connection *connection)
{
    struct door *door = run->state;
    const struct buf *request = &door->requests[connection->number % run->options->count];
    connection->state = WRITING;
    while (connection->written < request->len) {
        ssize_t wrote =
            send(connection->fd, request->data + connection->written, request->len - connection->written, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (wrote < 0) {
            was_closed(run, connection);
            return;
        }
        connection->written += (size_t)wrote;
    }
    connection->state = READING;
}

static void begin_question(struct load_run *run, struct connection *connection, uint64_t number)
{
    const struct door *door = run->state;
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)door->to.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    connection->number = number;
    connection->written = 0;
    http_reply_begin(&connection->reply, run->client->options.limit);
    if (connection->state != CONNECTING) {
        write_request(run, connection);
        return;
    }
    int connected;
    do
        connected = connect(connection->fd, (const struct sockaddr *)&address, sizeof address);
    while (connected < 0 && errno == EINTR);
    if (connected == 0)
        write_request(run, connection);
    else if (errno != EINPROGRESS)
        fail(run, connection, "takes no connection");
}

static void send_due(struct load_run *run)
{
    struct door *door = run->state;
    while (!run->lost && (door->agains > 0 || run->sent < run->due)) {
        struct connection *connection = take_connection(run);
        if (!connection)
            return;
        begin_question(run, connection, door->agains > 0 ? door->again[--door->agains] : run->sent++);
    }
}

// ---- Answers

static void judge(struct load_run *run, struct connection *connection, double now)
{
    const struct door *door = run->state;
    const struct http_reply *http = &connection->reply;
    const struct protocol_response response = {http->status, buf_text(&http->body), http->body.len};
    struct reply reply = {0};
    protocol_read(&reply, door->to.protocol, &response, load_question(run, connection->number),
                  run->client->options.output_field);
    bool good = reply.kind == REPLY_ANSWERED && reply.count > 0;
    load_done(run, connection->number, now, good ? NULL : reply.why ? reply.why : "no answer in the reply");
    reply_free(&reply);
}

static void take_reply(struct load_run *run, struct connection *connection, double now)
{
    struct door *door = run->state;
    ssize_t got = recv(connection->fd, door->chunk, CHUNK, 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    size_t used = 0;
    enum http_reply_state state = got > 0 ? http_reply_take(&used, &connection->reply, door->chunk, (size_t)got)
                                  : http_reply_has_begun(&connection->reply) && got == 0
                                      ? http_reply_closed(&connection->reply)
                                      : HTTP_REPLY_MORE;
    if (state == HTTP_REPLY_DONE) {
        judge(run, connection, now);
        if (got > 0 && connection->reply.keep && used == (size_t)got)
            become_idle(door, connection);
        else
            close_connection(door, connection);
    } else if (state == HTTP_REPLY_LARGE) {
        fail(run, connection, "the answer is too large");
    } else if (state == HTTP_REPLY_BROKEN && got > 0) {
        fail(run, connection, connection->reply.why);
    } else if (got <= 0) {
        was_closed(run, connection);
    }
}

static void finish_connect(struct load_run *run, struct connection *connection)
{
    int code = 0;
    socklen_t len = sizeof code;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0 || code != 0)
        fail(run, connection, "takes no connection");
    else
        write_request(run, connection);
}

static void serve(struct load_run *run, struct connection *connection, double now)
{
    if (connection->state == CONNECTING)
        finish_connect(run, connection);
    else if (connection->state == WRITING)
        write_request(run, connection);
    else
        take_reply(run, connection, now);
}

static void wait_for(struct load_run *run, double seconds)
{
    struct door *door = run->state;
    size_t count = door->open - door->idle;
    struct connection *busy[CONNECTIONS];
    struct pollfd fds[CONNECTIONS];
    for (size_t i = 0; i < count; i++) {
        busy[i] = door->order[door->idle + i];
        fds[i] = (struct pollfd){.fd = busy[i]->fd, .events = busy[i]->state == READING ? POLLIN : POLLOUT};
    }
    seconds = seconds > 0 ? seconds : 0;
    struct timespec limit = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    int ready = ppoll(fds, (nfds_t)count, &limit, NULL);
    double now = clock_seconds();
    for (size_t i = 0; i < count && ready > 0; i++)
        if (fds[i].revents)
            serve(run, busy[i], now);
}

static void end(struct load_run *run)
{
    struct door *door = run->state;
    while (door->agains > 0)
        load_unanswered(run, door->again[--door->agains]);
    for (size_t i = 0; i < door->open; i++) {
        if (i >= door->idle)
            load_unanswered(run, door->order[i]->number);
        close(door->order[i]->fd);
    }
    for (size_t i = 0; i < CONNECTIONS; i++)
        http_reply_free(&door->connections[i].reply);
    while (door->spares > 0)
        close(door->spare[--door->spares]);
    for (size_t i = 0; i < run->options->count; i++)
        buf_free(&door->requests[i]);
    free(door->requests);
    free(door->chunk);
    free(door);
}

static uint64_t oldest(const struct load_run *run)
{
    const struct door *door = run->state;
    uint64_t number = run->sent;
    for (size_t i = 0; i < door->agains; i++)
        number = door->again[i] < number ? door->again[i] : number;
    for (size_t i = door->idle; i < door->open; i++)
        number = door->order[i]->number < number ? door->order[i]->number : number;
    return number;
}

const struct load_way load_api = {.begin = begin, .send = send_due, .wait = wait_for, .end = end, .oldest = oldest};

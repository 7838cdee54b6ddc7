// SPDX-License-Identifier: Apache-2.0
//
// A server of our own choosing of port, asked over HTTP by one of the protocols.
#include "base/buf.h"
#include "base/clock.h"
#include "serve/http.h"
#include "serve/kind.h"
#include "serve/protocol.h"
#include "serve/reply.h"
#include "serve/shell.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// A server that is starting is asked at first after so long, then less and less often.
#define FIRST_PAUSE   0.005
#define LONGEST_PAUSE 0.1
// A closed connection is a crash when the process ends within this time.
#define LAST_WORDS 0.5

struct api {
    const struct protocol *protocol;
    struct http *http;
    int port;
    char *ready_path, *ask_path; // with the model's name
    char *ready_url, *ask_url;   // with the port
    size_t slot_count;
    struct ask_slot {
        bool busy;
        size_t index;  // of its question
        size_t number; // in the order in which they were sent
        double since;  // when it was sent, or one that was sent before it was answered
    } * slots;
};

// One call of ask.
struct round {
    struct client *client;
    struct api *api;
    struct asking *asking;
    size_t on_way, answered, sent;
};

static void api_encode(struct buf *body, const void *context, const struct question *question)
{
    const char *content_type;
    protocol_encode(body, &content_type, context, question);
}

// A path with the name of the model, percent-encoded.
static char *make_path(const char *path, const char *model)
{
    CLEANUP(buf) struct buf name = {0};
    for (const char *at = model; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     strchr("-._~", *at);
        buf_printf(&name, plain ? "%c" : "%%%02X", (unsigned char)*at);
    }
    return client_fill(path, "{model}", buf_text(&name));
}

static int check_command(const struct client *client, struct error *err)
{
    for (size_t i = 0; i < client->command.count; i++)
        if (strstr(client->command.items[i], "{port}"))
            return 0;
    CLEANUP(free) char *command = strings_shell(&client->command);
    return error_set(err, ERROR_USAGE, "the server's command has no {port} for the port that it is to listen on: %s",
                     command);
}

static int api_open(struct client *client, struct error *err)
{
    const struct client_options *options = &client->options;
    struct api *api = client->state = mem_alloc(sizeof *api);
    const char *name = options->protocol ? options->protocol : "";
    api->protocol = protocol_find(name);
    if (!api->protocol) {
        CLEANUP(free) char *names = protocol_names();
        return error_set(err, ERROR_USAGE, "unknown protocol: '%s' (%s)", name, names);
    }
    if (check_command(client, err) < 0)
        return -1;
    api->slot_count = options->in_flight;
    api->slots = mem_array(api->slot_count, sizeof *api->slots);
    const char *model = options->model ? options->model : "model";
    const char *ready = options->ready ? options->ready : api->protocol->ready;
    api->ready_path = make_path(ready, model);
    api->ask_path = make_path(api->protocol->path, model);
    if (*api->ready_path != '/')
        return error_set(err, ERROR_USAGE,
                         "the path '%s' that tells whether the server is ready does not begin with '/'", ready);
    client->ability = (struct client_ability){.many_rows = true,
                                              .no_rows = api->protocol->no_rows,
                                              .json = true,
                                              .raw = true,
                                              .http = true,
                                              .alive = true,
                                              .named_columns = true,
                                              .styles = api->protocol->styles,
                                              .encode = api_encode,
                                              .context = api->protocol};
    const struct http_options wanted = {
        .launcher = options->launcher, .served = &client->served, .slots = api->slot_count, .limit = options->limit};
    return http_open(&api->http, &wanted, err);
}

static void api_close(struct client *client)
{
    struct api *api = client->state;
    http_close(api->http);
    free(api->ready_path);
    free(api->ask_path);
    free(api->ready_url);
    free(api->ask_url);
    free(api->slots);
    free(api);
}

static void api_stopped(struct client *client)
{
    struct api *api = client->state;
    http_reset(api->http);
    memset(api->slots, 0, api->slot_count * sizeof *api->slots);
}

// A port that is free on this machine, as the kernel says. In a network of the server's own every port is.
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    CLEANUP(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 28080; // no sockets here; the server may still have them where it is
    return ntohs(address.sin_port);
}

static void api_command(struct strings *argv, struct client *client)
{
    struct api *api = client->state;
    api->port = free_port();
    char port[16];
    snprintf(port, sizeof port, "%d", api->port);
    for (size_t i = 0; i < client->command.count; i++)
        strings_take(argv, client_fill(client->command.items[i], "{port}", port));
    free(api->ready_url);
    free(api->ask_url);
    api->ready_url = str_printf("http://127.0.0.1:%d%s", api->port, api->ready_path);
    api->ask_url = str_printf("http://127.0.0.1:%d%s", api->port, api->ask_path);
}

// What servers say of a port that somebody else has.
static bool says_port_is_taken(const char *tail)
{
    static const char *const words[] = {"address already in use", "eaddrinuse", "port is already", "is in use by"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasestr(tail, words[i]))
            return true;
    return false;
}

// The server did not become ready: ends it, and says what it wrote. `state` is what it answered last.
static enum readiness not_ready(struct client *client, bool ended, const char *state, struct error *err)
{
    struct api *api = client->state;
    const struct error *network = http_socket_error(api->http);
    if (network) {
        error_set(err, network->kind, "%s", network->message);
        error_context(err, "the server cannot be reached");
        return READY_NEVER;
    }
    struct served_end end = {0};
    client_stop(&end, client);
    CLEANUP(free) char *tail = end.stderr_tail;
    CLEANUP(free) char *ending = client_ending(&end);
    CLEANUP(free) char *wrote = str_printf("%s%s", tail && *tail ? "; it wrote:\n" : "", tail ? tail : "");
    CLEANUP(free) char *limit = str_human_duration(client->options.start_timeout);
    if (!ended) {
        error_set(err, ERROR_USAGE, "the server was not ready within %s: GET %s on port %d: %s%s", limit,
                  api->ready_path, api->port, state, wrote);
        return READY_NEVER;
    }
    if (tail && says_port_is_taken(tail)) {
        error_set(err, ERROR_USAGE, "the server says that its port (%d) is taken: it %s%s", api->port, ending, wrote);
        return READY_AGAIN;
    }
    error_set(err, ERROR_USAGE, "the server %s before it was ready%s", ending, wrote);
    return READY_NEVER;
}

static enum readiness api_ready(struct client *client, struct error *err)
{
    struct api *api = client->state;
    const struct launcher *launcher = client->options.launcher;
    double deadline = clock_seconds() + client->options.start_timeout, pause = FIRST_PAUSE;
    CLEANUP(free) char *state = str_dup("no connection");
    for (;;) {
        double left = deadline - clock_seconds();
        const struct http_request request = {.url = api->ready_url, .timeout = left > 0.01 ? left : 0.01};
        struct http_result result = {.end = HTTP_REFUSED};
        http_begin(api->http, 0, &request);
        http_next(&result, api->http, left + 1);
        if (result.end == HTTP_DONE && result.status >= 200 && result.status <= 299)
            return READY;
        free(state);
        state = result.end == HTTP_DONE ? str_printf("status %d", result.status)
                : result.words          ? str_dup(result.words)
                                        : str_dup("no connection");
        left = deadline - clock_seconds();
        bool ended = launcher->wait(launcher->context, &client->served, pause < left ? pause : left > 0 ? left : 0);
        if (ended || left <= 0 || http_socket_error(api->http))
            return not_ready(client, ended, state, err);
        pause = pause * 1.5 < LONGEST_PAUSE ? pause * 1.5 : LONGEST_PAUSE;
    }
}

// A server that answers one after the other must not be taken for hung because many wait: a question has its time from
// when the last one that was sent before it was answered. libcurl's own limit is what that can be at most.
static void send_question(struct round *round, size_t slot, size_t index)
{
    struct api *api = round->api;
    double patience = client_patience(round->client, round->answered == 0);
    const char *content_type;
    protocol_encode(http_body(api->http, slot), &content_type, api->protocol, &round->asking->questions[index]);
    const struct http_request request = {.url = api->ask_url,
                                         .post = true,
                                         .content_type = content_type,
                                         .header = round->asking->questions[index].header,
                                         .timeout = patience * (double)(api->slot_count + 1)};
    http_begin(api->http, slot, &request);
    round->asking->progress[index] = PROGRESS_SENT;
    api->slots[slot] =
        (struct ask_slot){.busy = true, .index = index, .number = round->sent++, .since = clock_seconds()};
    round->on_way++;
}

// Whether the process ended, so that the closed connection is its end.
static bool has_ended(struct client *client)
{
    const struct launcher *launcher = client->options.launcher;
    return launcher->wait(launcher->context, &client->served, LAST_WORDS);
}

static void lose_hung(struct round *round, size_t index, bool begun)
{
    CLEANUP(free) char *limit = str_human_duration(client_patience(round->client, round->answered == 0));
    asking_lost(round->asking, LOSS_HUNG, index, "no%s answer within %s", begun ? " whole" : "", limit);
}

// What ends without an answer of HTTP. False when the process was lost to it.
static bool read_failure(struct round *round, size_t index, const struct http_result *result)
{
    struct reply *reply = &round->asking->replies[index];
    reply->status = result->status;
    reply_came(reply, result->body, result->len);
    switch (result->end) {
    case HTTP_TIMEOUT:
        lose_hung(round, index, result->len > 0);
        return false;
    case HTTP_REFUSED:
    case HTTP_CLOSED:
        if (has_ended(round->client)) {
            asking_lost(round->asking, LOSS_DIED, index, "ended");
            return false;
        }
        reply_set(reply, REPLY_FAILED, "the server runs, but %s: %s",
                  result->end == HTTP_CLOSED ? "closed the connection before it had answered" : "takes no connection",
                  result->words);
        return true;
    case HTTP_TOO_LARGE:
        reply_set(reply, REPLY_TOO_LARGE, "answered with more than %zu bytes; the rest was not read",
                  round->client->options.limit);
        return true;
    case HTTP_BROKEN:
    case HTTP_DONE:
        break;
    }
    reply_set(reply, REPLY_UNREADABLE, "not an answer of HTTP: %s", result->words);
    return true;
}

static void take_result(struct round *round, const struct http_result *result)
{
    struct api *api = round->api;
    struct asking *asking = round->asking;
    struct ask_slot *slot = &api->slots[result->slot];
    struct reply *reply = &asking->replies[slot->index];
    reply->seconds = result->seconds;
    slot->busy = false;
    round->on_way--;
    if (result->end == HTTP_DONE) {
        const struct protocol_response response = {result->status, result->body, result->len};
        protocol_read(reply, api->protocol, &response, &asking->questions[slot->index],
                      round->client->options.output_field);
    } else if (!read_failure(round, slot->index, result)) {
        return;
    }
    asking->progress[slot->index] = PROGRESS_DONE;
    client_answered(round->client, round->answered == 0, reply->seconds);
    round->answered++;
    double now = clock_seconds();
    for (size_t i = 0; i < api->slot_count; i++)
        if (api->slots[i].number > slot->number)
            api->slots[i].since = now;
}

// The one whose time is over first.
static struct ask_slot *next_due(struct api *api)
{
    struct ask_slot *due = NULL;
    for (size_t i = 0; i < api->slot_count; i++)
        if (api->slots[i].busy && (!due || api->slots[i].since < due->since))
            due = &api->slots[i];
    return due;
}

static void wait_for_one(struct round *round)
{
    const struct ask_slot *due = next_due(round->api);
    double left = due->since + client_patience(round->client, round->answered == 0) - clock_seconds();
    struct http_result result;
    if (http_next(&result, round->api->http, left > 0 ? left : 0))
        take_result(round, &result);
    else
        lose_hung(round, due->index, false);
}

static void api_ask(struct client *client, struct asking *asking)
{
    struct api *api = client->state;
    struct round round = {.client = client, .api = api, .asking = asking};
    const struct launcher *launcher = client->options.launcher;
    size_t next = asking_next(asking, asking->first);
    while (asking->loss == LOSS_NONE && (next < asking->end || round.on_way > 0)) {
        // The first one of a process goes alone: it may be the one that the model is loaded for.
        size_t width = client->fresh && round.answered == 0 ? 1 : asking->width;
        for (size_t slot = 0; slot < api->slot_count && round.on_way < width && next < asking->end; slot++) {
            if (api->slots[slot].busy)
                continue;
            send_question(&round, slot, next);
            next = asking_next(asking, next + 1);
        }
        wait_for_one(&round);
    }
    if (asking->loss == LOSS_NONE && asking->grace > 0 && asking->end - asking->first == 1 &&
        launcher->wait(launcher->context, &client->served, asking->grace))
        asking_lost(asking, LOSS_DIED, asking->first, "ended");
}

static char *api_repeat(const struct client *client, const struct question *question)
{
    const struct api *api = client->state;
    CLEANUP(buf) struct buf body = {0}, command = {0};
    const char *content_type;
    protocol_encode(&body, &content_type, api->protocol, question);
    bool piped = !shell_is_text(buf_text(&body), body.len) || *buf_text(&body) == '@';
    if (piped) {
        shell_printf(&command, buf_text(&body), body.len);
        buf_puts(&command, " | ");
    }
    CLEANUP(free) char *header = str_printf("Content-Type: %s", content_type);
    buf_puts(&command, "curl -sS -H ");
    shell_word(&command, header, strlen(header));
    if (question->header) {
        buf_puts(&command, " -H ");
        shell_word(&command, question->header, strlen(question->header));
    }
    buf_puts(&command, " --data-binary ");
    if (piped)
        buf_puts(&command, "@-");
    else
        shell_word(&command, buf_text(&body), body.len);
    buf_printf(&command, " \"http://127.0.0.1:$PORT%s\"", api->ask_path);
    return buf_take(&command);
}

static void api_door(struct client_door *out, const struct client *client)
{
    const struct api *api = client->state;
    *out = (struct client_door){.port = api->port, .path = api->ask_path, .protocol = api->protocol};
}

const struct client_kind kind_api = {
    .name = "api",
    .in_flight = 8,
    .one_process = true,
    .open = api_open,
    .command = api_command,
    .ready = api_ready,
    .ask = api_ask,
    .stopped = api_stopped,
    .repeat = api_repeat,
    .close = api_close,
    .door = api_door,
};

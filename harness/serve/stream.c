// SPDX-License-Identifier: Apache-2.0
//
// JSON lines through one process that stays alive.
#include "base/clock.h"
#include "serve/answer.h"
#include "serve/kind.h"
#include "serve/pipes.h"
#include "serve/reply.h"
#include "serve/shell.h"
#include "serve/sigpipe.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>

// Bytes that wait for the pipe before more questions are encoded.
enum { MOST_UNSENT = 256 << 10 };

// The end of a process is waited for this long after it closed its output: an interpreter cleans up.
#define LAST_WORDS 0.5
// A greeting is waited for, where there was one before, for three times what the slowest first answer took, and this.
#define GREETING 0.5

// One call of ask.
struct flow {
    struct client *client;
    struct pipes *pipes;
    struct asking *asking;
    size_t next;   // to be encoded
    size_t head;   // whose lines are coming
    size_t on_way; // questions
    size_t left;   // lines of the head's answer that are to come
    double since;  // when the head's turn began
    double began;
    size_t answered;
};

static size_t lines_of(const struct question *question)
{
    if (!question->raw)
        return question->rows.row_count;
    size_t count = 0;
    const char *at = question->raw, *end = at + question->raw_len;
    for (; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        count++;
    return count + (question->raw_len == 0 || end[-1] != '\n');
}

static void encode(struct buf *out, const void *context, const struct question *question)
{
    (void)context;
    if (question->raw) {
        buf_append(out, question->raw, question->raw_len);
        if (question->raw_len == 0 || question->raw[question->raw_len - 1] != '\n')
            buf_putc(out, '\n');
        return;
    }
    for (size_t i = 0; i < question->rows.row_count; i++) {
        row_write_json(out, &question->rows, i);
        buf_putc(out, '\n');
    }
}

static int stream_open(struct client *client, struct error *err)
{
    (void)err;
    client->state = mem_alloc(sizeof(struct pipes));
    client->ability = (struct client_ability){.many_rows = true,
                                              .json = true,
                                              .raw = true,
                                              .alive = true,
                                              .named_columns = true,
                                              .styles = 1u << STYLE_PLAIN,
                                              .encode = encode};
    return 0;
}

static void stream_command(struct strings *argv, struct client *client)
{
    strings_copy(argv, &client->command);
}

static void stream_stopped(struct client *client)
{
    pipes_reset(client->state);
}

static void stream_close(struct client *client)
{
    pipes_free(client->state);
    free(client->state);
}

// True when something came.
static bool wait_some(struct flow *flow, double seconds)
{
    return pipes_wait(flow->pipes, flow->client->served.out, flow->client->served.in, seconds);
}

static void note_noise(struct client *client, const char *text, size_t len)
{
    if (!client->noise && len > 0)
        client->noise = reply_quote(text, len);
}

// Encodes questions while there is room for them on the way. The first one of a process goes alone: what comes before
// its answer may be a greeting.
static void fill(struct flow *flow, double now)
{
    struct asking *a = flow->asking;
    struct pipes *pipes = flow->pipes;
    bool greeting = flow->client->fresh && flow->answered == 0;
    size_t width = greeting ? 1 : a->width;
    // In large steps: each is a write and wakes the process once.
    if (flow->on_way > width / 2)
        return;
    while (flow->next < a->end && flow->on_way < width && pipes->out.len - pipes->sent < MOST_UNSENT) {
        size_t index = flow->next;
        encode(&pipes->out, NULL, &a->questions[index]);
        a->progress[index] = PROGRESS_SENT;
        a->replies[index].seconds = now;
        flow->on_way++;
        flow->next = asking_next(a, index + 1);
    }
    pipes_send(pipes, flow->client->served.in);
}

static void begin_head(struct flow *flow, double now)
{
    flow->since = now;
    flow->left = flow->head < flow->asking->end ? lines_of(&flow->asking->questions[flow->head]) : 0;
}

static void finish_head(struct flow *flow, double now)
{
    struct asking *a = flow->asking;
    struct client *client = flow->client;
    struct reply *reply = &a->replies[flow->head];
    double sent = reply->seconds;
    reply->seconds = now - (sent > flow->since ? sent : flow->since);
    if (reply->kind == REPLY_ANSWERED)
        reply_judge(reply);
    if (client->noise && !client->noise_told) {
        reply_set(reply, REPLY_UNREADABLE, "wrote %s to its standard output before it was asked anything",
                  client->noise);
        client->noise_told = true;
    }
    client_answered(client, flow->answered == 0, reply->seconds);
    a->progress[flow->head] = PROGRESS_DONE;
    flow->answered++;
    flow->on_way--;
    flow->head++;
    while (flow->head < flow->next && a->progress[flow->head] != PROGRESS_SENT)
        flow->head++;
    begin_head(flow, now);
}

// Questions without a row have no line to wait for.
static void finish_empty(struct flow *flow, double now)
{
    while (flow->on_way > 0 && flow->left == 0)
        finish_head(flow, now);
}

static void add_answer(struct flow *flow, const char *line, size_t len)
{
    struct reply *reply = &flow->asking->replies[flow->head];
    size_t number = reply->count + 1;
    if (reply->len > 0)
        reply_came(reply, "\n", 1);
    reply_came(reply, line, len);
    struct answer *answer = reply_add(reply);
    if (answer_parse(answer, line, len, flow->client->options.output_field, reply_arena(reply)) ||
        reply->kind != REPLY_ANSWERED)
        return;
    CLEANUP(free) char *quoted = reply_quote(line, len);
    if (number == 1 && flow->left == 1)
        reply_set(reply, REPLY_UNREADABLE, "answered with what is not JSON: %s", quoted);
    else
        reply_set(reply, REPLY_UNREADABLE, "line %zu of the answer is not JSON: %s", number, quoted);
}

static bool over_limit(const struct flow *flow, size_t len)
{
    return len > flow->client->options.limit ||
           flow->asking->replies[flow->head].len > flow->client->options.limit - len;
}

static void lose_large(struct flow *flow)
{
    asking_lost(flow->asking, LOSS_TOO_LARGE, flow->head, "answered with more than %zu bytes; the rest was not read",
                flow->client->options.limit);
}

// Gives the lines that have come to the questions that they answer.
static void take_answers(struct flow *flow, double now)
{
    struct pipes *pipes = flow->pipes;
    const char *line;
    size_t len;
    while (flow->on_way > 0 && pipes_line(pipes, &line, &len)) {
        struct piece value;
        if (over_limit(flow, len)) {
            lose_large(flow);
            return;
        }
        bool greeting = flow->client->fresh && flow->answered == 0 && flow->asking->replies[flow->head].count == 0;
        if (greeting && !piece_read(&value, line, len)) {
            note_noise(flow->client, line, len);
            continue;
        }
        add_answer(flow, line, len);
        --flow->left;
        finish_empty(flow, now);
    }
    pipes_rest(pipes, &len);
    if (flow->on_way > 0 && over_limit(flow, len))
        lose_large(flow);
}

// A process that did not answer in time: when it does as soon as its input ends, it keeps its answers in a buffer.
static bool is_buffering(struct flow *flow)
{
    if (flow->client->has_answered || pipes_is_sending(flow->pipes))
        return false;
    // The descriptor is the launcher's to close: something else takes its place.
    CLEANUP(fd) int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing < 0 || dup3(nothing, flow->client->served.in, O_CLOEXEC) < 0)
        return false;
    flow->pipes->no_input = true;
    return wait_some(flow, LAST_WORDS);
}

static void lose_hung(struct flow *flow, double seconds)
{
    struct asking *a = flow->asking;
    struct client *client = flow->client;
    CLEANUP(free) char *limit = str_human_duration(seconds);
    struct reply *reply = &a->replies[flow->head];
    bool greeted = client->fresh && flow->answered == 0 && client->noise && !client->noise_told;
    if (greeted) {
        client->noise_told = true;
        asking_lost(a, LOSS_STEP, flow->head, "answered with what is not JSON: %s", client->noise);
    } else if (pipes_is_sending(flow->pipes) && flow->on_way == 1) {
        asking_lost(a, LOSS_HUNG, flow->head, "did not read the question within %s", limit);
    } else if (is_buffering(flow)) {
        asking_lost(a, LOSS_HUNG, flow->head,
                    "no answer within %s, but one when its input ended: it must flush its standard output after each "
                    "line",
                    limit);
    } else if (reply->count > 0) {
        asking_lost(a, LOSS_HUNG, flow->head, "%zu of %zu lines were answered within %s", reply->count,
                    reply->count + flow->left, limit);
    } else {
        asking_lost(a, LOSS_HUNG, flow->head, "no answer within %s", limit);
    }
}

static void lose_dead(struct flow *flow, size_t blamed)
{
    size_t len;
    const char *rest = pipes_rest(flow->pipes, &len);
    const struct launcher *launcher = flow->client->options.launcher;
    if (blamed < flow->asking->end && flow->asking->progress[blamed] == PROGRESS_SENT)
        reply_came(&flow->asking->replies[blamed], rest, len);
    launcher->wait(launcher->context, &flow->client->served, LAST_WORDS);
    asking_lost(flow->asking, LOSS_DIED, blamed, "closed its standard %s and went on running",
                flow->pipes->no_output ? "output" : "input");
}

// Nothing is on its way: whatever comes now is too much, and an end is an end without a question.
static bool is_quiet(struct flow *flow, double seconds)
{
    size_t len;
    pipes_rest(flow->pipes, &len);
    if (len == 0 && !flow->pipes->no_output)
        wait_some(flow, seconds);
    pipes_rest(flow->pipes, &len);
    return len == 0 && !flow->pipes->no_output;
}

static void look_before(struct flow *flow)
{
    struct client *client = flow->client;
    struct pipes *pipes = flow->pipes;
    // One that greets gets the time to do so, lest its greeting looks like an answer; it ends the wait by it. One that
    // was out of step may be one of those.
    double patience = !client->fresh    ? 0
                      : client->noise   ? GREETING + 3 * client->slowest_start
                      : client->careful ? client->slowest_start + flow->asking->grace
                                        : 0;
    if (is_quiet(flow, patience))
        return;
    if (!client->fresh) {
        asking_lost(flow->asking, LOSS_STEP, SIZE_MAX, "wrote more than it was asked for, or ended");
        return;
    }
    const char *line;
    size_t len;
    while (pipes_line(pipes, &line, &len))
        note_noise(client, line, len);
    line = pipes_rest(pipes, &len);
    note_noise(client, line, len);
    pipes->taken = pipes->scanned = pipes->in.len;
}

static void look_after(struct flow *flow, size_t last)
{
    struct asking *a = flow->asking;
    // A line too many comes about as long after as answers take.
    double pace = a->grace;
    if (pace <= 0 && flow->answered > 1) {
        pace = 4 * (clock_seconds() - flow->began) / (double)flow->answered;
        pace = pace < 0.001 ? pace : 0.001;
    }
    if (is_quiet(flow, pace))
        return;
    size_t len;
    const char *rest = pipes_rest(flow->pipes, &len);
    if (len > 0) {
        CLEANUP(free) char *more = reply_quote(rest, len);
        asking_lost(a, LOSS_STEP, last, "answered with more lines than it was asked for: after the answer, %s", more);
    } else {
        lose_dead(flow, last);
    }
}

static void exchange(struct flow *flow)
{
    struct asking *a = flow->asking;
    double now = flow->began;
    flow->head = flow->next;
    begin_head(flow, now);
    while (a->loss == LOSS_NONE && flow->head < a->end) {
        size_t head = flow->head;
        fill(flow, now);
        finish_empty(flow, now);
        if (flow->head != head)
            continue;
        double allowed = client_patience(flow->client, flow->answered == 0), left = flow->since + allowed - now;
        if (left <= 0) {
            if (pipes_is_deaf(flow->pipes, flow->client->served.in))
                lose_dead(flow, flow->head);
            else
                lose_hung(flow, allowed);
            return;
        }
        bool came = wait_some(flow, left);
        now = clock_seconds();
        if (came)
            take_answers(flow, now);
        else if (flow->pipes->no_output)
            lose_dead(flow, flow->head);
        if (a->width == 1 && a->grace > 0 && a->loss == LOSS_NONE && flow->head != head && flow->head < a->end)
            look_after(flow, head);
    }
}

static void stream_ask(struct client *client, struct asking *asking)
{
    struct flow flow = {.client = client, .pipes = client->state, .asking = asking, .began = clock_seconds()};
    struct sigpipe_hold hold;
    sigpipe_hold(&hold);
    flow.next = asking_next(asking, asking->first);
    look_before(&flow);
    if (asking->loss == LOSS_NONE)
        exchange(&flow);
    if (asking->loss == LOSS_NONE) {
        size_t last = asking->end;
        while (last > asking->first && asking->progress[last - 1] != PROGRESS_DONE)
            last--;
        if (last > asking->first)
            look_after(&flow, last - 1);
    }
    sigpipe_release(&hold);
}

static char *stream_repeat(const struct client *client, const struct question *question)
{
    CLEANUP(buf) struct buf lines = {0}, command = {0};
    encode(&lines, NULL, question);
    shell_printf(&command, buf_text(&lines), lines.len);
    CLEANUP(free) char *argv = strings_shell(&client->command);
    buf_printf(&command, " | %s", argv);
    return buf_take(&command);
}

const struct client_kind kind_stream = {
    .name = "stream",
    .in_flight = 256,
    .one_process = true,
    .in_order = true,
    .pipes = true,
    .open = stream_open,
    .command = stream_command,
    .ask = stream_ask,
    .stopped = stream_stopped,
    .repeat = stream_repeat,
    .close = stream_close,
};

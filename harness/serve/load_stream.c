// SPDX-License-Identifier: Apache-2.0
//
// Load through the pipes: answers come in the order of the questions.
#include "base/clock.h"
#include "serve/answer.h"
#include "serve/load_way.h"
#include "serve/pipes.h"
#include "serve/reply.h"

#include <string.h>

enum { MOST_UNSENT = 256 << 10 };

struct lines {
    struct pipes *pipes; // the client's: between runs nothing is in them
    struct buf *texts;   // of each question
    struct arena arena;
};

static int begin(struct load_run *run, struct error *err)
{
    (void)err;
    struct lines *lines = run->state = mem_alloc(sizeof *lines);
    const struct client_ability *ability = &run->client->ability;
    lines->pipes = run->client->state;
    lines->texts = mem_array(run->options->count, sizeof *lines->texts);
    for (size_t i = 0; i < run->options->count; i++)
        ability->encode(&lines->texts[i], ability->context, &run->options->questions[i]);
    return 0;
}

static void lose(struct load_run *run)
{
    run->lost = true;
    if (!run->out->failure)
        run->out->failure = str_dup("the process ended, or closed a stream that it needs");
}

static void send(struct load_run *run)
{
    struct lines *lines = run->state;
    struct pipes *pipes = lines->pipes;
    size_t before = pipes->out.len;
    for (; run->sent < run->due && pipes->out.len - pipes->sent < MOST_UNSENT; run->sent++) {
        const struct buf *text = &lines->texts[run->sent % run->options->count];
        buf_append(&pipes->out, text->data, text->len);
    }
    if (pipes->out.len > before)
        pipes_send(pipes, run->client->served.in);
    if (pipes->no_input)
        lose(run);
}

// NULL for a good answer.
static const char *judge(struct load_run *run, const char *line, size_t len, char **message)
{
    struct lines *lines = run->state;
    struct answer answer = {0};
    bool json = answer_parse(&answer, line, len, run->client->options.output_field, &lines->arena);
    if (json && answer.kind != ANSWER_REJECTED && answer.kind != ANSWER_OTHER)
        return NULL;
    if (!run->out->failure)
        *message = reply_quote(line, len);
    return *message ? *message : "an answer that is none";
}

static void wait_for(struct load_run *run, double seconds)
{
    struct lines *lines = run->state;
    const struct served *served = &run->client->served;
    bool came = pipes_wait(lines->pipes, served->out, served->in, seconds);
    double now = clock_seconds();
    const char *line;
    size_t len;
    while (came && run->done < run->sent && pipes_line(lines->pipes, &line, &len)) {
        CLEANUP(free) char *message = NULL;
        const char *failure = judge(run, line, len, &message);
        load_done(run, run->done, now, failure);
    }
    arena_clear(&lines->arena);
    pipes_rest(lines->pipes, &len);
    if (lines->pipes->no_output || lines->pipes->no_input || len > run->client->options.limit)
        lose(run);
}

static void end(struct load_run *run)
{
    struct lines *lines = run->state;
    for (uint64_t number = run->done; number < run->sent; number++)
        load_unanswered(run, number);
    for (size_t i = 0; i < run->options->count; i++)
        buf_free(&lines->texts[i]);
    free(lines->texts);
    arena_free(&lines->arena);
    free(lines);
}

static uint64_t oldest(const struct load_run *run)
{
    return run->done;
}

const struct load_way load_stream = {.begin = begin, .send = send, .wait = wait_for, .end = end, .oldest = oldest};

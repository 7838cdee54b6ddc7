// SPDX-License-Identifier: Apache-2.0
#include "serve/load.h"

#include "base/clock.h"
#include "serve/load_way.h"
#include "serve/sigpipe.h"
#include "serve/timer.h"

#include <math.h>
#include <string.h>

#define LOOK_EVERY 0.02 // seconds between looks at who wants to stop, and at questions that nobody answers

void load_result_free(struct load_result *result)
{
    free(result->blocks);
    free(result->failure);
    *result = (struct load_result){0};
}

void load_result_quantile(struct load_estimate *out, const struct load_result *result, double q)
{
    load_estimate(out, result->blocks, result->block_count, q);
}

// NULL while it does not count yet.
static struct load_histogram *block_of(const struct load_run *run, uint64_t number)
{
    if (number < run->warm)
        return NULL;
    uint64_t block = (number - run->warm) * LOAD_BLOCKS / (run->total - run->warm);
    return &run->blocks[block < LOAD_BLOCKS ? block : LOAD_BLOCKS - 1];
}

void load_done(struct load_run *run, uint64_t number, double when, const char *failure)
{
    struct load_histogram *block = block_of(run, number);
    run->done++;
    if (failure && !run->out->failure)
        run->out->failure = str_dup(failure);
    if (!block)
        return;
    load_histogram_add(block, failure ? INFINITY : when - load_due(run, number));
    run->out->answered += !failure;
    run->out->failed += failure != NULL;
}

void load_unanswered(struct load_run *run, uint64_t number)
{
    struct load_histogram *block = block_of(run, number);
    if (!block)
        return;
    load_histogram_add(block, clock_seconds() - load_due(run, number));
    run->out->unanswered++;
}

// Those whose time has come.
static void become_due(struct load_run *run, double now)
{
    while (run->due < run->total && load_due(run, run->due) <= now) {
        if (run->due >= run->warm) {
            load_histogram_add(&run->out->late, now - load_due(run, run->due));
            run->out->due++;
        }
        run->due++;
    }
}

static bool must_end(struct load_run *run, const struct load_way *way, double now)
{
    const struct load_options *options = run->options;
    double patience = options->give_up > 0 ? options->give_up : run->client->options.timeout;
    uint64_t oldest = way->oldest(run);
    run->out->stopped = options->stopped && options->stopped(options->context);
    run->out->gave_up = oldest < run->due && now - load_due(run, oldest) > patience;
    return run->out->stopped || run->out->gave_up;
}

static void pace(struct load_run *run, const struct load_way *way)
{
    double look = run->start + LOOK_EVERY;
    while (run->done < run->total && !run->lost) {
        double now = clock_seconds();
        become_due(run, now);
        way->send(run);
        if (now >= look) {
            if (must_end(run, way, now))
                return;
            look = now + LOOK_EVERY;
        }
        double next = run->due < run->total ? load_due(run, run->due) : look;
        way->wait(run, fmin(next, look) - clock_seconds());
    }
}

static int prepare_client(struct client *client, const struct load_options *options, struct error *err)
{
    if (!client->running && client_start(client, err) < 0)
        return -1;
    if (!client->fresh)
        return 0;
    struct reply reply;
    int asked = client_ask(client, options->questions, &reply, 1, err);
    reply_free(&reply);
    return asked;
}

static void add_blocks(struct load_result *out)
{
    size_t count = out->block_count + LOAD_BLOCKS;
    struct load_histogram *blocks = mem_array(count, sizeof *blocks);
    if (out->block_count > 0)
        memcpy(blocks, out->blocks, out->block_count * sizeof *blocks);
    free(out->blocks);
    out->blocks = blocks;
    out->block_count = count;
}

int load_run(struct load_result *out, struct client *client, const struct load_options *options, struct error *err)
{
    if (!client->kind->one_process)
        return error_set(err, ERROR_USAGE, "a model asked by %s has no process that stays alive", client->kind->name);
    if (prepare_client(client, options, err) < 0)
        return -1;
    add_blocks(out);
    struct load_run run = {.client = client,
                           .options = options,
                           .out = out,
                           .blocks = &out->blocks[out->block_count - LOAD_BLOCKS],
                           .interval = 1 / options->rate,
                           .warm = (uint64_t)ceil(options->warm * options->rate)};
    uint64_t counted = (uint64_t)ceil(options->seconds * options->rate - 1e-9);
    run.total = run.warm + (counted > 0 ? counted : 1);
    const struct load_way *way = client->kind->door ? &load_api : &load_stream;
    struct sigpipe_hold hold;
    sigpipe_hold(&hold);
    long slack = timer_sharpen();
    int begun = way->begin(&run, err);
    if (begun == 0) {
        run.start = clock_seconds() + 0.001;
        pace(&run, way);
        for (uint64_t number = run.sent; number < run.due; number++)
            load_unanswered(&run, number);
        way->end(&run);
    }
    timer_restore(slack);
    sigpipe_release(&hold);
    out->ended = run.lost;
    out->seconds += (double)(run.due - (run.due < run.warm ? run.due : run.warm)) * run.interval;
    // What is still on its way would answer whoever asks next.
    client->fresh = false;
    if (run.done < run.sent || run.lost)
        client_stop(NULL, client);
    return begun;
}

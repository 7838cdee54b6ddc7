// SPDX-License-Identifier: Apache-2.0
//
// Load on a model that is served: questions at a constant rate, whatever becomes of the answers (an open loop). Each
// has the moment at which it is meant to be sent, and its latency counts from that moment: while the model stalls,
// those that are due wait, and their waiting is seen (no coordinated omission). Of kinds whose process stays alive.
//
//   api     keep-alive connections over loopback, one question at a time each; another one (of 64) is opened when all
//   are busy stream  lines, as many on their way as the pipe takes
#ifndef REPRO_SERVE_LOAD_H
#define REPRO_SERVE_LOAD_H

#include "base/err.h"
#include "base/mem.h"
#include "serve/client.h"
#include "serve/load_histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_BLOCKS = 10 }; // of one run, alike in length

struct load_options {
    const struct question *questions; // of one row each; asked in turn, over and over
    size_t count;                     // at least 1
    double rate;                      // questions a second
    double seconds;
    double warm;    // seconds at this rate before them, which do not count
    double give_up; // seconds: ends when a question was due so long ago and is not answered; 0: the client's timeout
    bool (*stopped)(void *context); // asked every 20 ms; NULL: never
    void *context;
};

struct load_result {
    uint64_t due;        // questions whose time came, of which
    uint64_t answered;   // well
    uint64_t failed;     // otherwise, or never: later than every latency
    uint64_t unanswered; // when it ended: their latency is at least how long ago they were due, and counts as that
    struct load_histogram *blocks; // latencies, by when the questions were due
    size_t block_count;
    struct load_histogram late;   // the generator itself: how long after it was due a question was taken up
    double seconds;               // in which they were due
    char *failure;                // of the first that failed; NULL
    bool gave_up, ended, stopped; // ended: the process is gone
    unsigned connections;         // the most that were open
};
void load_result_free(struct load_result *result);
DEFINE_CLEANUP_VALUE(load_result)

// Runs once and adds what it finds to *out, which is zeroed before the first run: several runs make one result. Starts
// the client again when it must, and asks a fresh one once before the clock runs. −1 when it cannot be started or
// asked.
int load_run(struct load_result *out, struct client *client, const struct load_options *options, struct error *err);

// A quantile of the latencies with its interval.
void load_result_quantile(struct load_estimate *out, const struct load_result *result, double q);

#endif

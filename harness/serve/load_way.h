// SPDX-License-Identifier: Apache-2.0
//
// What a way of sending load is made of, for load.c and the ways themselves: load_api.c and load_stream.c.
#ifndef REPRO_SERVE_LOAD_WAY_H
#define REPRO_SERVE_LOAD_WAY_H

#include "serve/kind.h"
#include "serve/load.h"

// Questions are numbered in the order in which they are due.
struct load_run {
    struct client *client;
    const struct load_options *options;
    struct load_result *out;
    struct load_histogram *blocks; // of this run
    double start;                  // when question 0 is due, by clock_seconds
    double interval;
    uint64_t total, warm; // the first `warm` of them do not count
    uint64_t due;         // those before it are due
    uint64_t sent;        // those before it were handed to the process, or are being so
    uint64_t done;        // so many were answered, or failed
    bool lost;            // nobody answers any more
    void *state;          // the way's
};

struct load_way {
    int (*begin)(struct load_run *run, struct error *err);
    void (*send)(struct load_run *run);                 // of those that are due, as many as can go
    void (*wait)(struct load_run *run, double seconds); // for answers, at most so long
    // Calls load_unanswered for every one that was sent and not answered; frees `state`.
    void (*end)(struct load_run *run);
    uint64_t (*oldest)(const struct load_run *run); // of those that were sent and not answered; `sent` without any
};
extern const struct load_way load_api, load_stream;

static inline double load_due(const struct load_run *run, uint64_t number)
{
    return run->start + (double)number * run->interval;
}
// `when` its answer was there; `failure` NULL: it is a good one.
void load_done(struct load_run *run, uint64_t number, double when, const char *failure);
void load_unanswered(struct load_run *run, uint64_t number);
static inline const struct question *load_question(const struct load_run *run, uint64_t number)
{
    return &run->options->questions[number % run->options->count];
}

#endif

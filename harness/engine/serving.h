// SPDX-License-Identifier: Apache-2.0
//
// The model that was just replayed, served and measured: what the stage `limits` asks it with, and how.
#ifndef REPRO_ENGINE_SERVING_H
#define REPRO_ENGINE_SERVING_H

#include "engine/model.h"
#include "engine/verify.h"
#include "fuzz/infer.h"
#include "serve/load.h"

struct serving {
    struct verification *v;
    const struct limit_rules *rules;
    struct model *model;
    struct sample sample;
    struct question *questions; // one for each row of the sample
    size_t question_count;
    const char *kind;                   // of the one that is put under load: "api", "stream"; NULL: none can be
    const char *obstacle;               // why; static
    struct client *client;              // started when it is first needed (serving_client)
    double cpu_each, cpu_low, cpu_high; // seconds of CPU for one answer at the declared rate; 0: not measured
    uint64_t memory;                    // bytes, resident, after that load; 0: not measured
};

// `v` has a model and a schema with data. Borrowed until serving_free.
int serving_open(struct serving *out, struct verification *v, struct error *err);
void serving_free(struct serving *serving);
DEFINE_CLEANUP_VALUE(serving)

// Starts it unless it runs. With `anew`, a process that nobody has asked before.
int serving_client(struct serving *serving, bool anew, struct error *err);
// Asks one question. ERROR_USAGE with what came back instead of an answer.
int serving_ask(struct serving *serving, struct error *err);
bool serving_stopped(const struct serving *serving);

// One rate that was tried.
struct trial {
    double rate;
    struct load_result result;
    size_t parts; // runs
};
void trial_free(struct trial *trial);
// What a trial found of a quantile. Infinite where the process ended or was given up before anything was answered.
struct load_estimate trial_quantile(const struct trial *trial, double q);
// Runs once more for the declared seconds / 3 at the trial's rate.
int serving_run(struct serving *serving, struct trial *trial, double give_up, struct error *err);
enum { PARTS = 3, MOST_PARTS = 12 };
// Seconds of one run.
double serving_part(const struct serving *serving);

// The checks. Each adds what the suite declares of it.
void limits_latency(struct serving *serving); // predict.p50, p99, p99.9, highest_rate
void limits_batch(struct serving *serving);   // predict.rows_per_second, growth

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The part of the stage `limits` that asks the model: cold start, latency, memory, batch, and what predictions cost.
#include "engine/stage_limits.h"

#include "base/clock.h"
#include "core/schema.h"
#include "engine/limit.h"
#include "engine/power_law.h"
#include "engine/serving.h"

#include <math.h>

enum {
    STARTS = 5,
    AT_ONCE = 256, // questions that are asked between two looks at the clock
    AFTER = 10000,
};
#define START_BUDGET  5.0 // seconds
#define MEMORY_BUDGET 60.0
#define READY_STEP    0.1 // an api that starts is looked at so often at the least

// ---- Cold start

static int start_once(double *seconds, struct serving *serving, struct error *err)
{
    client_close(steal(&serving->client));
    double began = clock_seconds();
    if (serving_client(serving, true, err) < 0 || serving_ask(serving, err) < 0)
        return -1;
    *seconds = clock_seconds() - began;
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_cold_start(struct serving *serving)
{
    struct verification *v = serving->v;
    CLEANUP(error) struct error err = {0};
    double seconds[STARTS], began = clock_seconds();
    size_t count = 0;
    bool failed = false;
    session_phase(v->session, v->suite->name, "starting the model", 0);
    while (count < STARTS && (count == 0 || clock_seconds() - began < START_BUDGET) && !serving_stopped(serving)) {
        failed = start_once(&seconds[count], serving, &err) < 0;
        if (failed)
            break;
        count++;
    }
    if (serving_stopped(serving))
        return;
    if (failed) {
        verification_error(v, STAGE_LIMITS, "predict.cold_start", &err);
        return;
    }
    qsort(seconds, count, sizeof *seconds, by_value);
    // How long it was ready before that was seen.
    double unseen = str_equal(serving->kind, "api") ? fmin(READY_STEP, seconds[0] / 3) : 0;
    CLEANUP(free) char *starts = str_count(count, "start");
    CLEANUP(free) char *how = str_printf("from its start to the first answer by %s, %s", serving->kind, starts);
    const struct limit limit = {.name = "predict.cold_start",
                                .what = "cold start",
                                .value = seconds[count / 2],
                                .low = seconds[0] - unseen,
                                .high = seconds[count - 1],
                                .allowed = serving->rules->cold_start,
                                .show = limit_seconds,
                                .how = how};
    limit_check(v, &limit);
}

// ---- Memory

struct filling {
    uint64_t asked, wanted;
    uint64_t first;          // bytes after the first questions
    uint64_t low, high, end; // in the last tenth, and at its end
};

static int ask_some(struct serving *serving, uint64_t from, size_t count, struct error *err)
{
    struct question questions[AT_ONCE];
    struct reply replies[AT_ONCE];
    for (size_t i = 0; i < count; i++)
        questions[i] = serving->questions[(from + i) % serving->question_count];
    int asked = client_ask(serving->client, questions, replies, count, err);
    for (size_t i = 0; i < count; i++) {
        if (asked == 0 && replies[i].kind != REPLY_ANSWERED)
            asked = error_set(err, ERROR_USAGE, "a clean row was not answered: %s: %s",
                              reply_kind_name(replies[i].kind), replies[i].why ? replies[i].why : "");
        reply_free(&replies[i]);
    }
    return asked;
}

static void look(struct filling *filling, struct serving *serving)
{
    unsigned descriptors;
    client_usage(&filling->end, &descriptors, serving->client);
    filling->first = filling->first ? filling->first : filling->end;
    if (filling->asked * 10 < filling->wanted * 9)
        return;
    filling->low = filling->low && filling->low < filling->end ? filling->low : filling->end;
    filling->high = filling->high > filling->end ? filling->high : filling->end;
}

static int fill(struct filling *filling, struct serving *serving, struct error *err)
{
    const struct verification *v = serving->v;
    double until = clock_seconds() + MEMORY_BUDGET, next = 0;
    if (serving_client(serving, true, err) < 0)
        return -1;
    while (filling->asked < filling->wanted && !serving_stopped(serving)) {
        uint64_t left = filling->wanted - filling->asked;
        size_t count = left < AT_ONCE ? (size_t)left : AT_ONCE;
        double now = clock_seconds();
        if (now > until)
            break;
        if (now > next) {
            CLEANUP(free) char *phase = str_printf("memory: %ju questions", (uintmax_t)filling->asked);
            session_phase(v->session, v->suite->name, phase, 0);
            next = now + 0.5;
        }
        if (ask_some(serving, filling->asked, count, err) < 0)
            return -1;
        filling->asked += count;
        look(filling, serving);
    }
    return 0;
}

static void check_memory(struct serving *serving)
{
    const struct limit_rules *rules = serving->rules;
    struct verification *v = serving->v;
    CLEANUP(error) struct error err = {0};
    struct filling filling = {.wanted = rules->after ? rules->after : AFTER};
    int filled = fill(&filling, serving, &err);
    if (serving_stopped(serving))
        return;
    if (filled < 0) {
        verification_error(v, STAGE_LIMITS, "predict.memory", &err);
        return;
    }
    if (filling.end == 0) {
        limit_skip(v, "predict.memory", "this machine does not tell the memory of a process");
        return;
    }
    bool whole = filling.low > 0;
    CLEANUP(free) char *asked = limit_count((double)filling.asked);
    CLEANUP(free) char *first = str_human_size(filling.first);
    CLEANUP(free)
    char *how = str_printf("resident after %s questions by %s, %s after the first ones", asked, serving->kind, first);
    const struct limit limit = {.name = "predict.memory",
                                .what = "memory",
                                .value = (double)filling.end,
                                .low = (double)(whole ? filling.low : filling.end),
                                .high = (double)(whole ? filling.high : filling.end),
                                .allowed = (double)rules->memory,
                                .show = limit_bytes,
                                .how = how};
    struct check *check = limit_check(v, &limit);
    if (filling.asked < filling.wanted)
        check_note(check, NOTE_WARNING, "%s: predict.memory: there was time for %s questions only, of %ju",
                   v->suite->name, asked, (uintmax_t)filling.wanted);
}

// ---- Money

static char *show_money(double amount)
{
    return limit_number(amount);
}

static void check_price(struct serving *serving)
{
    const struct limit_rules *rules = serving->rules;
    double rate = rules->rate > 0 ? rules->rate : 100, scale = 1e6 / 3600;
    if (serving->cpu_each <= 0) {
        limit_skip(serving->v, "price.million_predictions",
                   serving->kind ? "this machine does not tell the CPU time of a process" : serving->obstacle);
        return;
    }
    // What a process occupies, it occupies all the time: at the declared rate it is there for 1/rate for each answer.
    double memory = (double)serving->memory / 1e9 / rate * scale * rules->price.gb_hour;
    CLEANUP(free) char *cpu = limit_seconds(serving->cpu_each);
    CLEANUP(free) char *bytes = str_human_size(serving->memory);
    CLEANUP(free) char *shown = limit_rate(rate);
    const char *currency = rules->price.currency ? rules->price.currency : "money";
    CLEANUP(free)
    char *how = str_printf("%s for a million predictions, each %s of CPU, and %s of memory kept at %s", currency, cpu,
                           bytes, shown);
    const struct limit limit = {.name = "price.million_predictions",
                                .what = "price",
                                .value = serving->cpu_each * scale * rules->price.cpu_hour + memory,
                                .low = serving->cpu_low * scale * rules->price.cpu_hour + memory,
                                .high = serving->cpu_high * scale * rules->price.cpu_hour + memory,
                                .allowed = rules->price.million_predictions,
                                .show = show_money,
                                .how = how};
    limit_check(serving->v, &limit);
}

// ---- All

static void measure_served(struct serving *serving)
{
    const struct limit_rules *rules = serving->rules;
    static const char *const names[] = {"predict.cold_start", "predict.memory"};
    const bool wanted[] = {rules->cold_start > 0, rules->memory > 0};
    void (*const checks[])(struct serving *) = {check_cold_start, check_memory};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (wanted[i] && !serving->kind)
            limit_skip(serving->v, names[i], serving->obstacle);
        else if (wanted[i] && !serving_stopped(serving))
            checks[i](serving);
    }
    if (!serving_stopped(serving))
        limits_latency(serving);
    if (rules->price.million_predictions > 0 && !serving_stopped(serving))
        check_price(serving);
    client_close(steal(&serving->client)); // what stays idle must not disturb the batch
    if (!serving_stopped(serving))
        limits_batch(serving);
}

void limits_of_model(struct verification *v)
{
    const struct suite *suite = v->suite;
    CLEANUP(serving) struct serving serving = {0};
    CLEANUP(error) struct error err = {0};
    if (!suite->predict.given && suite->predict.price.million_predictions <= 0)
        return;
    if (!suite_has_model(suite)) {
        limit_skip(v, "predict", "suite.json does not say how the model is asked (\"model\")");
        return;
    }
    if (!suite->schema || !suite->schema->from || suite->schema->count == 0) {
        CLEANUP(free)
        char *why = str_printf("suite.json has no schema with columns to ask with; write one from the training data "
                               "with: repro fuzz %s --infer DATA.csv --target COLUMN",
                               suite->name);
        limit_skip(v, "predict", why);
        return;
    }
    if (serving_open(&serving, v, &err) < 0)
        verification_error(v, STAGE_LIMITS, "predict", &err);
    else
        measure_served(&serving);
}

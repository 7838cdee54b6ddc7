// SPDX-License-Identifier: Apache-2.0
//
// Oracle 19: memory and open files that grow with every question. The process is watched while it is asked; what looks
// like growth is measured again in a fresh process, which is asked the same mixture of rows over and over.
#include "fuzz/session_work.h"

enum {
    WARM = 512, // questions until caches are filled and the allocator has its arenas
    LEAST = 512,
    LIGHT = 4096, // bytes of a case that is asked while measuring
    LEAST_FILES = 16,
};
#define LEAST_MEMORY   ((uint64_t)1 << 20)
#define DEFAULT_GROWTH (1 << 20) // bytes a thousand questions

static double allowed(const struct session *s)
{
    return s->options->rules->memory_growth > 0 ? s->options->rules->memory_growth : DEFAULT_GROWTH;
}

static bool memory_grows(const struct session *s, uint64_t from, uint64_t to, size_t questions)
{
    return to > from && to - from >= LEAST_MEMORY && (double)(to - from) / (double)questions * 1000 > allowed(s);
}

static bool files_grow(unsigned from, unsigned to, size_t questions)
{
    return to > from && to - from >= LEAST_FILES && (size_t)(to - from) * 100 >= questions;
}

void growth_watch(struct session *s)
{
    struct growth *g = &s->growth;
    uint64_t memory = 0;
    unsigned descriptors = 0;
    if (!s->ability->alive || s->stop)
        return;
    if (client_starts(s->client) != g->starts) {
        *g = (struct growth){.starts = client_starts(s->client),
                             .begin = s->out->questions,
                             .watched = g->watched,
                             .suspect = g->suspect};
        return;
    }
    if (s->out->questions - g->begin < WARM)
        return;
    client_usage(&memory, &descriptors, s->client);
    if (memory == 0)
        return;
    if (g->base == 0) {
        g->base = s->out->questions;
        g->memory = memory;
        g->descriptors = descriptors;
        return;
    }
    size_t asked = s->out->questions - g->base;
    g->watched = asked > g->watched ? asked : g->watched;
    g->suspect = g->suspect || (asked >= LEAST && (memory_grows(s, g->memory, memory, asked) ||
                                                   files_grow(g->descriptors, descriptors, asked)));
}

// ---- Measured again

struct usage {
    uint64_t memory;
    unsigned descriptors;
};

// The pairs that cost no process, each with what is drawn for it, and a clean row for every one.
static void make_light(struct session *s, struct fuzz_case *c, struct rng *rng, size_t number)
{
    for (size_t tried = 0; tried < s->pair_count; tried++) {
        const struct pair_of *pair = &s->pairs[(number + tried) % s->pair_count];
        choices_extend(&c->choices, pair->first, pair->count, rng);
        case_make(c, &s->space, &c->choices);
        if (pair->bad == 0 && case_weight(c) <= LIGHT)
            return;
    }
    choices_replay(&c->choices, NULL, 0);
    case_make(c, &s->clean_space, &c->choices);
}

static bool ask_mixture(struct session *s, struct probe *probe, struct rng *rng, size_t count)
{
    CLEANUP(fuzz_case) struct fuzz_case c = {0};
    for (size_t i = 0; i < count && !s->stop; i += 2) {
        struct question questions[2];
        struct reply replies[2];
        make_light(s, &c, rng, i / 2);
        case_question(&questions[0], &c);
        session_row(&questions[1], s, i / 2 % s->sample.rows.row_count);
        probe->calls += 2;
        session_ask(s, questions, replies, 2);
        reply_free(&replies[0]);
        reply_free(&replies[1]);
    }
    return !s->failed;
}

// The largest power of two that is not above it, so that the same growth is told in the same words.
static uint64_t about(double bytes)
{
    uint64_t power = 1;
    while ((double)power * 2 <= bytes)
        power *= 2;
    return power;
}

bool probe_growth(struct probe *probe, const struct fuzz_case *c)
{
    struct session *s = probe->s;
    struct usage at[3] = {0};
    struct rng rng;
    (void)c;
    rng_seed(&rng, s->options->seed + 1);
    if (s->sample.rows.row_count == 0 || session_restart(s) < 0)
        return false;
    unsigned starts = client_starts(s->client);
    for (size_t i = 0; i < ARRAY_LEN(at); i++) {
        if (!ask_mixture(s, probe, &rng, i == 0 ? WARM : LEAST))
            return false;
        client_usage(&at[i].memory, &at[i].descriptors, s->client);
    }
    if (client_starts(s->client) != starts)
        return false;
    bool files = files_grow(at[0].descriptors, at[1].descriptors, LEAST) &&
                 files_grow(at[1].descriptors, at[2].descriptors, LEAST);
    bool memory =
        memory_grows(s, at[0].memory, at[1].memory, LEAST) && memory_grows(s, at[1].memory, at[2].memory, LEAST);
    if (!files && !memory)
        return false;
    double bytes = (double)(at[2].memory - at[0].memory) / (2 * LEAST) * 1000;
    CLEANUP(free) char *size = str_human_size(memory ? about(bytes) : 0);
    probe_free(probe);
    probe->why = files ? str_printf("more than %d files are left open by %d questions", LEAST_FILES, LEAST)
                       : str_printf("memory grows by %s or more in 1,000 questions", size);
    return true;
}

void growth_end(struct session *s)
{
    const struct oracle *oracle = oracle_at(ORACLE_GROWTH);
    if (!s->ability->alive || s->stop || (s->only && s->only != oracle))
        return;
    if (s->growth.watched < LEAST) {
        strings_printf(&s->out->not_applicable, "growth: no process was asked %d questions", WARM + LEAST);
        return;
    }
    session_tally(s, ORACLE_GROWTH, SIZE_MAX);
    struct reply none = {0};
    CLEANUP(probe) struct probe probe = {.s = s, .oracle = oracle};
    if (s->growth.suspect && probe_growth(&probe, NULL))
        session_fail(s, session_clean_case(s, 0), &none, oracle, probe.why);
}

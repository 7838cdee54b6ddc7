// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "fuzz/corpus.h"
#include "fuzz/session_work.h"

#include <string.h>

// ---- The outcome

static void finding_free(struct finding *f)
{
    char *texts[] = {f->column, f->why, f->sent, f->clean, f->came_back, f->stderr_tail, f->command, f->file};
    for (size_t k = 0; k < ARRAY_LEN(texts); k++)
        free(texts[k]);
    free(f->choices);
    corpus_case_free(f->kept);
}

void fuzz_outcome_free(struct fuzz_outcome *outcome)
{
    for (size_t i = 0; i < outcome->finding_count; i++)
        finding_free(&outcome->findings[i]);
    free(outcome->findings);
    free(outcome->tallies);
    strings_free(&outcome->not_applicable);
    strings_free(&outcome->fixed);
    strings_free(&outcome->unfit);
    free(outcome->learnt);
    free(outcome->stopped);
    free(outcome->stall);
    *outcome = (struct fuzz_outcome){0};
}

// A model that hangs now and then does so more than once; a machine that stands still for a moment does not.
static void forgive_a_stall(struct fuzz_outcome *out)
{
    size_t hangs = 0, at = 0;
    for (size_t i = 0; i < out->finding_count; i++)
        if (out->findings[i].oracle->number == ORACLE_HANG || out->findings[i].oracle->number == ORACLE_SLOW) {
            hangs++;
            at = i;
        }
    if (hangs != 1 || !out->findings[at].flaky || out->findings[at].hits != 1)
        return;
    struct finding *f = &out->findings[at];
    out->stall = str_printf("%s%s%s: %s", f->mutation ? f->mutation->name : "clean row", f->column ? " of " : "",
                            f->column ? f->column : "", f->why);
    finding_free(f);
    memmove(f, f + 1, (--out->finding_count - at) * sizeof *f);
}

static size_t mutation_place(const struct mutation *mutation)
{
    size_t i = 0;
    while (mutation && mutation_at(i) && mutation_at(i) != mutation)
        i++;
    return mutation ? i + 1 : 0;
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    if (x->oracle != y->oracle)
        return x->oracle < y->oracle ? -1 : 1;
    size_t at_x = mutation_place(x->mutation), at_y = mutation_place(y->mutation);
    if (at_x != at_y)
        return at_x < at_y ? -1 : 1;
    return !x->column || !y->column ? !!x->column - !!y->column : strcmp(x->column, y->column);
}

static bool has_finding(const struct fuzz_outcome *out, const struct oracle *oracle, const char *column)
{
    for (size_t i = 0; i < out->finding_count; i++)
        if (out->findings[i].oracle == oracle && str_equal(out->findings[i].column, column))
            return true;
    return false;
}

static void tell_tallies(struct session *s)
{
    const struct schema *schema = s->options->schema;
    struct fuzz_outcome *out = s->out;
    for (size_t number = ORACLE_CRASH; number < ORACLE_END; number++) {
        const struct oracle *oracle = oracle_at((enum oracle_number)number);
        for (size_t column = 0; column <= schema->count; column++) {
            const char *name = column ? schema->columns[column - 1].name : NULL;
            size_t cases = s->tallies[number * (schema->count + 1) + column];
            bool found = has_finding(out, oracle, name);
            if ((cases == 0 || (s->only && s->only != oracle)) && !found)
                continue;
            out->tallies = mem_grow(out->tallies, out->tally_count, &out->tally_capacity, sizeof *out->tallies);
            out->tallies[out->tally_count++] =
                (struct fuzz_tally){.oracle = oracle, .column = name, .cases = cases ? cases : 1};
        }
    }
}

static void tell_not_applicable(struct session *s)
{
    const struct mutation *mutation;
    struct strings *list = &s->out->not_applicable;
    for (size_t i = 0; i < oracle_count; i++) {
        const char *why = NULL;
        const struct oracle *oracle = &oracles[i];
        if ((!s->only || s->only == oracle) && oracle->applies &&
            !oracle->applies(s->ability, s->options->rules, s->options->schema, &why))
            strings_printf(list, "%s: %s", oracle->name, why);
    }
    for (size_t i = 0; (mutation = mutation_at(i)); i++) {
        const char *why = "the schema has no column";
        bool applies = !mutation->per_column && mutation_applies(mutation, &s->space, SIZE_MAX, &why);
        for (size_t k = 0; mutation->per_column && k < s->options->schema->count && !applies; k++)
            applies = mutation_applies(mutation, &s->space, k, &why);
        if (!applies && mutation_is_asked(mutation, s->space.only))
            strings_printf(list, "%s: %s", mutation->name, why);
    }
    for (size_t i = 0; i < s->options->rules->expect_count && !s->options->fallback; i++)
        if (s->options->rules->expects[i].expect == EXPECT_FALLBACK) {
            strings_add(list, "the fallback: suite.json has no command for it (fallback)");
            break;
        }
}

// ---- The session

static int choose_only(struct session *s, struct error *err)
{
    const char *only = s->options->only;
    s->only = only ? oracle_find(only) : NULL;
    s->space.only = s->only ? NULL : only;
    if (!only || s->only)
        return 0;
    const struct mutation *mutation;
    for (size_t i = 0; (mutation = mutation_at(i)); i++)
        if (mutation_is_asked(mutation, only))
            return 0;
    return error_set(err, ERROR_USAGE, "no oracle, mutation or family of mutations is called '%s'", only);
}

static void session_open(struct session *s)
{
    const struct fuzz_options *options = s->options;
    s->sample = *options->sample;
    if (s->sample.rows.row_count > SAMPLE_ROWS_USED)
        s->sample.rows.row_count = SAMPLE_ROWS_USED;
    size_t rows = s->sample.rows.row_count;
    s->ability = client_ability(s->client);
    s->space = (struct case_space){.schema = options->schema, .sample = &s->sample, .ability = s->ability};
    s->clean_space = s->space;
    s->steady = true;
    s->began = clock_seconds();
    rng_seed(&s->rng, options->seed);
    s->clean = mem_array(rows + 1, sizeof *s->clean);
    s->clean_states = mem_alloc(rows + 1);
    s->slots = mem_array(ROUND_CASES, sizeof *s->slots);
    s->questions = mem_array(2 * ROUND_CASES, sizeof *s->questions);
    s->replies = mem_array(3 * ROUND_CASES, sizeof *s->replies);
    s->kinds = mem_array(4 * MOST_KINDS, sizeof *s->kinds);
    s->pool = mem_array(MOST_POOL, sizeof *s->pool);
    s->tallies = mem_array(ORACLE_END, (options->schema->count + 1) * sizeof *s->tallies);
}

static void session_close(struct session *s)
{
    for (size_t i = 0; i < ROUND_CASES; i++) {
        s->slots[i].c.plan = i ? NULL : s->slots[i].c.plan; // one for all
        case_free(&s->slots[i].c);
    }
    for (size_t i = 0; i < MOST_POOL; i++)
        free(s->pool[i].values);
    for (size_t i = 0; i < s->recheck_count; i++)
        free(s->rechecks[i].values);
    void *owned[] = {s->clean, s->clean_states, s->slots, s->questions,  s->replies,
                     s->kinds, s->pool,         s->pairs, s->pair_index, s->tallies};
    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        free(owned[i]);
    case_free(&s->clean_case);
    arena_free(&s->answers);
    learnt_free(&s->learnt);
}

static int session_work(struct session *s, struct error *err)
{
    const struct fuzz_options *options = s->options;
    if (options->sample->rows.row_count == 0)
        return error_set(err, ERROR_USAGE, "there is no clean row to begin with");
    if (choose_only(s, err) < 0)
        return -1;
    if (session_begin_clean(s) < 0)
        return -1;
    steady_begin(s);
    if (session_replay(s, err) < 0)
        return -1;
    if (options->replay)
        return s->failed ? -1 : 0;
    session_pairs(s);
    while (session_round(s))
        continue;
    if (options->seconds > 0 && !s->out->stopped)
        s->stop = s->failed; // the time is up for cases: what was seen is still looked at
    steady_recheck(s);
    growth_end(s);
    return s->failed ? -1 : 0;
}

int fuzz_run(struct fuzz_outcome *out, const struct fuzz_options *options, struct error *err)
{
    struct session s = {.options = options, .out = out, .client = options->client, .err = err};
    *out = (struct fuzz_outcome){0};
    session_open(&s);
    int result = session_work(&s, err);
    forgive_a_stall(out);
    if (out->finding_count)
        qsort(out->findings, out->finding_count, sizeof *out->findings, by_place);
    tell_tallies(&s);
    tell_not_applicable(&s);
    out->learnt = learnt_text(&s.learnt, options->schema);
    out->seconds = clock_seconds() - s.began;
    out->starts = client_starts(s.client);
    session_close(&s);
    return result;
}

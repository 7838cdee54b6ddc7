// SPDX-License-Identifier: Apache-2.0
//
// The stages `fuzz` (messy input, one check for each oracle and column) and `parity` (every way of asking answers
// alike).
#include "core/schema.h"
#include "engine/fuzzing.h"
#include "engine/model.h"
#include "engine/sampled.h"
#include "engine/verify.h"
#include "fuzz/session.h"

#include <inttypes.h>
#include <string.h>

enum { CASES = 2000, CASES_OF_BATCH = 60, LISTED_AT_MOST = 40, PARITY_ROWS = 64 };

// Everything that a session needs, found out once.
struct asking {
    struct verification *v;
    struct model *model;
    struct sample sample;
    char *kind; // how the model is asked
};

static void asking_free(struct asking *stage)
{
    model_free(stage->model);
    sample_free(&stage->sample);
    free(stage->kind);
}
DEFINE_CLEANUP_VALUE(asking)

static void skip(struct verification *v, enum stage what, const char *why)
{
    struct check *check = verification_check(v, what, stage_name(what), VERDICT_SKIP);
    check_reason(check, "%s", why);
}

// False when there is nothing to ask, which is said.
static bool begin(struct asking *stage, enum stage what, struct verification *v)
{
    const struct schema *schema = v->suite->schema;
    CLEANUP(error) struct error err = {0};
    stage->v = v;
    if (!schema || !schema->from || schema->count == 0) {
        CLEANUP(free)
        char *why = str_printf("suite.json has no schema with columns; write one from the training data "
                               "with: repro fuzz %s --infer DATA.csv --target COLUMN",
                               v->suite->name);
        skip(v, what, why);
        return false;
    }
    if (sampled_rows(&stage->sample, v, 0, &err) < 0 ||
        model_open(&stage->model, v->replay, v->session, v->suite, &err) < 0) {
        verification_error(v, what, "schema", &err);
        return false;
    }
    return true;
}

// The first way of asking that works here. NULL, and said, when none does.
static const char *choose_kind(const struct asking *stage)
{
    const struct strings *kinds = model_kinds(stage->model);
    const char *why = NULL;
    for (size_t i = 0; i < kinds->count; i++) {
        why = model_obstacle(stage->model, kinds->items[i]);
        if (!why)
            return kinds->items[i];
    }
    skip(stage->v, STAGE_FUZZ, why ? why : "suite.json declares no \"model\" to ask");
    return NULL;
}

// ---- what was found, as checks

static char *repeat(const struct verification *v, const struct finding *finding, uint64_t seed)
{
    if (finding->file) {
        CLEANUP(free) char *path = str_printf("golden/%s/corpus/%s", v->suite->name, finding->file);
        CLEANUP(free) char *quoted = str_shell_quote(path);
        return str_printf("repro fuzz %s --replay %s", v->suite->name, quoted);
    }
    return str_printf("repro fuzz %s --seed %" PRIu64 " --only %s", v->suite->name, seed,
                      finding->mutation ? finding->mutation->name : finding->oracle->name);
}

static void describe(struct check *check, const struct finding *finding)
{
    CLEANUP(free) char *cases = str_count(finding->hits, "case");
    check_detail(check, "%s%s%s: %s%s (%s)\n", finding->mutation ? finding->mutation->name : "clean row",
                 finding->column ? " of " : "", finding->column ? finding->column : "", finding->why,
                 finding->flaky ? ", but not every time" : "", cases);
    check_detail(check, "  sent       %s\n", finding->sent);
    if (finding->clean)
        check_detail(check, "  clean row  %s\n", finding->clean);
    check_detail(check, "  came back  %s\n",
                 finding->came_back && *finding->came_back ? finding->came_back : "nothing");
    if (finding->stderr_tail && *finding->stderr_tail)
        check_detail(check, "  stderr:\n%s\n", finding->stderr_tail);
    if (finding->command)
        check_detail(check, "  send it again: %s\n", finding->command);
}

static bool belongs(const struct finding *finding, const struct fuzz_tally *tally)
{
    return finding->oracle == tally->oracle && str_equal(finding->column, tally->column);
}

static void add_tally(struct verification *v, const struct fuzz_outcome *outcome, const struct fuzz_tally *tally,
                      uint64_t seed)
{
    const struct finding *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < outcome->finding_count; i++) {
        if (belongs(&outcome->findings[i], tally)) {
            first = first ? first : &outcome->findings[i];
            count++;
        }
    }
    CLEANUP(free)
    char *name =
        tally->column ? str_printf("%s: %s", tally->oracle->name, tally->column) : str_dup(tally->oracle->name);
    struct check *check = verification_check(v, STAGE_FUZZ, name, first ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *cases = str_count(tally->cases, "case");
    if (!first) {
        check_reason(check, "%s, none failed", cases);
        return;
    }
    CLEANUP(free) char *more = count > 1 ? str_printf(" (and %zu more kinds of it)", count - 1) : str_dup("");
    check_reason(check, "%s: %s%s", first->oracle->says, first->why, more);
    for (size_t i = 0; i < outcome->finding_count; i++) {
        if (belongs(&outcome->findings[i], tally))
            describe(check, &outcome->findings[i]);
    }
    free(check->repeat);
    check->repeat = repeat(v, first, seed);
}

static void add_summary(struct verification *v, const struct asking *stage, const struct fuzz_outcome *outcome)
{
    struct check *check = verification_check(v, STAGE_FUZZ, "cases", VERDICT_PASS);
    CLEANUP(free) char *cases = str_count(outcome->cases, "case");
    check_reason(check, "%s asked by %s, %zu questions in all, %zu kinds of answer, %zu distinct failures", cases,
                 stage->kind, outcome->questions, outcome->kinds, outcome->finding_count);
    check->seconds = outcome->seconds;
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        check_detail(check, "%-11s %zu\n", family_name((enum mutation_family)i), outcome->families[i]);
    for (size_t i = 0; i < outcome->not_applicable.count; i++)
        check_detail(check, "not applicable: %s\n", outcome->not_applicable.items[i]);
    if (outcome->learnt)
        check_detail(check, "answers: %s\n", outcome->learnt);
    for (size_t i = 0; i < outcome->unfit.count && i < LISTED_AT_MOST; i++)
        check_note(check, NOTE_WARNING, "%s: a case of the corpus cannot be asked any more: %s", v->suite->name,
                   outcome->unfit.items[i]);
    if (outcome->regressions > 0)
        check_detail(check, "%zu cases of the corpus were asked first\n", outcome->regressions);
    for (size_t i = 0; i < outcome->fixed.count && i < LISTED_AT_MOST; i++)
        check_detail(check, "fixed: %s\n", outcome->fixed.items[i]);
    size_t covered = 0;
    for (size_t i = 0; i < FAMILY_COUNT; i++)
        covered += outcome->families[i] > 0;
    verification_fact(v, STAGE_FUZZ, "kind", "%s", stage->kind);
    verification_fact(v, STAGE_FUZZ, "cases", "%zu", outcome->cases);
    verification_fact(v, STAGE_FUZZ, "families", "%zu of %d", covered, FAMILY_COUNT);
    verification_fact(v, STAGE_FUZZ, "open", "%zu", outcome->finding_count);
    verification_fact(v, STAGE_FUZZ, "corpus", "%zu", outcome->regressions + outcome->unfit.count);
    if (outcome->stopped)
        check_note(check, NOTE_WARNING, "%s: %s", v->suite->name, outcome->stopped);
    if (outcome->stall)
        check_note(check, NOTE_WARNING, "%s: a moment of the machine, or of the model: %s", v->suite->name,
                   outcome->stall);
}

static bool show_progress(void *context, size_t cases, double per_second, size_t findings)
{
    const struct verification *v = context;
    CLEANUP(free)
    char *phase = str_printf("asking the model: %zu cases, %.0f/s, %zu failing", cases, per_second, findings);
    session_phase(v->session, v->suite->name, phase, 0);
    return !session_stopped(v->session);
}

static struct fuzz_options options_of(const struct asking *stage, const char *corpus)
{
    const struct verification *v = stage->v;
    static const struct fuzz_request none;
    const struct fuzz_request *request = v->fuzz ? v->fuzz : &none;
    const struct suite *suite = v->suite;
    uint64_t cases = request->cases ? request->cases : suite->fuzz.cases;
    if (cases == 0 && request->seconds == 0)
        cases = str_equal(stage->kind, "batch") ? CASES_OF_BATCH : CASES;
    return (struct fuzz_options){.schema = suite->schema,
                                 .sample = &stage->sample,
                                 .rules = &suite->fuzz,
                                 .cases = cases,
                                 .seconds = request->seconds,
                                 .seed = request->has_seed ? request->seed : suite->fuzz.seed,
                                 .only = request->only,
                                 .replay = request->replay,
                                 .corpus = corpus,
                                 .progress = show_progress,
                                 .context = (void *)(uintptr_t)v};
}

static int ask(struct asking *stage, struct fuzz_outcome *outcome, struct error *err)
{
    struct verification *v = stage->v;
    CLEANUP(client) struct client *client = NULL, *fallback = NULL;
    CLEANUP(free) char *corpus = str_printf("%s/golden/%s/corpus", v->session->project->root, v->suite->name);
    struct fuzz_options options = options_of(stage, corpus);
    if (model_client(&client, stage->model, stage->kind, err) < 0 ||
        (v->suite->fallback.count > 0 && model_client(&fallback, stage->model, "fallback", err) < 0))
        return -1;
    options.client = client;
    options.fallback = fallback;
    if (fuzz_run(outcome, &options, err) < 0)
        return -1;
    if (v->fuzz && v->fuzz->keep && corpus_keep(outcome, corpus, v->suite->schema, options.seed, err) < 0)
        return -1;
    add_summary(v, stage, outcome);
    for (size_t i = 0; i < outcome->tally_count; i++)
        add_tally(v, outcome, &outcome->tallies[i], options.seed);
    return 0;
}

void stage_fuzz(struct verification *v)
{
    CLEANUP(asking) struct asking stage = {0};
    CLEANUP(error) struct error err = {0};
    struct fuzz_outcome outcome = {0};
    if (!suite_has_model(v->suite) || !begin(&stage, STAGE_FUZZ, v))
        return;
    stage.kind = str_dup(choose_kind(&stage));
    if (stage.kind && ask(&stage, &outcome, &err) < 0 && !session_stopped(v->session))
        verification_error(v, STAGE_FUZZ, "model", &err);
    fuzz_outcome_free(&outcome);
}

// ---- parity

enum { KINDS_AT_MOST = 3 };

struct clients {
    struct client *items[KINDS_AT_MOST];
    const char *names[KINDS_AT_MOST];
    size_t count;
};

static void clients_free(struct clients *clients)
{
    for (size_t i = 0; i < clients->count; i++)
        client_close(clients->items[i]);
}
DEFINE_CLEANUP_VALUE(clients)

static int open_clients(struct clients *out, struct asking *stage, struct error *err)
{
    const struct strings *kinds = model_kinds(stage->model);
    for (size_t i = 0; i < kinds->count && out->count < KINDS_AT_MOST; i++) {
        if (model_obstacle(stage->model, kinds->items[i]))
            continue;
        if (model_client(&out->items[out->count], stage->model, kinds->items[i], err) < 0)
            return error_context(err, "asked by %s", kinds->items[i]);
        out->names[out->count++] = kinds->items[i];
    }
    return 0;
}

static void compare_clients(struct asking *stage, const struct clients *clients)
{
    struct verification *v = stage->v;
    CLEANUP(error) struct error err = {0};
    CLEANUP(strings) struct strings differences = {0};
    CLEANUP(buf) struct buf names = {0};
    struct fuzz_options options = options_of(stage, NULL);
    options.cases = PARITY_ROWS;
    size_t asked = 0;
    for (size_t i = 0; i < clients->count; i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", clients->names[i]);
    if (parity_run(&differences, &asked, clients->items, clients->names, clients->count, &options, &err) < 0) {
        verification_error(v, STAGE_PARITY, names.data, &err);
        return;
    }
    bool differs = differences.count > 0;
    struct check *check = verification_check(v, STAGE_PARITY, names.data, differs ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *rows = str_count(asked, "row");
    verification_fact(v, STAGE_PARITY, "kinds", "%s", buf_text(&names));
    verification_fact(v, STAGE_PARITY, "rows", "%zu", asked);
    if (!differs)
        check_reason(check, "%s answered alike", rows);
    else
        check_reason(check, "%zu of %s answered differently: %s", differences.count, rows, differences.items[0]);
    verification_lines(check, &differences);
}

void stage_parity(struct verification *v)
{
    CLEANUP(asking) struct asking stage = {0};
    CLEANUP(clients) struct clients clients = {0};
    CLEANUP(error) struct error err = {0};
    const struct suite *suite = v->suite;
    size_t ways =
        (suite->model.stream.count > 0) + (suite->model.batch.count > 0) + (suite->model.api.command.count > 0);
    if (ways < 2 || !begin(&stage, STAGE_PARITY, v))
        return;
    if (open_clients(&clients, &stage, &err) < 0)
        verification_error(v, STAGE_PARITY, "model", &err);
    else if (clients.count < 2)
        skip(v, STAGE_PARITY, RUN_NO_LOOPBACK);
    else
        compare_clients(&stage, &clients);
}

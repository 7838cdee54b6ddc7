// SPDX-License-Identifier: Apache-2.0
#include "engine/verify.h"

#include "base/fs.h"
#include "engine/drifting.h"
#include "engine/entropy.h"
#include "engine/evidence.h"
#include "engine/fuzzing.h"
#include "engine/identity.h"
#include "engine/logging.h"
#include "engine/moved.h"
#include "engine/reference.h"
#include "engine/rollback.h"
#include "run/facts.h"
#include "store/golden.h"

#include <string.h>

enum { LISTED_AT_MOST = 50 };

// The digest comes first: should the file change between the two, what is measured belongs to neither.
int verification_load(struct verification *v, const char *name, struct error *err)
{
    const char *root = v->session->project->root;
    struct error ignored = {0}; // what is wrong with the file is told by its reader
    if (identity_document(&v->document, root, name, &ignored) < 0)
        error_free(&ignored);
    return suite_load(&v->suite, root, name, err);
}

void verification_fact(struct verification *v, enum stage stage, const char *name, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    pairs_set(&v->facts[stage], name, buf_text(&text));
}

void verification_ran(struct verification *v, enum stage stage)
{
    *(session_stopped(v->session) ? &v->cut : &v->whole) |= 1u << stage;
}

// The command that makes the check again, as one would type it in the project.
static char *repeat_command(const struct verification *v, enum stage stage)
{
    static const char *const at[] = {
        [SOURCE_WORKTREE] = "", [SOURCE_HEAD] = " --at head", [SOURCE_GOLDEN] = " --at golden"};
    const struct session_options *options = &v->session->options;
    struct buf line = {0};
    buf_printf(&line, "repro %s %s",
               v->recording  ? "record"
               : v->fuzz     ? "fuzz"
               : v->rollback ? "rollback --drill"
                             : "verify",
               v->suite->name);
    if (v->rollback) {
        buf_printf(&line, "%s%s", v->rollback->to ? " --to " : "", v->rollback->to ? v->rollback->to : "");
    } else if (!v->recording && !v->fuzz) {
        CLEANUP(free) char *base = options->base ? str_shell_quote(options->base) : NULL;
        buf_printf(&line, "%s%s%s --only %s", at[options->at], base ? " --base " : "", base ? base : "",
                   stage_name(stage));
    } else if (v->reason) {
        CLEANUP(free) char *reason = str_shell_quote(v->reason);
        buf_printf(&line, " --reason %s", reason);
    }
    if (v->log) {
        CLEANUP(free) char *log = str_shell_quote(v->log->path);
        buf_printf(&line, " --log %s", log);
    }
    if (options->timeout > 0) {
        char seconds[32];
        str_double(seconds, options->timeout);
        buf_printf(&line, " --timeout %ss", seconds);
    }
    if (options->isolation != ISOLATION_AUTO)
        buf_printf(&line, " --isolation %s", isolation_name(options->isolation));
    if (options->trace != TRACE_AUTO)
        buf_printf(&line, " --trace %s", trace_level_name(options->trace));
    if (options->workspace != WORKSPACE_AUTO)
        buf_printf(&line, " --workspace %s", workspace_kind_name(options->workspace));
    return buf_take(&line);
}

struct check *verification_check(struct verification *v, enum stage stage, const char *name, enum verdict verdict)
{
    struct check *check = result_add(v->result, v->suite->name, stage, name, verdict);
    if (verdict == VERDICT_FAIL || verdict == VERDICT_ERROR)
        check->repeat = repeat_command(v, stage);
    return check;
}

void verification_error(struct verification *v, enum stage stage, const char *name, const struct error *err)
{
    result_add_error(v->result, v->suite->name, stage, name, err);
}

void verification_lines(struct check *check, const struct strings *lines)
{
    for (size_t i = 0; i < lines->count && i < LISTED_AT_MOST; i++)
        check_detail(check, "%s\n", lines->items[i]);
    if (lines->count > LISTED_AT_MOST)
        check_detail(check, "… and %zu more\n", lines->count - LISTED_AT_MOST);
}

const char *verification_golden_folder(struct verification *v)
{
    if (!v->golden_folder) {
        v->golden_folder = fs_join(v->replay->folder, "golden");
        v->golden_unpacked =
            golden_extract(v->session->project->root, v->golden, v->golden_folder, &v->golden_error) == 0;
    }
    return v->golden_unpacked ? v->golden_folder : NULL;
}

// Those of the pins that help most often, and that the suite does not have.
static char *missing_pins(const struct strings *pins)
{
    static const char *const helpful[] = {"hashseed", "threads"};
    CLEANUP(strings) struct strings missing = {0};
    for (size_t i = 0; i < ARRAY_LEN(helpful); i++) {
        bool found = false;
        for (size_t p = 0; p < pins->count && !found; p++) {
            size_t length = strlen(helpful[i]);
            found = str_starts(pins->items[p], helpful[i]) &&
                    (pins->items[p][length] == '\0' || pins->items[p][length] == ':');
        }
        if (!found)
            strings_add(&missing, helpful[i]);
    }
    CLEANUP(free) char *names = strings_join(&missing, " and ");
    return missing.count == 0 ? str_dup("") : str_printf(" Would \"pin\" with %s help?", names);
}

// Nothing that is watched has moved. With a complete trace, an undeclared file is ruled out.
static char *unknown_cause(struct verification *v)
{
    if (!v->entropy_known && v->replay->run && !session_stopped(v->session))
        v->entropy = entropy_of_replay(v->replay, v->session, v->suite);
    v->entropy_known = true;
    const char *entropy = v->entropy;
    CLEANUP(free) char *pins = missing_pins(&v->replay->manifest->command.pins);
    return str_printf("nothing that is watched has changed: the training itself %s random (is it seeded?%s)%s%s%s",
                      entropy ? "is likely" : "may be", pins, entropy ? ": " : "", entropy ? entropy : "",
                      v->replay->traced.why ? ", or it reads a file that suite.json does not declare" : "");
}

char *verification_cause(struct verification *v)
{
    const struct manifest *golden = v->golden, *now = v->replay->manifest;
    CLEANUP(strings) struct strings changed = {0}, environment = {0}, parts = {0};
    moved_command(&changed, golden, now);
    moved_files(&changed, &golden->settings, &now->settings);
    moved_files(&changed, &golden->data, &now->data);
    moved_files(&changed, &golden->external, &now->external);
    moved_files(&changed, &golden->code, &now->code);
    moved_environment(&environment, &golden->environment, &now->environment);
    moved_computed(&environment, golden, now);
    if (changed.count > 0)
        strings_printf(&parts, "changed since golden: %s%s", changed.items[0], changed.count > 1 ? ", …" : "");
    if (environment.count > 0)
        strings_printf(&parts, "another environment: %s%s", environment.items[0], environment.count > 1 ? ", …" : "");
    if (v->foreign)
        strings_printf(&parts, "another numerical class: golden %s, this machine %s", golden->class_name,
                       now->class_name);
    if (v->replay->traced.undeclared.count > 0)
        strings_printf(&parts, "training reads a file that suite.json does not declare: %s%s",
                       v->replay->traced.undeclared.items[0], v->replay->traced.undeclared.count > 1 ? ", …" : "");
    if (parts.count == 0)
        return unknown_cause(v);
    return strings_join(&parts, "; ");
}

static int load_golden(struct verification *v, const struct manifest *now, struct error *err)
{
    manifest_free(steal(&v->golden));
    if (reference_load(&v->golden, &v->superseded, v->session->project->root, now, err) < 0)
        return -1;
    if (!v->golden)
        return error_set(err, ERROR_USAGE, "suite '%s' has no golden yet; make one with: repro record %s",
                         v->suite->name, v->suite->name);
    v->foreign = !str_equal(v->golden->class_name, now->class_name);
    return 0;
}

// Of the work tree alone: what other files give says nothing about it.
void verification_keep(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    if (!(v->whole | v->cut) || v->recording || v->session->options.at != SOURCE_WORKTREE)
        return;
    if (!v->golden && load_golden(v, v->replay->manifest, &err) < 0)
        return; // of nothing that is trusted
    const struct evidence_source source = {.suite = v->suite,
                                           .golden = v->golden,
                                           .now = v->replay->manifest,
                                           .document = &v->document,
                                           .result = v->result,
                                           .facts = v->facts,
                                           .whole = v->whole,
                                           .cut = v->cut};
    if (evidence_keep(v->session, &source, &err) == 0 || v->result->check_count == 0)
        return;
    CLEANUP(free) char *text = error_text(&err);
    check_note(&v->result->checks[v->result->check_count - 1], NOTE_WARNING,
               "%s: what was found could not be kept as evidence for `repro ready`: %s", v->suite->name, text);
}

// --at golden replays golden's command, too: of this machine's class where there is one.
static int use_golden_command(struct verification *v, struct error *err)
{
    CLEANUP(manifest) struct manifest *now = manifest_new();
    struct suite *suite = v->suite;
    now->suite = str_dup(suite->name);
    if (facts_collect(&now->environment, suite, v->session->options.environ, err) < 0 ||
        facts_class(&now->class_name, suite, &now->environment, err) < 0 || load_golden(v, now, err) < 0)
        return -1;
    const struct manifest *golden = v->golden;
    strings_free(&suite->train.command);
    strings_copy(&suite->train.command, &golden->command.argv);
    free(suite->train.directory);
    suite->train.directory = str_dup(golden->command.directory);
    pairs_free(&suite->train.env);
    pairs_copy(&suite->train.env, &golden->command.env);
    strings_free(&suite->train.pins);
    strings_copy(&suite->train.pins, &golden->command.pins);
    return 0;
}

// That a document can be read is a check of its own only where --only asks for it: nothing else works without.
static int read_document(struct verification *v, const char *name)
{
    CLEANUP(error) struct error err = {0};
    unsigned only = v->session->options.only, document = 1u << STAGE_DOCUMENT;
    if (verification_load(v, name, &err) < 0) {
        result_add_error(v->result, name, STAGE_DOCUMENT, "suite.json", &err);
        return -1;
    }
    if (only & document)
        check_reason(verification_check(v, STAGE_DOCUMENT, "suite.json", VERDICT_PASS), "read without a fault");
    return only == document ? -1 : 0;
}

// Everything up to the first check. A fault here is a check of the stage `golden` or `inputs`.
static int prepare(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    if (v->session->options.at == SOURCE_GOLDEN && use_golden_command(v, &err) < 0) {
        verification_error(v, STAGE_GOLDEN, "golden", &err);
        return -1;
    }
    if (replay_new(&v->replay, v->session, v->suite, v->golden, &err) < 0) {
        verification_error(v, STAGE_INPUTS, "inputs", &err);
        return -1;
    }
    if (load_golden(v, v->replay->manifest, &err) < 0) {
        verification_error(v, STAGE_GOLDEN, "golden", &err);
        return -1;
    }
    return 0;
}

static const struct {
    enum stage stage;
    void (*run)(struct verification *v);
    bool needs_training;
} stages[] = {
    {STAGE_GOLDEN, stage_golden, false},
    {STAGE_CODE, stage_code, false},
    {STAGE_INPUTS, stage_inputs, false},
    {STAGE_ENVIRONMENT, stage_environment, false},
    {STAGE_REPLAY, stage_replay, true},
    {STAGE_ARTIFACTS, stage_artifacts, true},
    {STAGE_METRICS, stage_metrics, true},
    {STAGE_FUZZ, stage_fuzz, true},
    {STAGE_PARITY, stage_parity, true},
    {STAGE_LIMITS, stage_limits, true},
    {STAGE_LOG, stage_log, true},
    {STAGE_DRIFT, stage_drift, false},
    {STAGE_ROLLBACK, stage_rollback, false},
};

// What has nothing to ask needs no training to be passed over.
static bool has_work(const struct verification *v, enum stage stage)
{
    if (stage == STAGE_LOG)
        return v->suite->log.given || v->log;
    return (stage != STAGE_FUZZ && stage != STAGE_PARITY) || suite_has_model(v->suite);
}

static bool wants_training(const struct verification *v)
{
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        if (stages[i].needs_training && session_wants(v->session, stages[i].stage) && has_work(v, stages[i].stage))
            return true;
    }
    return false;
}

static bool has_stage(const struct result *result, enum stage stage)
{
    for (size_t i = 0; i < result->check_count; i++) {
        if (result->checks[i].stage == stage)
            return true;
    }
    return false;
}

// A stage that --only names, and for which the suite has nothing, is not passed over in silence.
static void add_empty(struct verification *v)
{
    for (unsigned i = 0; v->session->options.only && i < STAGE_COUNT; i++) {
        enum stage stage = (enum stage)i;
        if (session_wants(v->session, stage) && !has_stage(v->result, stage))
            check_reason(verification_check(v, stage, stage_name(stage), VERDICT_SKIP),
                         "nothing to check: suite.json asks for nothing here");
    }
}

void verification_stopped(struct result *result, const char *name)
{
    CLEANUP(error) struct error stopped = {0};
    error_set(&stopped, ERROR_STOPPED, "stopped before every check was made");
    result_add_error(result, name, STAGE_REPLAY, "stopped", &stopped);
}

void verification_free(struct verification *v)
{
    if (v->golden_folder) {
        struct error ignored = {0};
        fs_remove_tree(v->golden_folder, &ignored);
        error_free(&ignored);
    }
    free(v->golden_folder);
    free(v->entropy);
    for (size_t i = 0; i < STAGE_COUNT; i++)
        pairs_free(&v->facts[i]);
    error_free(&v->golden_error);
    replay_free(v->replay);
    manifest_free(v->golden);
    suite_free(v->suite);
}

void verification_of(struct verification *v, const char *name, void (*run)(struct verification *v))
{
    CLEANUP(error) struct error err = {0};
    if (verification_load(v, name, &err) < 0) {
        result_add_error(v->result, name, STAGE_DOCUMENT, "suite.json", &err);
        return;
    }
    if (replay_new(&v->replay, v->session, v->suite, NULL, &err) < 0) {
        verification_error(v, STAGE_INPUTS, "inputs", &err);
    } else {
        run(v);
        verification_keep(v);
        if (session_stopped(v->session))
            verification_stopped(v->result, name);
    }
    verification_free(v);
}

static bool has_failed(const struct result *result)
{
    return result_count(result, NULL, VERDICT_FAIL) + result_count(result, NULL, VERDICT_ERROR) > 0;
}

static void run_stages(struct verification *v)
{
    struct session *session = v->session;
    bool train = wants_training(v);
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        bool wanted = session_wants(session, stages[i].stage) || (train && stages[i].stage == STAGE_REPLAY);
        if (!wanted || (session->options.fail_fast && has_failed(v->result)) || session_stopped(session))
            continue;
        if (stages[i].needs_training && stages[i].stage != STAGE_REPLAY && !v->replay->complete)
            continue;
        stages[i].run(v);
        if (stages[i].stage != STAGE_INPUTS) // more of it follows
            verification_ran(v, stages[i].stage);
    }
    if (session_wants(session, STAGE_INPUTS) && v->replay->complete) {
        stage_traced(v);
        verification_ran(v, STAGE_INPUTS);
    }
    if (!session_stopped(session) && !has_failed(v->result))
        add_empty(v);
}

static void verify_suite(struct session *session, const char *name, struct result *result, void *context)
{
    static const char *const verdicts[] = {"passed", "failed", "error", "error"};
    struct verification v = {.session = session, .result = result, .log = context};
    if (read_document(&v, name) == 0 && prepare(&v) == 0)
        run_stages(&v);
    verification_keep(&v);
    if (session_stopped(session)) {
        verification_stopped(result, name);
    } else if (session->options.only == 0 && session->options.at == SOURCE_WORKTREE) {
        // A part of the checks, or other files than those at hand, would say little about the suite.
        int status = result_exit_status(result);
        session_remember(session, "verdict", name, status < (int)ARRAY_LEN(verdicts) ? verdicts[status] : NULL);
    }
    verification_free(&v);
}

void verify_suites(struct session *session, const struct strings *names, struct result *result)
{
    verify_suites_and_log(session, names, NULL, result);
}

void verify_suites_and_log(struct session *session, const struct strings *names, const struct log_request *log,
                           struct result *result)
{
    if (session_wants(session, STAGE_GOLDEN))
        golden_removed_suites(session, result);
    session_each(session, names, result, verify_suite, (void *)(uintptr_t)log);
    result_sort(result);
}

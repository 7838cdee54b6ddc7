// SPDX-License-Identifier: Apache-2.0
#include "engine/verify.h"

#include "base/fs.h"
#include "engine/moved.h"
#include "run/facts.h"
#include "store/golden.h"

#include <string.h>

struct check *verification_check(struct verification *v, enum stage stage, const char *name, enum verdict verdict)
{
    struct check *check = result_add(v->result, v->suite->name, stage, name, verdict);
    if (verdict == VERDICT_FAIL || verdict == VERDICT_ERROR) {
        static const char *const at[] = {
            [SOURCE_WORKTREE] = "", [SOURCE_HEAD] = " --at head", [SOURCE_GOLDEN] = " --at golden"};
        const char *source = at[v->session->options.at];
        check->repeat = v->recording
                            ? str_printf("repro record %s%s", v->suite->name, source)
                            : str_printf("repro verify %s%s --only %s", v->suite->name, source, stage_name(stage));
    }
    return check;
}

void verification_error(struct verification *v, enum stage stage, const char *name, const struct error *err)
{
    result_add_error(v->result, v->suite->name, stage, name, err);
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

char *verification_cause(const struct verification *v)
{
    const struct manifest *golden = v->golden, *now = v->replay->manifest;
    CLEANUP(strings) struct strings changed = {0}, environment = {0}, parts = {0};
    moved_command(&changed, golden, now);
    moved_files(&changed, &golden->settings, &now->settings);
    moved_files(&changed, &golden->data, &now->data);
    moved_files(&changed, &golden->external, &now->external);
    moved_files(&changed, &golden->code, &now->code);
    moved_environment(&environment, &golden->environment, &now->environment);
    if (changed.count > 0)
        strings_printf(&parts, "changed since golden: %s%s", changed.items[0], changed.count > 1 ? ", …" : "");
    if (environment.count > 0)
        strings_printf(&parts, "another environment: %s%s", environment.items[0], environment.count > 1 ? ", …" : "");
    if (v->foreign)
        strings_printf(&parts, "another numerical class: golden %s, this machine %s", golden->class_name,
                       now->class_name);
    if (parts.count == 0)
        return str_dup("nothing that is watched has changed: the training itself may be random (is it seeded? "
                       "do the pins hashseed and threads help?), or it reads a file that suite.json does not declare");
    return strings_join(&parts, "; ");
}

static size_t common_prefix(const char *a, const char *b)
{
    size_t length = 0;
    while (a[length] && a[length] == b[length])
        length++;
    return length;
}

// This machine's golden; where there is none, the one of the class whose name has most in common with ours.
static int load_golden(struct manifest **out, const struct session *session, const char *suite, const char *class_name,
                       struct error *err)
{
    const char *root = session->project->root;
    if (golden_load(out, root, suite, class_name, err) < 0 || *out)
        return *out ? 0 : -1;
    CLEANUP(strings) struct strings classes = {0};
    if (golden_classes(&classes, root, suite, err) < 0)
        return -1;
    const char *nearest = NULL;
    for (size_t i = 0; i < classes.count; i++) {
        if (!nearest || common_prefix(classes.items[i], class_name) > common_prefix(nearest, class_name))
            nearest = classes.items[i];
    }
    if (!nearest)
        return error_set(err, ERROR_USAGE, "suite '%s' has no golden yet; make one with: repro record %s", suite,
                         suite);
    return golden_load(out, root, suite, nearest, err);
}

// The golden whose command --at golden replays.
static int use_golden_command(struct verification *v, struct error *err)
{
    CLEANUP(pairs) struct pairs facts = {0};
    CLEANUP(free) char *class_name = NULL;
    if (facts_collect(&facts, v->suite, v->session->options.environ, err) < 0 ||
        facts_class(&class_name, v->suite, &facts, err) < 0 ||
        load_golden(&v->golden, v->session, v->suite->name, class_name, err) < 0)
        return -1;
    const struct manifest *golden = v->golden;
    strings_free(&v->suite->train.command);
    strings_copy(&v->suite->train.command, &golden->command.argv);
    free(v->suite->train.directory);
    v->suite->train.directory = str_dup(golden->command.directory);
    pairs_free(&v->suite->train.env);
    pairs_copy(&v->suite->train.env, &golden->command.env);
    strings_free(&v->suite->train.pins);
    strings_copy(&v->suite->train.pins, &golden->command.pins);
    return 0;
}

// Everything up to the first check. A fault here is a check of the stage `document` or `golden`.
static int prepare(struct verification *v, const char *name)
{
    CLEANUP(error) struct error err = {0};
    if (suite_load(&v->suite, v->session->project->root, name, &err) < 0) {
        result_add_error(v->result, name, STAGE_DOCUMENT, "suite.json", &err);
        return -1;
    }
    if (v->session->options.at == SOURCE_GOLDEN && use_golden_command(v, &err) < 0) {
        verification_error(v, STAGE_GOLDEN, "golden", &err);
        return -1;
    }
    if (replay_new(&v->replay, v->session, v->suite, v->golden, &err) < 0) {
        verification_error(v, STAGE_INPUTS, "inputs", &err);
        return -1;
    }
    manifest_free(steal(&v->golden));
    if (load_golden(&v->golden, v->session, name, v->replay->manifest->class_name, &err) < 0) {
        verification_error(v, STAGE_GOLDEN, "golden", &err);
        return -1;
    }
    v->foreign = !str_equal(v->golden->class_name, v->replay->manifest->class_name);
    return 0;
}

static const struct {
    enum stage stage;
    void (*run)(struct verification *v);
    bool needs_training;
} stages[] = {
    {STAGE_GOLDEN, stage_golden, false},  {STAGE_CODE, stage_code, false},
    {STAGE_INPUTS, stage_inputs, false},  {STAGE_ENVIRONMENT, stage_environment, false},
    {STAGE_REPLAY, stage_replay, true},   {STAGE_ARTIFACTS, stage_artifacts, true},
    {STAGE_METRICS, stage_metrics, true}, {STAGE_LIMITS, stage_limits, true},
};

static bool wants_training(const struct session *session)
{
    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        if (stages[i].needs_training && session_wants(session, stages[i].stage))
            return true;
    }
    return false;
}

// Parts of suite.json whose stage this version does not run: said, never left out in silence.
static void add_deferred(struct verification *v)
{
    for (size_t i = 0; i < v->suite->deferred.count; i++) {
        const char *part = v->suite->deferred.items[i];
        enum stage stage = STAGE_LIMITS;
        if (stage_from_name(&stage, part) < 0)
            stage = str_equal(part, "fallback")  ? STAGE_ROLLBACK
                    : str_starts(part, "limits") ? STAGE_LIMITS
                                                 : STAGE_FUZZ;
        if (!session_wants(v->session, stage))
            continue;
        struct check *check = verification_check(v, stage, part, VERDICT_SKIP);
        check_reason(check, "'%s' is declared, but repro %s does not check it yet", part, REPRO_VERSION);
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
    error_free(&v->golden_error);
    replay_free(v->replay);
    manifest_free(v->golden);
    suite_free(v->suite);
}

static void verify_suite(struct session *session, const char *name, struct result *result, void *context)
{
    (void)context;
    struct verification v = {.session = session, .result = result};
    if (prepare(&v, name) == 0) {
        bool train = wants_training(session);
        for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
            bool wanted = session_wants(session, stages[i].stage) || (train && stages[i].stage == STAGE_REPLAY);
            bool failed = result_count(result, NULL, VERDICT_FAIL) + result_count(result, NULL, VERDICT_ERROR) > 0;
            if (!wanted || (failed && session->options.fail_fast) || session_stopped(session))
                continue;
            if (stages[i].needs_training && stages[i].stage != STAGE_REPLAY && !v.replay->complete)
                continue;
            stages[i].run(&v);
        }
        add_deferred(&v);
    }
    if (session_stopped(session))
        verification_stopped(result, name);
    static const char *const verdicts[] = {"passed", "failed", "error", "error"};
    session_remember(session, "verdict", name, verdicts[result_exit_status(result) & 3]);
    verification_free(&v);
}

void verify_suites(struct session *session, const struct strings *names, struct result *result)
{
    if (session_wants(session, STAGE_GOLDEN))
        golden_removed_suites(session, result);
    session_each(session, names, result, verify_suite, NULL);
    result_sort(result);
}

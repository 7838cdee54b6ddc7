// SPDX-License-Identifier: Apache-2.0
#include "engine/record.h"

#include "engine/baselines.h"
#include "engine/curves.h"
#include "engine/moved.h"
#include "engine/reference.h"
#include "engine/user.h"
#include "engine/verify.h"
#include "store/golden.h"
#include "store/repository.h"

enum { LISTED_AT_MOST = 50 };

// Who accepts, and from where: for people, never compared.
static int fill_accepted(struct manifest *manifest, const struct session *session, const struct suite *suite,
                         const char *reason, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(git_facts) struct git_facts facts = {0};
    CLEANUP(strings) struct strings inputs = {0}, dirty = {0};
    manifest->accepted.reason = str_dup(reason);
    if (repository_open(&repository, session->project->root, err) < 0)
        return -1;
    if (repository) {
        replay_input_paths(&inputs, manifest, suite);
        if (repository_head(&facts, repository, err) < 0 || repository_dirty(&dirty, repository, &inputs, err) < 0)
            return -1;
        manifest->accepted.from.commit = str_dup(facts.commit);
        manifest->accepted.from.tree = str_dup(facts.tree);
        manifest->accepted.from.branch = str_dup(facts.branch);
        manifest->accepted.from.remote = str_dup(facts.remote);
        manifest->accepted.from.dirty = dirty.count > 0;
    }
    manifest->accepted.by = user_name(repository);
    return 0;
}

// What moved in one series; golden's points are in its bundle, which is needed only where the bytes differ.
static int moved_series(struct strings *out, struct verification *v, const struct series_rule *rule, struct error *err)
{
    const struct file_entry *was = file_list_find(&v->golden->artifacts, rule->path);
    const struct file_entry *is = file_list_find(&v->replay->manifest->artifacts, rule->path);
    if (was && is && digest_equal(&was->sha256, &is->sha256))
        return 0;
    if (!was) {
        strings_printf(out, "%s: new", rule->path);
        return 0;
    }
    const char *folder = verification_golden_folder(v);
    if (!folder) {
        CLEANUP(free) char *why = error_text(&v->golden_error);
        strings_printf(out, "%s: golden's points are not at hand: %s", rule->path, why);
        return 0;
    }
    struct series_finding finding = {0};
    int compared = curves_compare(&finding, folder, v->replay, rule, err);
    if (compared == 0 && !finding.equal)
        strings_add(out, finding.text);
    series_finding_free(&finding);
    return compared;
}

static char *series_fault(const struct verification *v)
{
    for (size_t i = 0; i < v->suite->metrics.series_count; i++) {
        const struct series_rule *rule = &v->suite->metrics.series[i];
        CLEANUP(free) char *path = replay_output(v->replay, rule->path);
        CLEANUP(error) struct error err = {0};
        struct series series = {0};
        int read = series_read(&series, path, rule->path, rule->x, &err);
        series_free(&series);
        if (read < 0)
            return error_text(&err);
    }
    return NULL;
}

// What keeps a run from being a golden: outputs that are missing or cannot be read, inputs that moved, nothing at all.
static bool add_faults(struct verification *v)
{
    const struct replay *replay = v->replay;
    const char *fault = NULL;
    CLEANUP(free) char *text = NULL;
    if (replay->missing.count > 0)
        fault = text = replay_missing(replay, replay->missing.items[0]);
    else if (replay->metrics_error.kind != ERROR_NONE)
        fault = text = error_text(&replay->metrics_error);
    else if (replay->moved_inputs.count > 0)
        fault = "an input changed while training ran";
    else if (replay->traced.undeclared.count + replay->traced.outside.count > 0)
        fault = "training reads files that suite.json does not declare";
    else if ((text = series_fault(v)))
        fault = text;
    else if (replay->manifest->artifacts.count == 0 && replay->manifest->metrics.count == 0)
        fault = "the run wrote nothing: there is nothing to compare later";
    if (fault)
        check_reason(verification_check(v, STAGE_GOLDEN, "recorded", VERDICT_FAIL), "not recorded: %s", fault);
    return fault != NULL;
}

// The goldens of other classes stay; those of other inputs are no measure any more.
static int note_other_classes(struct verification *v, struct check *check, struct error *err)
{
    const struct manifest *now = v->replay->manifest;
    const char *root = v->session->project->root;
    CLEANUP(strings) struct strings classes = {0}, beside = {0}, superseded = {0};
    if (golden_classes(&classes, root, v->suite->name, err) < 0)
        return -1;
    for (size_t i = 0; i < classes.count; i++) {
        CLEANUP(manifest) struct manifest *golden = NULL;
        if (str_equal(classes.items[i], now->class_name))
            continue;
        if (golden_load(&golden, root, v->suite->name, classes.items[i], err) < 0)
            return -1;
        if (golden)
            strings_add(reference_same_inputs(golden, now) ? &beside : &superseded, classes.items[i]);
    }
    CLEANUP(free) char *others = strings_join(&beside, ", ");
    CLEANUP(free) char *old = strings_join(&superseded, ", ");
    if (beside.count > 0)
        check_note(check, NOTE_NOTICE, "beside the golden of class %s", others);
    if (superseded.count > 0)
        check_note(check, NOTE_NOTICE,
                   "the golden of class %s was made from other inputs: until it is recorded again, machines of that "
                   "class compare their numbers with this one",
                   old);
    return 0;
}

static void note_store(struct check *check, const struct verification *v)
{
    const char *store = v->replay->manifest->bundle.store;
    unsigned long long limit = v->suite->limits.bundle;
    if (store)
        check_note(check, NOTE_NOTICE,
                   "the bundle is over the limit of %llu bytes: it lies in the store '%s', not in git", limit, store);
    else
        check_note(check, NOTE_WARNING,
                   "the bundle is over the limit of %llu bytes and lies in .repro/store, not in git: other machines do "
                   "not have it; name a folder that they share as \"store\" in repro.json",
                   limit);
}

static int keep(struct verification *v, const char *reason, const struct strings *moved, struct error *err)
{
    struct replay *replay = v->replay;
    bool changed = false;
    if (fill_accepted(replay->manifest, v->session, v->suite, reason, err) < 0)
        return -1;
    const struct golden_options options = {.bundle_limit = v->suite->limits.bundle, .keep = v->suite->keep};
    if (golden_save(v->session->project->root, workspace_outputs(replay->run->workspace), replay->manifest, &options,
                    &changed, err) < 0)
        return -1;
    session_remember(v->session, "verdict", v->suite->name, NULL); // it was about another golden
    struct check *check = verification_check(v, STAGE_GOLDEN, "recorded", VERDICT_PASS);
    CLEANUP(free) char *path = golden_manifest_path(v->suite->name, replay->manifest->class_name);
    CLEANUP(free) char *size = str_human_size(replay->manifest->bundle.size);
    CLEANUP(free) char *files = str_count(replay->manifest->artifacts.count, "file");
    CLEANUP(free) char *metrics = str_count(replay->manifest->metrics.count, "metric");
    check_reason(check, "%s: %s (%s), %s", path, files, size, metrics);
    for (size_t i = 0; i < moved->count && i < LISTED_AT_MOST; i++)
        check_note(check, NOTE_NOTICE, "moved: %s", moved->items[i]);
    if (replay->manifest->bundle.in_store)
        note_store(check, v);
    if (note_other_classes(v, check, err) < 0)
        return -1;
    return baselines_keep(v, replay->manifest, err);
}

static int refuse(struct verification *v, const struct strings *moved)
{
    struct check *check = verification_check(v, STAGE_GOLDEN, "recorded", VERDICT_FAIL);
    check_reason(check, "not kept, for want of a reason; %zu moved: %s%s", moved->count, moved->items[0],
                 moved->count > 1 ? ", …" : "");
    verification_lines(check, moved);
    free(check->repeat);
    check->repeat = str_printf("repro record %s --reason \"why this result is right\"", v->suite->name);
    return 0;
}

static int stay(struct verification *v, const char *how, struct error *err)
{
    struct check *check = verification_check(v, STAGE_GOLDEN, "recorded", VERDICT_PASS);
    check_reason(check, "nothing moved; golden %s", how);
    return baselines_keep(v, v->golden, err);
}

static int decide(struct verification *v, struct error *err)
{
    const char *root = v->session->project->root, *outputs = workspace_outputs(v->replay->run->workspace);
    CLEANUP(strings) struct strings moved = {0}, series = {0};
    if (golden_load(&v->golden, root, v->suite->name, v->replay->manifest->class_name, err) < 0 ||
        replay_contents(v->replay, v->suite, err) < 0)
        return -1;
    if (!v->golden)
        return keep(v, v->reason ? v->reason : "first golden", &moved, err);
    bool whole = golden_is_whole(root, v->golden), mended = false;
    if (!whole && golden_mend(root, outputs, v->replay->manifest, &mended, err) < 0)
        return -1;
    if (mended)
        return stay(v, "has its bundle again, which was damaged or missing", err);
    for (size_t i = 0; i < v->suite->metrics.series_count; i++) {
        if (moved_series(&series, v, &v->suite->metrics.series[i], err) < 0)
            return -1;
    }
    moved_all(&moved, v->golden, v->replay->manifest, v->suite, &series);
    if (moved.count == 0 && v->reason && v->golden->computed.count == 0 && v->replay->manifest->computed.count > 0)
        strings_add(&moved, "what computed, which is known now");
    if (moved.count == 0 && !whole &&
        !v->golden->bundle.in_store) // in the store of another machine it may well be whole
        strings_add(&moved, "the bundle, which is damaged or missing");
    if (moved.count == 0)
        return stay(v, "stays as it is", err);
    return v->reason ? keep(v, v->reason, &moved, err) : refuse(v, &moved);
}

static void record_suite(struct session *session, const char *name, struct result *result, void *context)
{
    struct verification v = {.session = session, .result = result, .recording = true, .reason = context};
    CLEANUP(error) struct error err = {0};
    if (suite_load(&v.suite, session->project->root, name, &err) < 0) {
        result_add_error(result, name, STAGE_DOCUMENT, "suite.json", &err);
        return;
    }
    if (replay_new(&v.replay, session, v.suite, NULL, &err) < 0) {
        verification_error(&v, STAGE_INPUTS, "inputs", &err);
    } else if (golden_check_store(session->project->root, name, v.replay->manifest->class_name, &err) < 0) {
        verification_error(&v, STAGE_GOLDEN, "recorded", &err);
    } else {
        stage_replay(&v);
        if (v.replay->complete)
            stage_traced(&v);
        if (session_stopped(session))
            verification_stopped(result, name);
        else if (v.replay->complete && !add_faults(&v) && decide(&v, &err) < 0)
            verification_error(&v, STAGE_GOLDEN, "recorded", &err);
    }
    verification_free(&v);
}

void record_suites(struct session *session, const struct strings *names, const char *reason, struct result *result)
{
    CLEANUP(free) char *copy = str_dup(reason);
    session_each(session, names, result, record_suite, copy);
    result_sort(result);
}

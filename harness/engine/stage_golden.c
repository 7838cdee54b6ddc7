// SPDX-License-Identifier: Apache-2.0
//
// The stage `golden` guards the gate itself: is there a golden, is its bundle whole, and what did this change do to
// goldens and tolerances when measured against the base branch?
#include "base/fs.h"
#include "engine/base_branch.h"
#include "engine/loosened.h"
#include "engine/moved.h"
#include "engine/verify.h"
#include "run/class.h"
#include "store/golden.h"
#include "store/repository.h"

static void check_class(struct verification *v)
{
    struct check *check = verification_check(v, STAGE_GOLDEN, "class", VERDICT_PASS);
    const char *mine = v->replay->manifest->class_name;
    if (!v->foreign) {
        check_reason(check, "golden of class '%s'", mine);
        return;
    }
    CLEANUP(free)
    char *own = v->superseded ? str_printf("golden of class '%s' is superseded (it was made from other inputs)", mine)
                              : str_printf("no golden for class '%s'", mine);
    check_reason(check, "%s; compared in numbers with the one of '%s'", own, v->golden->class_name);
    CLEANUP(free) char *advice = class_advice(v->golden->class_name, mine);
    check_note(check, NOTE_WARNING,
               "%s: %s, which is this machine's: metrics are compared with class '%s', bytes are not; add one here "
               "with: repro record %s%s; or make them one class: %s",
               v->suite->name, own, v->golden->class_name, v->suite->name, v->superseded ? " --reason \"…\"" : "",
               advice);
}

static void check_bundle(struct verification *v)
{
    struct error missing = {0};
    CLEANUP(free) char *path = NULL;
    if (v->golden->bundle.in_store && golden_bundle_path(&path, v->session->project->root, v->golden, &missing) < 0) {
        struct check *check = verification_check(v, STAGE_GOLDEN, "bundle", VERDICT_SKIP);
        CLEANUP(free) char *text = error_text(&missing);
        check_reason(check, "%s", text);
        check_note(check, NOTE_WARNING, "%s: %s", v->suite->name, text);
    } else if (!verification_golden_folder(v)) {
        verification_error(v, STAGE_GOLDEN, "bundle", &v->golden_error);
    } else {
        CLEANUP(free) char *size = str_human_size(v->golden->bundle.size);
        struct check *check = verification_check(v, STAGE_GOLDEN, "bundle", VERDICT_PASS);
        check_reason(check, "whole, %s", size);
    }
    error_free(&missing);
}

static int load_before(struct manifest **out, struct repository *repository, const char *base, const char *path,
                       struct error *err)
{
    *out = NULL;
    CLEANUP(buf) struct buf text = {0};
    bool found = false;
    if (repository_read(&text, &found, repository, base, path, err) < 0)
        return -1;
    return found ? manifest_parse(out, path, buf_text(&text), text.len, err) : 0;
}

// One class of the suite: unchanged, new, changed with a reason of its own, or changed without.
static int compare_class(struct verification *v, struct repository *repository, const char *base,
                         const char *class_name, struct check *check, struct error *err)
{
    CLEANUP(free) char *path = golden_manifest_path(v->suite->name, class_name);
    CLEANUP(manifest) struct manifest *before = NULL;
    CLEANUP(manifest) struct manifest *now = NULL;
    if (golden_load(&now, v->session->project->root, v->suite->name, class_name, err) < 0 ||
        load_before(&before, repository, base, path, err) < 0)
        return -1;
    if (!now) // removed between two looks
        return 0;
    if (!before) {
        check_note(check, NOTE_NOTICE, "new golden of class '%s': %s", class_name, now->accepted.reason);
        return 0;
    }
    if (manifest_same(before, now))
        return 0;
    CLEANUP(strings) struct strings moved = {0};
    moved_all(&moved, before, now, v->suite, NULL);
    const char *first = moved.count > 0 ? moved.items[0] : "the bundle";
    const __typeof__(now->accepted.rolled_back) *back = &now->accepted.rolled_back;
    if (back->from && !str_equal(back->from, before->accepted.rolled_back.from)) {
        check_note(check, NOTE_NOTICE, "golden of class '%s' was rolled back from %.12s: \"%s\" (%s): %s%s", class_name,
                   back->from, back->reason ? back->reason : "no reason", back->by ? back->by : "unknown", first,
                   moved.count > 1 ? ", …" : "");
    } else if (str_equal(before->accepted.reason, now->accepted.reason)) {
        check->verdict = VERDICT_FAIL;
        check_reason(check, "golden of class '%s' changed without a reason of its own (%s%s)", class_name, first,
                     moved.count > 1 ? ", …" : "");
        check->file = str_dup(path);
        // Golden is what this result gives: recorded over it, nothing would move, and the reason would stay.
        CLEANUP(free) char *folder = fs_dirname(path);
        free(check->repeat);
        check->repeat =
            str_printf("rm -r %s && repro record %s --reason \"why this result is right\"", folder, v->suite->name);
    } else {
        check_note(check, NOTE_NOTICE, "golden of class '%s' changed on purpose: \"%s\" (%s): %s%s", class_name,
                   now->accepted.reason, now->accepted.by ? now->accepted.by : "unknown", first,
                   moved.count > 1 ? ", …" : "");
    }
    verification_lines(check, &moved);
    return 0;
}

// golden/NAME/CLASS/manifest.json; below it, goldens that were kept come and go.
static bool is_golden(const char *path)
{
    size_t depth = 0;
    for (const char *at = path; *at; at++)
        depth += *at == '/';
    return depth == 3 && str_equal(fs_basename(path), "manifest.json");
}

// `caveat` (NULL: none) is what must be known about the base.
static int compare_goldens(struct verification *v, const char *caveat, struct repository *repository, const char *base,
                           struct error *err)
{
    CLEANUP(strings) struct strings classes = {0}, before = {0};
    CLEANUP(free) char *folder = str_printf("golden/%s", v->suite->name);
    if (golden_classes(&classes, v->session->project->root, v->suite->name, err) < 0 ||
        repository_list(&before, repository, base, folder, err) < 0)
        return -1;
    struct check *check = verification_check(v, STAGE_GOLDEN, "changes", VERDICT_PASS);
    for (size_t i = 0; i < classes.count; i++) {
        if (compare_class(v, repository, base, classes.items[i], check, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < before.count; i++) {
        CLEANUP(free) char *path = fs_join(v->session->project->root, before.items[i]);
        if (is_golden(before.items[i]) && !fs_exists(path))
            check_note(check, NOTE_WARNING, "golden removed: %s", before.items[i]);
    }
    if (check->verdict == VERDICT_PASS)
        check_reason(check, check->note_count > 0 ? "changed on purpose"
                            : caveat              ? "as in HEAD"
                                                  : "as on the base branch");
    if (caveat)
        check_note(check, NOTE_NOTICE, "%s", caveat);
    return 0;
}

static int compare_suite(struct verification *v, struct repository *repository, const char *base, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    bool found = false;
    if (repository_read(&text, &found, repository, base, v->suite->path, err) < 0)
        return -1;
    struct check *check = verification_check(v, STAGE_GOLDEN, "tolerances", VERDICT_PASS);
    check_reason(check, found ? "none loosened" : "the suite is new");
    if (!found)
        return 0;
    CLEANUP(suite) struct suite *before = NULL;
    struct error unreadable = {0}; // a broken suite.json on the base branch is no fault of this change
    if (suite_parse(&before, v->suite->name, v->suite->path, buf_text(&text), text.len, &unreadable) == 0) {
        CLEANUP(strings) struct strings wider = {0};
        loosened(&wider, before, v->suite);
        for (size_t i = 0; i < wider.count; i++)
            check_note(check, NOTE_WARNING, "loosened: %s", wider.items[i]);
        if (wider.count > 0) {
            check_reason(check, "%zu loosened: %s%s", wider.count, wider.items[0], wider.count > 1 ? ", …" : "");
            check->file = str_dup(v->suite->path);
        }
    } else {
        check_reason(check, "not compared: suite.json cannot be read on the base branch");
    }
    error_free(&unreadable);
    return 0;
}

static int compare_with_base(struct verification *v, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *base = NULL;
    CLEANUP(free) char *why = NULL;
    if (repository_open(&repository, v->session->project->root, err) < 0)
        return -1;
    if (repository && base_branch(&base, &why, v->session, repository, err) < 0)
        return -1;
    if (!base) {
        struct check *check = verification_check(v, STAGE_GOLDEN, "changes", VERDICT_SKIP);
        check_reason(check, "%s", why ? why : "not in a git repository: what changed in golden/ is not known");
        if (why)
            check_note(check, NOTE_WARNING, "changes of goldens and tolerances were not looked at: %s", why);
        return 0;
    }
    if (compare_goldens(v, why, repository, base, err) < 0)
        return -1;
    return compare_suite(v, repository, base, err);
}

void stage_golden(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    check_class(v);
    check_bundle(v);
    if (compare_with_base(v, &err) < 0)
        verification_error(v, STAGE_GOLDEN, "changes", &err);
}

void golden_removed_suites(struct session *session, struct result *result)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *base = NULL;
    CLEANUP(free) char *why = NULL;
    CLEANUP(strings) struct strings before = {0}, removed = {0};
    const char *root = session->project->root;
    // Why there is no base is said once for each suite already.
    if (repository_open(&repository, root, &err) < 0 || !repository ||
        base_branch(&base, &why, session, repository, &err) < 0 || !base ||
        repository_list(&before, repository, base, "suites", &err) < 0)
        return;
    for (size_t i = 0; i < before.count; i++) {
        CLEANUP(free) char *folder = fs_dirname(before.items[i]);
        const char *name = fs_basename(folder);
        CLEANUP(free) char *document = str_printf("suites/%s/suite.json", name);
        if (str_equal(before.items[i], document) && !strings_has(&session->project->suites, name))
            strings_add(&removed, name);
    }
    if (removed.count == 0)
        return;
    struct check *check = result_add(result, "", STAGE_GOLDEN, "suites", VERDICT_PASS);
    CLEANUP(free) char *names = strings_join(&removed, ", ");
    check_reason(check, "removed: %s", names);
    check_note(check, NOTE_WARNING, "suites removed, nothing verifies them any more: %s", names);
}

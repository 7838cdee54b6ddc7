// SPDX-License-Identifier: Apache-2.0
//
// The stages that need no training: code (a note, for refactoring must keep the result), inputs (command, data,
// settings and externals may not move without a new golden) and environment.
#include "base/fs.h"
#include "engine/moved.h"
#include "engine/verify.h"
#include "store/repository.h"
#include "store/tree.h"

static void check_commit(struct verification *v)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(git_facts) struct git_facts facts = {0};
    if (repository_open(&repository, v->session->project->root, &err) < 0 ||
        (repository && repository_facts(&facts, repository, &err) < 0)) {
        verification_error(v, STAGE_CODE, "commit", &err);
        return;
    }
    struct check *check = verification_check(v, STAGE_CODE, "commit", VERDICT_PASS);
    if (!repository) {
        check_reason(check, "not in a git repository");
        return;
    }
    if (!facts.commit) {
        check_reason(check, "no commit yet%s%s", facts.branch ? " on branch " : "", facts.branch ? facts.branch : "");
        return;
    }
    check_reason(check, "%.12s%s%s%s", facts.commit, facts.branch ? " on " : " (detached)",
                 facts.branch ? facts.branch : "", facts.dirty.count > 0 ? ", with changes not committed" : "");
    if (facts.dirty.count > 0)
        check_detail(check, "not committed:\n");
    verification_lines(check, &facts.dirty);
    if (facts.dirty.count > 0) {
        char patch[65];
        digest_hex(patch, &facts.patch);
        check_detail(check, "digest of these changes: sha256 %s\n", patch);
    }
}

void stage_code(struct verification *v)
{
    const struct file_list *golden = &v->golden->code, *now = &v->replay->manifest->code;
    CLEANUP(strings) struct strings moved = {0};
    check_commit(v);
    moved_files(&moved, golden, now);
    struct check *check = verification_check(v, STAGE_CODE, "code", VERDICT_PASS);
    if (moved.count == 0) {
        CLEANUP(free) char *files = str_count(now->count, "file");
        check_reason(check, "%s as in golden", files);
        return;
    }
    CLEANUP(free) char *files = str_count(moved.count, "file");
    check_reason(check, "%s of %zu changed since golden: %s%s", files, now->count, moved.items[0],
                 moved.count > 1 ? ", …" : "");
    check_note(check, NOTE_NOTICE, "code changed since golden (the result must stay the same): %s%s", moved.items[0],
               moved.count > 1 ? ", …" : "");
    verification_lines(check, &moved);
}

static struct check *check_input(struct verification *v, const char *name, const char *same,
                                 const struct strings *moved)
{
    struct check *check = verification_check(v, STAGE_INPUTS, name, moved->count > 0 ? VERDICT_FAIL : VERDICT_PASS);
    if (moved->count == 0) {
        check_reason(check, "%s", same);
        return check;
    }
    check_reason(check, "%s changed without a new golden: %s%s", name, moved->items[0], moved->count > 1 ? ", …" : "");
    check->file = str_dup(v->suite->path);
    if (moved->count > 1) // the reason has the first
        verification_lines(check, moved);
    check_detail(check, "If the change is meant: repro record %s --reason \"…\", and commit golden/ with it.\n",
                 v->suite->name);
    return check;
}

static void check_input_files(struct verification *v, const char *name, const struct file_list *golden,
                              const struct file_list *now)
{
    if (golden->count == 0 && now->count == 0)
        return;
    CLEANUP(strings) struct strings moved = {0}, paths = {0};
    CLEANUP(free) char *files = str_count(now->count, "file");
    CLEANUP(free) char *same = str_printf("%s as in golden", files);
    moved_files(&moved, golden, now);
    struct check *check = check_input(v, name, same, &moved);
    tree_compare(golden, now, &paths, NULL, &paths);
    strings_sort(&paths);
    // The annotation goes to a file that changed; what is gone, and what lies outside the project, has no line to show.
    if (paths.count > 0 && now != &v->replay->manifest->external) {
        free(check->file);
        check->file = str_dup(paths.items[0]);
    }
}

// What golden's run looked for in vain: once it is there, this run finds it.
static void check_absent(struct verification *v)
{
    const struct strings *absent = &v->golden->absent;
    CLEANUP(strings) struct strings appeared = {0};
    const char *folder = replay_source(v->replay, v->session);
    for (size_t i = 0; i < absent->count; i++) {
        CLEANUP(free) char *path = fs_join(folder, absent->items[i]);
        if (fs_exists(path))
            strings_add(&appeared, absent->items[i]);
    }
    if (absent->count == 0)
        return;
    CLEANUP(free) char *files = str_count(absent->count, "file");
    struct check *check =
        verification_check(v, STAGE_INPUTS, "absent", appeared.count > 0 ? VERDICT_FAIL : VERDICT_PASS);
    if (appeared.count == 0) {
        check_reason(check, "%s that golden's run looked for in vain %s still not there", files,
                     absent->count == 1 ? "is" : "are");
        return;
    }
    CLEANUP(free) char *some = str_count(appeared.count, "file");
    if (appeared.count == 1)
        check_reason(check, "golden's run looked for %s in vain, and now it is there", appeared.items[0]);
    else
        check_reason(check, "golden's run looked for %s in vain that are there now: %s, …", some, appeared.items[0]);
    check->file = str_dup(appeared.items[0]);
    if (appeared.count > 1)
        verification_lines(check, &appeared);
    check_detail(check, "Remove %s, or declare %s and record.\n", appeared.count > 1 ? "them" : "it",
                 appeared.count > 1 ? "them as inputs" : "it as an input");
}

void stage_inputs(struct verification *v)
{
    const struct manifest *golden = v->golden, *now = v->replay->manifest;
    CLEANUP(strings) struct strings command = {0};
    moved_command(&command, golden, now);
    check_input(v, "command", "as in golden", &command);
    check_input_files(v, "data", &golden->data, &now->data);
    check_input_files(v, "settings", &golden->settings, &now->settings);
    check_input_files(v, "external", &golden->external, &now->external);
    check_absent(v);
}

void stage_environment(struct verification *v)
{
    CLEANUP(strings) struct strings moved = {0};
    moved_environment(&moved, &v->golden->environment, &v->replay->manifest->environment);
    bool fails = moved.count > 0 && v->suite->environment == ON_CHANGE_FAIL;
    struct check *check = verification_check(v, STAGE_ENVIRONMENT, "environment", fails ? VERDICT_FAIL : VERDICT_PASS);
    if (moved.count == 0) {
        check_reason(check, "as in golden");
        return;
    }
    check_reason(check, "differs from golden: %s%s", moved.items[0], moved.count > 1 ? ", …" : "");
    if (!fails)
        check_note(check, NOTE_WARNING, "%s: environment differs from golden: %s%s", v->suite->name, moved.items[0],
                   moved.count > 1 ? ", …" : "");
    verification_lines(check, &moved);
}

// SPDX-License-Identifier: Apache-2.0
//
// The stage `artifacts`: every file that golden or the replay has, byte for byte.
#include "base/fs.h"
#include "compare/bytes.h"
#include "engine/moved.h"
#include "engine/verify.h"

#include <string.h>

// Where golden's bundle is at hand, says where the bytes part; else only that the digests differ.
static void describe_difference(struct verification *v, struct check *check, const struct file_entry *golden,
                                const struct file_entry *now)
{
    char was[65], is[65];
    digest_hex(was, &golden->sha256);
    digest_hex(is, &now->sha256);
    // A link is not followed: it may lead anywhere, and its target's text is what its digest is of.
    bool regular = golden->kind == FILE_REGULAR && now->kind == FILE_REGULAR;
    const char *folder = regular ? verification_golden_folder(v) : NULL;
    CLEANUP(free) char *text = NULL;
    CLEANUP(error) struct error err = {0};
    if (golden->kind != now->kind) {
        text = str_dup("is no longer the same kind of file");
    } else if (folder) {
        CLEANUP(free) char *a = fs_join(folder, golden->path);
        CLEANUP(free) char *b = replay_output(v->replay, now->path);
        struct bytes_difference difference;
        if (bytes_compare(&difference, a, b, &err) == 0)
            text = bytes_describe(&difference);
    } else if (regular) {
        CLEANUP(free) char *why = error_text(&v->golden_error);
        check_detail(check, "golden's bytes are not at hand: %s\n", why);
    }
    if (text)
        check_reason(check, "%s", text);
    else
        check_reason(check, "differs from golden: sha256 %.12s, golden has %.12s", is, was);
    check_detail(check, "golden  sha256 %s\nreplay  sha256 %s\n", was, is);
    check->cause = verification_cause(v);
}

static void compare_one(struct verification *v, const struct file_entry *golden, const struct file_entry *now)
{
    const char *path = golden ? golden->path : now->path;
    const struct artifact_rule *rule = suite_artifact(v->suite, path);
    if (v->foreign && golden && now) {
        struct check *check = verification_check(v, STAGE_ARTIFACTS, path, VERDICT_SKIP);
        check_reason(check, "bytes are compared within one class only (golden '%s', here '%s')", v->golden->class_name,
                     v->replay->manifest->class_name);
        return;
    }
    bool same = golden && now && digest_equal(&golden->sha256, &now->sha256) && golden->kind == now->kind;
    struct check *check = verification_check(v, STAGE_ARTIFACTS, path, same ? VERDICT_PASS : VERDICT_FAIL);
    if (rule && rule->line > 0 && !same) {
        check->file = str_dup(v->suite->path);
        check->line = rule->line;
    }
    if (!now) {
        check_reason(check, "golden has it, but this run did not write it");
    } else if (!golden) {
        check_reason(check, "the run wrote it, but golden does not have it");
    } else if (!same) {
        describe_difference(v, check, golden, now);
    } else {
        CLEANUP(free) char *size = str_human_size(now->size);
        check_reason(check, "%s, equal byte for byte", size);
        if (rule && (rule->compare == COMPARE_TENSORS || rule->compare == COMPARE_CLOSE))
            check_detail(check, "compared byte for byte: repro %s does not read tensors yet\n", REPRO_VERSION);
    }
}

// Declared, but neither golden nor the run has a file for it.
static void check_missing(struct verification *v)
{
    for (size_t i = 0; i < v->suite->artifact_count; i++) {
        const struct artifact_rule *rule = &v->suite->artifacts[i];
        if (!strings_has(&v->replay->missing, rule->path) || file_list_find(&v->golden->artifacts, rule->path))
            continue;
        struct check *check = verification_check(v, STAGE_ARTIFACTS, rule->path, VERDICT_FAIL);
        CLEANUP(free) char *why = replay_missing(v->replay, rule->path);
        check_reason(check, "%s", why);
        check->file = str_dup(v->suite->path);
        check->line = rule->line;
    }
}

void stage_artifacts(struct verification *v)
{
    const struct file_list *golden = &v->golden->artifacts, *now = &v->replay->manifest->artifacts;
    session_phase(v->session, v->suite->name, "comparing artifacts", 0);
    size_t g = 0, n = 0;
    while (g < golden->count || n < now->count) {
        const struct file_entry *was = g < golden->count ? &golden->items[g] : NULL;
        const struct file_entry *is = n < now->count ? &now->items[n] : NULL;
        int order = g >= golden->count ? 1 : n >= now->count ? -1 : strcmp(was->path, is->path);
        const char *path = order <= 0 ? was->path : is->path;
        if (replay_is_artifact(v->suite, path))
            compare_one(v, order <= 0 ? was : NULL, order >= 0 ? is : NULL);
        g += order <= 0;
        n += order >= 0;
    }
    check_missing(v);
}

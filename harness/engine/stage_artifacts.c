// SPDX-License-Identifier: Apache-2.0
//
// The stage `artifacts`: every file that golden or the replay has. Bytes equal; else content equal; else, where the
// suite asks for it, the numbers within its tolerances.
#include "base/fs.h"
#include "compare/bytes.h"
#include "compare/contents.h"
#include "core/difference.h"
#include "engine/content_facts.h"
#include "engine/diff.h"
#include "engine/kept.h"
#include "engine/moved.h"
#include "engine/verify.h"

#include <string.h>

enum { ROWS_AT_MOST = 20 };

static bool is_numeric(const struct artifact_rule *rule)
{
    return rule && (rule->compare == COMPARE_TENSORS || rule->compare == COMPARE_CLOSE);
}

static struct tensor_rule rule_of(const struct tensor_allowance *allowance)
{
    return (struct tensor_rule){
        .max_ulp = allowance->max_ulp, .abs = allowance->abs, .rel = allowance->rel, .close = allowance->close};
}

static bool allows(const struct tensor_allowance *allowance)
{
    return allowance->max_ulp > 0 || allowance->abs > 0 || allowance->rel > 0 || allowance->close;
}

// True when the suite says how far this artifact may be from golden's.
static bool has_allowance(const struct artifact_rule *rule)
{
    if (!is_numeric(rule))
        return false;
    for (size_t i = 0; i < rule->tensor_count; i++) {
        if (allows(&rule->tensors[i]))
            return true;
    }
    return allows(&rule->allowance);
}

// The rules for the tensors of one artifact, its own last. NULL (and 0) where equality is asked for. The caller frees.
static struct contents_rule *rules_of(size_t *count, const struct artifact_rule *rule)
{
    *count = 0;
    if (!is_numeric(rule))
        return NULL;
    struct contents_rule *rules = mem_array(rule->tensor_count + 1, sizeof *rules);
    for (size_t i = 0; i < rule->tensor_count; i++)
        rules[(*count)++] =
            (struct contents_rule){.pattern = rule->tensors[i].pattern, .tensor = rule_of(&rule->tensors[i])};
    rules[(*count)++] = (struct contents_rule){.pattern = "*", .tensor = rule_of(&rule->allowance)};
    return rules;
}

// What both hold, value by value. NULL, with the reason in `err`, where that cannot be told. The caller frees.
static struct difference *compare_values(struct verification *v, const char *path, const struct artifact_rule *rule,
                                         struct error *err)
{
    const char *folder = verification_golden_folder(v);
    CLEANUP(contents) struct contents *before = NULL, *after = NULL;
    CLEANUP(contents_difference) struct contents_difference found = {0};
    size_t count = 0;
    CLEANUP(free) struct contents_rule *rules = rules_of(&count, rule);
    if (!folder)
        return NULL;
    CLEANUP(free) char *a = fs_join(folder, path), *b = replay_output(v->replay, path);
    if (contents_open(&before, a, err) < 0 || contents_open(&after, b, err) < 0)
        return NULL;
    contents_compare(&found, before, after, rules, count);
    struct difference *difference = difference_new("golden", "replay");
    diff_add_findings(difference, &found, before, after);
    return difference;
}

// Golden's bytes are not at hand: what its manifest keeps of the tensors still tells which of them moved.
static struct difference *compare_kept(struct verification *v, const struct file_entry *golden)
{
    CLEANUP(free) char *file = replay_output(v->replay, golden->path);
    CLEANUP(contents) struct contents *after = NULL;
    struct content *now = NULL;
    struct error ignored = {0};
    struct difference *difference = NULL;
    if (golden->content && contents_open(&after, file, &ignored) == 0 && content_facts(&now, after, &ignored) == 0) {
        difference = difference_new("golden", "replay");
        diff_add_facts(difference, "", golden->content, now);
        CLEANUP(free) char *tensors = str_count(difference->count, "tensor");
        difference->summary =
            str_printf("%s of %zu moved, by the digests that golden keeps", tensors, difference->values);
    }
    content_free(now);
    error_free(&ignored);
    return difference;
}

static void add_rows(struct check *check, const struct difference *difference)
{
    for (size_t i = 0; i < difference->count && i < ROWS_AT_MOST; i++) {
        const struct difference_row *row = &difference->rows[i];
        check_detail(check, "%s  %s  %s%s%s\n", row->name, row->change, row->text ? row->text : "",
                     row->was ? "  was " : "", row->was ? row->was : "");
    }
    if (difference->count > ROWS_AT_MOST)
        check_detail(check, "… and %zu more\n", difference->count - ROWS_AT_MOST);
    for (size_t i = 0, shown = 0; i < difference->count && shown == 0; i++) {
        const struct difference_row *row = &difference->rows[i];
        if (row->histogram && row->differing > 1 && row->max_ulp > 0 && ++shown)
            check_detail(check, "%s, elements by distance:\n%s\n", row->name, row->histogram);
    }
    for (size_t i = 0; i < difference->notes.count; i++)
        check_detail(check, "%s\n", difference->notes.items[i]);
}

static void add_digests(struct check *check, const struct file_entry *golden, const struct file_entry *now)
{
    char was[65], is[65];
    digest_hex(was, &golden->sha256);
    digest_hex(is, &now->sha256);
    check_detail(check, "golden  sha256 %s\nreplay  sha256 %s\n", was, is);
}

// What was written is kept, so that anybody can look closer.
static void offer_diff(struct verification *v, struct check *check, const struct file_entry *now)
{
    if (now->kind != FILE_REGULAR)
        return;
    CLEANUP(free) char *kept = kept_output(v->replay, v->session, now->path);
    if (!kept)
        return;
    CLEANUP(free) char *golden = str_printf("%s/%s:%s", v->suite->name, v->golden->class_name, now->path);
    CLEANUP(free) char *a = str_shell_quote(golden), *b = str_shell_quote(kept);
    check_detail(check, "look closer: repro diff %s %s --all\n", a, b);
}

static char *left_out(const struct difference *difference)
{
    CLEANUP(free) char *what = strings_join(&difference->left_out, ", ");
    return difference->left_out.count > 0 ? str_printf("; left out: %s", what) : str_dup("");
}

// Where the bytes part, for a file that nobody reads as values.
static void describe_bytes(struct verification *v, struct check *check, const struct file_entry *golden,
                           const struct file_entry *now)
{
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
    char was[13], is[13];
    moved_short(was, &golden->sha256);
    moved_short(is, &now->sha256);
    if (text)
        check_reason(check, "%s", text);
    else
        check_reason(check, "differs from golden: sha256 %s, golden has %s", is, was);
}

// The file differs, and byte for byte is what was asked for. That its values are the same, or how they differ, helps.
static void describe_values(struct check *check, const struct difference *difference)
{
    CLEANUP(free) char *outside = left_out(difference);
    if (difference->sameness == SAME_CONTENT)
        check_detail(check,
                     "every value in it is equal, only the container differs%s; \"compare\": \"tensors\" "
                     "would pass\n",
                     outside);
    else if (difference->count > 0 && difference->rows[0].dtype)
        check_detail(check, "%s\n", difference->summary);
    if (difference->count > 0 && difference->rows[0].dtype)
        add_rows(check, difference);
}

static struct check *begin(struct verification *v, const struct file_entry *entry, enum verdict verdict)
{
    const struct artifact_rule *rule = suite_artifact(v->suite, entry->path);
    struct check *check = verification_check(v, STAGE_ARTIFACTS, entry->path, verdict);
    if (rule && rule->line > 0 && (verdict == VERDICT_FAIL || verdict == VERDICT_ERROR)) {
        check->file = str_dup(v->suite->path);
        check->line = rule->line;
    }
    return check;
}

static void fail_on_bytes(struct verification *v, const struct file_entry *golden, const struct file_entry *now,
                          const struct difference *difference, const struct error *why)
{
    struct check *check = begin(v, now, VERDICT_FAIL);
    describe_bytes(v, check, golden, now);
    if (difference)
        describe_values(check, difference);
    if (is_numeric(suite_artifact(v->suite, now->path)) && why->kind != ERROR_NONE) {
        // Where the file lies for the moment says nothing.
        CLEANUP(free) char *text = error_text(why);
        const char *path = strstr(text, now->path);
        check_detail(check, "compared byte for byte: %s\n", path ? path : text);
    }
    add_digests(check, golden, now);
    offer_diff(v, check, now);
    check->cause = verification_cause(v);
}

// Another arithmetic moves numbers by a little: it makes no NaN, and no tensors come, go or change their shape.
static bool is_of_arithmetic(const struct difference *difference)
{
    for (size_t i = 0; i < difference->count; i++) {
        const struct difference_row *row = &difference->rows[i];
        if ((!str_equal(row->change, "differs") && !str_equal(row->change, "within")) || row->nan_appeared > 0)
            return false;
    }
    return true;
}

// The verdict over values that were compared under the suite's rules.
static void judge_values(struct verification *v, const struct file_entry *golden, const struct file_entry *now,
                         const struct difference *difference)
{
    bool differs = difference->sameness == DIFFERENT;
    bool lenient =
        differs && v->foreign && !has_allowance(suite_artifact(v->suite, now->path)) && is_of_arithmetic(difference);
    struct check *check = begin(v, now, lenient ? VERDICT_SKIP : differs ? VERDICT_FAIL : VERDICT_PASS);
    CLEANUP(free) char *outside = left_out(difference);
    if (lenient)
        check_reason(check, "another numerical class (golden %s, here %s), and suite.json allows no distance: %s",
                     v->golden->class_name, v->replay->manifest->class_name, difference->summary);
    else if (difference->sameness == SAME_CONTENT)
        check_reason(check, "content equal: every value is the same, the bytes differ%s", outside);
    else if (difference->sameness == SAME_WITHIN)
        check_reason(check, "within tolerance: %s", difference->summary);
    else if (golden->format && now->format && !str_equal(golden->format, now->format))
        check_reason(check, "is %s, was %s: %s", now->format, golden->format, difference->summary);
    else
        check_reason(check, "%s", difference->summary);
    add_rows(check, difference);
    if (!differs)
        return;
    add_digests(check, golden, now);
    offer_diff(v, check, now);
    check->cause = verification_cause(v);
}

// Golden's bytes are elsewhere: equality can be judged by digests, a tolerance cannot.
static void judge_kept(struct verification *v, const struct file_entry *golden, const struct file_entry *now)
{
    const struct artifact_rule *rule = suite_artifact(v->suite, now->path);
    CLEANUP(difference) struct difference *difference = compare_kept(v, golden);
    CLEANUP(free) char *why = error_text(&v->golden_error);
    if (difference && is_numeric(rule) && (difference->sameness != DIFFERENT || !has_allowance(rule))) {
        judge_values(v, golden, now, difference);
    } else if (difference && has_allowance(rule)) {
        struct check *check = begin(v, now, VERDICT_ERROR);
        check->fault = ERROR_MACHINE;
        check_reason(check, "%s; whether that is within the tolerance cannot be told: %s", difference->summary, why);
        add_rows(check, difference);
    } else if (difference && v->foreign) {
        judge_values(v, golden, now, difference);
    } else {
        struct error none = {0};
        fail_on_bytes(v, golden, now, difference, &none);
    }
}

static void compare_differing(struct verification *v, const struct file_entry *golden, const struct file_entry *now)
{
    const struct artifact_rule *rule = suite_artifact(v->suite, now->path);
    CLEANUP(error) struct error err = {0};
    CLEANUP(difference) struct difference *difference = NULL;
    bool regular = golden->kind == FILE_REGULAR && now->kind == FILE_REGULAR;
    if (regular && !verification_golden_folder(v)) {
        judge_kept(v, golden, now);
        return;
    }
    if (regular)
        difference = compare_values(v, now->path, rule, &err);
    if (difference && is_numeric(rule))
        judge_values(v, golden, now, difference);
    else
        fail_on_bytes(v, golden, now, difference, &err);
}

static void compare_one(struct verification *v, const struct file_entry *golden, const struct file_entry *now)
{
    const struct file_entry *entry = golden ? golden : now;
    bool same = golden && now && digest_equal(&golden->sha256, &now->sha256) && golden->kind == now->kind;
    if (!now) {
        struct check *check = begin(v, entry, VERDICT_FAIL);
        check_reason(check, "golden has it, but this run did not write it");
        CLEANUP(free) char *why = replay_missing(v->replay, entry->path);
        if (strings_has(&v->replay->missing, entry->path))
            check_detail(check, "%s\n", why);
    } else if (!golden) {
        check_reason(begin(v, entry, VERDICT_FAIL), "the run wrote it, but golden does not have it");
    } else if (same) {
        CLEANUP(free) char *size = str_human_size(now->size);
        check_reason(begin(v, entry, VERDICT_PASS), "%s, equal byte for byte", size);
    } else if (v->foreign && !is_numeric(suite_artifact(v->suite, entry->path))) {
        check_reason(begin(v, entry, VERDICT_SKIP), "bytes are compared within one class only (golden '%s', here '%s')",
                     v->golden->class_name, v->replay->manifest->class_name);
    } else {
        compare_differing(v, golden, now);
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

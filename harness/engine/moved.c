// SPDX-License-Identifier: Apache-2.0
#include "engine/moved.h"

#include "base/buf.h"
#include "compare/metrics.h"
#include "engine/replay.h"

#include <string.h>

void moved_short(char out[13], const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    memcpy(out, hex, 12);
    out[12] = '\0';
}

static bool same_entry(const struct file_entry *a, const struct file_entry *b)
{
    return digest_equal(&a->sha256, &b->sha256) && a->kind == b->kind && a->executable == b->executable;
}

static void say_changed(struct strings *out, const struct file_entry *was, const struct file_entry *is)
{
    char before[13], after[13];
    moved_short(before, &was->sha256);
    moved_short(after, &is->sha256);
    if (!digest_equal(&was->sha256, &is->sha256))
        strings_printf(out, "%s: %s → %s", is->path, before, after);
    else if (was->kind != is->kind)
        strings_printf(out, "%s: is no longer the same kind of file", is->path);
    else
        strings_printf(out, "%s: is %s executable", is->path, is->executable ? "now" : "no longer");
}

void moved_files(struct strings *out, const struct file_list *golden, const struct file_list *now)
{
    size_t g = 0, n = 0;
    while (g < golden->count || n < now->count) {
        const struct file_entry *was = g < golden->count ? &golden->items[g] : NULL;
        const struct file_entry *is = n < now->count ? &now->items[n] : NULL;
        int order = g >= golden->count ? 1 : n >= now->count ? -1 : strcmp(was->path, is->path);
        char digest[13];
        if (order == 0) {
            if (!same_entry(was, is))
                say_changed(out, was, is);
        } else if (order < 0) {
            moved_short(digest, &was->sha256);
            strings_printf(out, "%s: gone, was %s", was->path, digest);
        } else {
            moved_short(digest, &is->sha256);
            strings_printf(out, "%s: new, %s", is->path, digest);
        }
        g += order <= 0;
        n += order >= 0;
    }
}

// Both lists sorted by name.
static void moved_pairs(struct strings *out, const char *prefix, const struct pairs *golden, const struct pairs *now)
{
    size_t g = 0, n = 0;
    while (g < golden->count || n < now->count) {
        const struct pair *was = g < golden->count ? &golden->items[g] : NULL;
        const struct pair *is = n < now->count ? &now->items[n] : NULL;
        int order = g >= golden->count ? 1 : n >= now->count ? -1 : strcmp(was->name, is->name);
        const char *name = order <= 0 ? was->name : is->name;
        const char *before = order <= 0 ? was->value : "(not there)", *after = order >= 0 ? is->value : "(not there)";
        if (order != 0 || strcmp(was->value, is->value) != 0)
            strings_printf(out, "%s%s: %s → %s", prefix, name, before, after);
        g += order <= 0;
        n += order >= 0;
    }
}

void moved_environment(struct strings *out, const struct pairs *golden, const struct pairs *now)
{
    moved_pairs(out, "", golden, now);
}

bool moved_computed(struct strings *out, const struct manifest *golden, const struct manifest *now)
{
    if (golden->computed.count == 0 || now->computed.count == 0)
        return false;
    moved_pairs(out, "", &golden->computed, &now->computed);
    return true;
}

static bool same_strings(const struct strings *a, const struct strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

void moved_command(struct strings *out, const struct manifest *golden, const struct manifest *now)
{
    if (!same_strings(&golden->command.argv, &now->command.argv)) {
        CLEANUP(free) char *before = strings_shell(&golden->command.argv);
        CLEANUP(free) char *after = strings_shell(&now->command.argv);
        strings_printf(out, "command: %s → %s", before, after);
    }
    if (!str_equal(golden->command.directory, now->command.directory))
        strings_printf(out, "directory: %s → %s", golden->command.directory, now->command.directory);
    moved_pairs(out, "env ", &golden->command.env, &now->command.env);
    if (!same_strings(&golden->command.pins, &now->command.pins)) {
        CLEANUP(free) char *before = strings_join(&golden->command.pins, " ");
        CLEANUP(free) char *after = strings_join(&now->command.pins, " ");
        strings_printf(out, "pins: %s → %s", *before ? before : "(none)", *after ? after : "(none)");
    }
}

void moved_metrics(struct strings *out, const struct manifest *golden, const struct manifest *now,
                   const struct suite *suite)
{
    struct metric_findings findings = {0};
    metrics_compare(&findings, &golden->metrics, &now->metrics, suite);
    for (size_t i = 0; i < findings.count; i++) {
        enum metric_verdict verdict = findings.items[i].verdict;
        if (verdict != METRIC_EQUAL && verdict != METRIC_WITHIN)
            strings_take(out, metric_describe(&findings.items[i]));
    }
    metric_findings_free(&findings);
}

static void add_prefixed(struct strings *out, const char *part, const struct strings *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        strings_printf(out, "%s: %s", part, lines->items[i]);
}

static void only_artifacts(struct file_list *out, const struct file_list *all, const struct suite *suite)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!replay_is_artifact(suite, all->items[i].path))
            continue;
        struct file_entry *entry = file_list_add(out, all->items[i].path);
        entry->kind = all->items[i].kind;
        entry->executable = all->items[i].executable;
        entry->sha256 = all->items[i].sha256;
    }
}

void moved_all(struct strings *out, const struct manifest *golden, const struct manifest *now,
               const struct suite *suite, const struct strings *series)
{
    const struct {
        const char *part;
        const struct file_list *golden, *now;
    } inputs[] = {
        {"code", &golden->code, &now->code},
        {"data", &golden->data, &now->data},
        {"settings", &golden->settings, &now->settings},
        {"external", &golden->external, &now->external},
    };
    CLEANUP(strings) struct strings command = {0}, environment = {0}, artifacts = {0}, metrics = {0};
    moved_command(&command, golden, now);
    add_prefixed(out, "command", &command);
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        CLEANUP(strings) struct strings lines = {0};
        moved_files(&lines, inputs[i].golden, inputs[i].now);
        add_prefixed(out, inputs[i].part, &lines);
    }
    moved_environment(&environment, &golden->environment, &now->environment);
    moved_computed(&environment, golden, now);
    add_prefixed(out, "environment", &environment);

    CLEANUP(file_list) struct file_list before = {0}, after = {0};
    only_artifacts(&before, &golden->artifacts, suite);
    only_artifacts(&after, &now->artifacts, suite);
    moved_files(&artifacts, &before, &after);
    add_prefixed(out, "artifact", &artifacts);
    moved_metrics(&metrics, golden, now, suite);
    add_prefixed(out, "metric", &metrics);
    if (series)
        add_prefixed(out, "series", series);
}

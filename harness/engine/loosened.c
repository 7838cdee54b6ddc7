// SPDX-License-Identifier: Apache-2.0
#include "engine/loosened.h"

#include <stdio.h>

static void compare_number(struct strings *out, const char *what, const char *name, double before, double now)
{
    if (now <= before)
        return;
    char from[32], to[32];
    str_double(from, before);
    str_double(to, now);
    strings_printf(out, "%s '%s': %s → %s", what, name, from, to);
}

static const struct tolerance *find_tolerance(const struct suite *suite, const char *pattern)
{
    for (size_t i = 0; i < suite->metrics.tolerance_count; i++) {
        if (str_equal(suite->metrics.tolerances[i].pattern, pattern))
            return &suite->metrics.tolerances[i];
    }
    return NULL;
}

static void compare_tolerance(struct strings *out, const char *name, const struct tolerance *before,
                              const struct tolerance *now)
{
    static const struct tolerance equality = {0};
    if (!before)
        before = &equality;
    compare_number(out, "absolute tolerance of", name, before->abs, now->abs);
    compare_number(out, "relative tolerance of", name, before->rel, now->rel);
    if (now->better != BETTER_NEITHER && before->better != now->better)
        strings_printf(out, "'%s' may now become %s without failing", name,
                       now->better == BETTER_HIGHER ? "higher" : "lower");
}

static void compare_metrics(struct strings *out, const struct suite *before, const struct suite *now)
{
    for (size_t i = 0; i < now->metrics.tolerance_count; i++) {
        const struct tolerance *rule = &now->metrics.tolerances[i];
        // A new pattern is measured against the rule that its name used to fall under.
        const struct tolerance *old = find_tolerance(before, rule->pattern);
        compare_tolerance(out, rule->pattern, old ? old : suite_tolerance(before, rule->pattern), rule);
    }
    for (size_t i = 0; i < before->metrics.from.count; i++) {
        if (!strings_has(&now->metrics.from, before->metrics.from.items[i]))
            strings_printf(out, "metrics of '%s' are no longer read", before->metrics.from.items[i]);
    }
    for (size_t i = 0; i < before->metrics.series_count; i++) {
        const struct series_rule *old = &before->metrics.series[i], *found = NULL;
        for (size_t j = 0; j < now->metrics.series_count && !found; j++) {
            if (str_equal(now->metrics.series[j].path, old->path))
                found = &now->metrics.series[j];
        }
        if (found)
            compare_tolerance(out, old->path, &old->tolerance, &found->tolerance);
        else
            strings_printf(out, "series '%s' is no longer compared", old->path);
    }
}

static const struct artifact_rule *find_artifact(const struct suite *suite, const char *path)
{
    for (size_t i = 0; i < suite->artifact_count; i++) {
        if (str_equal(suite->artifacts[i].path, path))
            return &suite->artifacts[i];
    }
    return NULL;
}

static void compare_artifacts(struct strings *out, const struct suite *before, const struct suite *now)
{
    if (!before->artifacts_given && now->artifacts_given)
        strings_printf(out, "only declared artifacts are compared now; before, every file that the run wrote was");
    for (size_t i = 0; i < before->artifact_count; i++) {
        const struct artifact_rule *old = &before->artifacts[i];
        const struct artifact_rule *rule = now->artifacts_given ? find_artifact(now, old->path) : old;
        if (!rule && old->compare != COMPARE_NONE) {
            strings_printf(out, "artifact '%s' is no longer compared", old->path);
        } else if (rule) {
            if (rule->compare > old->compare)
                strings_printf(out, "artifact '%s' is compared less strictly", old->path);
            compare_number(out, "ULPs allowed in", old->path, (double)old->max_ulp, (double)rule->max_ulp);
            compare_number(out, "absolute tolerance of", old->path, old->abs, rule->abs);
            compare_number(out, "relative tolerance of", old->path, old->rel, rule->rel);
        }
    }
}

// 0 means no limit, which is the loosest of all.
static void compare_limit(struct strings *out, const char *name, double before, double now)
{
    if (before > 0 && now == 0)
        strings_printf(out, "limit '%s' is gone", name);
    else if (before > 0)
        compare_number(out, "limit", name, before, now);
}

void loosened(struct strings *out, const struct suite *before, const struct suite *now)
{
    compare_metrics(out, before, now);
    compare_artifacts(out, before, now);
    compare_limit(out, "train.wall", before->limits.train_wall, now->limits.train_wall);
    compare_limit(out, "train.memory", (double)before->limits.train_memory, (double)now->limits.train_memory);
    compare_limit(out, "artifact", (double)before->limits.artifact, (double)now->limits.artifact);
    if (before->environment == ON_CHANGE_FAIL && now->environment == ON_CHANGE_WARN)
        strings_printf(out, "another environment is only a warning now");
}

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

// What holds for a name without a rule is equality.
static void compare_tolerance(struct strings *out, const char *name, const struct tolerance *before,
                              const struct tolerance *now)
{
    static const struct tolerance equality = {0};
    before = before ? before : &equality;
    now = now ? now : &equality;
    compare_number(out, "absolute tolerance of", name, before->abs, now->abs);
    compare_number(out, "relative tolerance of", name, before->rel, now->rel);
    if (now->better != BETTER_NEITHER && before->better != now->better)
        strings_printf(out, "'%s' may now become %s without failing", name,
                       now->better == BETTER_HIGHER ? "higher" : "lower");
}

// The first rule that matches counts, so a rule that is put in front, moved or taken away changes what holds for the
// names of the others: every name and pattern of either document is looked up in both.
static void compare_tolerances(struct strings *out, const struct suite *before, const struct suite *now)
{
    const struct suite *suites[] = {before, now};
    CLEANUP(strings) struct strings patterns = {0};
    for (size_t s = 0; s < ARRAY_LEN(suites); s++) {
        for (size_t i = 0; i < suites[s]->metrics.tolerance_count; i++)
            strings_add(&patterns, suites[s]->metrics.tolerances[i].pattern);
    }
    strings_sort(&patterns);
    strings_unique(&patterns);
    for (size_t i = 0; i < patterns.count; i++)
        compare_tolerance(out, patterns.items[i], suite_tolerance(before, patterns.items[i]),
                          suite_tolerance(now, patterns.items[i]));
}

static const struct series_rule *find_series(const struct suite *suite, const char *path)
{
    for (size_t i = 0; i < suite->metrics.series_count; i++) {
        if (str_equal(suite->metrics.series[i].path, path))
            return &suite->metrics.series[i];
    }
    return NULL;
}

static void compare_metrics(struct strings *out, const struct suite *before, const struct suite *now)
{
    compare_tolerances(out, before, now);
    for (size_t i = 0; i < before->metrics.from.count; i++) {
        if (!strings_has(&now->metrics.from, before->metrics.from.items[i]))
            strings_printf(out, "metrics of '%s' are no longer read", before->metrics.from.items[i]);
    }
    for (size_t i = 0; i < before->metrics.series_count; i++) {
        const struct series_rule *old = &before->metrics.series[i], *rule = find_series(now, old->path);
        if (rule)
            compare_tolerance(out, old->path, &old->tolerance, &rule->tolerance);
        else
            strings_printf(out, "series '%s' is no longer compared", old->path);
    }
}

// NULL: not compared. Where nothing is declared, every file is compared byte for byte.
static const struct artifact_rule *effective_rule(const struct suite *suite, const char *path)
{
    static const struct artifact_rule bytes = {.compare = COMPARE_BYTES};
    if (!suite->artifacts_given)
        return &bytes;
    const struct artifact_rule *rule = suite_artifact(suite, path);
    return rule && rule->compare != COMPARE_NONE ? rule : NULL;
}

static void compare_allowance(struct strings *out, const char *name, const struct tensor_allowance *before,
                              const struct tensor_allowance *now)
{
    compare_number(out, "ULPs allowed in", name, (double)before->max_ulp, (double)now->max_ulp);
    compare_number(out, "absolute tolerance of", name, before->abs, now->abs);
    compare_number(out, "relative tolerance of", name, before->rel, now->rel);
    if (!before->close && now->close)
        strings_printf(out, "'%s' need only be close now", name);
}

static void add_patterns(struct strings *out, const struct artifact_rule *rule)
{
    for (size_t i = 0; i < rule->tensor_count; i++)
        strings_add(out, rule->tensors[i].pattern);
}

static void compare_artifact(struct strings *out, const char *path, const struct suite *before, const struct suite *now)
{
    const struct artifact_rule *old = effective_rule(before, path), *rule = effective_rule(now, path);
    if (!old)
        return;
    if (!rule) {
        strings_printf(out, "artifact '%s' is no longer compared", path);
        return;
    }
    if (rule->compare > old->compare)
        strings_printf(out, "artifact '%s' is compared less strictly", path);
    compare_allowance(out, path, &old->allowance, &rule->allowance);
    CLEANUP(strings) struct strings patterns = {0};
    add_patterns(&patterns, old);
    add_patterns(&patterns, rule);
    strings_sort(&patterns);
    strings_unique(&patterns);
    for (size_t i = 0; i < patterns.count; i++) {
        CLEANUP(free) char *name = str_printf("%s: %s", path, patterns.items[i]);
        compare_allowance(out, name, suite_allowance(old, patterns.items[i]), suite_allowance(rule, patterns.items[i]));
    }
}

static void compare_artifacts(struct strings *out, const struct suite *before, const struct suite *now)
{
    if (!before->artifacts_given && now->artifacts_given)
        strings_printf(out, "only declared artifacts are compared now; before, every file that the run wrote was");
    const struct suite *suites[] = {before, now};
    CLEANUP(strings) struct strings paths = {0};
    for (size_t s = 0; s < ARRAY_LEN(suites); s++) {
        for (size_t i = 0; i < suites[s]->artifact_count; i++)
            strings_add(&paths, suites[s]->artifacts[i].path);
    }
    strings_sort(&paths);
    strings_unique(&paths);
    for (size_t i = 0; i < paths.count; i++)
        compare_artifact(out, paths.items[i], before, now);
}

// 0 means no limit, which is the loosest of all.
static void compare_limit(struct strings *out, const char *name, double before, double now)
{
    if (before > 0 && now == 0)
        strings_printf(out, "limit '%s' is gone", name);
    else if (before > 0)
        compare_number(out, "limit", name, before, now);
}

// What may reach training from outside, and over which machines results are held against each other.
static void compare_surroundings(struct strings *out, const struct suite *before, const struct suite *now)
{
    if (!before->train.network && now->train.network)
        strings_printf(out, "training may use the network now");
    for (size_t i = 0; i < now->train.pass_env.count; i++) {
        if (!strings_has(&before->train.pass_env, now->train.pass_env.items[i]))
            strings_printf(out, "training sees the caller's '%s' now", now->train.pass_env.items[i]);
    }
    if (before->environment == ON_CHANGE_FAIL && now->environment == ON_CHANGE_WARN)
        strings_printf(out, "another environment is only a warning now");
    if (str_equal(before->class_name, "any") && !now->class_name)
        strings_printf(out, "bytes are compared within one numerical class only now; before, on every machine");
}

void loosened(struct strings *out, const struct suite *before, const struct suite *now)
{
    compare_metrics(out, before, now);
    compare_artifacts(out, before, now);
    compare_limit(out, "train.wall", before->limits.train_wall, now->limits.train_wall);
    compare_limit(out, "train.memory", (double)before->limits.train_memory, (double)now->limits.train_memory);
    compare_limit(out, "artifact", (double)before->limits.artifact, (double)now->limits.artifact);
    compare_surroundings(out, before, now);
}

// SPDX-License-Identifier: Apache-2.0
#include "engine/idle_rules.h"

#include "core/baseline.h"
#include "core/result.h"
#include "core/suite.h"
#include "drift/judgement_pair.h"
#include "drift/spread.h"

#include <math.h>

struct columns {
    const struct column_summary **items;
    size_t count;
};

// Those that the rule decides about: the first entry that matches counts.
static struct columns columns_of(const struct drift_rules *rules, const struct drift_column_rule *rule,
                                 const struct baseline *baseline)
{
    struct columns found = {.items = mem_array(baseline->column_count + 1, sizeof *found.items)};
    for (size_t i = 0; i < baseline->column_count; i++) {
        if (drift_rules_column(rules, baseline->columns[i].name) == rule)
            found.items[found.count++] = &baseline->columns[i];
    }
    if (baseline->prediction && drift_rules_column(rules, baseline->prediction->name) == rule)
        found.items[found.count++] = baseline->prediction;
    return found;
}

static bool has_statistic(const struct column_summary *column, enum drift_statistic statistic)
{
    switch (spread_kind(column)) {
    case SPREAD_NUMBERS:
        return statistic != STATISTIC_CHI2;
    case SPREAD_CATEGORIES:
        return statistic != STATISTIC_KS && statistic != STATISTIC_WASSERSTEIN;
    case SPREAD_NONE:
        break;
    }
    return false;
}

static void add_name(struct strings *out, const struct drift_column_rule *rule, const char *what)
{
    strings_printf(out, "drift.columns.%s.%s", rule->pattern, what);
}

// What the rule allows, but of none of its columns.
static void find_idle(struct strings *out, const struct drift_column_rule *rule, const struct columns *columns)
{
    for (enum drift_rate rate = 0; rate < DRIFT_RATES; rate++) {
        bool idle = !isnan(rule->rates[rate]);
        for (size_t i = 0; i < columns->count; i++)
            idle = idle && !judgement_pair_has(columns->items[i], rate);
        if (idle)
            add_name(out, rule, drift_rate_name(rate));
    }
    for (enum drift_statistic s = 0; s < DRIFT_STATISTICS; s++) {
        bool idle = !isnan(rule->statistics[s]);
        for (size_t i = 0; i < columns->count; i++)
            idle = idle && !has_statistic(columns->items[i], s);
        if (idle)
            add_name(out, rule, drift_statistic_name(s));
    }
}

static void warn_of_nothing(struct check *check, const struct suite *suite, const struct baseline *baseline,
                            const struct drift_column_rule *rule)
{
    CLEANUP(free) const char **names = mem_array(baseline->column_count + 1, sizeof *names);
    for (size_t i = 0; i < baseline->column_count; i++)
        names[i] = baseline->columns[i].name;
    const char *nearest = str_nearest(rule->pattern, names, baseline->column_count);
    check_note(check, NOTE_WARNING, "%s:%ld: drift.columns.%s guards no column%s%s%s", suite->path, rule->line,
               rule->pattern, nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

void idle_rules_tell(struct check *check, const struct suite *suite, const struct baseline *baseline)
{
    for (size_t i = 0; i < suite->drift.column_count; i++) {
        const struct drift_column_rule *rule = &suite->drift.columns[i];
        struct columns columns = columns_of(&suite->drift, rule, baseline);
        CLEANUP(strings) struct strings idle = {0};
        find_idle(&idle, rule, &columns);
        if (columns.count == 0)
            warn_of_nothing(check, suite, baseline, rule);
        for (size_t k = 0; k < idle.count && columns.count > 0; k++)
            check_note(check, NOTE_WARNING, "%s:%ld: %s guards nothing: '%s' has no such thing", suite->path,
                       rule->line, idle.items[k], columns.items[0]->name);
        free(columns.items);
    }
}

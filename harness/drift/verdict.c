// SPDX-License-Identifier: Apache-2.0
#include "drift/verdict.h"

#include "base/pool.h"
#include "base/str.h"
#include "drift/holm.h"
#include "drift/special.h"
#include "drift/spread.h"
#include "drift/verdict_pair.h"

#include <math.h>
#include <string.h>

#define LEAST        0.1
#define FALSE_ALARMS 0.05

struct verdict *verdict_new(const struct verdict_options *options)
{
    struct verdict *verdict = mem_alloc(sizeof *verdict);
    verdict->options = *options;
    verdict->false_alarms = options->rules->false_alarms > 0 ? options->rules->false_alarms : FALSE_ALARMS;
    return verdict;
}

void verdict_free(struct verdict *verdict)
{
    if (!verdict)
        return;
    for (size_t i = 0; i < verdict->count; i++)
        free(verdict->findings[i].column);
    for (size_t i = 0; i < verdict->pair_count; i++)
        calibration_free(&verdict->pairs[i].calibration);
    free(verdict->findings);
    free(verdict->pairs);
    free(verdict);
}

static struct finding *add(struct verdict *verdict, enum finding_kind kind, enum drift_area area, const char *name)
{
    verdict->findings = mem_grow(verdict->findings, verdict->count, &verdict->capacity, sizeof *verdict->findings);
    struct finding *finding = &verdict->findings[verdict->count++];
    *finding = (struct finding){.kind = kind,
                                .area = area,
                                .column = str_dup(name),
                                .current_low = NAN,
                                .current_high = NAN,
                                .reference_low = NAN,
                                .reference_high = NAN,
                                .threshold = NAN,
                                .most = NAN,
                                .p = 1,
                                .level = NAN,
                                .move = NAN,
                                .least = NAN};
    for (size_t i = 0; i < DRIFT_STATISTICS; i++)
        finding->values[i] = (struct finding_value){NAN, NAN, NAN, NAN, false};
    return finding;
}

static double least_of(const struct drift_rules *rules, const struct drift_column_rule *rule)
{
    if (rule && !isnan(rule->least))
        return rule->least;
    return isnan(rules->least) ? LEAST : rules->least;
}

void verdict_column(struct verdict *verdict, enum drift_area area, const struct column_summary *reference,
                    const struct column_summary *current)
{
    const struct drift_rules *rules = verdict->options.rules;
    const struct drift_column_rule *rule = drift_rules_column(rules, reference->name);
    if (rule && rule->ignore)
        return;
    enum drift_area of_rates = area == DRIFT_COLUMNS ? DRIFT_INPUT : area;
    if (!current || current->rows == 0) {
        struct finding *absent = add(verdict, FINDING_ABSENT, of_rates, reference->name);
        absent->m = reference->rows;
        absent->p = NAN;
        return;
    }
    verdict->pairs = mem_grow(verdict->pairs, verdict->pair_count, &verdict->pair_capacity, sizeof *verdict->pairs);
    struct verdict_pair *pair = &verdict->pairs[verdict->pair_count++];
    *pair = (struct verdict_pair){
        .area = area, .reference = reference, .current = current, .rule = rule, .first = verdict->count};
    for (enum drift_rate rate = 0; rate < DRIFT_RATES; rate++)
        if (verdict_pair_has(reference, rate)) {
            struct finding *finding = add(verdict, FINDING_RATE, of_rates, reference->name);
            finding->rate = rate;
            finding->least = least_of(rules, rule);
        }
    if (spread_kind(reference) != SPREAD_NONE)
        add(verdict, FINDING_SPREAD, area, reference->name)->least = least_of(rules, rule);
    pair->count = verdict->count - pair->first;
}

void verdict_columns(struct verdict *verdict, enum drift_area area, const struct column_list *reference,
                     const struct column_list *current)
{
    for (size_t i = 0; i < reference->count; i++) {
        const struct column_summary *same = NULL;
        for (size_t j = 0; j < current->count && !same; j++) {
            size_t at = (i + j) % current->count; // mostly they stand in the same order
            if (strcmp(current->items[at].name, reference->items[i].name) == 0)
                same = &current->items[at];
        }
        verdict_column(verdict, area, &reference->items[i], same);
    }
}

void verdict_exact(struct verdict *verdict, const struct sorted_numbers *reference,
                   const struct sorted_numbers *current)
{
    if (verdict->pair_count == 0)
        return;
    struct verdict_pair *pair = &verdict->pairs[verdict->pair_count - 1];
    pair->exact_reference = *reference;
    pair->exact_current = *current;
}

// How sure it is that the measure is worse than golden's (or another, of a number that the suite names).
static double measure_p(const struct drift_measure *rule, const struct baseline_measure *golden,
                        const struct baseline_measure *now)
{
    double width = 2 * special_normal_quantile(0.975);
    double a = (now->high - now->low) / width, b = (golden->high - golden->low) / width, error = sqrt(a * a + b * b);
    double worse = rule->lower_is_better ? now->value - golden->value : golden->value - now->value;
    if (isnan(worse) || isnan(error))
        return 1;
    if (rule->column)
        return error > 0 ? 2 * special_normal_upper(fabs(worse) / error) : worse == 0;
    return error > 0 ? special_normal_upper(worse / error) : worse <= 0;
}

void verdict_measure(struct verdict *verdict, const struct drift_measure *rule, const struct baseline_measure *golden,
                     const struct baseline_measure *now)
{
    struct finding *finding = add(verdict, FINDING_MEASURE, DRIFT_OUTCOMES, rule->name);
    finding->n = now->rows;
    finding->m = golden ? golden->rows : 0;
    finding->current = now->value;
    finding->current_low = now->low;
    finding->current_high = now->high;
    finding->reference = golden ? golden->value : NAN;
    finding->reference_low = golden ? golden->low : NAN;
    finding->reference_high = golden ? golden->high : NAN;
    if (!isnan(rule->min) || !isnan(rule->max)) {
        finding->declared = true;
        bool below = now->high<rule->min, above = now->low> rule->max; // never so of NaN
        finding->moved = below || above;
        finding->threshold = isnan(rule->min) || above ? rule->max : rule->min;
        finding->p = NAN;
    } else if (golden) {
        finding->p = measure_p(rule, golden, now);
    }
}

static void look(size_t index, void *context)
{
    struct verdict *verdict = context;
    struct verdict_pair *pair = &verdict->pairs[index];
    for (size_t i = pair->first; i < pair->first + pair->count; i++) {
        struct finding *finding = &verdict->findings[i];
        if (finding->kind == FINDING_RATE)
            verdict_pair_rate(finding, pair);
        else
            verdict_pair_spread(finding, pair, &verdict->options);
    }
}

// What can say something: a rate of which neither has a row, given both together, cannot, whatever comes first.
static bool is_test(const struct finding *finding)
{
    if (finding->declared || finding->kind == FINDING_ABSENT)
        return false;
    if (finding->kind == FINDING_MEASURE)
        return !isnan(finding->current) && !isnan(finding->reference);
    if (finding->kind == FINDING_SPREAD)
        return !isnan(finding->values[finding->decisive].value);
    return finding->n > 0 && finding->m > 0 &&
           (finding->rate == RATE_UNSEEN || finding->rate == RATE_OUT_OF_RANGE ||
            finding->current + finding->reference > 0);
}

static void judge_family(struct verdict *verdict)
{
    CLEANUP(free) double *p = mem_array(verdict->count, sizeof *p);
    CLEANUP(free) double *levels = mem_array(verdict->count, sizeof *levels);
    verdict->family = 0;
    for (size_t i = 0; i < verdict->count; i++)
        if (is_test(&verdict->findings[i]))
            p[verdict->family++] = verdict->findings[i].p;
    holm_levels(levels, p, verdict->family, verdict->false_alarms);
    size_t at = 0;
    for (size_t i = 0; i < verdict->count; i++) {
        struct finding *finding = &verdict->findings[i];
        if (!is_test(finding))
            continue;
        finding->level = levels[at++];
        finding->moved = finding->p <= finding->level;
    }
}

void verdict_judge(struct verdict *verdict)
{
    pool_run(verdict->options.threads, verdict->pair_count, look, verdict);
    judge_family(verdict);
    for (size_t i = 0; i < verdict->pair_count; i++)
        for (size_t k = 0; k < verdict->pairs[i].count; k++)
            verdict_pair_thresholds(&verdict->findings[verdict->pairs[i].first + k], &verdict->pairs[i]);
    verdict->alarms = verdict->moved = 0;
    verdict->advice = ADVICE_NONE;
    for (size_t i = 0; i < verdict->count; i++) {
        struct finding *finding = &verdict->findings[i];
        bool enough = finding->declared || isnan(finding->move) || finding->move >= finding->least;
        finding->moved |= finding->kind == FINDING_ABSENT;
        finding->alarm = finding->moved && enough;
        verdict->moved += finding->moved;
        verdict->alarms += finding->alarm;
        if (finding->alarm)
            finding->advice = drift_rules_advice(verdict->options.rules, finding->area, finding->column);
        if (finding->advice > verdict->advice)
            verdict->advice = finding->advice;
    }
}

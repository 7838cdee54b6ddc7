// SPDX-License-Identifier: Apache-2.0
#include "drift/judgement.h"

#include "base/pool.h"
#include "base/str.h"
#include "drift/holm.h"
#include "drift/judgement_pair.h"
#include "drift/special.h"
#include "drift/spread.h"

#include <math.h>
#include <string.h>

#define FALSE_ALARMS 0.05

struct judgement *judgement_new(const struct judgement_options *options)
{
    struct judgement *judgement = mem_alloc(sizeof *judgement);
    judgement->options = *options;
    judgement->false_alarms = options->rules->false_alarms > 0 ? options->rules->false_alarms : FALSE_ALARMS;
    return judgement;
}

void judgement_free(struct judgement *judgement)
{
    if (!judgement)
        return;
    for (size_t i = 0; i < judgement->count; i++)
        free(judgement->findings[i].column);
    for (size_t i = 0; i < judgement->pair_count; i++)
        calibration_free(&judgement->pairs[i].calibration);
    free(judgement->findings);
    free(judgement->pairs);
    free(judgement);
}

static struct finding *add(struct judgement *judgement, enum finding_kind kind, enum drift_area area, const char *name)
{
    judgement->findings =
        mem_grow(judgement->findings, judgement->count, &judgement->capacity, sizeof *judgement->findings);
    struct finding *finding = &judgement->findings[judgement->count++];
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

void judgement_column(struct judgement *judgement, enum drift_area area, const struct column_summary *reference,
                      const struct column_summary *current)
{
    const struct drift_rules *rules = judgement->options.rules;
    const struct drift_column_rule *rule = drift_rules_column(rules, reference->name);
    if (rule && rule->ignore)
        return;
    enum drift_area of_rates = area == DRIFT_COLUMNS ? DRIFT_INPUT : area;
    if (!current || current->rows == 0) {
        struct finding *absent = add(judgement, FINDING_ABSENT, of_rates, reference->name);
        absent->m = reference->rows;
        absent->p = NAN;
        return;
    }
    judgement->pairs =
        mem_grow(judgement->pairs, judgement->pair_count, &judgement->pair_capacity, sizeof *judgement->pairs);
    struct judgement_pair *pair = &judgement->pairs[judgement->pair_count++];
    *pair = (struct judgement_pair){
        .area = area, .reference = reference, .current = current, .rule = rule, .first = judgement->count};
    for (enum drift_rate rate = 0; rate < DRIFT_RATES; rate++)
        if (judgement_pair_has(reference, rate)) {
            struct finding *finding = add(judgement, FINDING_RATE, of_rates, reference->name);
            finding->rate = rate;
            finding->least = drift_rules_least(rules, rule);
        }
    if (spread_kind(reference) != SPREAD_NONE)
        add(judgement, FINDING_SPREAD, area, reference->name)->least = drift_rules_least(rules, rule);
    pair->count = judgement->count - pair->first;
}

void judgement_columns(struct judgement *judgement, enum drift_area area, const struct column_list *reference,
                       const struct column_list *current)
{
    for (size_t i = 0; i < reference->count; i++) {
        const struct column_summary *same = NULL;
        for (size_t j = 0; j < current->count && !same; j++) {
            size_t at = (i + j) % current->count; // mostly they stand in the same order
            if (strcmp(current->items[at].name, reference->items[i].name) == 0)
                same = &current->items[at];
        }
        judgement_column(judgement, area, &reference->items[i], same);
    }
}

void judgement_exact(struct judgement *judgement, const struct sorted_numbers *reference,
                     const struct sorted_numbers *current)
{
    if (judgement->pair_count == 0)
        return;
    struct judgement_pair *pair = &judgement->pairs[judgement->pair_count - 1];
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

void judgement_measure(struct judgement *judgement, const struct drift_measure *rule,
                       const struct baseline_measure *golden, const struct baseline_measure *now)
{
    struct finding *finding = add(judgement, FINDING_MEASURE, DRIFT_OUTCOMES, rule->name);
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
    struct judgement *judgement = context;
    struct judgement_pair *pair = &judgement->pairs[index];
    for (size_t i = pair->first; i < pair->first + pair->count; i++) {
        struct finding *finding = &judgement->findings[i];
        if (finding->kind == FINDING_RATE)
            judgement_pair_rate(finding, pair);
        else
            judgement_pair_spread(finding, pair, &judgement->options);
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

static void judge_family(struct judgement *judgement)
{
    CLEANUP(free) double *p = mem_array(judgement->count, sizeof *p);
    CLEANUP(free) double *levels = mem_array(judgement->count, sizeof *levels);
    judgement->family = 0;
    for (size_t i = 0; i < judgement->count; i++)
        if (is_test(&judgement->findings[i]))
            p[judgement->family++] = judgement->findings[i].p;
    holm_levels(levels, p, judgement->family, judgement->false_alarms);
    size_t at = 0;
    for (size_t i = 0; i < judgement->count; i++) {
        struct finding *finding = &judgement->findings[i];
        if (!is_test(finding))
            continue;
        finding->level = levels[at++];
        finding->moved = finding->p <= finding->level;
    }
}

void judgement_judge(struct judgement *judgement)
{
    pool_run(judgement->options.threads, judgement->pair_count, look, judgement);
    judge_family(judgement);
    for (size_t i = 0; i < judgement->pair_count; i++)
        for (size_t k = 0; k < judgement->pairs[i].count; k++)
            judgement_pair_thresholds(&judgement->findings[judgement->pairs[i].first + k], &judgement->pairs[i]);
    judgement->alarms = judgement->moved = 0;
    judgement->advice = ADVICE_NONE;
    for (size_t i = 0; i < judgement->count; i++) {
        struct finding *finding = &judgement->findings[i];
        bool enough = finding->declared || isnan(finding->move) || finding->move >= finding->least;
        finding->moved |= finding->kind == FINDING_ABSENT;
        finding->alarm = finding->moved && enough;
        judgement->moved += finding->moved;
        judgement->alarms += finding->alarm;
        if (finding->alarm)
            finding->advice = drift_rules_advice(judgement->options.rules, finding->area, finding->column);
        if (finding->advice > judgement->advice)
            judgement->advice = finding->advice;
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "compare/metrics.h"

#include "base/buf.h"
#include "base/number.h"
#include "base/str.h"

#include <float.h>
#include <math.h>
#include <string.h>

// Half an ulp for each number: both were rounded once when they were read, and a difference of exactly the tolerance
// in decimal (0.950 against 0.949, allowed 0.001) must not fail because of that.
static double rounding(double golden, double value, double allowed)
{
    return DBL_EPSILON / 2 * fabs(golden) + DBL_EPSILON / 2 * fabs(value) + DBL_EPSILON / 2 * allowed;
}

enum metric_verdict metric_judge(double golden, double value, const struct tolerance *rule, double *allowed)
{
    *allowed = 0;
    if (rule && (rule->abs > 0 || rule->rel > 0))
        *allowed = rule->abs + (isfinite(golden) ? rule->rel * fabs(golden) : 0);
    if (golden == value || (isnan(golden) && isnan(value)))
        return METRIC_EQUAL;
    if (isfinite(golden) != isfinite(value) || isnan(golden) || isnan(value))
        return METRIC_BECAME_NAN;
    if (isinf(golden))
        return METRIC_OUTSIDE; // the other infinity
    if (*allowed > 0 && fabs(value - golden) <= *allowed + rounding(golden, value, *allowed))
        return METRIC_WITHIN;
    if (rule && ((rule->better == BETTER_HIGHER && value > golden) || (rule->better == BETTER_LOWER && value < golden)))
        return METRIC_BETTER;
    return METRIC_OUTSIDE;
}

static int by_name(const void *a, const void *b)
{
    const struct metric *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

// Golden's list comes from a document that somebody may have edited: its order is not relied upon.
static const struct metric **sorted(const struct metric_list *list)
{
    const struct metric **metrics = mem_array(list->count + 1, sizeof(*metrics));
    for (size_t i = 0; i < list->count; i++)
        metrics[i] = &list->items[i];
    qsort(metrics, list->count, sizeof(*metrics), by_name);
    return metrics;
}

static struct metric_finding find(const struct metric *golden, const struct metric *now, const struct suite *suite)
{
    struct metric_finding finding = {.name = golden ? golden->name : now->name, .golden = NAN, .value = NAN};
    finding.rule = suite ? suite_tolerance(suite, finding.name) : NULL;
    if (golden)
        finding.golden = golden->value;
    if (now)
        finding.value = now->value;
    if (!golden)
        finding.verdict = METRIC_APPEARED;
    else if (!now)
        finding.verdict = METRIC_VANISHED;
    else
        finding.verdict = metric_judge(golden->value, now->value, finding.rule, &finding.allowed);
    return finding;
}

void metrics_compare(struct metric_findings *out, const struct metric_list *golden, const struct metric_list *now,
                     const struct suite *suite)
{
    CLEANUP(free) const struct metric **before = sorted(golden);
    CLEANUP(free) const struct metric **after = sorted(now);
    *out = (struct metric_findings){.items = mem_array(golden->count + now->count + 1, sizeof *out->items)};
    for (size_t i = 0, k = 0; i < golden->count || k < now->count;) {
        int order = i == golden->count ? 1 : k == now->count ? -1 : strcmp(before[i]->name, after[k]->name);
        out->items[out->count++] = find(order <= 0 ? before[i] : NULL, order >= 0 ? after[k] : NULL, suite);
        i += order <= 0;
        k += order >= 0;
    }
}

void metric_findings_free(struct metric_findings *findings)
{
    free(findings->items);
    *findings = (struct metric_findings){0};
}

// As few digits as show that the difference is more than what is allowed ("0.001001 below (allowed 0.001)").
static void print_difference(char out[32], double difference, double allowed)
{
    for (int digits = 3; digits <= 17; digits++) {
        double shown = 0;
        number_print(out, digits, difference);
        if (number_parse(&shown, out, strlen(out)) && shown > allowed)
            return;
    }
}

static void describe_change(struct buf *text, const struct metric_finding *finding, const char *value,
                            const char *golden)
{
    bool outside = finding->verdict == METRIC_OUTSIDE || finding->verdict == METRIC_BETTER;
    char difference[32], allowed[32];
    double distance = fabs(finding->value - finding->golden);
    if (outside)
        print_difference(difference, distance, finding->allowed);
    else
        number_print(difference, 3, distance);
    number_print(allowed, 3, finding->allowed);
    buf_printf(text, "%s %s is %s %s golden's %s", finding->name, value, difference,
               finding->value < finding->golden ? "below" : "above", golden);
    if (finding->verdict == METRIC_BETTER)
        buf_puts(text, ", which is better");
    else if (finding->allowed > 0)
        buf_printf(text, " (allowed %s)", allowed);
    else if (finding->rule && finding->rule->better != BETTER_NEITHER)
        buf_printf(text, " (only %s is allowed)", finding->rule->better == BETTER_HIGHER ? "higher" : "lower");
    else
        buf_puts(text, " (equality is asked for)");
}

char *metric_describe(const struct metric_finding *finding)
{
    char value[32], golden[32];
    str_double(value, finding->value);
    str_double(golden, finding->golden);
    struct buf text = {0};
    switch (finding->verdict) {
    case METRIC_EQUAL:
        buf_printf(&text, "%s %s equals golden's", finding->name, value);
        break;
    case METRIC_APPEARED:
        buf_printf(&text, "%s %s is new: golden has no such metric", finding->name, value);
        break;
    case METRIC_VANISHED:
        buf_printf(&text, "%s is gone: golden has %s", finding->name, golden);
        break;
    case METRIC_BECAME_NAN:
        buf_printf(&text, "%s became %s: golden has %s", finding->name, value, golden);
        break;
    case METRIC_WITHIN:
    case METRIC_BETTER:
    case METRIC_OUTSIDE:
        if (isinf(finding->golden))
            buf_printf(&text, "%s became %s: golden has %s", finding->name, value, golden);
        else
            describe_change(&text, finding, value, golden);
        break;
    }
    return buf_take(&text);
}

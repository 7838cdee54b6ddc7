// SPDX-License-Identifier: Apache-2.0
#include "drift/judgement_pair.h"

#include "drift/contingency.h"
#include "drift/special.h"
#include "drift/spread.h"
#include "drift/statistics.h"

#include <math.h>

bool judgement_pair_has(const struct column_summary *column, enum drift_rate rate)
{
    bool number = column->type == COLUMN_INTEGER || column->type == COLUMN_NUMBER;
    switch (rate) {
    case RATE_MISSING:
    case RATE_TYPE:
        return true;
    case RATE_NAN:
    case RATE_INFINITE:
        return number;
    case RATE_OUT_OF_RANGE:
        return number || column->type == COLUMN_DATE || column->type == COLUMN_TEXT;
    case RATE_UNSEEN:
        return column->type == COLUMN_CATEGORY || column->type == COLUMN_BOOLEAN;
    case DRIFT_RATES:
        break;
    }
    return false;
}

static uint64_t count_of(const struct column_summary *column, enum drift_rate rate)
{
    switch (rate) {
    case RATE_MISSING:
        return column->missing;
    case RATE_TYPE:
        return column->wrong_type;
    case RATE_NAN:
        return column->nan;
    case RATE_INFINITE:
        return column->infinite;
    case RATE_OUT_OF_RANGE:
        return column->out_of_range;
    case RATE_UNSEEN:
        return column->unseen;
    case DRIFT_RATES:
        break;
    }
    return 0;
}

// Of which rows a rate is the share: of those that have a value where only these can be so.
static uint64_t rows_of(const struct column_summary *column, enum drift_rate rate)
{
    bool of_values = rate == RATE_OUT_OF_RANGE || rate == RATE_UNSEEN;
    uint64_t rows = of_values ? column->values : column->rows, count = count_of(column, rate);
    return rows > count ? rows : count;
}

double judgement_pair_rate_p(const struct finding *finding, const struct column_summary *reference, uint64_t a,
                             uint64_t b)
{
    if (b == 0 && finding->rate == RATE_OUT_OF_RANGE)
        return contingency_outside(a, finding->n, finding->m);
    if (b > 0 || finding->rate != RATE_UNSEEN)
        return contingency_fisher(a, finding->n, b, finding->m);
    struct contingency_unseen unseen = {.m = finding->m, .singles = reference->singles};
    for (size_t i = 0; i < reference->category_count; i++)
        unseen.doubles += reference->categories[i].count == 2;
    return contingency_unseen(a, finding->n, &unseen);
}

void judgement_pair_rate(struct finding *finding, const struct judgement_pair *pair)
{
    enum drift_rate rate = finding->rate;
    uint64_t a = count_of(pair->current, rate), b = count_of(pair->reference, rate);
    finding->n = rows_of(pair->current, rate);
    finding->m = rows_of(pair->reference, rate);
    finding->current = finding->n ? (double)a / (double)finding->n : 0;
    finding->reference = finding->m ? (double)b / (double)finding->m : 0;
    finding->move = contingency_distance(a, finding->n, b, finding->m);
    finding->p = judgement_pair_rate_p(finding, pair->reference, a, b);
    finding->threshold = pair->rule ? pair->rule->rates[rate] : NAN;
    finding->declared = !isnan(finding->threshold);
    if (finding->declared)
        finding->moved = finding->current > finding->threshold;
}

static void values_of(double out[DRIFT_STATISTICS], struct finding *finding, const struct spread *spread,
                      struct judgement_pair *pair)
{
    CLEANUP(free) double *current = mem_array(spread->bins, sizeof *current);
    CLEANUP(free) double *reference = mem_array(spread->bins, sizeof *reference);
    spread_count(current, spread, pair->current);
    spread_count(reference, spread, pair->reference);
    calibrate_bins(out, spread, current, reference);
    double last_current = current[spread->bins - 1], last_reference = reference[spread->bins - 1];
    if (spread->kind == SPREAD_CATEGORIES) {
        for (size_t i = 0; i < spread->bins; i++) {
            current[i] /= fmax(1, (double)finding->n);
            reference[i] /= fmax(1, (double)finding->m);
        }
        pair->rest_current = (uint64_t)(last_current + 0.5);
        pair->rest_reference = (uint64_t)(last_reference + 0.5);
        finding->most = statistics_most(current, reference, spread->bins);
        out[STATISTIC_KS] = out[STATISTIC_WASSERSTEIN] = NAN;
        return;
    }
    struct sorted_numbers a = pair->exact_current, b = pair->exact_reference;
    bool exact = a.items && b.items;
    double apart = exact ? statistics_wasserstein(a.items, a.count, b.items, b.count)
                         : spread_wasserstein(pair->current, pair->reference);
    out[STATISTIC_KS] =
        exact ? statistics_ks(a.items, a.count, b.items, b.count) : spread_ks(pair->current, pair->reference);
    out[STATISTIC_WASSERSTEIN] = spread->sigma > 0 ? apart / spread->sigma : apart > 0 ? INFINITY : 0;
    pair->error = exact ? 0 : pair->current->error + pair->reference->error;
}

static uint64_t seed_of(uint64_t seed, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u ^ seed; // FNV-1a: the resamples of a column do not depend on its neighbours
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    return hash;
}

// P(at least `value` | no drift). The law of KS of continuous distributions bounds that of all others.
static double p_of(const struct finding *finding, const struct judgement_pair *pair, enum drift_statistic s,
                   double value)
{
    double law = s == STATISTIC_KS ? statistics_ks_p(value, finding->n, finding->m) : 1;
    if (s == STATISTIC_KS && pair->analytic)
        return law;
    double resampled = calibration_p(&pair->calibration, s, value);
    return isnan(resampled) ? NAN : fmin(law, resampled);
}

void judgement_pair_spread(struct finding *finding, struct judgement_pair *pair,
                           const struct judgement_options *options)
{
    CLEANUP(spread) struct spread spread = {0};
    finding->n = spread_values(pair->current);
    finding->m = spread_values(pair->reference);
    finding->p = 1;
    bool numbers = spread_kind(pair->reference) == SPREAD_NUMBERS;
    finding->decisive = numbers ? STATISTIC_KS : STATISTIC_CHI2;
    if (finding->n == 0 || spread_kind(pair->current) != spread_kind(pair->reference) ||
        !spread_make(&spread, pair->reference, finding->n))
        return;
    double values[DRIFT_STATISTICS];
    values_of(values, finding, &spread, pair);
    struct calibration_options how = {.n = finding->n,
                                      .m = finding->m,
                                      .seed = seed_of(options->seed, finding->column),
                                      .resamples = options->resamples ? options->resamples : 1000};
    calibration_make(&pair->calibration, &spread, &how);
    pair->analytic = numbers && !spread.steps;
    for (enum drift_statistic s = 0; s < DRIFT_STATISTICS; s++) {
        struct finding_value *value = &finding->values[s];
        double sure = s == STATISTIC_KS ? fmax(0, values[s] - pair->error) : values[s];
        value->value = values[s];
        value->p = p_of(finding, pair, s, sure);
        if (pair->rule && !isnan(pair->rule->statistics[s]) && !isnan(values[s])) {
            value->declared = finding->declared = true;
            value->threshold = pair->rule->statistics[s];
            value->false_alarms =
                p_of(finding, pair, s, fmax(0, value->threshold - (s == STATISTIC_KS ? pair->error : 0)));
            finding->moved |= values[s] > value->threshold;
        }
    }
    // Of two categories the table is Fisher's, exactly: none of the resamples of a constant differ, however many.
    if (!numbers && spread.bins == 2)
        finding->values[STATISTIC_CHI2].p =
            contingency_fisher(pair->rest_current, finding->n, pair->rest_reference, finding->m);
    finding->p = finding->values[finding->decisive].p;
    finding->move = values[numbers ? STATISTIC_WASSERSTEIN : STATISTIC_JS];
}

// The largest share that its p does not reject at the finding's level (towards more of them).
static double rate_threshold(const struct finding *finding, const struct judgement_pair *pair)
{
    uint64_t b = count_of(pair->reference, finding->rate);
    uint64_t low = (uint64_t)(finding->reference * (double)finding->n), high = finding->n + 1;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (judgement_pair_rate_p(finding, pair->reference, middle, b) <= finding->level)
            high = middle;
        else
            low = middle;
    }
    return (double)low / (double)finding->n;
}

void judgement_pair_thresholds(struct finding *finding, const struct judgement_pair *pair)
{
    if (finding->kind == FINDING_RATE) {
        if (!isnan(finding->level) && finding->n > 0)
            finding->threshold = rate_threshold(finding, pair);
        return;
    }
    for (enum drift_statistic s = 0; s < DRIFT_STATISTICS; s++) {
        struct finding_value *value = &finding->values[s];
        if (isnan(value->value) || value->declared || isnan(finding->level))
            continue;
        value->threshold = calibration_threshold(&pair->calibration, s, finding->level);
        value->false_alarms = finding->level;
        if (s != STATISTIC_KS)
            continue;
        double n = (double)finding->n, m = (double)finding->m;
        if (pair->analytic)
            value->threshold = special_kolmogorov_quantile(finding->level) / sqrt(n / (n + m) * m);
        value->threshold = fmin(1, value->threshold + pair->error);
        // The exact p of small samples is a little smaller than that of the limit.
        if (finding->moved && !finding->declared)
            value->threshold = fmin(value->threshold, value->value);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "drift/power.h"

#include "drift/calibrate.h"
#include "drift/contingency.h"
#include "drift/judgement_pair.h"
#include "drift/sampling.h"
#include "drift/special.h"
#include "drift/spread.h"

#include <math.h>
#include <string.h>

#define LOOKS      200 // at each move that is tried
#define NOTICED    190 // of them: 95 of 100
#define LARGEST    10  // σ
#define SURE       0.05
#define PRECISION  0.01 // of the smallest move
#define BISECTIONS 60   // of a share, to the last bit
#define FIRST_SEED 0x9e3779b97f4a7c15u

struct watch {
    const struct column_summary *column;
    const struct spread *spread;
    const struct drift_column_rule *rule;
    uint64_t n, m, seed;
    enum drift_statistic decisive;
    double threshold, least;
    bool declared;
};

static bool rings(const struct watch *watch, const double values[DRIFT_STATISTICS], double move)
{
    if (watch->declared) {
        for (size_t s = 0; s < DRIFT_STATISTICS; s++)
            if (values[s] > watch->rule->statistics[s]) // never so of NaN
                return true;
        return false;
    }
    bool numbers = watch->spread->kind == SPREAD_NUMBERS;
    // In steps, cells do not tell how far a value went within its step: every one went as far as all.
    double moved =
        numbers && watch->spread->steps && move > 0 ? move : values[numbers ? STATISTIC_WASSERSTEIN : STATISTIC_JS];
    return values[watch->decisive] > watch->threshold && moved >= watch->least;
}

static size_t alarms(const struct watch *watch, double move, size_t looks, uint64_t seed)
{
    size_t count = watch->spread->count, rung = 0;
    CLEANUP(free) double *moved = mem_array(count, sizeof *moved);
    CLEANUP(free) double *current = mem_array(count, sizeof *current);
    CLEANUP(free) double *reference = mem_array(count, sizeof *reference);
    double reach = watch->spread->kind == SPREAD_NUMBERS ? move * watch->column->sigma : 0;
    spread_shift(moved, watch->spread, watch->column, watch->spread->kind == SPREAD_NUMBERS ? reach : move);
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < looks; i++) {
        double values[DRIFT_STATISTICS];
        sampling_multinomial(current, &rng, watch->n, moved, count);
        sampling_multinomial(reference, &rng, watch->m, watch->spread->probabilities, count);
        calibrate_cells(values, watch->spread, current, reference, reach);
        rung += rings(watch, values, move);
    }
    return rung;
}

static double smallest(const struct watch *watch)
{
    bool numbers = watch->spread->kind == SPREAD_NUMBERS;
    double low = 0, high = numbers ? LARGEST : watch->spread->probabilities[0];
    if (alarms(watch, high, LOOKS, watch->seed) < NOTICED)
        return INFINITY;
    while (high - low > PRECISION * high) {
        double middle = (low + high) / 2;
        if (alarms(watch, middle, LOOKS, watch->seed) >= NOTICED)
            high = middle;
        else
            low = middle;
    }
    return high;
}

// ---- Constants

static bool is_constant(const struct column_summary *column, enum spread_kind kind)
{
    if (kind == SPREAD_NUMBERS)
        return column->sigma == 0;
    return column->category_count == 1 && column->other == 0;
}

static bool is_noticed(const struct watch *watch, uint64_t count, double level)
{
    bool numbers = watch->spread->kind == SPREAD_NUMBERS;
    enum drift_rate rate = numbers ? RATE_OUT_OF_RANGE : RATE_UNSEEN;
    double allowed = watch->rule ? watch->rule->rates[rate] : NAN;
    if (!isnan(allowed))
        return (double)count > allowed * (double)watch->n;
    struct finding finding = {.kind = FINDING_RATE, .rate = rate, .n = watch->n, .m = watch->m};
    return judgement_pair_rate_p(&finding, watch->column, count, 0) <= level &&
           contingency_distance(count, watch->n, 0, watch->m) >= watch->least;
}

// The quantile of the beta distribution that is exceeded with probability SURE.
static double beta_quantile(double a, double b)
{
    double low = 0, high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        if (special_beta(a, b, middle) < 1 - SURE)
            low = middle;
        else
            high = middle;
    }
    return high;
}

// The share of the rows that must have another value, so that 95 of 100 looks have as many as are noticed.
static double smallest_share(const struct watch *watch, double level)
{
    uint64_t none = 0, noticed = watch->n;
    if (!is_noticed(watch, noticed, level))
        return INFINITY;
    while (noticed - none > 1) {
        uint64_t middle = none + (noticed - none) / 2;
        if (is_noticed(watch, middle, level))
            noticed = middle;
        else
            none = middle;
    }
    return beta_quantile((double)noticed, (double)(watch->n - noticed) + 1);
}

// ---- What a column promises

// The upper end of Clopper and Pearson's interval: the share at which `rung` or fewer would be one case in twenty.
static double at_most(size_t rung, size_t looks)
{
    return rung >= looks ? 1 : beta_quantile((double)rung + 1, (double)(looks - rung));
}

static double threshold_of(const struct watch *watch, size_t resamples, double level)
{
    if (watch->spread->kind == SPREAD_NUMBERS && !watch->spread->steps) {
        double n = (double)watch->n, m = (double)watch->m;
        double limit = special_kolmogorov_quantile(level) / sqrt(n / (n + m) * m);
        // The current data's summary may be as far from the truth as the reference's.
        return fmin(1, limit + 2 * watch->column->error);
    }
    CLEANUP(calibration) struct calibration calibration = {0};
    calibration_make(
        &calibration, watch->spread,
        &(struct calibration_options){.n = watch->n, .m = watch->m, .seed = watch->seed, .resamples = resamples});
    return calibration_threshold(&calibration, watch->decisive, level);
}

void power_measure(struct power *out, const struct column_summary *column, const struct power_options *options)
{
    const struct drift_rules *rules = options->rules;
    uint64_t rows = options->rows ? options->rows : rules->window ? rules->window : 10000;
    uint64_t values = spread_values(column);
    CLEANUP(spread) struct spread spread = {0};
    struct watch watch = {.column = column, .spread = &spread, .m = values, .seed = options->seed ^ FIRST_SEED};
    *out = (struct power){.threshold = NAN, .false_alarms = NAN, .false_alarms_high = NAN, .smallest = INFINITY};
    watch.n = column->rows ? (uint64_t)((double)rows * ((double)values / (double)column->rows) + 0.5) : 0;
    if (watch.n == 0 || !spread_make(&spread, column, watch.n))
        return;
    watch.rule = drift_rules_column(rules, column->name);
    watch.least = drift_rules_least(rules, watch.rule);
    watch.decisive = spread.kind == SPREAD_NUMBERS ? STATISTIC_KS : STATISTIC_CHI2;
    size_t resamples = options->resamples ? options->resamples : 1000;
    double level =
        (rules->false_alarms > 0 ? rules->false_alarms : 0.05) / (double)(options->family ? options->family : 1);
    if (is_constant(column, spread.kind)) {
        *out = (struct power){.known = true,
                              .constant = true,
                              .decisive = watch.decisive,
                              .threshold = NAN,
                              .smallest = smallest_share(&watch, level)};
        return;
    }
    for (enum drift_statistic s = 0; watch.rule && s < DRIFT_STATISTICS; s++)
        if (!isnan(watch.rule->statistics[s]) && !watch.declared) {
            watch.declared = true;
            watch.decisive = s;
            watch.threshold = watch.rule->statistics[s];
        }
    if (!watch.declared)
        watch.threshold = threshold_of(&watch, resamples, level);
    size_t rung = alarms(&watch, 0, resamples, options->seed + 1);
    *out = (struct power){.known = true,
                          .decisive = watch.decisive,
                          .threshold = watch.threshold,
                          .declared = watch.declared,
                          .false_alarms = (double)rung / (double)resamples,
                          .false_alarms_high = at_most(rung, resamples),
                          .smallest = smallest(&watch)};
}

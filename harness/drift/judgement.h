// SPDX-License-Identifier: Apache-2.0
//
// Whether live data are what the model was trained on: for each column its rates and how it is spread, for each measure
// of the outcomes its value, each with a p and a threshold, and over all of them one verdict.
//
// Each finding that is not judged by a threshold of the suite's own is a test. Together they raise a false alarm with
// the probability `false_alarms` at most (Holm). An alarm is raised by what moved (Holm rejects) by at least `least`.
//
//     struct judgement_options options = {.rules = &suite->drift};
//     CLEANUP(judgement) struct judgement *judgement = judgement_new(&options);
//     judgement_columns(judgement, DRIFT_COLUMNS, &reference, &current);
//     judgement_column(judgement, DRIFT_PREDICTIONS, baseline->prediction, &answers);
//     judgement_judge(judgement);
#ifndef REPRO_DRIFT_JUDGEMENT_H
#define REPRO_DRIFT_JUDGEMENT_H

#include "base/mem.h"
#include "core/baseline.h"
#include "core/drift_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_kind {
    FINDING_RATE,    // `rate`: a share of the column's rows
    FINDING_SPREAD,  // how the column's values are spread: the `values`
    FINDING_ABSENT,  // the whole column is not there any more, or has no rows: always an alarm
    FINDING_MEASURE, // of the outcomes
};

// Beyond which value a statistic counts, and how surely.
struct finding_value {
    double value;        // NaN: a column of this kind has no such statistic
    double p;            // P(at least as much | no drift); NaN where `value` is
    double threshold;    // the suite's own, or what is not exceeded without drift but at this finding's level
    double false_alarms; // P(beyond `threshold` | no drift)
    bool declared;       // the threshold is the suite's own
};

struct finding {
    enum drift_area area; // rates are DRIFT_INPUT whatever the column; of the prediction DRIFT_PREDICTIONS
    enum finding_kind kind;
    char *column;         // or the measure's name
    enum drift_rate rate; // of FINDING_RATE
    uint64_t n, m;        // rows that were counted in the current data and in the reference

    // FINDING_RATE: shares of the rows, 0 to 1. FINDING_MEASURE: the values, and their 95 % intervals.
    double current, reference;
    double current_low, current_high, reference_low, reference_high; // of measures; NaN for others
    double threshold;                                                // of rates and measures; NaN: there is none

    // FINDING_SPREAD: of numbers KS, PSI, JS (in bins) and Wasserstein; of categories χ², PSI and JS.
    struct finding_value values[DRIFT_STATISTICS];
    double most;                   // L∞: the largest difference of a category's shares; NaN for numbers
    enum drift_statistic decisive; // whose p it is: STATISTIC_KS of numbers, STATISTIC_CHI2 of categories

    double p;      // of this finding; 1 where there is nothing to test; NaN where a threshold of the suite judges alone
    double level;  // what Holm held the p against; NaN where it was not in the family
    double move;   // W₁/σ of numbers, JS distance of categories and of rates (has it, has it not); NaN of measures
    double least;  // that the move has to reach
    bool declared; // judged by thresholds of the suite's own
    bool moved;    // p ≤ level, or beyond a threshold of the suite's own
    bool alarm;    // moved, and by at least `least` (which does not apply where `declared`)
    enum advice advice; // what the suite says of it; ADVICE_NONE where `alarm` is false
};

struct judgement_options {
    const struct drift_rules *rules; // never NULL; as drift_rules_read leaves them
    uint64_t seed;                   // of the resamples
    size_t resamples;                // of each column; 0: 1,000
    size_t threads;                  // 0: as many as there are CPUs
};

struct judgement {
    struct finding *findings; // in the order in which they were added; of each column rates first
    size_t count, capacity;
    size_t family; // findings that were tested together
    double false_alarms;
    size_t alarms, moved; // findings
    enum advice advice;   // the gravest
    struct judgement_pair *pairs;
    size_t pair_count, pair_capacity;
    struct judgement_options options;
};

struct column_list {
    const struct column_summary *items;
    size_t count;
};

struct judgement *judgement_new(const struct judgement_options *options);
void judgement_free(struct judgement *judgement);
DEFINE_CLEANUP(judgement)

// Adds the columns of the reference that the rules do not ignore. Those that `current` lacks are FINDING_ABSENT;
// columns that the reference lacks are not looked at. Everything is borrowed until judgement_judge has returned.
void judgement_columns(struct judgement *judgement, enum drift_area area, const struct column_list *reference,
                       const struct column_list *current);
void judgement_column(struct judgement *judgement, enum drift_area area, const struct column_summary *reference,
                      const struct column_summary *current);

// The finite numbers of the column that was added last, in ascending order: its KS and Wasserstein are then of these
// instead of the summaries. Borrowed likewise.
struct sorted_numbers {
    const double *items;
    size_t count;
};
void judgement_exact(struct judgement *judgement, const struct sorted_numbers *reference,
                     const struct sorted_numbers *current);

// Adds a measure of the outcomes. With `min` or `max` in the rule it is judged by these: an alarm where the interval of
// `now` is beyond. Else it is held against golden's own: by how many standard errors (from both intervals) it is worse,
// or of a number that the suite names, different. `golden` NULL: there is nothing to hold it against.
void judgement_measure(struct judgement *judgement, const struct drift_measure *rule,
                       const struct baseline_measure *golden, const struct baseline_measure *now);

// Judges everything that was added. The same seed gives the same verdict on every number of threads.
void judgement_judge(struct judgement *judgement);

#endif

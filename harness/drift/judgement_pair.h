// SPDX-License-Identifier: Apache-2.0
//
// One column of the reference beside the same of the current data: the parts of drift/judgement.h that look at no
// other.
#ifndef REPRO_DRIFT_JUDGEMENT_PAIR_H
#define REPRO_DRIFT_JUDGEMENT_PAIR_H

#include "drift/calibrate.h"
#include "drift/judgement.h"

struct judgement_pair {
    enum drift_area area;
    const struct column_summary *reference, *current;
    const struct drift_column_rule *rule; // NULL: none
    struct sorted_numbers exact_reference, exact_current;
    size_t first, count; // its findings
    struct calibration calibration;
    uint64_t rest_current, rest_reference; // categories without a cell of their own
    bool analytic;                         // the p of KS is that of continuous distributions
    double error;                          // how far KS may be from the truth
};

// Whether columns of this type have such a rate.
bool judgement_pair_has(const struct column_summary *column, enum drift_rate rate);
// P(a rate like this | no drift): so of `a` of the finding's n rows now, and of `b` of its m rows of the reference.
double judgement_pair_rate_p(const struct finding *finding, const struct column_summary *reference, uint64_t a,
                             uint64_t b);
// The values and the p of the findings, which are those of the pair.
void judgement_pair_rate(struct finding *finding, const struct judgement_pair *pair);
void judgement_pair_spread(struct finding *finding, struct judgement_pair *pair,
                           const struct judgement_options *options);
// The thresholds at finding->level.
void judgement_pair_thresholds(struct finding *finding, const struct judgement_pair *pair);

#endif

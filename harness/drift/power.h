// SPDX-License-Identifier: Apache-2.0
//
// What watching a column promises before anything has happened, measured by resampling its reference: how often it
// cries wolf, and the smallest move that it notices. And copies of a column with a known move, for the drill.
#ifndef REPRO_DRIFT_POWER_H
#define REPRO_DRIFT_POWER_H

#include "core/baseline.h"
#include "core/drift_rules.h"

#include <stdbool.h>
#include <stdint.h>

struct power_options {
    const struct drift_rules *rules;
    uint64_t rows; // of one look at live data; 0: rules->window, or 10,000
    size_t family; // findings that are tested together (struct judgement: family); 0: 1
    uint64_t seed;
    size_t resamples; // 0: 1,000
};

struct power {
    bool known;    // false: the column has no spread to watch (text, identifiers, no values)
    bool constant; // one value only, from which no look without drift differs: another one is out of range or unseen
    enum drift_statistic decisive;
    double threshold; // of the decisive statistic, or the suite's own; NaN of a constant
    bool declared;
    double false_alarms; // the share of looks without drift at which this column alone raises the alarm: as measured,
    double false_alarms_high; // and what it may be at most, with 95 % certainty
    double smallest; // the smallest move that 95 of 100 looks notice: of numbers a shift in σ, of categories the
                     // share of the rows that go to another category, of a constant that of the rows with another
                     // value. Infinite: none up to 10 σ, or all rows
};
void power_measure(struct power *out, const struct column_summary *column, const struct power_options *options);

// A look at `rows` rows drawn from the column's summary, with all numbers moved by `move` σ, or the share `move` of the
// rows moved from the most frequent category to the least frequent one. 0 moves nothing: that is a look without drift.
void power_copy(struct column_summary *out, const struct column_summary *column, uint64_t rows, double move,
                uint64_t seed);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// What drift found, as checks of the stage `drift`.
#ifndef REPRO_ENGINE_DRIFT_CHECKS_H
#define REPRO_ENGINE_DRIFT_CHECKS_H

#include "core/result.h"
#include "core/suite.h"
#include "drift/judgement.h"

// How a column is spread now and was, for pictures.
struct drift_spreads {
    const struct column_summary *reference, *current; // found by name; NULL where there is none
};
typedef struct drift_spreads (*drift_spreads_of)(const void *context, const struct finding *finding);

struct drift_report {
    struct result *result;
    const struct suite *suite;
    const char *repeat;      // the command that looks again
    const char *rolled_back; // identity of the golden from which this one was gone back to; NULL: it was recorded
    drift_spreads_of spreads;
    const void *context;
};

// One check for each finding: "traffic: missing", "traffic: spread", "mae". An alarm fails; what moved less than counts
// passes with a notice. A spread that moved shows both beside each other. The last check, "advice", fails when there is
// an alarm.
void drift_checks_add(const struct drift_report *report, const struct judgement *judgement);

#endif

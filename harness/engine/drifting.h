// SPDX-License-Identifier: Apache-2.0
//
// drift: live data held against the baseline of the golden. Everything that is found becomes a check of the stage
// `drift`, each rate and each column one; the last, `advice`, fails when there is an alarm. The stage `drift` of verify
// is the drill: data that moved are noticed, data that did not raise no alarm.
#ifndef REPRO_ENGINE_DRIFTING_H
#define REPRO_ENGINE_DRIFTING_H

#include "core/result.h"
#include "engine/session.h"

#include <stdbool.h>
#include <stdint.h>

struct drift_request {
    const char *data; // CSV, JSON lines, or the log of predictions; relative to where repro was started
    bool has_since;
    double since;                  // rows of this time or later, in seconds since 1970
    uint64_t last;                 // the last so many rows; 0: all
    const char *outcomes;          // file of outcomes, joined by id; NULL
    bool exact;                    // keep the values: no sketch
    const struct session *session; // asked whether to stop; NULL: nobody stops. drift_suite fills it in
};

// Looks at the data of one suite. With "on_alarm": "roll back", also goes back where that is the advice.
void drift_suite(struct session *session, const char *name, const struct drift_request *request, struct result *result);

struct verification;
void stage_drift(struct verification *v);

#endif

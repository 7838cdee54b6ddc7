// SPDX-License-Identifier: Apache-2.0
//
// rollback: back to a golden that was kept. What happened becomes checks of the stage `rollback`.
#ifndef REPRO_ENGINE_ROLLBACK_H
#define REPRO_ENGINE_ROLLBACK_H

#include "base/str.h"
#include "core/result.h"
#include "engine/session.h"

struct rollback_request {
    const char *to;     // see way_back_find; NULL: the newest that is kept
    const char *into;   // the folder from which a service loads its model (into.h); NULL: none
    const char *reason; // NULL: none was given
    const char *by;     // who does it; NULL: whoever runs repro
    bool drill;         // all but the switch: see stage_rollback. Needs session_prepare_runs
};

void rollback_suites(struct session *session, const struct strings *names, const struct rollback_request *request,
                     struct result *result);

// One suite, no drill; for whoever does so by itself, on an alarm. True when the golden that is meant is current now,
// and in the folder.
bool rollback_suite(struct session *session, const char *suite, const struct rollback_request *request,
                    struct result *result);

struct verification;
// The drill: the earlier golden restored elsewhere, started, and asked what it answered before; the suite's fallback
// asked as the stage `fuzz` asks the model. Of verify: where there is such a golden or a fallback.
void stage_rollback(struct verification *v);

#endif

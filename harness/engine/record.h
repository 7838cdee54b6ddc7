// SPDX-License-Identifier: Apache-2.0
//
// record: run, and keep the result as golden.
#ifndef REPRO_ENGINE_RECORD_H
#define REPRO_ENGINE_RECORD_H

#include "base/str.h"
#include "core/result.h"
#include "engine/session.h"

// Records the suites. Over an existing golden: says what moved, and keeps the new one only with a `reason` (NULL: none
// given). Where nothing that is compared has moved, nothing is written. What happened becomes checks of the stage
// `golden`.
void record_suites(struct session *session, const struct strings *names, const char *reason, struct result *result);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// A series of golden's beside the one that a replay wrote.
#ifndef REPRO_ENGINE_CURVES_H
#define REPRO_ENGINE_CURVES_H

#include "base/err.h"
#include "compare/series.h"
#include "engine/replay.h"

// `golden_folder` is golden's bundle, unpacked. A file of the run's that cannot be read is a difference, and the text
// says what is wrong with it: what training wrote is the job's result.
int curves_compare(struct series_finding *out, const char *golden_folder, const struct replay *replay,
                   const struct series_rule *rule, struct error *err);

#endif

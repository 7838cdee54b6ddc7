// SPDX-License-Identifier: Apache-2.0
//
// Outputs of a replay that differed from golden's, kept in the run's folder for as long as no other run of the suite
// keeps some: .repro/runs/ID/NAME/artifacts/PATH. A hard link where it can be one, so that large models cost nothing.
#ifndef REPRO_ENGINE_KEPT_H
#define REPRO_ENGINE_KEPT_H

#include "engine/replay.h"

// Keeps one output. Its path relative to the project, or NULL where it could not be kept (a full disk is no fault of
// the model's). The caller frees.
char *kept_output(const struct replay *replay, const struct session *session, const char *path);

#endif

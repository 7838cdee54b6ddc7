// SPDX-License-Identifier: Apache-2.0
//
// The files that a run sees: the work tree itself, the commit, or what golden was made from.
#ifndef REPRO_ENGINE_SOURCE_H
#define REPRO_ENGINE_SOURCE_H

#include "base/err.h"
#include "core/manifest.h"
#include "engine/session.h"

// *out is NULL for the work tree itself, else an absolute folder below `folder` that now holds the files. The caller
// frees the string; the files go with the run.
//
// SOURCE_GOLDEN puts together the code, data and settings that golden lists, each from the first place that has it with
// golden's digest: golden's bundle, the work tree, the commit that golden was accepted from. ERROR_USAGE names the
// files that no place has.
int source_prepare(char **out, const struct session *session, enum source at, const struct manifest *golden,
                   const char *folder, struct error *err);

#endif

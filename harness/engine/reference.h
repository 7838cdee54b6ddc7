// SPDX-License-Identifier: Apache-2.0
//
// The golden that a replay is measured against.
#ifndef REPRO_ENGINE_REFERENCE_H
#define REPRO_ENGINE_REFERENCE_H

#include "base/err.h"
#include "core/manifest.h"
#include "core/suite.h"

#include <stdbool.h>

// The golden of now's class; but where that was made from other inputs (command, data, settings, externals) and the
// golden of another class was made from these, the latter: ours is superseded, and the change that moved the inputs
// need not wait for a machine like this one. Where there is none of our class (class_name may be NULL: not known), the
// one with the same inputs, else the one of the nearest class (class_distance). *out is NULL when the suite has no
// golden.
int reference_load(struct manifest **out, bool *superseded, const char *root, const struct manifest *now,
                   struct error *err);

// The golden that is trusted on this machine, whatever the inputs are now: of its class, else of the nearest. *out is
// NULL when the suite has none.
int reference_current(struct manifest **out, const char *root, const struct suite *suite, char *const *variables,
                      struct error *err);

// True when golden was made from the same command, data, settings and externals. Code may have changed.
bool reference_same_inputs(const struct manifest *golden, const struct manifest *now);

#endif

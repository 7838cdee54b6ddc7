// SPDX-License-Identifier: Apache-2.0
//
// The environment of a run: cleared, then rebuilt from what is needed. PATH, LD_LIBRARY_PATH, VIRTUAL_ENV and
// CONDA_PREFIX come from the caller; HOME and TMPDIR are private; LANG=C.UTF-8, TZ=UTC; then the pins, the suite's env,
// and the variables named in pass_env. Nothing else of the caller's environment reaches the run.
#ifndef REPRO_RUN_ENVIRON_H
#define REPRO_RUN_ENVIRON_H

#include "base/err.h"
#include "base/str.h"
#include "core/suite.h"

// `caller` is environ-like (NAME=VALUE, NULL-terminated). `home` and `tmp` are paths as the run sees them.
int environ_build(struct pairs *out, const struct suite *suite, char *const *caller, const char *home, const char *tmp,
                  struct error *err);

#endif

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

// Adds the absolute host paths that the command needs where HOME and /tmp are hidden: the prefixes of interpreters that
// `env` names (PATH, LD_LIBRARY_PATH, VIRTUAL_ENV, CONDA_PREFIX, …), with symbolic links followed; never HOME itself.
// `home` is the caller's, NULL when there is none.
void environ_needs(struct strings *out, const struct pairs *env, const struct strings *argv, const char *home);

// The value of a variable in an environ-like list; NULL when it is not there. Borrowed.
const char *environ_get(char *const *caller, const char *name);

// The file that `name` starts, in the folders of the PATH in `env`; NULL when there is none. The caller frees.
char *environ_program(const struct pairs *env, const char *name);

#define ENVIRON_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#endif

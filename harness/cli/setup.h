// SPDX-License-Identifier: Apache-2.0
//
// From a command line to a session: options read, project opened, suites chosen.
#ifndef REPRO_CLI_SETUP_H
#define REPRO_CLI_SETUP_H

#include "base/err.h"
#include "base/term.h"
#include "engine/session.h"

struct cli_args;

// Reads every option that a session takes; all that is wrong is reported. `live` (may be NULL) becomes the observer.
struct live;
int setup_options(struct session_options *out, const struct cli_args *args, struct live *live, struct error *err);

// Opens the session and selects the suites that args->rest names.
int setup_session(struct session **out, struct strings *names, const struct session_options *options,
                  const struct cli_args *args, struct error *err);

enum term_color setup_color(const struct cli_args *args);

#endif

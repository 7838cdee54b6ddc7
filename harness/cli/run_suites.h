// SPDX-License-Identifier: Apache-2.0
//
// The frame of the commands that work on suites and owe a result: record and verify.
#ifndef REPRO_CLI_RUN_SUITES_H
#define REPRO_CLI_RUN_SUITES_H

#include "base/str.h"
#include "core/result.h"
#include "engine/session.h"

struct cli_args;

typedef void (*suites_verb)(struct session *session, const struct strings *names, struct result *result,
                            const void *context);

// Opens the session, calls the verb, shows and writes the result. Gives the exit status.
int run_suites(const struct cli_args *args, suites_verb verb, const void *context);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/run_suites.h"
#include "engine/verify.h"

static void verify(struct session *session, const struct strings *names, struct result *result, const void *context)
{
    (void)context;
    verify_suites(session, names, result);
}

int cmd_verify(const struct cli_args *args)
{
    return run_suites(args, verify, NULL);
}

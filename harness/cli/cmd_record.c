// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run_suites.h"
#include "engine/record.h"

#include <string.h>

static void record(struct session *session, const struct strings *names, struct result *result, const void *reason)
{
    record_suites(session, names, reason, result);
}

int cmd_record(const struct cli_args *args)
{
    const char *reason = args_value(args, "reason");
    if (reason && reason[strspn(reason, " \t\r\n")] == '\0') {
        CLEANUP(error) struct error err = {0};
        error_set(&err, ERROR_USAGE, "--reason: expected some words that say why the new result is right");
        return output_fault_result(args, NULL, &err);
    }
    return run_suites(args, record, reason);
}

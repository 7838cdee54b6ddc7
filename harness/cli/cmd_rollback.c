// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run_suites.h"
#include "engine/rollback.h"

static void roll_back(struct session *session, const struct strings *names, struct result *result, const void *context)
{
    rollback_suites(session, names, context, result);
}

int cmd_rollback(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    const struct rollback_request request = {.to = args_value(args, "to"),
                                             .into = args_value(args, "into"),
                                             .reason = args_value(args, "reason"),
                                             .drill = args_flag(args, "drill")};
    const char *empty = request.into && !*request.into ? "into" : request.reason && !*request.reason ? "reason" : NULL;
    if (empty)
        error_set(&err, ERROR_USAGE, "--%s: is empty", empty);
    else if (request.drill && request.into)
        error_set(&err, ERROR_USAGE, "--drill switches nothing: leave --into out");
    else if (args->rest.count != 1)
        error_set(&err, ERROR_USAGE, "expected one suite, as in: repro rollback churn");
    return err.kind != ERROR_NONE ? output_fault_result(args, NULL, &err) : run_suites(args, roll_back, &request);
}

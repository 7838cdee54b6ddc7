// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run_suites.h"
#include "cli/window.h"
#include "drift/log_files.h"
#include "engine/logging.h"
#include "engine/verify.h"

static void verify(struct session *session, const struct strings *names, struct result *result, const void *context)
{
    CLEANUP(error) struct error err = {0};
    const struct log_request *log = context;
    if (log && names->count != 1)
        error_set(&err, ERROR_USAGE, "--log goes with one suite, as in: repro verify %s --log %s",
                  names->count > 0 ? names->items[0] : "churn", log->path);
    else if (log && !session_wants(session, STAGE_LOG))
        error_set(&err, ERROR_USAGE, "--log is asked in the stage log, which --only leaves out");
    if (err.kind != ERROR_NONE) {
        result_add_error(result, "", STAGE_DOCUMENT, "--log", &err);
        return;
    }
    verify_suites_and_log(session, names, log, result);
}

static int read_log(struct log_request *out, const struct cli_args *args, struct error *err)
{
    const bool since = args_value(args, "since") != NULL;
    struct window window;
    *out = (struct log_request){.path = args_value(args, "log")};
    if (!out->path && (since || args_value(args, "last")))
        return error_set(err, ERROR_USAGE, "--%s goes with --log", since ? "since" : "last");
    if (!out->path)
        return 0;
    CLEANUP(log_files) struct log_files found = {0};
    if (window_read(&window, args, err) < 0 || log_files_open(&found, NULL, out->path, err) < 0)
        return -1; // before a training that may take hours
    out->has_since = window.has_since;
    out->since = window.since;
    out->last = window.last;
    return 0;
}

int cmd_verify(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    struct log_request log;
    if (read_log(&log, args, &err) < 0)
        return output_fault_result(args, NULL, &err);
    return run_suites(args, verify, log.path ? &log : NULL);
}

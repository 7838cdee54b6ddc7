// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run_suites.h"
#include "drift/log_time.h"
#include "engine/logging.h"
#include "engine/verify.h"

#include <stdlib.h>
#include <string.h>

static void verify(struct session *session, const struct strings *names, struct result *result, const void *context)
{
    CLEANUP(error) struct error err = {0};
    const struct log_request *log = context;
    if (log && names->count != 1) {
        error_set(&err, ERROR_USAGE, "--log goes with one suite, as in: repro verify %s --log %s",
                  names->count > 0 ? names->items[0] : "churn", log->path);
        result_add_error(result, "", STAGE_DOCUMENT, "--log", &err);
        return;
    }
    verify_suites_and_log(session, names, log, result);
}

static int read_log(struct log_request *out, const struct cli_args *args, char **file, struct error *err)
{
    const char *folder = args_value(args, "directory"), *since = args_value(args, "since");
    const char *last = args_value(args, "last");
    char *end = NULL;
    *out = (struct log_request){.path = args_value(args, "log"), .has_since = since != NULL};
    if (!out->path && (since || last))
        return error_set(err, ERROR_USAGE, "--%s goes with --log", since ? "since" : "last");
    if (!out->path)
        return 0;
    *file = fs_join(folder ? folder : "", out->path);
    out->file = *file;
    if (since && !log_time_read(&out->since, since, strlen(since)))
        return error_set(err, ERROR_USAGE, "--since: expected a time such as \"2026-11-23T08:30:00Z\", found '%s'",
                         since);
    out->last = last ? strtoull(last, &end, 10) : 0;
    if (last && (*last < '0' || *last > '9' || *end || out->last == 0))
        return error_set(err, ERROR_USAGE, "--last: expected a whole number from 1 on, found '%s'", last);
    return 0;
}

int cmd_verify(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(free) char *file = NULL;
    struct log_request log;
    if (read_log(&log, args, &file, &err) < 0)
        return output_fault_result(args, NULL, &err);
    return run_suites(args, verify, log.path ? &log : NULL);
}

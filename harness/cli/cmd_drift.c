// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"

#include "base/clock.h"
#include "drift/log_time.h"
#include "engine/drifting.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// A moment, or how long ago.
static int read_since(struct drift_request *out, const char *text, struct error *err)
{
    double ago;
    if (!text)
        return 0;
    out->has_since = true;
    if (str_duration(&ago, text) == 0)
        out->since = (double)time(NULL) - ago;
    else if (!log_time_read(&out->since, text, strlen(text)))
        return error_set(
            err, ERROR_USAGE,
            "--since: expected a moment such as 2026-11-23T08:00:00Z or how long ago, such as \"7d\", found "
            "'%s'",
            text);
    return 0;
}

static int read_last(struct drift_request *out, const char *text, struct error *err)
{
    char *end = NULL;
    if (!text)
        return 0;
    out->last = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || out->last == 0)
        return error_set(err, ERROR_USAGE, "--last: expected a number of rows, at least 1, found '%s'", text);
    return 0;
}

static int read_request(struct drift_request *out, const struct cli_args *args, struct error *err)
{
    if (args->rest.count != 2)
        return error_set(err, ERROR_USAGE, "expected a suite and its data, as in: repro drift churn live.csv");
    *out = (struct drift_request){
        .data = args->rest.items[1], .outcomes = args_value(args, "outcomes"), .exact = args_flag(args, "exact")};
    if (read_since(out, args_value(args, "since"), err) < 0)
        return -1;
    return read_last(out, args_value(args, "last"), err);
}

int cmd_drift(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(result) struct result *result = result_new(args->typed);
    struct session_options options;
    struct drift_request request;
    struct live *live = live_start(false, setup_color(args));
    double start = clock_seconds();
    int ready = read_request(&request, args, &err);
    if (ready == 0)
        ready = setup_options(&options, args, live, &err);
    if (ready == 0)
        ready = session_open(&session, &options, &err);
    if (ready == 0)
        ready = session_prepare_runs(session, &err);
    if (ready == 0)
        drift_suite(session, args->rest.items[0], &request, result);
    live_free(live);
    if (ready < 0)
        return output_fault_result(args, session, &err);
    result->seconds = clock_seconds() - start;
    return output_result(args, session, result);
}

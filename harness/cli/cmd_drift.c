// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "cli/window.h"

#include "base/clock.h"
#include "engine/drifting.h"
#include "engine/session.h"

#include <stdio.h>

static int read_request(struct drift_request *out, const struct cli_args *args, struct error *err)
{
    if (args->rest.count != 2)
        return error_set(err, ERROR_USAGE, "expected a suite and its data, as in: repro drift churn live.csv");
    struct window window;
    if (window_read(&window, args, err) < 0)
        return -1;
    *out = (struct drift_request){.data = args->rest.items[1],
                                  .outcomes = args_value(args, "outcomes"),
                                  .exact = args_flag(args, "exact"),
                                  .has_since = window.has_since,
                                  .since = window.since,
                                  .last = window.last};
    return 0;
}

// Where the project may only be read, data are looked at all the same: nothing runs.
static int keep_result(struct session *session, struct error *err)
{
    if (session_prepare_runs(session, err) == 0)
        return 0;
    if (err->kind != ERROR_MACHINE || session->run_folder)
        return -1;
    CLEANUP(free) char *why = error_text(err);
    fprintf(stderr, "repro: the result is not kept: %s\n", why);
    error_free(err);
    *err = (struct error){0};
    return 0;
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
        ready = keep_result(session, &err);
    if (ready == 0)
        drift_suite(session, args->rest.items[0], &request, result);
    live_free(live);
    if (ready < 0)
        return output_fault_result(args, session, &err);
    result->seconds = clock_seconds() - start;
    return output_result(args, session, result);
}

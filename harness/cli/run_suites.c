// SPDX-License-Identifier: Apache-2.0
#include "cli/run_suites.h"

#include "base/clock.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"

int run_suites(const struct cli_args *args, suites_verb verb, const void *context)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(strings) struct strings names = {0};
    CLEANUP(result) struct result *result = result_new(args->typed);
    struct live *live = live_start(args_flag(args, "verbose"), setup_color(args));
    struct session_options options;
    double start = clock_seconds();
    result->started = time(NULL);
    int ready = setup_options(&options, args, live, &err);
    if (ready == 0)
        ready = setup_session(&session, &names, &options, args, &err);
    if (ready == 0)
        ready = session_prepare_runs(session, &err);
    if (ready == 0)
        verb(session, &names, result, context);
    live_free(live);
    if (ready < 0)
        return output_fault_result(args, session, &err);
    result->seconds = clock_seconds() - start;
    return output_result(args, session, result);
}

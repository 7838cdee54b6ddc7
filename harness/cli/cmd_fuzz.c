// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/run_suites.h"
#include "cli/setup.h"
#include "engine/fuzzing.h"

#include <stdio.h>
#include <stdlib.h>

static int read_whole(uint64_t *out, bool *given, const struct cli_args *args, const char *option, struct error *err)
{
    const char *text = args_value(args, option);
    char *end = NULL;
    if (!text)
        return 0;
    *given = true;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end)
        return error_set(err, ERROR_USAGE, "--%s: expected a whole number, found '%s'", option, text);
    return 0;
}

static int read_request(struct fuzz_request *out, const struct cli_args *args, struct error *err)
{
    bool given = false;
    const char *time = args_value(args, "time");
    *out = (struct fuzz_request){
        .only = args_value(args, "only"), .replay = args_value(args, "replay"), .keep = !args_flag(args, "replay")};
    if (read_whole(&out->cases, &given, args, "cases", err) < 0 ||
        read_whole(&out->seed, &out->has_seed, args, "seed", err) < 0)
        return -1;
    if (given && out->cases == 0)
        return error_set(err, ERROR_USAGE, "--cases: expected at least 1");
    if (time && (str_duration(&out->seconds, time) < 0 || out->seconds <= 0))
        return error_set(err, ERROR_USAGE, "--time: expected a time such as \"60s\" or \"5m\", found '%s'", time);
    return 0;
}

static void fuzz(struct session *session, const struct strings *names, struct result *result, const void *context)
{
    fuzz_suites(session, names, context, result);
}

static int infer(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(free) char *schema = NULL;
    struct session_options options;
    if (args->rest.count != 1)
        error_set(&err, ERROR_USAGE,
                  "expected one suite, as in: repro fuzz churn --infer data/train.csv --target churned");
    if (err.kind != ERROR_NONE || setup_options(&options, args, NULL, &err) < 0 ||
        session_open(&session, &options, &err) < 0 ||
        fuzz_infer(&schema, session, args->rest.items[0], args_value(args, "infer"), args_value(args, "target"), &err) <
            0)
        return output_fault(&err);
    printf("wrote \"schema\" into suites/%s/suite.json; read it, correct it, then:\n  repro fuzz %s\n",
           args->rest.items[0], args->rest.items[0]);
    return 0;
}

int cmd_fuzz(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    struct fuzz_request request;
    if (args_flag(args, "infer"))
        return infer(args);
    if (read_request(&request, args, &err) < 0)
        return output_fault_result(args, NULL, &err);
    return run_suites(args, fuzz, &request);
}

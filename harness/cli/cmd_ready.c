// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "engine/ready.h"

#include <string.h>
#include <time.h>

// "2", "1,2,3,9" or "all".
static int read_questions(unsigned *out, const char *text, struct error *err)
{
    *out = 0;
    if (text && str_equal(text, "all")) {
        *out = READY_ALL;
        return 0;
    }
    for (const char *at = text; at; at = *at == ',' ? at + 1 : NULL) {
        if (*at < '1' || *at > '0' + READY_QUESTIONS || (at[1] != ',' && at[1] != '\0'))
            return error_set(err, ERROR_USAGE,
                             "--require: expected questions from 1 to %d, as in 2 or 1,2,3,9, or all, found '%s'",
                             READY_QUESTIONS, text);
        *out |= 1u << (*at - '0');
        at++;
    }
    return 0;
}

int cmd_ready(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(strings) struct strings names = {0};
    CLEANUP(result) struct result *result = result_new(args->typed);
    struct session_options options;
    unsigned require = 0;
    double start = clock_seconds();
    if (read_questions(&require, args_value(args, "require"), &err) < 0 ||
        setup_options(&options, args, NULL, &err) < 0 || setup_session(&session, &names, &options, args, &err) < 0)
        return output_fault_result(args, session, &err);
    ready_suites(session, &names, require, result);
    result->seconds = clock_seconds() - start;
    return output_result(args, session, result);
}

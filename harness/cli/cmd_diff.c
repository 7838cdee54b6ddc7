// SPDX-License-Identifier: Apache-2.0
#include "base/number.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "cli/stop.h"
#include "engine/diff.h"
#include "report/difference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What cannot be read gives no verdict, whatever the reason is.
enum { EXIT_DIFFERENT = 1, EXIT_UNREADABLE = 2 };

static int read_amount(double *out, const struct cli_args *args, const char *option, struct error *err)
{
    const char *text = args_value(args, option);
    if (!text)
        return 0;
    if (!number_parse(out, text, strlen(text)) || !isfinite(*out) || *out < 0)
        return error_set(err, ERROR_USAGE, "--%s: expected a number ≥ 0, found '%s'", option, text);
    return 0;
}

static int read_steps(uint64_t *out, const struct cli_args *args, struct error *err)
{
    const char *text = args_value(args, "max-ulp");
    char *end = NULL;
    if (!text)
        return 0;
    *out = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end)
        return error_set(err, ERROR_USAGE, "--max-ulp: expected a whole number ≥ 0, found '%s'", text);
    return 0;
}

static int read_options(struct diff_options *out, const struct cli_args *args, struct error *err)
{
    *out = (struct diff_options){.folder = ".", .environ = environ, .rule = {.close = args_flag(args, "close")}};
    if (args->rest.count != 2)
        return error_set(err, ERROR_USAGE, "expected two things to compare, as in: repro diff before.pt after.pt");
    if (read_steps(&out->rule.max_ulp, args, err) < 0 || read_amount(&out->rule.abs, args, "abs", err) < 0)
        return -1;
    return read_amount(&out->rule.rel, args, "rel", err);
}

int cmd_diff(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(difference) struct difference *difference = NULL;
    CLEANUP(buf) struct buf text = {0};
    struct diff_options options;
    stop_at_once(EXIT_UNREADABLE); // nothing is written that could be left half done
    if (read_options(&options, args, &err) < 0 ||
        diff_run(&difference, args->rest.items[0], args->rest.items[1], &options, &err) < 0) {
        output_fault(&err);
        return EXIT_UNREADABLE;
    }
    struct term term;
    term_init(&term, stdout, setup_color(args));
    if (args_flag(args, "json"))
        difference_write(&text, difference);
    else
        report_difference(&text, difference, &term, args_flag(args, "all"));
    int status = output_text(&text);
    return status != 0 ? status : difference->sameness == DIFFERENT ? EXIT_DIFFERENT : 0;
}

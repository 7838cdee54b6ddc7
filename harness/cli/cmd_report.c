// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "report/report.h"

#include <stdio.h>

enum { RESULT_AT_MOST = 1 << 30 };

static int load(struct result **out, const char *path, struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (fs_read(&text, path, RESULT_AT_MOST, err) < 0)
        return -1;
    return result_parse(out, path, buf_text(&text), text.len, err);
}

static int check_format(const char *name, struct error *err)
{
    if (str_equal(name, "terminal") || report_find(name))
        return 0;
    CLEANUP(buf) struct buf known = {0};
    for (size_t i = 0; i < report_count(); i++)
        buf_printf(&known, "%s, ", report_at(i)->name);
    return error_set(err, ERROR_USAGE, "unknown report '%s'; known are %sterminal", name, buf_text(&known));
}

int cmd_report(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    CLEANUP(result) struct result *result = NULL;
    CLEANUP(buf) struct buf text = {0};
    if (args->rest.count != 2) {
        error_set(&err, ERROR_USAGE, "expected a format and a file, as in: repro report junit result.json");
        return output_fault(&err);
    }
    const char *format = args->rest.items[0];
    if (check_format(format, &err) < 0 || load(&result, args->rest.items[1], &err) < 0)
        return output_fault(&err);
    if (str_equal(format, "terminal")) {
        struct term term;
        struct terminal_options options = {0};
        term_init(&term, stdout, setup_color(args));
        report_terminal(&text, result, &term, &options);
    } else {
        report_find(format)->write(&text, result);
    }
    return output_text(&text);
}

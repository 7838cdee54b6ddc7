// SPDX-License-Identifier: Apache-2.0
#include "cli/window.h"

#include "base/str.h"
#include "cli/options.h"
#include "drift/log_time.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// "7" is hardly a second of 1970: a unit was forgotten.
static bool is_bare(const char *text, double seconds)
{
    return text[strspn(text, "0123456789.")] == '\0' && seconds < 1e8;
}

static int read_since(struct window *out, const char *text, struct error *err)
{
    double ago;
    if (!text)
        return 0;
    out->has_since = true;
    if (str_duration(&ago, text) == 0)
        out->since = (double)time(NULL) - ago;
    else if (!log_time_read(&out->since, text, strlen(text)) || is_bare(text, out->since))
        return error_set(
            err, ERROR_USAGE,
            "--since: expected a moment such as 2026-11-23T08:00:00Z or how long ago, such as \"7d\", found '%s'",
            text);
    return 0;
}

static int read_last(struct window *out, const char *text, struct error *err)
{
    char *end = NULL;
    if (!text)
        return 0;
    out->last = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || out->last == 0)
        return error_set(err, ERROR_USAGE, "--last: expected a whole number from 1 on, found '%s'", text);
    return 0;
}

int window_read(struct window *out, const struct cli_args *args, struct error *err)
{
    *out = (struct window){0};
    return read_since(out, args_value(args, "since"), err) < 0 ? -1 : read_last(out, args_value(args, "last"), err);
}

// SPDX-License-Identifier: Apache-2.0
#include "cli/setup.h"

#include "base/fs.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/stop.h"

#include <string.h>
#include <unistd.h>

enum { JOBS_AT_MOST = 1024 };

enum term_color setup_color(const struct cli_args *args)
{
    const char *when = args_value(args, "color");
    return str_equal(when, "always") ? TERM_ALWAYS : str_equal(when, "never") ? TERM_NEVER : TERM_AUTO;
}

static int read_stages(unsigned *out, const char *text, struct error *err)
{
    const char *known[STAGE_READY]; // which is the last, and a verb of its own
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        known[i] = stage_name((enum stage)i);
    if (!*text) // an empty variable of a script must not widen what is asked for
        return error_set(err, ERROR_USAGE, "--only: expected a stage, found nothing");
    while (*text) {
        size_t length = strcspn(text, ",");
        CLEANUP(free) char *name = str_ndup(text, length);
        enum stage stage;
        if (stage_from_name(&stage, name) < 0 || stage == STAGE_READY) {
            const char *nearest = str_nearest(name, known, ARRAY_LEN(known));
            return error_set(err, ERROR_USAGE, "--only: unknown stage '%s'%s%s%s", name,
                             nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
        }
        *out |= 1u << stage;
        text += length + (text[length] == ',');
    }
    return 0;
}

static int read_jobs(size_t *out, const char *text, struct error *err)
{
    char *end = NULL;
    long jobs = strtol(text, &end, 10);
    if (end == text || *end || jobs < 1 || jobs > JOBS_AT_MOST)
        return error_set(err, ERROR_USAGE, "--jobs: expected a number from 1 to %d, found '%s'", JOBS_AT_MOST, text);
    *out = (size_t)jobs;
    return 0;
}

// The place of a word in "a|b|c"; the parser has checked that it is there.
static int choice(const struct cli_args *args, const char *option, const char *const *words, size_t count)
{
    const char *value = args_value(args, option);
    for (size_t i = 0; value && i < count; i++) {
        if (str_equal(words[i], value))
            return (int)i;
    }
    return 0;
}

// Before an hour of training, not after it.
static int check_report(const struct cli_args *args, const char *option, struct error *err)
{
    const char *path = args_value(args, option);
    if (path && !*path)
        return error_set(err, ERROR_USAGE, "--%s: expected the name of a file, found nothing", option);
    if (path && fs_is_folder(path))
        return error_set(err, ERROR_USAGE, "--%s: '%s' is a folder, not a file", option, path);
    return 0;
}

int setup_options(struct session_options *out, const struct cli_args *args, struct live *live, struct error *err)
{
    static const char *const sources[] = {
        [SOURCE_WORKTREE] = "worktree", [SOURCE_HEAD] = "head", [SOURCE_GOLDEN] = "golden"};
    static const char *const levels[] = {[ISOLATION_AUTO] = "auto",
                                         [ISOLATION_FULL] = "full",
                                         [ISOLATION_PARTIAL] = "partial",
                                         [ISOLATION_NONE] = "none"};
    static const char *const traces[] = {
        [TRACE_AUTO] = "auto", [TRACE_OFF] = "off", [TRACE_FILES] = "files", [TRACE_FULL] = "full"};
    static const char *const kinds[] = {[WORKSPACE_AUTO] = "auto",
                                        [WORKSPACE_OVERLAY] = "overlay",
                                        [WORKSPACE_REFLINK] = "reflink",
                                        [WORKSPACE_COPY] = "copy"};
    const char *only = args_value(args, "only"), *jobs = args_value(args, "jobs"),
               *timeout = args_value(args, "timeout");
    *out = (struct session_options){
        .folder = ".",
        .command = args->typed,
        .isolation = (enum isolation)choice(args, "isolation", levels, ARRAY_LEN(levels)),
        .trace = (enum trace_level)choice(args, "trace", traces, ARRAY_LEN(traces)),
        .workspace = (enum workspace_kind)choice(args, "workspace", kinds, ARRAY_LEN(kinds)),
        .at = (enum source)choice(args, "at", sources, ARRAY_LEN(sources)),
        .fail_fast = args_flag(args, "fail-fast"),
        .base = args_value(args, "base"),
        .stop_fd = stop_fd(),
        .echo_fd = args_flag(args, "verbose") ? STDERR_FILENO : -1,
        .environ = environ,
    };
    if (live)
        out->observer = live_observer(live);
    if (check_report(args, "junit", err) < 0 || check_report(args, "json", err) < 0)
        return -1;
    if (only && str_equal(args->command->name, "verify") && read_stages(&out->only, only, err) < 0)
        return -1;
    if (jobs && read_jobs(&out->jobs, jobs, err) < 0)
        return -1;
    if (timeout && (str_duration(&out->timeout, timeout) < 0 || out->timeout <= 0))
        return error_set(err, ERROR_USAGE, "--timeout: expected a time such as \"90s\" or \"10m\", found '%s'",
                         timeout);
    return 0;
}

int setup_session(struct session **out, struct strings *names, const struct session_options *options,
                  const struct cli_args *args, struct error *err)
{
    if (session_open(out, options, err) < 0)
        return -1;
    return project_select(names, (*out)->project, &args->rest, err);
}

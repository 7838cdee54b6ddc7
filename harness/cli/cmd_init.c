// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/setup.h"
#include "engine/init.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAMED_AT_MOST = 12 };

// Where the command runs: the current folder, as seen from the project's root.
static int relative_directory(char **out, const char *root, struct error *err)
{
    CLEANUP(free) char *here = getcwd(NULL, 0);
    if (!here)
        return error_errno(err, "cannot find out the current folder");
    size_t length = strlen(root);
    if (strncmp(here, root, length) != 0 || (here[length] != '/' && here[length] != '\0'))
        *out = str_dup(".");
    else
        *out = str_dup(here[length] ? here + length + 1 : ".");
    return 0;
}

static void say(const char *what, const struct strings *paths, const char *hint)
{
    if (paths->count == 0)
        return;
    printf("  %-10s ", what);
    for (size_t i = 0; i < paths->count && i < NAMED_AT_MOST; i++) {
        CLEANUP(free) char *name = str_visible(paths->items[i], strlen(paths->items[i]));
        printf("%s%s", i > 0 ? ", " : "", name);
    }
    if (paths->count > NAMED_AT_MOST)
        printf(", … (%zu in all)", paths->count);
    printf("%s\n", hint);
}

static void print_report(const struct init_report *report, const char *name)
{
    CLEANUP(free) char *took = str_human_duration(report->wall);
    printf("wrote %s after one run of %s\n", report->path, took);
    say("artifacts", &report->artifacts, "");
    say("metrics", &report->metrics, "");
    say("series", &report->series, "");
    say("logs", &report->logs, "  (not compared)");
    if (report->why_guessed)
        printf("  inputs, guessed from %s (%s):\n",
               report->tracked ? "the names of files that git tracks" : "the names of the files here",
               report->why_guessed);
    say("code", &report->code, "");
    say("data", &report->data, "");
    say("settings", &report->settings, "");
    say("outside", &report->outside, "  (outside the project: \"external\")");
    printf("read %s, correct it, then:\n  repro record %s\n", report->path, name);
}

static int init(const struct cli_args *args, const struct session_options *options, struct init_report *report,
                struct error *err)
{
    CLEANUP(session) struct session *session = NULL;
    CLEANUP(strings) struct strings command = {0};
    CLEANUP(free) char *directory = NULL;
    if (args->rest.count < 2)
        return error_set(err, ERROR_USAGE,
                         "expected a name and a command, as in: repro init churn -- python3 train.py");
    for (size_t i = 1; i < args->rest.count; i++)
        strings_add(&command, args->rest.items[i]);
    if (session_open(&session, options, err) < 0 || relative_directory(&directory, session->project->root, err) < 0 ||
        session_prepare_runs(session, err) < 0)
        return -1;
    return init_suite(report, session, args->rest.items[0], directory, &command, err);
}

int cmd_init(const struct cli_args *args)
{
    CLEANUP(error) struct error err = {0};
    struct init_report report = {0};
    struct session_options options;
    struct live *live = live_start(args_flag(args, "verbose"), setup_color(args));
    int done = setup_options(&options, args, live, &err);
    if (done == 0)
        done = init(args, &options, &report, &err);
    live_free(live);
    if (done == 0)
        print_report(&report, args->rest.items[0]);
    init_report_free(&report);
    return done == 0 ? 0 : output_fault(&err);
}

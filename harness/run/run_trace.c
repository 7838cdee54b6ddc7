// SPDX-License-Identifier: Apache-2.0
#include "run/run_trace.h"

#include "base/buf.h"
#include "base/fs.h"

#include <stdio.h>
#include <string.h>

int run_trace_choose(enum trace_level *out, struct run *run, const struct run_options *options, struct error *err)
{
    struct trace_ability probed = {0};
    const struct trace_ability *ability = options->trace_ability;
    bool by_name = options->trace == TRACE_FILES || options->trace == TRACE_FULL;
    int failed = 0;
    *out = TRACE_OFF;
    if (options->trace == TRACE_OFF) {
        run->trace_note = str_dup("not traced, as asked for");
        return 0;
    }
    if (!ability) {
        failed = trace_probe(&probed, err);
        ability = &probed;
    }
    const char *why = ability->why_not ? ability->why_not : "it was not found out what this machine can do";
    if (!failed && ability->available)
        *out = options->trace == TRACE_FULL ? TRACE_FULL : TRACE_FILES;
    else if (!failed && by_name)
        failed = error_set(err, ERROR_MACHINE, TRACE_REFUSED "%s", why);
    else if (!failed)
        run->trace_note = str_printf("not traced: %s", why);
    trace_ability_free(&probed);
    return failed;
}

static void add_place(struct run *run, const char *path)
{
    struct error ignored = {0};
    char *real = NULL;
    if (fs_realpath(&real, path, &ignored) != 0) // seen in the run only
        real = str_dup(path);
    strings_take(&run->seen_work, real);
    error_free(&ignored);
}

void run_trace_place(struct run *run, const struct run_options *options, const char *seen_work)
{
    strings_free(&run->seen_work);
    if (run->isolation != ISOLATION_FULL) {
        add_place(run, seen_work);
        return;
    }
    strings_add(&run->seen_work, seen_work);
    add_place(run, options->root);
}

const char *run_project_path(const struct run *run, const char *seen_path)
{
    for (size_t i = 0; i < run->seen_work.count; i++) {
        const char *folder = run->seen_work.items[i];
        size_t len = strlen(folder);
        if (strncmp(seen_path, folder, len) == 0 && seen_path[len] == '/')
            return seen_path + len + 1;
        if (strcmp(seen_path, folder) == 0)
            return ".";
    }
    return NULL;
}

// Not synced: a log of a run that the machine did not survive tells nothing.
static int write_log(const struct trace_log *log, const char *folder, struct error *err)
{
    CLEANUP(free) char *path = fs_join(folder, "trace.json");
    CLEANUP(buf) struct buf text = {0};
    trace_log_write(&text, log);
    FILE *file = fopen(path, "we");
    if (!file)
        return error_errno(err, "cannot open '%s'", path);
    bool whole = fwrite(text.data, 1, text.len, file) == text.len;
    if (fclose(file) != 0 || !whole)
        return error_errno(err, "cannot write '%s'", path);
    return 0;
}

int run_trace_close(struct run *run, struct trace *trace, const struct run_options *options, struct error *err)
{
    trace_finish(&run->trace, trace);
    run->traced = true;
    return write_log(&run->trace, options->folder, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "engine/entropy.h"

#include "base/buf.h"
#include "base/fs.h"

#include <string.h>

#define BARE_TIMEOUT 20.0

static bool is_python(const char *program)
{
    return str_starts(fs_basename(program), "python");
}

static uint64_t starts_of(const struct trace_log *log, const char *program)
{
    for (size_t i = 0; i < log->program_count; i++) {
        if (str_equal(log->programs[i].path, program))
            return log->programs[i].starts;
    }
    return 1;
}

static uint64_t times_of(const struct trace_log *log, const struct trace_entropy *drawn)
{
    for (size_t i = 0; i < log->entropy_count; i++) {
        if (str_equal(log->entropy[i].program, drawn->program) && str_equal(log->entropy[i].source, drawn->source))
            return log->entropy[i].times;
    }
    return 0;
}

static bool has_started(const struct trace_log *log, const char *program)
{
    for (size_t i = 0; log && i < log->program_count; i++) {
        if (str_equal(log->programs[i].path, program))
            return true;
    }
    return false;
}

// How often a program draws from this source without being asked to. UINT64_MAX: not known.
static uint64_t by_itself(const struct trace_log *log, const struct trace_log *bare, const struct trace_entropy *drawn)
{
    uint64_t starts = starts_of(log, drawn->program), each = str_equal(drawn->source, "getrandom"), all;
    if (has_started(bare, drawn->program))
        each = times_of(bare, drawn);
    else if (is_python(drawn->program))
        return UINT64_MAX;
    return __builtin_mul_overflow(starts, each, &all) ? UINT64_MAX : all;
}

char *entropy_beyond(const struct trace_log *log, const struct trace_log *bare)
{
    CLEANUP(buf) struct buf text = {0};
    for (size_t i = 0; i < log->entropy_count; i++) {
        const struct trace_entropy *drawn = &log->entropy[i];
        uint64_t own = by_itself(log, bare, drawn);
        if (drawn->times <= own)
            continue;
        CLEANUP(free) char *times = str_count(drawn->times - own, "time");
        buf_printf(&text, "%s%s drew entropy (%s, %s%s)", text.len > 0 ? ", " : "", fs_basename(drawn->program),
                   drawn->source, times, own > 0 ? " more than by itself" : "");
    }
    return text.len > 0 ? buf_take(&text) : NULL;
}

// Runs `program` with nothing to do, in an empty project, as the suite is run. NULL where that cannot be done.
static struct run *run_bare(const char *program, const struct replay *replay, const struct session *session,
                            const struct suite *suite)
{
    CLEANUP(free) char *folder = fs_join(replay->folder, "bare"), *source = fs_join(folder, "project");
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(strings) struct strings command = {0};
    CLEANUP(run) struct run *run = NULL;
    struct suite bare = *suite;
    strings_add(&command, program);
    strings_add(&command, "-c");
    strings_add(&command, "pass");
    bare.train.command = command;
    bare.train.directory = (char *)(uintptr_t) ".";
    struct run_options options = replay_run_options(session, &bare, folder, source);
    options.echo_fd = -1;
    options.timeout = BARE_TIMEOUT;
    if (fs_mkdirs(source, &ignored) < 0 || run_suite(&run, &options, &ignored) < 0)
        return NULL;
    return run->traced && run->process.exit_code == 0 && run->process.signal == 0 ? steal(&run) : NULL;
}

char *entropy_of_replay(const struct replay *replay, const struct session *session, const struct suite *suite)
{
    const struct trace_log *log = &replay->run->trace;
    const char *program = NULL;
    CLEANUP(free) char *folder = fs_join(replay->folder, "bare");
    CLEANUP(error) struct error ignored = {0};
    for (size_t i = 0; i < log->entropy_count && !program; i++)
        program = is_python(log->entropy[i].program) ? log->entropy[i].program : NULL;
    struct run *bare = program ? run_bare(program, replay, session, suite) : NULL;
    char *text = entropy_beyond(log, bare ? &bare->trace : NULL);
    run_free(bare);
    if (program)
        fs_remove_tree(folder, &ignored);
    return text;
}

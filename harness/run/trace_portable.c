// SPDX-License-Identifier: Apache-2.0
//
// Plain POSIX has no way to watch system calls: nothing is seen, and it is said so.
#include "run/trace.h"

#include <errno.h>

static const char why_not[] = "this build of repro cannot watch system calls";

int trace_probe(struct trace_ability *out, struct error *err)
{
    (void)err;
    *out = (struct trace_ability){.why_not = str_dup(why_not)};
    return 0;
}

int trace_new(struct trace **out, enum trace_level level, struct error *err)
{
    (void)level;
    *out = NULL;
    return error_set(err, ERROR_MACHINE, TRACE_REFUSED "%s", why_not);
}

void trace_free(struct trace *trace)
{
    (void)trace;
}

int trace_channel(struct trace *trace)
{
    (void)trace;
    return -1;
}

int trace_enter(const struct trace *trace, int channel)
{
    (void)trace;
    (void)channel;
    errno = ENOSYS;
    return -1;
}

int trace_watch(struct trace *trace, struct error *err)
{
    (void)trace;
    return error_set(err, ERROR_MACHINE, TRACE_REFUSED "%s", why_not);
}

void trace_finish(struct trace_log *out, struct trace *trace)
{
    (void)trace;
    *out = (struct trace_log){0};
}

bool trace_is_synchronous(const struct trace *trace)
{
    (void)trace;
    return false;
}

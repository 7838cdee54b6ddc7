// SPDX-License-Identifier: Apache-2.0
//
// Finds out what can be traced here by tracing a child that opens a file, and looking for the file in the log.
#include "run/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// It is in every file system and leads to no other place.
#define PROBED "/"

// The child's part. Only system calls from here on.
static _Noreturn void enter_and_open(const struct trace *trace, int channel)
{
    if (trace_enter(trace, channel) != 0)
        _exit(errno & 0x7f ? errno & 0x7f : 0x7f);
    int fd = open(PROBED, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _exit(fd < 0 && errno == ENOSYS ? ENOSYS : 0);
}

static int try_trace(int *code, struct trace *trace, struct error *err)
{
    int channel = trace_channel(trace), status = 0;
    if (trace_watch(trace, err) != 0) {
        close(channel);
        return -1;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0)
        enter_and_open(trace, channel);
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(channel);
    errno = failure;
    if (child < 0)
        return error_errno(err, "cannot start a process");
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
    return 0;
}

static char *advice(int code, const struct trace_log *log)
{
    if (code == EBUSY)
        return str_dup("the calls of this process are watched already (is repro running inside a traced run?)");
    if (code == EPERM || code == EACCES || code == ENOSYS)
        return str_printf("the filter was refused: %s (a container may forbid it: start it with `--security-opt "
                          "seccomp=unconfined`)",
                          strerror(code));
    if (code != 0)
        return str_printf("the filter was refused: %s", strerror(code));
    const char *why = log->unresolved_why.count > 0 ? log->unresolved_why.items[0] : "nothing was seen";
    return str_printf("what a process opens cannot be looked up (%s): it takes /proc, ptrace rights over one's own "
                      "children, and Linux 5.6",
                      why);
}

int trace_probe(struct trace_ability *out, struct error *err)
{
    *out = (struct trace_ability){0};
    CLEANUP(trace) struct trace *trace = NULL;
    CLEANUP(trace_log) struct trace_log log = {0};
    struct error refused = {0};
    if (trace_new(&trace, TRACE_FILES, &refused) != 0) {
        const char *why = refused.message;
        out->why_not = str_dup(str_starts(why, TRACE_REFUSED) ? why + strlen(TRACE_REFUSED) : why);
        error_free(&refused);
        return 0;
    }
    int code = 0;
    if (try_trace(&code, trace, err) != 0)
        return -1;
    trace_finish(&log, trace);
    out->synchronous = trace_is_synchronous(trace);
    const struct trace_file *file = trace_log_find(&log, PROBED);
    out->available = code == 0 && log.unresolved == 0 && file && file->flags & TRACE_LISTED;
    if (!out->available)
        out->why_not = advice(code, &log);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// What a traced process has and sees: its memory, its folders, the files that its paths lead to, whatever mount
// namespace it lives in. `tid` is a thread that waits for our answer; whoever uses what was read asks the kernel again
// whether it still does. Failures are −1 with errno.
#ifndef REPRO_RUN_TRACE_VIEW_H
#define REPRO_RUN_TRACE_VIEW_H

#include "run/trace_collect.h"

#include <limits.h>
#include <sys/types.h>

struct trace_view {
    int proc; // /proc; −1: not open
    int root; // the run's root folder; −1: not open yet
    // How the kernel spells that root to us, PATH_MAX of room: in a chroot its links tell paths from the real root on.
    // "" when nothing is above it, UNKNOWN until somebody looks.
    char *above;
};

int trace_view_open(struct trace_view *out);
void trace_view_close(struct trace_view *view);

// The text at an address, with its NUL. ENAMETOOLONG when it does not end within `size`, EFAULT when the process cannot
// read it either.
int trace_view_text(const struct trace_view *view, pid_t tid, uint64_t address, char *out, size_t size);
// Exactly `size` bytes.
int trace_view_bytes(const struct trace_view *view, pid_t tid, uint64_t address, void *out, size_t size);
// Where /proc/TID/NAME leads ("cwd", "exe", "fd/3").
int trace_view_link(const struct trace_view *view, pid_t tid, const char *name, char out[PATH_MAX]);

struct trace_look {
    char path[PATH_MAX]; // links resolved, as the run sees it
    enum trace_kind kind;
    bool executable;
};
// What an absolute path leads to. 1: the call will fail, and tells nothing (no permission, a circle of links).
int trace_view_look(struct trace_view *view, pid_t tid, const char *path, bool follow, struct trace_look *out);
// Whether the run may write to a file, and whether it may make or remove what `path` names in its folder: a call that
// will be refused changes nothing. As far as permissions and read-only mounts tell.
bool trace_view_may_write(const struct trace_view *view, const char *path);
bool trace_view_may_change(const struct trace_view *view, const char *path);
// True when that cannot be found out, too.
bool trace_view_is_empty(const struct trace_view *view, const char *folder);
// The interpreter that the first line of a script names; "" when it is no script.
void trace_view_interpreter(const struct trace_view *view, const char *path, char out[PATH_MAX]);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The system calls that a trace watches, in one table: the filter is made from it, and so is the meaning of what the
// filter lets us know.
#ifndef REPRO_RUN_TRACE_FILTER_H
#define REPRO_RUN_TRACE_FILTER_H

#include "base/err.h"
#include "run/trace.h"

#include <stdint.h>

enum trace_call_kind {
    TRACE_CALL_OPEN,     // `flags`: O_…
    TRACE_CALL_OPEN_HOW, // `flags`: struct open_how *
    TRACE_CALL_CREAT,
    TRACE_CALL_EXEC,    // `flags`: AT_…, as all below where it is ≥ 0
    TRACE_CALL_LOOK,    // follows a link at the end unless AT_SYMLINK_NOFOLLOW
    TRACE_CALL_LOOK_AT, // does not follow
    TRACE_CALL_RENAME,  // `flags`: RENAME_…
    TRACE_CALL_LINK,    // follows the old name only with AT_SYMLINK_FOLLOW
    TRACE_CALL_SYMLINK,
    TRACE_CALL_REMOVE,
    TRACE_CALL_REMOVE_FOLDER,
    TRACE_CALL_TRUNCATE, // `flags`: the length
    TRACE_CALL_MKDIR,
    TRACE_CALL_MKNOD,
    TRACE_CALL_ADDRESS,  // (fd, address, size)
    TRACE_CALL_SENDTO,   // (…, address, size)
    TRACE_CALL_MESSAGE,  // (fd, struct msghdr *)
    TRACE_CALL_MESSAGES, // (fd, struct mmsghdr *, count)
    TRACE_CALL_ENTROPY,
    TRACE_CALL_REFUSE, // answered with ENOSYS
    TRACE_CALL_VIEW,   // changes which file a path means
};

struct trace_call {
    int number;
    const char *name;
    enum trace_call_kind kind;
    signed char folder, path;   // arguments; −1: the current folder, none
    signed char folder2, path2; // of a second path
    signed char flags;
    bool full; // only with TRACE_FULL
};

// NULL when it is not watched.
const struct trace_call *trace_call_find(int number);

// A program for seccomp(2).
struct sock_filter;
struct trace_filter {
    struct sock_filter *code;
    unsigned short count;
    uint32_t architecture; // AUDIT_ARCH_… of the calls that the table speaks of
};
// ERROR_MACHINE where the kernel has no user notification.
int trace_filter_new(struct trace_filter *out, enum trace_level level, struct error *err);
void trace_filter_free(struct trace_filter *filter);

// A sendmsg with exactly these flags (MSG_NOSIGNAL) passes the filter: the kernel looks at their lower half only.
#define TRACE_SEND_FLAGS UINT64_C(0x7265707200004000)

#endif

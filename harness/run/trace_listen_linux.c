// SPDX-License-Identifier: Apache-2.0
#include "run/trace_listen.h"

#include "base/mem.h"
#include "run/trace.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

int trace_listener_prepare(struct trace_listener *listener, struct error *err)
{
    struct seccomp_notif_sizes sizes;
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0)
        return error_errno(err, TRACE_REFUSED "the kernel or the container has no seccomp user notification");
    listener->notice_size = larger(sizes.seccomp_notif, sizeof *listener->notice);
    listener->answer_size = larger(sizes.seccomp_notif_resp, sizeof *listener->answer);
    listener->notice = mem_alloc(listener->notice_size);
    listener->answer = mem_alloc(listener->answer_size);
    return 0;
}

void trace_listener_close(struct trace_listener *listener)
{
    if (listener->fd >= 0)
        close(listener->fd);
    listener->fd = -1;
}

void trace_listener_free(struct trace_listener *listener)
{
    trace_listener_close(listener);
    free(listener->notice);
    free(listener->answer);
}

void trace_listener_synchronize(struct trace_listener *listener)
{
    listener->synchronous = ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0;
}

int trace_listener_receive(struct trace_listener *listener)
{
    memset(listener->notice, 0, listener->notice_size); // the kernel insists
    if (ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_RECV, listener->notice) == 0)
        return 1;
    // ENOENT: the thread was killed, or interrupted, before we came. The listener has no news until the next one.
    return errno == ENOENT || errno == EINTR ? 0 : -1;
}

bool trace_listener_is_valid(const struct trace_listener *listener)
{
    return ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &listener->notice->id) == 0;
}

bool trace_listener_answer(struct trace_listener *listener, int code)
{
    memset(listener->answer, 0, listener->answer_size);
    listener->answer->id = listener->notice->id;
    listener->answer->error = -code;
    listener->answer->flags = code ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    int failed;
    while ((failed = ioctl(listener->fd, SECCOMP_IOCTL_NOTIF_SEND, listener->answer)) != 0 && errno == EINTR)
        continue;
    return failed == 0;
}

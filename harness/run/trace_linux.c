// SPDX-License-Identifier: Apache-2.0
//
//     caller: watching thread ◄── channel ── command: filter installed, listener sent ──► exec
//                  │  ▲
//                  └──┴─ listener: a notification for each call that the filter names, an answer to each
//
// The thread alone holds the listener, so a caller that dies leaves nobody waiting.
#include "run/trace.h"

#include "run/trace_event.h"
#include "run/trace_filter.h"
#include "run/trace_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

struct trace {
    struct trace_filter filter;
    int here, there; // ends of the channel; −1 when closed or handed over
    int stop[2];     // a pipe: a byte ends the thread; other forks of the caller may hold it open
    bool watching;
    pthread_t thread;
    struct trace_listener listener;
    struct trace_view view;
    struct trace_collect collect;
};

static int open_all(struct trace *trace, struct error *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return error_errno(err, TRACE_REFUSED "cannot make a socket pair");
    trace->here = ends[0];
    trace->there = ends[1];
    if (pipe2(trace->stop, O_CLOEXEC) != 0)
        return error_errno(err, TRACE_REFUSED "cannot make a pipe");
    if (trace_view_open(&trace->view) != 0)
        return error_errno(err, TRACE_REFUSED "cannot open '/proc'");
    return trace_listener_prepare(&trace->listener, err);
}

int trace_new(struct trace **out, enum trace_level level, struct error *err)
{
    CLEANUP(trace) struct trace *trace = mem_alloc(sizeof *trace);
    *out = NULL;
    trace->here = trace->there = trace->stop[0] = trace->stop[1] = -1;
    trace->view = (struct trace_view){.proc = -1, .root = -1};
    trace->listener.fd = -1;
    if (trace_filter_new(&trace->filter, level, err) != 0 || open_all(trace, err) != 0)
        return -1;
    *out = steal(&trace);
    return 0;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void stop(struct trace *trace)
{
    close_one(&trace->there);
    while (trace->watching && write(trace->stop[1], "e", 1) < 0 && errno == EINTR)
        continue;
    if (trace->watching)
        pthread_join(trace->thread, NULL);
    trace->watching = false;
    trace_listener_close(&trace->listener);
}

void trace_free(struct trace *trace)
{
    if (!trace)
        return;
    struct trace_log rest;
    trace_finish(&rest, trace);
    trace_log_free(&rest);
    close_one(&trace->here);
    close_one(&trace->stop[0]);
    close_one(&trace->stop[1]);
    trace_view_close(&trace->view);
    trace_listener_free(&trace->listener);
    trace_filter_free(&trace->filter);
    free(trace);
}

int trace_channel(struct trace *trace)
{
    return steal_fd(&trace->there);
}

// ---- the forked side: system calls only ----

static int install(const struct trace_filter *filter)
{
    // Mitigations against speculation that some kernels add to every filter would slow the run down; this filter keeps
    // nobody from anything.
    static const unsigned long flags[] = {
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW,
        SECCOMP_FILTER_FLAG_NEW_LISTENER,
    };
    struct sock_fprog program = {.len = filter->count, .filter = filter->code};
    long fd = -1;
    for (size_t i = 0; i < ARRAY_LEN(flags) && fd < 0; i++) {
        fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[i], &program);
        if (fd < 0 && errno != EINVAL)
            break;
    }
    return (int)fd;
}

static int send_listener(int channel, int listener)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte = 0;
    struct iovec text = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof listener);
    memcpy(CMSG_DATA(part), &listener, sizeof listener);
    long sent;
    while ((sent = syscall(SYS_sendmsg, channel, &message, TRACE_SEND_FLAGS)) < 0 && errno == EINTR)
        continue;
    return sent == 1 ? 0 : -1;
}

int trace_enter(const struct trace *trace, int channel)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // the caller is to read the path of the first program, too
    int listener = install(&trace->filter);
    if (listener < 0)
        return -1;
    int failed = send_listener(channel, listener), code = errno;
    close(listener);
    close(channel);
    errno = code;
    return failed;
}

// ---- the watching thread ----

// Waits until `fd` has news. False when the end was asked for, or nobody is left on the other side.
static bool wait_for(const struct trace *trace, int fd)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = trace->stop[0], .events = POLLIN}};
    for (;;) {
        int ready = poll(fds, ARRAY_LEN(fds), -1);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && fds[1].revents)
            return false;
        if (ready > 0)
            return fds[0].revents & POLLIN;
    }
}

static int receive_listener(const struct trace *trace)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char byte;
    struct iovec text = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int fd = -1;
    if (!wait_for(trace, trace->here) || recvmsg(trace->here, &message, MSG_CMSG_CLOEXEC) != 1)
        return -1;
    const struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS &&
        part->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(part), sizeof fd);
    return fd;
}

// One notification. False when no more can be read.
static bool answer_next(struct trace *trace, struct trace_event *event)
{
    struct trace_listener *listener = &trace->listener;
    int got = trace_listener_receive(listener);
    if (got < 0) {
        CLEANUP(free) char *why = str_printf("the trace ended before the run: %s", strerror(errno));
        trace_collect_unresolved(&trace->collect, why);
    }
    if (got <= 0)
        return got == 0;
    bool rooted = trace->view.root >= 0;
    trace_event_read(event, &trace->view, &trace->collect, listener->notice, trace->filter.architecture);
    if (!rooted && trace->view.root >= 0 && !trace_listener_is_valid(listener))
        close_one(&trace->view.root); // it may be that of another process with the same number
    // An answer that is not wanted any more tells the same of all the rest.
    if (trace_listener_answer(listener, event->refuse ? ENOSYS : 0))
        trace_event_note(event, &trace->collect);
    return true;
}

static void *watch(void *context)
{
    struct trace *trace = context;
    trace->listener.fd = receive_listener(trace);
    if (trace->listener.fd < 0)
        return NULL;
    trace_listener_synchronize(&trace->listener);
    struct trace_event *event = mem_alloc(sizeof *event);
    while (wait_for(trace, trace->listener.fd) && answer_next(trace, event))
        continue;
    free(event);
    trace_listener_close(&trace->listener); // whoever is left must not wait for us
    return NULL;
}

int trace_watch(struct trace *trace, struct error *err)
{
    sigset_t all, before; // signals are for the caller's own threads
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&trace->thread, NULL, watch, trace);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    if (code != 0)
        return error_errno(err, TRACE_REFUSED "cannot start a thread");
    trace->watching = true;
    return 0;
}

bool trace_is_synchronous(const struct trace *trace)
{
    return trace->listener.synchronous;
}

void trace_finish(struct trace_log *out, struct trace *trace)
{
    stop(trace);
    trace_collect_finish(out, &trace->collect);
}

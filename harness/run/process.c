// SPDX-License-Identifier: Apache-2.0
//
// The caller's side of a run: prepares everything before the fork, keeps what the command writes, watches the clock and
// the user, and asks the supervisor (supervise.c) to end the tree. It alone does what allocates or may block.
#include "run/process.h"

#include "run/capture.h"
#include "run/echo.h"
#include "run/launch.h"
#include "run/sandbox_enter.h"
#include "run/trace.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRAIN_SECONDS  2.0 // for a stream that somebody outside the tree holds open
#define ECHO_SECONDS   2.0
#define ANSWER_SECONDS 30.0 // more than the supervisor itself allows for ending the tree
#define CHUNK          (1u << 16)

struct stream {
    int fd;
    struct capture capture;
};

struct session {
    const struct process_options *options;
    struct process_result *result;
    struct error *err;
    struct stream out, err_stream;
    struct echo echo;
    int control, status; // −1 when closed
    double started;      // when the command began; before that, when the supervisor was forked
    pid_t supervisor;
    bool asked;          // the end was asked for
    double answer_until; // by then the supervisor has answered, or it is ended itself
    bool ended;          // the supervisor's summary came
    bool told;           // process_streams.started was called
    bool failed;         // the command was not started, or its output could not be kept
    double drain_until;
    uint64_t oom_kills;
    char *chunk;
};

// ---- before the fork ----

static int make_pipe(int *read_end, int *write_end, struct error *err)
{
    int ends[2];
#ifdef __linux__
    int made = pipe2(ends, O_CLOEXEC);
#else
    int made = pipe(ends);
    for (int i = 0; made == 0 && i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
#endif
    if (made != 0)
        return error_errno(err, "cannot make a pipe");
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int open_pipes(struct session *session, int *fds)
{
    struct error *err = session->err;
    int *at = fds - LAUNCH_CONTROL;
    if (make_pipe(&at[LAUNCH_CONTROL], &session->control, err) != 0 ||
        make_pipe(&session->status, &at[LAUNCH_STATUS], err) != 0 ||
        make_pipe(&at[LAUNCH_INNER_READ], &at[LAUNCH_INNER_WRITE], err) != 0 ||
        make_pipe(&session->out.fd, &at[LAUNCH_STDOUT], err) != 0 ||
        make_pipe(&session->err_stream.fd, &at[LAUNCH_STDERR], err) != 0)
        return -1;
    at[LAUNCH_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (at[LAUNCH_NULL] < 0)
        return error_errno(err, "cannot open '/dev/null'");
    set_nonblocking(session->status);
    set_nonblocking(at[LAUNCH_INNER_READ]);
    set_nonblocking(session->out.fd);
    set_nonblocking(session->err_stream.fd);
    return 0;
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

// The streams of a command that is talked to take the place of ours.
static int take_streams(struct session *session, int *fds)
{
    const struct process_streams *streams = session->options->streams;
    int *at = fds - LAUNCH_CONTROL;
    if (!streams)
        return 0;
    if (streams->in >= 0 && (at[LAUNCH_STDIN] = fcntl(streams->in, F_DUPFD_CLOEXEC, 0)) < 0)
        return error_errno(session->err, "cannot hand over a descriptor");
    if (streams->sockets >= 0 && (at[LAUNCH_SOCKETS] = fcntl(streams->sockets, F_DUPFD_CLOEXEC, 0)) < 0)
        return error_errno(session->err, "cannot hand over a descriptor");
    if (streams->out < 0)
        return 0;
    close(at[LAUNCH_STDOUT]);
    close(session->out.fd);
    session->out.fd = -1;
    at[LAUNCH_STDOUT] = fcntl(streams->out, F_DUPFD_CLOEXEC, 0);
    return at[LAUNCH_STDOUT] < 0 ? error_errno(session->err, "cannot hand over a descriptor") : 0;
}

// Once, when it is known whether the command starts.
static void tell_started(struct session *session)
{
    const struct process_streams *streams = session->options->streams;
    if (streams && streams->started && !session->told)
        streams->started(streams->context);
    session->told = true;
}

// ---- while it runs ----

static void ask_to_end(struct session *session)
{
    if (!session->asked && session->control >= 0)
        while (write(session->control, "e", 1) < 0 && errno == EINTR)
            continue;
    session->answer_until = session->asked ? session->answer_until : clock_seconds() + ANSWER_SECONDS;
    session->asked = true;
}

static void close_stream(struct stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

// Takes what is there. Bounded, so that a flood on one stream starves neither the other nor the clock.
static void read_stream(struct session *session, struct stream *stream)
{
    for (int piece = 0; piece < 16; piece++) {
        ssize_t got = read(stream->fd, session->chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (got <= 0) {
            close_stream(stream);
            return;
        }
        echo_add(&session->echo, session->chunk, (size_t)got);
        if (capture_add(&stream->capture, session->chunk, (size_t)got, session->err) != 0) {
            session->failed = true;
            ask_to_end(session);
            close_stream(stream);
            return;
        }
    }
}

static void say_failure(struct session *session, const struct report *report)
{
    const struct process_options *options = session->options;
    const char *program = options->argv->items[0];
    struct error *err = session->err;
    session->failed = true;
    errno = report->code;
    if (report->step == LAUNCH_STEP_FORK)
        error_errno(err, "cannot start a process");
    else if (report->step == LAUNCH_STEP_FOLDER)
        error_errno(err, "cannot run '%s': cannot enter folder '%s'", program,
                    options->directory ? options->directory : ".");
    else if (report->step == LAUNCH_STEP_RIGHTS)
        error_errno(err, PROCESS_NOT_ISOLATED "give up rights");
    else if (report->step == LAUNCH_STEP_TRACE)
        error_errno(err, TRACE_REFUSED "the filter was refused");
    else if (report->step == LAUNCH_STEP_EXEC)
        error_errno(err, "cannot run '%s'", program);
    else if (report->step == LAUNCH_STEP_INTERPRETER)
        error_set(err, ERROR_MACHINE,
                  "cannot run '%s': the interpreter that its first line names, or its loader, is not there", program);
    else {
        CLEANUP(free) char *step = sandbox_step(options->sandbox, report->step, report->item);
        errno = report->code;
        error_errno(err, PROCESS_NOT_ISOLATED "%s", step);
    }
}

static void take_summary(struct session *session, const struct report *report)
{
    struct process_result *result = session->result;
    session->ended = true;
    result->exit_code = WIFEXITED(report->code) ? WEXITSTATUS(report->code) : -1;
    result->signal = WIFSIGNALED(report->code) ? WTERMSIG(report->code) : 0;
    result->wall = fmax(report->time - session->started, 0);
    result->cpu = report->cpu;
    result->leftovers = session->asked ? 0 : report->leftovers;
    result->alive = report->alive;
    result->peak_memory = report->memory;
    result->memory_interval = report->interval;
}

static void read_status(struct session *session)
{
    struct report report;
    int got;
    while ((got = report_receive(session->status, &report)) > 0) {
        if (report.kind == REPORT_STARTED)
            session->started = report.time;
        if (report.kind == REPORT_STARTED)
            tell_started(session);
        else if (report.kind == REPORT_FAILED && !session->failed)
            say_failure(session, &report);
        else if (report.kind == REPORT_ENDED)
            take_summary(session, &report);
    }
    if (got < 0) {
        close(session->status);
        session->status = -1;
    }
    // Whoever holds a stream open now is none of the tree: it was ended.
    if (session->drain_until == 0 && (session->ended || session->status < 0))
        session->drain_until = clock_seconds() + DRAIN_SECONDS;
}

static bool is_over(const struct session *session)
{
    bool streams = session->out.fd >= 0 || session->err_stream.fd >= 0;
    return session->status < 0 && (!streams || clock_seconds() > session->drain_until);
}

// Seconds until something is due; < 0 for "whenever something comes".
static double time_left(const struct session *session)
{
    double now = clock_seconds();
    if (session->drain_until > 0)
        return fmax(session->drain_until - now, 0);
    if (session->options->timeout > 0 && !session->asked)
        return fmax(session->started + session->options->timeout - now, 0);
    return session->asked ? fmax(session->answer_until - now, 0) : -1;
}

static void watch_clock(struct session *session)
{
    const struct process_options *options = session->options;
    if (session->asked && session->drain_until == 0 && clock_seconds() > session->answer_until)
        kill(session->supervisor, SIGKILL); // somebody stopped it; the kernel ends what is tied to it
    if (session->asked || session->ended || options->timeout <= 0)
        return;
    if (clock_seconds() - session->started >= options->timeout) {
        session->result->timed_out = true;
        ask_to_end(session);
    }
}

static void watch(struct session *session)
{
    enum { STATUS, OUT, ERR, STOP, ECHO, COUNT };
    while (!is_over(session)) {
        bool can_stop = session->options->stop_fd >= 0 && !session->asked;
        struct pollfd fds[COUNT] = {
            [STATUS] = {.fd = session->status, .events = POLLIN},
            [OUT] = {.fd = session->out.fd, .events = POLLIN},
            [ERR] = {.fd = session->err_stream.fd, .events = POLLIN},
            [STOP] = {.fd = can_stop ? session->options->stop_fd : -1, .events = POLLIN},
            [ECHO] = {.fd = echo_is_waiting(&session->echo) ? session->echo.fd : -1, .events = POLLOUT},
        };
        double left = time_left(session);
        int ready = poll(fds, COUNT, left < 0 ? -1 : (int)fmin(ceil(left * 1000), 1e8));
        if (ready > 0) {
            if (fds[OUT].revents)
                read_stream(session, &session->out);
            if (fds[ERR].revents)
                read_stream(session, &session->err_stream);
            if (fds[STATUS].revents)
                read_status(session);
            if (fds[STOP].revents && !session->ended) {
                session->result->stopped = true;
                ask_to_end(session);
            }
            if (fds[ECHO].revents)
                echo_send(&session->echo);
        }
        watch_clock(session);
    }
}

// How many processes the kernel has killed for want of memory; 0 where it does not tell.
static uint64_t count_oom_kills(void)
{
    CLEANUP(fd) int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
    char text[16384];
    size_t len = 0;
    for (ssize_t got; fd >= 0 && (got = read(fd, text + len, sizeof text - 1 - len)) > 0;)
        len += (size_t)got;
    text[len] = '\0';
    const char *at = strstr(text, "\noom_kill ");
    return at ? strtoull(at + strlen("\noom_kill "), NULL, 10) : 0;
}

static int finish(struct session *session)
{
    struct process_result *result = session->result;
    struct error *err = session->err;
    if (!session->failed && !session->ended) {
        session->failed = true;
        error_set(err, ERROR_MACHINE, "the supervisor of the run ended unexpectedly");
    }
    echo_finish(&session->echo, ECHO_SECONDS);
    if (!session->failed &&
        (capture_finish(&session->out.capture, err) != 0 || capture_finish(&session->err_stream.capture, err) != 0))
        session->failed = true;
    result->stdout_bytes = session->out.capture.total;
    result->stderr_bytes = session->err_stream.capture.total;
    result->stdout_cut = capture_is_cut(&session->out.capture);
    result->stderr_cut = capture_is_cut(&session->err_stream.capture);
    result->stdout_tail = capture_last_lines(&session->out.capture);
    result->stderr_tail = capture_last_lines(&session->err_stream.capture);
    result->out_of_memory = result->signal == SIGKILL && !session->asked && count_oom_kills() > session->oom_kills;
    if (!session->failed)
        return 0;
    process_result_free(result);
    return -1;
}

// ---- all of it ----

static pid_t fork_supervisor(const struct launch *launch)
{
    // No handler of the caller's may run in the child before it has reset them.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        supervise(launch);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return pid;
}

static int run_session(struct session *session, struct launch *launch)
{
    const struct process_options *options = session->options;
    session->echo.fd = options->echo_fd;
    if (capture_open(&session->out.capture, options->stdout_path, options->log_limit, session->err) != 0 ||
        capture_open(&session->err_stream.capture, options->stderr_path, options->log_limit, session->err) != 0)
        return -1;
    int opened = open_pipes(session, launch->fds);
    if (opened == 0)
        opened = take_streams(session, launch->fds);
    if (opened == 0 && options->trace) {
        launch->fds[LAUNCH_TRACE - LAUNCH_CONTROL] = trace_channel(options->trace);
        opened = trace_watch(options->trace, session->err);
    }
    session->started = clock_seconds();
    session->oom_kills = count_oom_kills();
    pid_t pid = opened == 0 ? fork_supervisor(launch) : -1;
    if (opened == 0 && pid < 0)
        opened = error_errno(session->err, "cannot start a process");
    close_all(launch->fds, LAUNCH_FD_COUNT);
    if (opened != 0)
        return -1;
    session->supervisor = pid;
    if (options->streams && options->streams->supervisor)
        *options->streams->supervisor = pid;
    watch(session);
    close(session->control);
    session->control = -1;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return finish(session);
}

// Writing to an echo that nobody reads raises SIGPIPE: it is held back in this thread, and taken away if it is ours.
static bool block_sigpipe(sigset_t *before)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, before);
    return sigismember(&pending, SIGPIPE) != 1;
}

static void restore_sigpipe(const sigset_t *before, bool ours)
{
    sigset_t pipe_only, pending;
    int taken;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    if (ours && sigismember(&pending, SIGPIPE) == 1)
        sigwait(&pipe_only, &taken);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

int process_run(struct process_result *out, const struct process_options *options, struct error *err)
{
    *out = (struct process_result){.exit_code = -1};
    if (!options->argv || options->argv->count == 0)
        return error_set(err, ERROR_USAGE, "there is no command to run");
    CLEANUP(free) char *chunk = mem_alloc(CHUNK);
    CLEANUP(launch) struct launch launch = {0};
    launch_prepare(&launch, options);
    struct session session = {
        .options = options, .result = out, .err = err, .control = -1, .status = -1, .chunk = chunk};
    session.out = session.err_stream = (struct stream){.fd = -1, .capture = {.fd = -1}};
    sigset_t before;
    bool ours = block_sigpipe(&before);
    int failed = run_session(&session, &launch);
    restore_sigpipe(&before, ours);
    int rest[] = {session.control, session.status, session.out.fd, session.err_stream.fd};
    close_all(rest, ARRAY_LEN(rest));
    capture_free(&session.out.capture);
    capture_free(&session.err_stream.capture);
    echo_free(&session.echo);
    return failed;
}

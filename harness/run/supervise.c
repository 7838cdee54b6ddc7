// SPDX-License-Identifier: Apache-2.0
//
// The supervisor of one run. It is a child forked from a process that may have threads, and so is everything that it
// forks before the command starts: only async-signal-safe calls are made here, and memory comes from before the fork.
//
//     caller ── control ─► supervisor (subreaper, own session) ──► command ──► …
//            ◄─ status ──        │ with a sandbox:
//                                └──► init (PID 1 of the namespace) ──► command ──► …
//
// Phases: RUNNING until the command ends or the caller asks for the end; SETTLING gives what the command left behind a
// moment to end by itself; ENDING after SIGTERM; KILLING after SIGKILL, again and again until nobody is left.
#include "run/launch.h"

#include "base/clock.h"
#include "run/meter.h"
#include "run/sandbox_enter.h"
#include "run/sockets.h"
#include "run/spawn.h"
#include "run/trace.h"
#include "run/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_SECONDS 0.25
#define GRACE_SECONDS  1.0
#define KILL_SECONDS   10.0 // what is still there then cannot be killed: it waits in the kernel
#define KILL_PAUSE     0.005
#define GROWTH_PAUSE   0.05
#define GROWTH_LIMIT   16 // more new processes than this after SIGTERM: a storm, which gets no grace
#define NOT_BY_COMMAND (2u << 20)

enum phase { RUNNING, SETTLING, ENDING, KILLING };

struct watch {
    const struct launch *launch;
    struct tree *tree;
    pid_t first; // what we forked: the command, or the sandbox's init
    bool has_init;
    bool started;
    bool command_ended;
    bool gone;
    enum phase phase;
    int status;
    double start, end;
    double deadline; // of the phase
    double next_count;
    unsigned told; // processes that there were when SIGTERM was sent
    struct meter meter;
    uint64_t floor;
    int leftovers;
};

static _Noreturn void fail(int step, int item, int code)
{
    report_send(LAUNCH_STATUS, &(struct report){.kind = REPORT_FAILED, .step = step, .item = item, .code = code});
    _exit(127);
}

static void on_child(int signal)
{
    (void)signal; // only wakes pselect
}

static void reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++)
        sigaction(signal, &standard, NULL); // KILL, STOP and the C library's own refuse, as they should
}

// Some descriptors are there on demand only.
static bool has(const struct launch *launch, int fd)
{
    return fd < LAUNCH_TRACE || launch->fds[fd - LAUNCH_CONTROL] >= 0;
}

// ---- the command ----

static void try_program(const struct launch *launch, const char *program)
{
    execve(program, launch->argv, launch->env);
    if (errno == ENOEXEC) { // as every shell and execvp do
        launch->script_argv[1] = (char *)program;
        execve("/bin/sh", launch->script_argv, launch->env);
    }
}

// As execvp: what is not there is passed over, "permission denied" is remembered.
static _Noreturn void exec_command(const struct launch *launch)
{
    int denied = 0, step = LAUNCH_STEP_EXEC;
    for (char **program = launch->programs; *program; program++) {
        try_program(launch, *program);
        int code = errno;
        if (code == ENOENT && access(*program, X_OK) == 0)
            step = LAUNCH_STEP_INTERPRETER; // the file is there: what its first line names is not
        if (code == EACCES)
            denied = EACCES;
        else if (code != ENOENT && code != ENOTDIR)
            fail(LAUNCH_STEP_EXEC, 0, code);
        if (step == LAUNCH_STEP_INTERPRETER)
            break;
    }
    fail(step, 0, denied && step == LAUNCH_STEP_EXEC ? denied : ENOENT);
}

static _Noreturn void run_command(const struct launch *launch, pid_t parent)
{
    if (!spawn_tie(parent))
        _exit(127);
    setsid();
    umask(022);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); // a core file is not an output
    if (launch->directory && chdir(launch->directory) != 0)
        fail(LAUNCH_STEP_FOLDER, 0, errno);
    if (launch->sandbox && sandbox_drop(launch->sandbox) != 0)
        fail(LAUNCH_STEP_RIGHTS, 0, errno);
    spawn_no_new_rights();
    dup2(has(launch, LAUNCH_STDIN) ? LAUNCH_STDIN : LAUNCH_NULL, STDIN_FILENO);
    dup2(LAUNCH_STDOUT, STDOUT_FILENO);
    dup2(LAUNCH_STDERR, STDERR_FILENO);
    report_send(LAUNCH_INNER_WRITE, &(struct report){.kind = REPORT_STARTED, .time = clock_seconds()});
    reset_signals();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (launch->trace && trace_enter(launch->trace, LAUNCH_TRACE) != 0)
        fail(LAUNCH_STEP_TRACE, 0, errno);
    exec_command(launch);
}

// ---- the sandbox's init ----

static void close_streams(void)
{
    close(LAUNCH_STDOUT);
    close(LAUNCH_STDERR);
    close(LAUNCH_TRACE);
    close(LAUNCH_STDIN);
}

// Waits for a child to end or for somebody to ask for a socket, which is answered.
static void wait_or_serve(void)
{
    sigset_t blocked;
    fd_set ready;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGCHLD);
    FD_ZERO(&ready);
    FD_SET(LAUNCH_SOCKETS, &ready);
    if (pselect(LAUNCH_SOCKETS + 1, &ready, NULL, NULL, NULL, &blocked) > 0 && !sockets_serve(LAUNCH_SOCKETS))
        close(LAUNCH_SOCKETS); // nobody asks any more
}

// PID 1 of the namespace: builds the view, starts the command, reaps, ends when nobody is left.
static _Noreturn void run_init(const struct launch *launch, pid_t parent)
{
    if (!spawn_tie(parent))
        _exit(127);
    int step = LAUNCH_STEP_SANDBOX, item = 0;
    if (sandbox_enter(launch->sandbox, &step, &item) != 0)
        fail(step, item, errno);
    pid_t command = spawn_fork(0);
    if (command < 0)
        fail(LAUNCH_STEP_FORK, 0, errno);
    if (command == 0)
        run_command(launch, 1);
    spawn_hide();
    close_streams();
    int status;
    bool serves = has(launch, LAUNCH_SOCKETS);
    for (pid_t pid; (pid = waitpid(-1, &status, serves ? WNOHANG : 0)) >= 0 || errno == EINTR;) {
        if (pid == command)
            report_send(LAUNCH_INNER_WRITE,
                        &(struct report){.kind = REPORT_COMMAND, .code = status, .time = clock_seconds()});
        else if (pid == 0)
            wait_or_serve();
    }
    _exit(0);
}

// ---- the supervisor ----

static void note_command_end(struct watch *w, int status, double time)
{
    if (w->command_ended)
        return;
    w->command_ended = true;
    w->status = status;
    w->end = time;
    if (w->phase == RUNNING) {
        w->phase = SETTLING;
        w->deadline = time + SETTLE_SECONDS;
    }
}

static void read_inner(struct watch *w)
{
    struct report report;
    while (report_receive(LAUNCH_INNER_READ, &report) > 0) {
        if (report.kind == REPORT_STARTED && !w->started) {
            w->started = true;
            w->start = report.time;
            meter_start(&w->meter, report.time);
            report_send(LAUNCH_STATUS, &report);
        } else if (report.kind == REPORT_COMMAND) {
            note_command_end(w, report.code, report.time);
        }
    }
}

static void reap(struct watch *w)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == w->first) {
            read_inner(w); // what init said comes before its end
            note_command_end(w, status, clock_seconds());
        }
    w->gone = pid < 0 && errno == ECHILD && tree_is_gone(w->tree);
}

static void begin_ending(struct watch *w)
{
    if (w->phase >= ENDING)
        return;
    w->phase = ENDING;
    w->deadline = clock_seconds() + GRACE_SECONDS;
    w->next_count = w->deadline - GRACE_SECONDS + GROWTH_PAUSE;
    w->told = tree_count(w->tree);
    tree_signal(w->tree, SIGTERM);
    tree_signal(w->tree, SIGCONT); // what is stopped could not hear it
}

static void begin_killing(struct watch *w)
{
    if (w->phase == KILLING)
        return;
    w->phase = KILLING;
    w->deadline = clock_seconds() + KILL_SECONDS;
    setpriority(PRIO_PROCESS, 0, -20); // against a storm of processes every turn counts; refused is fine
}

static void read_control(struct watch *w)
{
    char byte;
    ssize_t got = read(LAUNCH_CONTROL, &byte, 1);
    if (got > 0)
        begin_ending(w);
    else if (got == 0)
        begin_killing(w);
}

// What is due by the clock. Returns when the next is.
static double on_time(struct watch *w)
{
    double now = clock_seconds();
    if (w->phase == SETTLING && now >= w->deadline) {
        w->leftovers = (int)tree_count(w->tree);
        begin_ending(w);
    }
    if (w->phase == ENDING && now >= w->next_count) {
        w->next_count = now + GROWTH_PAUSE;
        if (now >= w->deadline || tree_count(w->tree) > w->told + GROWTH_LIMIT)
            begin_killing(w);
    }
    if (w->phase == KILLING) {
        tree_kill(w->tree);
        return clock_seconds() + KILL_PAUSE;
    }
    if (w->started && now >= w->meter.next)
        meter_sample(&w->meter, w->tree, now);
    double next = w->started ? w->meter.next : now + 1;
    if (w->phase == ENDING && w->next_count < next)
        return w->next_count;
    return w->phase == SETTLING && w->deadline < next ? w->deadline : next;
}

static void wait_for_news(struct watch *w, double until)
{
    double left = until - clock_seconds();
    left = left < 0 ? 0 : left;
    struct timespec timeout = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    fd_set ready;
    FD_ZERO(&ready);
    bool listen = w->phase != KILLING;
    if (listen)
        FD_SET(LAUNCH_CONTROL, &ready);
    FD_SET(LAUNCH_INNER_READ, &ready);
    sigset_t blocked;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGCHLD);
    int count = pselect(LAUNCH_END, &ready, NULL, NULL, &timeout, &blocked);
    if (count > 0 && FD_ISSET(LAUNCH_INNER_READ, &ready))
        read_inner(w);
    if (count > 0 && listen && FD_ISSET(LAUNCH_CONTROL, &ready))
        read_control(w);
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec * 1e-6;
}

static void send_summary(struct watch *w)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
#ifdef __APPLE__
    uint64_t largest = (uint64_t)usage.ru_maxrss;
#else
    uint64_t largest = (uint64_t)usage.ru_maxrss * 1024;
#endif
    // Before it started the command was a copy of the caller: up to that size the figure says nothing about it.
    if (largest > w->floor && largest > w->meter.peak)
        w->meter.peak = largest;
    report_send(LAUNCH_STATUS, &(struct report){.kind = REPORT_ENDED,
                                                .code = w->command_ended ? w->status : SIGKILL,
                                                .leftovers = w->leftovers,
                                                .alive = !w->gone,
                                                .time = w->command_ended ? w->end : clock_seconds(),
                                                .cpu = seconds(&usage.ru_utime) + seconds(&usage.ru_stime),
                                                .interval = w->meter.interval,
                                                .memory = w->meter.peak});
}

// Moves each descriptor to its number by way of numbers that none of them has.
static bool take_descriptors(const struct launch *launch)
{
    int moved[LAUNCH_FD_COUNT];
    for (int i = 0; i < LAUNCH_FD_COUNT; i++)
        if (has(launch, LAUNCH_CONTROL + i) && (moved[i] = fcntl(launch->fds[i], F_DUPFD_CLOEXEC, LAUNCH_END)) < 0)
            return false;
    for (int i = 0; i < LAUNCH_FD_COUNT; i++) {
        if (!has(launch, LAUNCH_CONTROL + i)) {
            close(LAUNCH_CONTROL + i);
            continue;
        }
        if (dup2(moved[i], LAUNCH_CONTROL + i) < 0)
            return false;
        fcntl(LAUNCH_CONTROL + i, F_SETFD, FD_CLOEXEC);
    }
    spawn_close_from(LAUNCH_END);
    // Whatever the caller has there must neither be kept open nor be written to by accident.
    for (int fd = 0; fd < LAUNCH_CONTROL; fd++)
        dup2(LAUNCH_NULL, fd);
    return true;
}

static void start(struct watch *w)
{
    const struct launch *launch = w->launch;
    unsigned long flags = launch->sandbox ? sandbox_flags(launch->sandbox) : 0;
    pid_t self = getpid();
    w->has_init = flags != 0;
    w->first = spawn_fork(flags);
    if (w->first < 0)
        fail(w->has_init ? LAUNCH_STEP_SANDBOX : LAUNCH_STEP_FORK, 0, errno);
    if (w->first == 0 && w->has_init)
        run_init(launch, self);
    if (w->first == 0)
        run_command(launch, self);
    spawn_hide();
    close_streams();
    close(LAUNCH_SOCKETS);
    tree_start(w->tree, w->first, w->has_init ? w->first : 0);
}

_Noreturn void supervise(const struct launch *launch)
{
    if (!take_descriptors(launch)) {
        report_send(launch->fds[LAUNCH_STATUS - LAUNCH_CONTROL],
                    &(struct report){.kind = REPORT_FAILED, .step = LAUNCH_STEP_FORK, .code = errno});
        _exit(126);
    }
    reset_signals();
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL);
    setsid();
    spawn_adopt();
    struct rusage self;
    getrusage(RUSAGE_SELF, &self);
    struct watch w = {
        .launch = launch, .tree = launch->tree, .floor = (uint64_t)self.ru_maxrss * 1024 + NOT_BY_COMMAND};
    start(&w);
    for (;;) {
        reap(&w);
        if (w.gone || (w.phase == KILLING && clock_seconds() > w.deadline))
            break;
        wait_for_news(&w, on_time(&w));
    }
    read_inner(&w);
    send_summary(&w);
    _exit(0);
}

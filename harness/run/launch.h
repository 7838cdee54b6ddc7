// SPDX-License-Identifier: Apache-2.0
//
// What passes between the caller of a run (process.c), the supervisor that is forked for it (supervise.c) and the
// sandbox's init. Everything here is prepared before the fork: the forked side allocates nothing and takes no lock.
#ifndef REPRO_RUN_LAUNCH_H
#define REPRO_RUN_LAUNCH_H

#include "base/str.h"

#include <stdint.h>

struct process_options;
struct sandbox;
struct trace;
struct tree;

// Descriptors of the supervisor; each is moved to this number, and all others are closed.
enum {
    LAUNCH_CONTROL = 3, // read end: a byte asks to end the run; end of file means that the caller is gone
    LAUNCH_STATUS,      // write end: struct report to the caller
    LAUNCH_INNER_READ,  // from the sandbox's init to the supervisor
    LAUNCH_INNER_WRITE,
    LAUNCH_NULL,
    LAUNCH_STDOUT,
    LAUNCH_STDERR,
    LAUNCH_TRACE,   // of trace_channel; not there when nothing is traced
    LAUNCH_STDIN,   // what the command reads; not there: LAUNCH_NULL
    LAUNCH_SOCKETS, // on which the sandbox's init hands out sockets; not there where nobody asks for some
    LAUNCH_END,
};
#define LAUNCH_FD_COUNT (LAUNCH_END - LAUNCH_CONTROL)

struct launch {
    char **argv;
    char **env;
    char **programs;       // paths to try, one after the other; NULL-terminated
    char **script_argv;    // {"sh", the program, arguments…}: for a script without an interpreter line
    const char *directory; // NULL: where the caller is
    const struct sandbox *sandbox;
    const struct trace *trace;
    struct tree *tree;
    int fds[LAUNCH_FD_COUNT];
    struct strings held_env, held_programs; // what `env` and `programs` point at
};

// Everything but the descriptors, which are −1.
void launch_prepare(struct launch *out, const struct process_options *options);
void launch_free(struct launch *launch);
DEFINE_CLEANUP_VALUE(launch)

// Steps at which a start can fail; those of the sandbox follow from LAUNCH_STEP_SANDBOX on.
enum {
    LAUNCH_STEP_FORK,
    LAUNCH_STEP_FOLDER,
    LAUNCH_STEP_RIGHTS,
    LAUNCH_STEP_TRACE,
    LAUNCH_STEP_EXEC,
    LAUNCH_STEP_INTERPRETER,
    LAUNCH_STEP_SANDBOX,
};

enum report_kind {
    REPORT_FAILED,  // `step`, `item`, `code` (errno): the command was not started
    REPORT_STARTED, // `time`
    REPORT_COMMAND, // the command itself has ended: `code` (wait status), `time`; init to supervisor only
    REPORT_ENDED,   // all is over
};

// One message on a pipe; smaller than PIPE_BUF, hence whole.
struct report {
    int kind;
    int step, item, code;
    int leftovers;
    bool alive;  // with REPORT_ENDED: something of the run is still there
    double time; // CLOCK_MONOTONIC, seconds
    double cpu;
    double interval;
    uint64_t memory;
};

_Noreturn void supervise(const struct launch *launch);

// Sends a message, whole, whatever signals come.
void report_send(int fd, const struct report *report);
// Reads one message. 1: read, 0: nothing there now, −1: end of file or damaged.
int report_receive(int fd, struct report *out);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// One process tree: started, watched, measured, and ended as a whole.
//
// A supervisor process of our own stands between the caller and the command: it is the subreaper of the tree (and the
// parent of the PID namespace's init where there is one), so that a daemon that called setsid is found and ended too.
// When the caller dies, the supervisor and with it the tree ends. Safe to call from several threads at once.
#ifndef REPRO_RUN_PROCESS_H
#define REPRO_RUN_PROCESS_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sandbox; // run/sandbox.h
struct trace;   // run/trace.h

// For a command that is talked to while it runs (run/service.h). Descriptors of the caller's, −1: none; they stay open.
struct process_streams {
    int in, out;                    // its stdin, and its stdout, which is then not kept
    int sockets;                    // the inner end of a socket pair: see run/sockets.h; used with namespaces only
    pid_t *supervisor;              // set once it was forked: everything of the run descends from it
    void (*started)(void *context); // called when the command is about to start, or has failed to
    void *context;
};

struct process_options {
    const struct strings *argv;
    const struct pairs *env;
    const char *directory;   // as the command sees it
    double timeout;          // seconds; 0: none
    int stop_fd;             // becomes readable when the user wants to stop; −1: none
    const char *stdout_path; // where the command's output is kept (host path)
    const char *stderr_path;
    uint64_t log_limit;                    // bytes kept of each: the first half and the last half; 0 means 8 MiB
    int echo_fd;                           // both streams are shown here as they come (-v); −1: not
    const struct sandbox *sandbox;         // NULL: none
    const struct process_streams *streams; // NULL: stdin is empty, stdout is kept
    struct trace *trace;                   // of this run alone: it watches from the start of the command on; NULL: none
};

struct process_result {
    int exit_code; // −1 when it was ended by a signal
    int signal;    // 0 when it exited
    bool timed_out;
    bool stopped;         // stop_fd became readable
    bool out_of_memory;   // SIGKILL that was not ours, and the kernel counts an OOM kill since the start (best effort)
    int leftovers;        // processes that were still there when the command had ended, and were ended too
    bool alive;           // something of the run could not be ended: it is stuck in the kernel, or cannot be found
                          // (no /proc, no PID namespace)
    double wall;          // seconds
    double cpu;           // seconds, user and system, of the whole tree
    uint64_t peak_memory; // bytes: largest sampled sum over the tree (PSS, else RSS), or the largest single ru_maxrss
                          // if that is more
    double memory_interval;              // seconds between samples
    bool stdout_cut, stderr_cut;         // some of the middle was dropped
    uint64_t stdout_bytes, stderr_bytes; // written by the command
    char *stdout_tail;                   // as stderr_tail
    char *stderr_tail; // the last lines (at most 20 lines, 4 KiB), control characters made visible; never NULL
};

// An error of process_run begins with this when it was the sandbox that could not be made.
#define PROCESS_NOT_ISOLATED "cannot isolate the run: "
// … and with TRACE_REFUSED (run/trace.h) when it was the trace.

// 0 whenever the command was started, however it ended. −1 when it could not be: command not found (ERROR_MACHINE,
// "cannot run 'x': No such file or directory"), not executable, no such directory, no memory, a sandbox that could not
// be made.
int process_run(struct process_result *out, const struct process_options *options, struct error *err);
void process_result_free(struct process_result *result);

// "exited with status 3", "ended by signal 11 (SIGSEGV)", "did not end within 2 s". The caller frees.
char *process_describe(const struct process_result *result, double timeout);

#endif

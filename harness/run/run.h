// SPDX-License-Identifier: Apache-2.0
//
// One execution of a suite's training command: workspace, sandbox, environment and process put together.
#ifndef REPRO_RUN_RUN_H
#define REPRO_RUN_RUN_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/suite.h"
#include "run/process.h"
#include "run/sandbox.h"
#include "run/trace.h"
#include "run/workspace.h"

struct run_options {
    const struct suite *suite;
    const char *root;         // the project's root, absolute
    const char *source;       // what is seen as the work tree; NULL: the root itself
    const char *folder;       // where this run keeps its logs and workspace: absolute, made
    enum isolation isolation; // AUTO: the best that works; FULL and PARTIAL: an error where it cannot be had
    enum workspace_kind workspace;
    int stop_fd, echo_fd;                  // see process.h; −1: none
    double timeout;                        // seconds; 0: the suite's own
    const struct sandbox_ability *ability; // found out once an invocation
    enum trace_level trace; // AUTO: FILES where that works; FILES and FULL: an error where it cannot be had
    const struct trace_ability *trace_ability; // found out once an invocation; NULL: for this run
    char *const *caller_environ;
};

struct run {
    struct process_result process;
    enum isolation isolation;    // what held
    char *isolation_note;        // what it does not protect, and why; NULL for full
    bool network;                // the host's network was left in place
    bool loopback;               // it could talk to itself over 127.0.0.1; else see RUN_NO_LOOPBACK
    struct workspace *workspace; // owned; outputs are read from it until the run is freed
    struct file_list written;    // what the run wrote
    struct strings removed;
    bool traced;
    struct trace_log trace;          // also `trace.json` in the run's folder; empty when not traced
    char *trace_note;                // why it was not traced; NULL when it was
    struct strings seen_work;        // where the run saw its work folder: see run_project_path
    struct strings installations;    // absolute: where interpreters and their packages lie, and externals
    char *stdout_path, *stderr_path; // absolute
};

// Why a check that needs loopback is skipped where `loopback` is false.
#define RUN_NO_LOOPBACK "isolation 'partial' refuses every network socket, loopback's too"

// The path in the project of what the trace calls `seen_path` (borrowed from it; "." for the project itself). NULL when
// it is not below the work folder.
const char *run_project_path(const struct run *run, const char *seen_path);

int run_suite(struct run **out, const struct run_options *options, struct error *err);
void run_free(struct run *run);
DEFINE_CLEANUP(run)

#endif

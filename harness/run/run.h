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
    char *const *caller_environ;
};

struct run {
    struct process_result process;
    enum isolation isolation;    // what held
    char *isolation_note;        // what it does not protect, and why; NULL for full
    bool loopback;               // it could talk to itself over 127.0.0.1; else see RUN_NO_LOOPBACK
    struct workspace *workspace; // owned; outputs are read from it until the run is freed
    struct file_list written;    // what the run wrote
    struct strings removed;
    char *stdout_path, *stderr_path; // absolute
};

// Why a check that needs loopback is skipped where `loopback` is false.
#define RUN_NO_LOOPBACK "isolation 'partial' refuses every network socket, loopback's too"

int run_suite(struct run **out, const struct run_options *options, struct error *err);
void run_free(struct run *run);
DEFINE_CLEANUP(run)

#endif

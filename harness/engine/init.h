// SPDX-License-Identifier: Apache-2.0
//
// init: run a command once in a workspace, see what it reads and writes, and write a suite.json that works. Where runs
// cannot be traced, what it reads is guessed.
#ifndef REPRO_ENGINE_INIT_H
#define REPRO_ENGINE_INIT_H

#include "base/err.h"
#include "base/str.h"
#include "engine/session.h"

struct init_report {
    char *path;                          // of suite.json, relative to the root
    struct strings code, data, settings; // as written
    struct strings artifacts, metrics, series, logs;
    char *why_guessed;      // why the trace does not say what was read; NULL when it does
    bool tracked;           // if so: inputs were guessed from git's tracked files; else from every file of the folder
    struct strings outside; // absolute: files that were read outside the project, declared as external
    double wall;
    char *stdout_path; // the log of the run
};

// `directory` is where the command runs, relative to the root. Refuses a name that is taken or not valid, and a command
// that fails (with its last lines of stderr) or writes nothing.
int init_suite(struct init_report *out, struct session *session, const char *name, const char *directory,
               const struct strings *command, struct error *err);
void init_report_free(struct init_report *report);

#endif

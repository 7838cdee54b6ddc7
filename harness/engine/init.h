// SPDX-License-Identifier: Apache-2.0
//
// init: run a command once in a workspace, see what it writes, guess what it reads, and write a suite.json that works.
#ifndef REPRO_ENGINE_INIT_H
#define REPRO_ENGINE_INIT_H

#include "base/err.h"
#include "base/str.h"
#include "engine/session.h"

struct init_report {
    char *path;                          // of suite.json, relative to the root
    struct strings code, data, settings; // as written
    struct strings artifacts, metrics, series, logs;
    bool tracked; // inputs were guessed from git's tracked files; else from every file of the folder
    double wall;
    char *stdout_path; // the log of the run
};

// `directory` is where the command runs, relative to the root. Refuses a name that is taken or not valid, and a command
// that fails (with its last lines of stderr) or writes nothing.
int init_suite(struct init_report *out, struct session *session, const char *name, const char *directory,
               const struct strings *command, struct error *err);
void init_report_free(struct init_report *report);

#endif

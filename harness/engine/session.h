// SPDX-License-Identifier: Apache-2.0
//
// One invocation of repro over a project: what every verb needs, found out once. Read-only after session_prepare_runs
// but for the stat cache, which has a lock, so that suites can be worked on side by side.
#ifndef REPRO_ENGINE_SESSION_H
#define REPRO_ENGINE_SESSION_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/project.h"
#include "core/result.h"
#include "run/sandbox.h"
#include "run/trace.h"
#include "run/workspace.h"
#include "store/repository.h"
#include "store/tree.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

// Which files a run sees.
enum source { SOURCE_WORKTREE, SOURCE_HEAD, SOURCE_GOLDEN };

// Told what goes on, for a live line. May be called from any thread; all-zero is nobody.
struct observer {
    // `phase` is a few words ("training", "hashing inputs"); NULL when the suite is done. `expected` is in seconds, 0
    // when it is not known.
    void (*phase)(void *context, const char *suite, const char *phase, double expected);
    void *context;
};

struct session_options {
    const char *folder;  // where to look for the project
    const char *command; // as typed, for the result
    enum isolation isolation;
    enum trace_level trace;
    enum workspace_kind workspace;
    enum source at;
    size_t jobs;          // suites side by side; 0 means 1
    unsigned only;        // bits 1u << STAGE_…; 0: all
    bool fail_fast;       // stop at the first check that did not pass
    const char *base;     // revision that the stage `golden` measures against; NULL: found out
    double timeout;       // seconds for one training; 0: each suite's own
    int stop_fd, echo_fd; // see run/process.h; −1: none
    char *const *environ;
    struct observer observer;
};

struct session {
    struct session_options options;
    struct project *project;
    struct sandbox_ability ability;     // of runs below .repro/runs; known after session_prepare_runs
    struct trace_ability trace_ability; // likewise
    struct stat_cache *cache;           // read in the background; through session_cache only
    pthread_t loader;                   // reads it
    bool loading;
    pthread_mutex_t hashing; // held while the cache is in use; hashing itself is on all CPUs
    char *run_folder;        // absolute, .repro/runs/ID; NULL before session_prepare_runs
    int lock;                // on run_folder/lock while this repro works; −1 before
};

// Finds the project. ERROR_USAGE where there is none.
int session_open(struct session **out, const struct session_options *options, struct error *err);
void session_free(struct session *session); // saves the stat cache, best effort
DEFINE_CLEANUP(session)

// Makes .repro/runs/ID for this invocation, finds out what the machine can isolate there, and forgets runs older than
// the newest 20. Called before suites are worked on side by side.
int session_prepare_runs(struct session *session, struct error *err);

// The stat cache; waits until it is read. To be called with `hashing` held.
struct stat_cache *session_cache(struct session *session);

void session_phase(const struct session *session, const char *suite, const char *phase, double expected);
bool session_wants(const struct session *session, enum stage stage); // --only
bool session_stopped(const struct session *session);                 // the user asked to stop

// Small notes about a suite on this machine, for comfort only ("seconds" that training took, "verdict" of the last
// verify): one that cannot be kept is no fault. The text NULL forgets. session_recall gives NULL where there is none;
// the caller frees.
void session_remember(const struct session *session, const char *what, const char *suite, const char *text);
char *session_recall(const struct session *session, const char *what, const char *suite);

// Writes result.json into the run folder. Does nothing when there is none.
int session_keep_result(const struct session *session, const struct result *result, struct error *err);

// Runs `job` for every suite of `names`, at most options.jobs at a time, each with a result of its own, and adds the
// results in the order of the names. With fail_fast, the suites after the first that did not pass get a skipped check.
typedef void (*suite_job)(struct session *session, const char *name, struct result *result, void *context);
void session_each(struct session *session, const struct strings *names, struct result *result, suite_job job,
                  void *context);

#endif

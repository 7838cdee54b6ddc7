// SPDX-License-Identifier: Apache-2.0
//
// One replay: inputs hashed, training run, inputs checked again, outputs and metrics collected into a manifest.
#ifndef REPRO_ENGINE_REPLAY_H
#define REPRO_ENGINE_REPLAY_H

#include "base/err.h"
#include "core/manifest.h"
#include "core/suite.h"
#include "engine/session.h"
#include "engine/traced.h"
#include "run/run.h"

struct replay {
    struct manifest *manifest;   // command, inputs, environment and class from the start; outputs after the run
    char *folder;                // absolute: logs and workspace of this replay
    char *source_folder;         // the files that the run sees; NULL: the project's root itself
    struct run *run;             // NULL until replay_train
    bool complete;               // trained, and all that follows here was found out
    struct strings moved_inputs; // inputs that changed while training ran
    struct strings own_inputs;   // inputs that training changed or removed in its workspace
    struct strings undeclared;   // files that the run wrote and the suite does not declare
    struct strings missing;      // artifact patterns, metric and series files that the run did not write as files
    struct traced traced;        // what the run read, as far as it was traced
    struct error metrics_error;  // the faults of metrics files; kind ERROR_NONE when all could be read
};

// Inputs, environment and class: all that is known without training. `golden` may be NULL but for SOURCE_GOLDEN.
int replay_new(struct replay **out, struct session *session, const struct suite *suite, const struct manifest *golden,
               struct error *err);
void replay_free(struct replay *replay); // removes the workspace, keeps the logs
DEFINE_CLEANUP(replay)

// The folder that the run sees as the project. Borrowed.
const char *replay_source(const struct replay *replay, const struct session *session);

// How a session runs this suite: in `folder`, on the files of `source` (NULL: the project itself). Everything is
// borrowed.
struct run_options replay_run_options(const struct session *session, const struct suite *suite, const char *folder,
                                      const char *source);

// Trains. 0 whenever the command was started, however it ended; outputs are collected only when it ended well.
int replay_train(struct replay *replay, struct session *session, const struct suite *suite, struct error *err);
bool replay_trained(const struct replay *replay); // started, exit status 0, in time

// Fills in what the artifacts hold, for a manifest that is to be kept. One that cannot be read as values has none.
int replay_contents(struct replay *replay, const struct suite *suite, struct error *err);

// Why one of `missing` is, as a clause for a report. The caller frees.
char *replay_missing(const struct replay *replay, const char *path);

// The host path of a file that the run wrote. The caller frees.
char *replay_output(const struct replay *replay, const char *path);

// Fills manifest->command with what the suite says.
void replay_command(struct manifest *manifest, const struct suite *suite);

// Fills manifest->code, data, settings and external with what the suite declares below `folder`.
int replay_inputs(struct manifest *manifest, struct session *session, const struct suite *suite, const char *folder,
                  struct error *err);

// A name that is not UTF-8 would not read back from a manifest as itself: an error that names the first one.
int replay_check_names(const struct file_list *files, struct error *err);

// suite.json, code, data and settings, sorted, each once.
void replay_input_paths(struct strings *out, const struct manifest *manifest, const struct suite *suite);

// True for a file that is an artifact of the suite: declared as one, or, where the suite declares none, any output but
// the files of metrics and series.
bool replay_is_artifact(const struct suite *suite, const char *path);

#endif

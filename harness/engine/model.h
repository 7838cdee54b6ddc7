// SPDX-License-Identifier: Apache-2.0
//
// A model, asked: its process runs in the workspace and the sandbox of the run that trained it, or of one into which an
// earlier one was restored.
#ifndef REPRO_ENGINE_MODEL_H
#define REPRO_ENGINE_MODEL_H

#include "base/err.h"
#include "base/mem.h"
#include "engine/replay.h"
#include "serve/client.h"

struct model;

// `suite`, `session` and `replay` (trained) are borrowed.
int model_open(struct model **out, const struct replay *replay, const struct session *session,
               const struct suite *suite, struct error *err);
// In the workspace of any run that has ended. `run`, `session` and all that `options` (it was made with) borrow are
// borrowed.
int model_open_in(struct model **out, const struct run *run, const struct run_options *options,
                  const struct session *session, struct error *err);
void model_free(struct model *model);
DEFINE_CLEANUP(model)

// The ways of asking that the suite declares: some of "stream", "api", "batch", in this order. Borrowed.
const struct strings *model_kinds(const struct model *model);
// Why a way of asking cannot work here (no loopback for an api), or NULL. Static.
const char *model_obstacle(const struct model *model, const char *kind);
// Starts it. "fallback" asks the suite's rules instead. The caller closes the client before the model is freed.
int model_client(struct client **out, struct model *model, const char *kind, struct error *err);

// From now on what the model's processes write stays, for as long as the model is not freed, and the next process finds
// what the one before wrote. Gives the folder of the host's in which it is found, by its path in the project; it is
// there once a process has been started. Borrowed.
const char *model_keep_files(struct model *model);

// Files of the project, found below `source`, that a command of the suite names.
void model_named_files(struct strings *out, const struct suite *suite, const struct strings *command,
                       const char *source);

struct model_asking {
    double timeout; // seconds for one question; 0: as the suite says
    size_t limit;   // bytes of one reply; 0: the client's own
};
int model_client_with(struct client **out, struct model *model, const char *kind, const struct model_asking *asking,
                      struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The log of predictions of a suite: the stage `log` of verify, and a log that is asked again (verify --log FILE).
#ifndef REPRO_ENGINE_LOGGING_H
#define REPRO_ENGINE_LOGGING_H

#include "base/err.h"
#include "base/str.h"
#include "engine/verify.h"

#include <stdbool.h>
#include <stdint.h>

struct log_replay;
struct model;

// What --log asks for.
struct log_request {
    const char *path; // any path, as it was typed
    bool has_since;
    double since;
    uint64_t last; // 0: all
};

void stage_log(struct verification *v);

// Asks today's model what the log holds, and adds the check `replay: PATH`.
int logging_replay(struct verification *v, struct model *model, struct error *err);
// The check of such a replay.
struct check *logging_conclude(struct verification *v, const char *name, const struct log_replay *replay);

// The digests by which an entry may name the model, with what each is of: golden's identity, its bundle, its artifacts
// and those that were just trained.
int logging_models(struct pairs *out, const struct verification *v, struct error *err);
// What a digest, or the first eight digits or more of one, is of. NULL when it is none of them, or of several.
const char *logging_model(const struct pairs *models, const char *name, size_t len);

#endif

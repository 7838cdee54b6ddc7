// SPDX-License-Identifier: Apache-2.0
//
// fuzz: messy, missing and unexpected input for the model that was just replayed. The stages `fuzz` and `parity` of
// verify are the same with the suite's own budget, and keep nothing.
#ifndef REPRO_ENGINE_FUZZING_H
#define REPRO_ENGINE_FUZZING_H

#include "base/str.h"
#include "core/result.h"
#include "engine/session.h"

// What the command line asks for. All-zero is what verify does.
struct fuzz_request {
    uint64_t cases; // 0: the suite's own
    double seconds; // 0: no limit
    bool has_seed;
    uint64_t seed;
    const char *only;   // a mutation, a family or an oracle
    const char *replay; // a corpus file
    bool keep;          // findings are written to golden/NAME/corpus
};

// Trains each suite, asks its model, and adds the checks of the stages `fuzz` and `parity`.
void fuzz_suites(struct session *session, const struct strings *names, const struct fuzz_request *request,
                 struct result *result);

// Infers a schema from data, an MLmodel file or an Open Inference Protocol description (.json), by its path relative to
// the project, and writes it into suite.json, which must have none yet.
// `target` may be NULL. *out is the schema as it was written (the caller frees).
int fuzz_infer(char **out, struct session *session, const char *suite, const char *data, const char *target,
               struct error *err);

struct verification;
void stage_fuzz(struct verification *v);
void stage_parity(struct verification *v);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// verify: replay and compare everything. Each stage stands in a file of its own and adds its checks to the result.
#ifndef REPRO_ENGINE_VERIFY_H
#define REPRO_ENGINE_VERIFY_H

#include "base/err.h"
#include "core/manifest.h"
#include "core/result.h"
#include "core/suite.h"
#include "engine/replay.h"
#include "engine/session.h"

// Verifies the suites; everything that is wrong becomes a check in `result`, bad documents and a bad machine too.
void verify_suites(struct session *session, const struct strings *names, struct result *result);
// The same, and what a log holds is asked again of the model (engine/logging.h).
struct log_request;
void verify_suites_and_log(struct session *session, const struct strings *names, const struct log_request *log,
                           struct result *result);

// What the stages of one suite share.
struct fuzz_request;     // engine/fuzzing.h
struct rollback_request; // engine/rollback.h
struct verification {
    struct session *session;
    struct result *result;
    struct suite *suite;
    struct manifest *golden; // see reference.h
    bool foreign;            // golden is of another class: numbers are compared, bytes are not
    bool superseded;         // there is one of this class, but for other inputs
    bool recording;          // the verb is record, with this reason
    const char *reason;
    struct replay *replay;
    const struct fuzz_request *fuzz;         // of the verb fuzz; NULL: verify
    const struct rollback_request *rollback; // of the verb rollback; NULL: verify
    const struct log_request *log;           // a log that is asked again; NULL: none
    char *golden_folder;                     // where golden's bundle is unpacked; NULL until somebody needs it
    bool golden_unpacked;
    struct error golden_error; // why it could not be
    char *entropy;             // that training drew (entropy.h), once somebody asked; NULL: none
    bool entropy_known;
    struct digest document;          // SHA-256 of suite.json, from before it was read
    unsigned whole, cut;             // bits 1u << STAGE_…: stages that ran to their end, and that were stopped
    struct pairs facts[STAGE_COUNT]; // what they found out that `ready` asks for (core/evidence.h)
};

// Reads suite.json.
int verification_load(struct verification *v, const char *name, struct error *err);
// A fact for `ready`: a number, or a word or two.
void verification_fact(struct verification *v, enum stage stage, const char *name, const char *format, ...)
    PRINTF_LIKE(4, 5);
// Marks a stage that has just run, as one that ran to its end unless somebody stopped it.
void verification_ran(struct verification *v, enum stage stage);
// Keeps what the marked stages found as evidence. That it cannot be kept is a note: the verdict stands without.
void verification_keep(struct verification *v);

// One check of this suite; `repeat` is set for a verdict other than pass.
struct check *verification_check(struct verification *v, enum stage stage, const char *name, enum verdict verdict);
void verification_error(struct verification *v, enum stage stage, const char *name, const struct error *err);
// The lines as detail, one below the other; the first 50 of them.
void verification_lines(struct check *check, const struct strings *lines);

// Adds the error of a suite that the user stopped, so that no report of it looks whole.
void verification_stopped(struct result *result, const char *name);

void verification_free(struct verification *v); // what it holds

// All of that for the one suite `name` with golden out of sight: `run` is called between the inputs and the evidence.
void verification_of(struct verification *v, const char *name, void (*run)(struct verification *v));

// Unpacks golden's bundle once, on demand. NULL when it cannot be had (golden_error says why). Borrowed.
const char *verification_golden_folder(struct verification *v);

// The stages, in order. Those before `replay` need no training.
void stage_golden(struct verification *v);
void stage_code(struct verification *v);
void stage_inputs(struct verification *v);
void stage_environment(struct verification *v);
void stage_replay(struct verification *v); // trains
void stage_traced(struct verification *v); // after it: the checks of `inputs` and `environment` that need the trace
void stage_artifacts(struct verification *v);
void stage_metrics(struct verification *v);
void stage_limits(struct verification *v);

// Suites that the base branch has and this project no longer: a check about the whole invocation, only when there are
// some.
void golden_removed_suites(struct session *session, struct result *result);

// What may have caused a difference, as far as known: what moved besides the outputs. The caller frees.
char *verification_cause(struct verification *v);

#endif

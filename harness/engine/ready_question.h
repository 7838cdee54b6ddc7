// SPDX-License-Identifier: Apache-2.0
//
// What the questions of `ready` have in common. Each is one function and one row of the table in ready.c.
#ifndef REPRO_ENGINE_READY_QUESTION_H
#define REPRO_ENGINE_READY_QUESTION_H

#include "base/str.h"
#include "core/evidence.h"
#include "core/manifest.h"
#include "core/suite.h"
#include "engine/session.h"

#include <stdbool.h>

// All that is known of a suite without running anything.
struct ready_subject {
    struct session *session;
    struct suite *suite;
    struct manifest *now;    // the inputs as they are, and the class of this machine
    struct manifest *golden; // see reference.h; never NULL while questions are asked
    struct digest identity, inputs, document;
    struct strings moved; // between golden's inputs and those of now: "data: train.csv: 1a2b… → 6f5e…"
    struct evidence *evidence;
    char *evidence_why; // why there is none, where there could be; NULL otherwise
    int64_t time;       // seconds since 1970
};

enum ready_state { READY_UNKNOWN, READY_NO, READY_YES };
struct ready_answer {
    enum ready_state state;
    char *line;    // the evidence
    char *command; // what would turn it into a yes; NULL for a yes
    bool declare;  // a line of suite.json is missing
};

void ready_yes(struct ready_answer *out, const char *format, ...) PRINTF_LIKE(2, 3);
// `command` is taken over; NULL: "repro verify NAME".
void ready_no(struct ready_answer *out, char *command, const char *format, ...) PRINTF_LIKE(3, 4);
void ready_unknown(struct ready_answer *out, char *command, const char *format, ...) PRINTF_LIKE(3, 4);

// The record of a stage, if it proves anything of this golden, these inputs and this machine today; else NULL, and the
// answer is that it is not known, with the reason. `stage` may have failed, but has come to its end.
const struct evidence_stage *ready_evidence(const struct ready_subject *s, struct ready_answer *out, enum stage stage);
// True when all that the stage checked passed; else the answer tells what did not.
bool ready_passed(const struct ready_subject *s, struct ready_answer *out, const struct evidence_stage *record,
                  enum stage stage);
// "3 min ago". The caller frees.
char *ready_ago(const struct ready_subject *s, int64_t when);
// The command that measures a stage. The caller frees.
char *ready_command(const struct ready_subject *s, enum stage stage);
// Adds the headline of a check's reason: what stands before the first `end`.
void ready_quote(struct strings *out, const struct evidence_check *check, const char *end);
// A fact of the record, "?" where it has none.
const char *ready_fact(const struct evidence_stage *record, const char *name);

typedef void (*ready_question)(struct ready_answer *out, const struct ready_subject *s);
void ready_provenance(struct ready_answer *out, const struct ready_subject *s);
void ready_replay(struct ready_answer *out, const struct ready_subject *s);
void ready_messy(struct ready_answer *out, const struct ready_subject *s);
void ready_serving(struct ready_answer *out, const struct ready_subject *s);
void ready_limits(struct ready_answer *out, const struct ready_subject *s);
void ready_log(struct ready_answer *out, const struct ready_subject *s);
void ready_monitoring(struct ready_answer *out, const struct ready_subject *s);
void ready_thresholds(struct ready_answer *out, const struct ready_subject *s);
void ready_way_back(struct ready_answer *out, const struct ready_subject *s);

#endif

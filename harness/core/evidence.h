// SPDX-License-Identifier: Apache-2.0
//
// Evidence: what was measured of a suite, as .repro/evidence/NAME.json keeps it for `ready`. One record a stage, the
// newest. It says of what it was measured: the golden, the inputs and the suite.json that were there then; where these
// are others now, it proves nothing any more.
#ifndef REPRO_CORE_EVIDENCE_H
#define REPRO_CORE_EVIDENCE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/digest.h"
#include "core/result.h"

#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_FORMAT   1
#define EVIDENCE_MAX_SIZE ((size_t)16 << 20)
#define EVIDENCE_CHECKS   200 // of one stage that are kept, at most: those that need somebody first

struct evidence_check {
    char *name;
    enum verdict verdict;
    char *reason; // NULL: none was given
};

// One stage that ran whole.
struct evidence_stage {
    int64_t when;           // seconds since 1970
    struct digest golden;   // golden_identity of the golden that it was measured against
    struct digest inputs;   // identity_inputs of the code, data, settings and externals that it was measured with
    struct digest document; // SHA-256 of suite.json
    char *class_name;       // of the machine
    char *version;          // of repro
    size_t counts[4];       // checks by verdict, those that are not kept too
    struct evidence_check *checks; // errors first, then failures, skips and passes; else as they were made
    size_t check_count;
    struct pairs facts; // numbers and words that `ready` asks for: "cases", "families", "kind", …
    // Of STAGE_REPLAY: how often training gave golden's model again since golden, the inputs or suite.json were others,
    // and when it did the last time. 0: never.
    uint64_t passes;
    int64_t last_pass;
};

struct evidence {
    char *suite;
    struct evidence_stage *stages[STAGE_COUNT]; // NULL: nothing is known
};

struct evidence *evidence_new(const char *suite);
void evidence_free(struct evidence *evidence);
DEFINE_CLEANUP(evidence)

// The record of a stage, emptied, made when there is none. Borrowed.
struct evidence_stage *evidence_begin(struct evidence *evidence, enum stage stage);
void evidence_forget(struct evidence *evidence, enum stage stage);
// Takes from `result` what it says of this stage of the evidence's suite. A text that is too long is cut.
void evidence_take(struct evidence_stage *record, const struct result *result, const char *suite, enum stage stage);
// Error before failure before pass; a stage with skips alone was skipped.
enum verdict evidence_verdict(const struct evidence_stage *record);
const struct evidence_check *evidence_find(const struct evidence_stage *record, const char *name); // NULL: none
// What needs somebody most: the first check, when it did not pass; NULL where all passed.
const struct evidence_check *evidence_worst(const struct evidence_stage *record);

void evidence_write(struct buf *out, const struct evidence *evidence);
// Strict: what was written reads back to the same bytes. A newer format is refused.
int evidence_parse(struct evidence **out, const char *path, const char *text, size_t len, struct error *err);
const struct json_field *evidence_fields(void);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Evidence of a suite: .repro/evidence/NAME.json, kept by whatever measures something and read by `ready`.
#ifndef REPRO_ENGINE_EVIDENCE_H
#define REPRO_ENGINE_EVIDENCE_H

#include "base/err.h"
#include "core/evidence.h"
#include "core/manifest.h"
#include "core/suite.h"
#include "engine/session.h"

// What was measured, and of what. Everything is borrowed.
struct evidence_source {
    const struct suite *suite;
    const struct manifest *golden; // that it was measured against
    const struct manifest *now;    // the work tree's inputs that it was measured with, and the machine's class
    const struct digest *document; // of suite.json, from before it was read (identity_document)
    const struct result *result;   // what was found, among other checks
    const struct pairs *facts;     // of each stage, STAGE_COUNT of them; NULL: none
    unsigned whole;                // bits 1u << STAGE_…: stages that ran to their end
    unsigned cut;                  // stages that did not: what is known of them is an error
};

// Puts the stages in place of what was known of them. A stage that ran and had nothing to check leaves nothing. Two at
// once do not harm each other. Where the file that is there cannot be read, it is begun anew.
int evidence_keep(const struct session *session, const struct evidence_source *source, struct error *err);

// *out is NULL where there is none. What cannot be believed (damaged, of a newer repro, of another suite, or committed
// to git, where anyone could have written it) is none, either: then *why (the caller frees) says so; else it is NULL.
void evidence_load(struct evidence **out, char **why, const struct session *session, const char *suite);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// ready: nine questions before a model goes live, each answered with what was measured, never with what somebody said.
// A question's check is named by its number and its subject ("3 messy input"):
//     yes        passes
//     no         fails
//     not known  is skipped, with a reason that begins "not known: "; fails where it is required
// `reason` is the evidence, `detail` the question, and `repeat` the command that would turn the answer into a yes.
// Without a requirement, an answer is advisory: whoever asks gets to know, and nothing is barred.
#ifndef REPRO_ENGINE_READY_H
#define REPRO_ENGINE_READY_H

#include "base/str.h"
#include "core/result.h"
#include "engine/session.h"

enum { READY_QUESTIONS = 9 };
#define READY_ALL 0x3feu // every question

// `require` has the bits 1u << N of the questions that must be answered with yes; 0: each suite's own "require".
void ready_suites(struct session *session, const struct strings *names, unsigned require, struct result *result);

#endif

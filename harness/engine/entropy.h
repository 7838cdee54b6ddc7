// SPDX-License-Identifier: Apache-2.0
//
// Entropy that a run drew: evidence that training is not seeded, as far as programs do not draw it by themselves. The C
// library does so once for each program that is started, and an interpreter of Python for its own purposes; that is
// measured by starting the same one with nothing to do.
#ifndef REPRO_ENGINE_ENTROPY_H
#define REPRO_ENGINE_ENTROPY_H

#include "core/suite.h"
#include "engine/replay.h"
#include "engine/session.h"

// "python3.11 drew entropy (getrandom, 2 times more than by itself)"; NULL when nothing did, or when nobody can tell.
// `bare` is what the interpreter did with nothing to do; NULL when that is not known. The caller frees.
char *entropy_beyond(const struct trace_log *log, const struct trace_log *bare);
// The same of a replay that was traced, by a run of its interpreter where it has one.
char *entropy_of_replay(const struct replay *replay, const struct session *session, const struct suite *suite);

#endif

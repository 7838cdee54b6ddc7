// SPDX-License-Identifier: Apache-2.0
//
// The live line on a terminal: what each suite is doing, for how long, and how long it took the last time.
#ifndef REPRO_CLI_LIVE_H
#define REPRO_CLI_LIVE_H

#include "base/mem.h"
#include "base/term.h"
#include "engine/session.h"

struct live;

// NULL where a live line is not welcome (no terminal, or the output of training is shown).
struct live *live_start(bool echo, enum term_color color);
void live_free(struct live *live); // removes the line
DEFINE_CLEANUP(live)

struct observer live_observer(struct live *live);

#endif

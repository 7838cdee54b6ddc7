// SPDX-License-Identifier: Apache-2.0
//
// Did a change of suite.json make the gate wider? One line a finding; nothing when it only became stricter.
#ifndef REPRO_ENGINE_LOOSENED_H
#define REPRO_ENGINE_LOOSENED_H

#include "base/str.h"
#include "core/suite.h"

void loosened(struct strings *out, const struct suite *before, const struct suite *now);

#endif

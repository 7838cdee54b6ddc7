// SPDX-License-Identifier: Apache-2.0
//
// The two halves of the stage `limits`: training (stage_limits.c) and the model that is asked.
#ifndef REPRO_ENGINE_STAGE_LIMITS_H
#define REPRO_ENGINE_STAGE_LIMITS_H

#include "engine/verify.h"

void limits_of_model(struct verification *v);

#endif

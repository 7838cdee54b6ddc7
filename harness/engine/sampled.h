// SPDX-License-Identifier: Apache-2.0
//
// Clean rows of the data that a suite's schema names, as its model is asked with.
#ifndef REPRO_ENGINE_SAMPLED_H
#define REPRO_ENGINE_SAMPLED_H

#include "base/err.h"
#include "engine/verify.h"
#include "fuzz/infer.h"

// `count` rows (0: 1,000), fitted to the schema, which the suite has and which names its data; ready to be written many
// times (row_prepare). The same rows every time.
int sampled_rows(struct sample *out, const struct verification *v, size_t count, struct error *err);

#endif

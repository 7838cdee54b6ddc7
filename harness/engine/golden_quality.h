// SPDX-License-Identifier: Apache-2.0
//
// How well golden's model does on rows of its reference, by the measures that the suite names: what outcomes are held
// against. The model has seen these rows; a limit of the suite's own ("max", "min") is the better one.
#ifndef REPRO_ENGINE_GOLDEN_QUALITY_H
#define REPRO_ENGINE_GOLDEN_QUALITY_H

#include "base/err.h"
#include "core/baseline.h"
#include "engine/verify.h"
#include "serve/row_answers.h"

// `answers` are those to sampled_rows of `count`, and out->prediction says whether they are classes. Adds a measure for
// each of the suite's that can be measured so.
int golden_quality(struct baseline *out, const struct verification *v, const struct row_answers *answers, size_t count,
                   struct error *err);

#endif

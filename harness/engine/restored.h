// SPDX-License-Identifier: Apache-2.0
//
// A golden restored elsewhere: in a workspace of its own, over the project's files, lie its artifacts, and its code and
// settings as far as its bundle has them. What a model needs besides (a predictor that training never read) is the
// project's.
#ifndef REPRO_ENGINE_RESTORED_H
#define REPRO_ENGINE_RESTORED_H

#include "base/err.h"
#include "base/mem.h"
#include "engine/model.h"
#include "engine/verify.h"

struct restored;

// `golden` NULL: the project as it is. `name` is that of its folder among the logs of this suite. `v` is borrowed.
int restored_open(struct restored **out, const struct verification *v, const struct manifest *golden, const char *name,
                  struct error *err);
struct model *restored_model(struct restored *restored); // borrowed
// Files that the model's commands name and that are the project's, not the golden's.
void restored_foreign(struct strings *out, const struct restored *restored);
void restored_free(struct restored *restored);
DEFINE_CLEANUP(restored)

#endif

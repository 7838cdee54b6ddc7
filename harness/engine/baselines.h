// SPDX-License-Identifier: Apache-2.0
//
// The baseline beside a golden (core/baseline.h): made when the golden is recorded, from the training data and the
// model that was just trained; read by drift, ready and rollback.
#ifndef REPRO_ENGINE_BASELINES_H
#define REPRO_ENGINE_BASELINES_H

#include "base/err.h"
#include "core/baseline.h"
#include "engine/verify.h"

// "golden/NAME/CLASS/baseline.json". The caller frees.
char *baselines_path(const struct manifest *golden);

// *out is NULL where there is none, or it belongs to another golden than this.
int baselines_load(struct baseline **out, const char *root, const struct manifest *golden, struct error *err);

// What the columns of live data, counted by the suite's schema as it is now, are held against.
struct baselines_place {
    const struct suite *suite;
    const char *root;   // where the golden is
    const char *folder; // the reference is below it
    const struct manifest *golden;
};
// Golden's baseline; its columns are summarised now where it has none, or *changed: another schema counted them.
int baselines_current(struct baseline **out, bool *changed, const struct baselines_place *place, struct error *err);

// False where another schema counted its columns, as far as they tell.
bool baselines_fit(const struct baseline *baseline, const struct suite *suite);
// Whether their columns were counted otherwise.
bool baselines_differ(const struct baseline *a, const struct baseline *b);

// After recording: makes and writes the baseline of the golden, where it has none yet, or one
// that another schema counted, or that lacks a measure. A suite without a schema has none. What was written becomes a
// check of the stage `golden`; a model that cannot be asked is a warning there.
int baselines_keep(struct verification *v, const struct manifest *golden, struct error *err);

// What can be had without a model: the columns of the reference below `folder`, summarised now.
int baselines_summarise(struct baseline **out, const struct suite *suite, const char *folder,
                        const struct manifest *golden, struct error *err);

// The data that live data are held against, relative to the project; NULL: the suite names none. Borrowed.
const char *baselines_reference(const struct suite *suite);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// What the trace of a run says about a suite: which inputs it really has.
#ifndef REPRO_ENGINE_TRACED_H
#define REPRO_ENGINE_TRACED_H

#include "base/str.h"
#include "core/manifest.h"
#include "core/suite.h"
#include "run/run.h"

#include <stdbool.h>

// Sorted, each once. All-zero is empty.
struct traced {
    char *why;                 // why the lists are not complete, or why there are none; NULL when they are
    struct strings undeclared; // files of the project that were read, and that the manifest does not list
    struct strings unread;     // files that it lists and that were not read, but for code where a model is asked; empty
                               // unless the lists are complete
    struct strings absent;     // files of the project that were looked for and were not there
    struct strings outside;    // absolute: files that were read and belong neither to the project nor to the system
    struct strings opened;     // absolute: files of the system that were read
    struct strings programs;   // absolute: programs that were started, without those of the project
};

// `now` lists the inputs that the suite declares, `source` is the folder that the run saw as the project.
void traced_find(struct traced *out, const struct run *run, const struct suite *suite, const struct manifest *now,
                 const char *source);
void traced_free(struct traced *traced);

// What computed, for the manifest: packages, libraries and programs of the system that the run used.
int traced_computed(struct pairs *out, const struct traced *traced, struct error *err);

#endif

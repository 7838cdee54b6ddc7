// SPDX-License-Identifier: Apache-2.0
//
// doctor: what this machine can do for a run, and what would help where it cannot.
#ifndef REPRO_ENGINE_DOCTOR_H
#define REPRO_ENGINE_DOCTOR_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct finding {
    char *name; // "isolation"
    bool good;
    char *text;   // "full: user, mount, PID, IPC, UTS and network namespaces"
    char *remedy; // NULL when good
};
struct findings {
    struct finding *items;
    size_t count, capacity;
};

// `folder` is the project's root or, outside a project, the current folder; `project` tells which.
int doctor_examine(struct findings *out, const char *folder, bool project, char *const *variables, struct error *err);
void findings_free(struct findings *findings);

#endif

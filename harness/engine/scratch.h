// SPDX-License-Identifier: Apache-2.0
//
// A folder below TMPDIR for what is unpacked in passing. It is removed however this process ends, Ctrl-C and SIGKILL
// included: a small process of its own waits for that.
#ifndef REPRO_ENGINE_SCRATCH_H
#define REPRO_ENGINE_SCRATCH_H

#include "base/err.h"
#include "base/mem.h"

struct scratch {
    char *folder; // absolute where TMPDIR is; NULL when there is none
    int watched;  // closed by our end; 0 or less: nobody waits for it
    int watcher;  // its pid
};

int scratch_make(struct scratch *out, const char *name, struct error *err);
void scratch_free(struct scratch *scratch); // removes it; all-zero is fine
DEFINE_CLEANUP_VALUE(scratch)

#endif

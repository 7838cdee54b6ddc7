// SPDX-License-Identifier: Apache-2.0
//
// The store that repro.json names: a folder or a mount, common to the machines of a project, with a copy of each bundle
// that is over its suite's limit, named by its digest. Anybody may have written there: what comes out of it is checked
// by its digest. It is never made, never pruned, and written to only when something is recorded.
#ifndef REPRO_STORE_SHARED_STORE_H
#define REPRO_STORE_SHARED_STORE_H

#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"

#include <stdbool.h>

struct shared_store {
    char *name;   // as repro.json wrote it
    char *folder; // absolute
};

// *out is NULL where repro.json names none. The folder need not be there.
int shared_store_open(struct shared_store **out, const char *root, struct error *err);
void shared_store_free(struct shared_store *store);
DEFINE_CLEANUP(shared_store)

// Where the manifest's bundle is, if it is. The caller frees.
char *shared_store_path(const struct shared_store *store, const struct manifest *manifest);
// Why nothing can be had from the store ("there is no folder '/mnt/models': is it mounted?"), or NULL. The caller
// frees.
char *shared_store_fault(const struct shared_store *store);
// True when its copy of the manifest's bundle is sound.
bool shared_store_has(const struct shared_store *store, const struct manifest *manifest);

// Copies the sound bundle at `from` into the store, atomically. Does nothing when a sound one is there; a damaged one
// is replaced; what is no file is an ERROR_USAGE.
int shared_store_put(const struct shared_store *store, const char *from, const struct manifest *manifest,
                     struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The folder from which a service loads its model, switched to the artifacts of a golden. They are unpacked beside it,
// as FOLDER.repro-XXXXXX, and synced; then one rename decides:
//
//   FOLDER is a symbolic link   a new link is renamed over it; FOLDER.previous becomes a link to where it led
//   FOLDER is a folder          both change places, and what was there becomes FOLDER.previous. Where the system cannot
//                               do that in one step, there are two, with FOLDER gone in between: whoever is killed
//                               there leaves FOLDER.previous, which the next one puts back first
//   there is no FOLDER          it is made
//
// Killed or refused at any point, FOLDER holds all that it did, or all of the golden's artifacts, at the paths that
// they have in the project. What lies beside it from one that was killed is removed by the next.
#ifndef REPRO_ENGINE_INTO_H
#define REPRO_ENGINE_INTO_H

#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"

#include <stdbool.h>

struct into;

// Unpacks. `root` is the project's; nobody else may be switching folders for this project meanwhile. ERROR_USAGE when
// FOLDER cannot be meant.
int into_prepare(struct into **out, const char *root, const struct manifest *manifest, const char *folder,
                 struct error *err);
// Does nothing where FOLDER holds the artifacts already.
int into_switch(struct into *into, struct error *err);
bool into_moves(const struct into *into); // false: it holds them already
void into_free(struct into *into);        // removes what was unpacked and not switched
DEFINE_CLEANUP(into)

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Where the bundles of goldens are, and how they get there.
#ifndef REPRO_STORE_GOLDEN_BUNDLE_H
#define REPRO_STORE_GOLDEN_BUNDLE_H

#include "base/err.h"
#include "core/manifest.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct golden_contents;

char *golden_bundle_name(const struct manifest *manifest); // in a store: "DIGEST.tar.zst"; the caller frees
// Beside the manifest, in git, and in .repro/store. Both absolute; the caller frees.
char *golden_bundle_in_git(const char *root, const struct manifest *manifest);
char *golden_bundle_in_store(const char *root, const struct manifest *manifest);

// True when there is a bundle at `path` that holds what the manifest says; *size is that of the archive.
bool golden_bundle_is_sound(const char *path, const struct manifest *manifest, off_t *size);

// The project's lock is held by the callers of all that follow, and the contents are those of `manifest`.

// Sees to it that the bundle is in its place, and in the store of repro.json when it is over the limit; sets in_store
// and store.
int golden_bundle_keep(const char *root, struct manifest *manifest, const struct golden_contents *contents,
                       uint64_t bundle_limit, struct error *err);
// Writes the bundle again where the manifest says that it is, if it is not sound there, and sets store.
int golden_bundle_mend(const char *root, struct manifest *manifest, const struct golden_contents *contents,
                       struct error *err);
// Puts the golden's bundle into `folder` too, from wherever it lies: beside its manifest, among the earlier goldens or
// in .repro/store. *placed is false when none of them has a sound one. Does nothing (*placed is true) where the bundle
// is to lie in .repro/store.
int golden_bundle_place(bool *placed, const char *root, const struct manifest *manifest, const char *folder,
                        struct error *err);
// Removes what a golden's folder holds besides its manifest and its bundle: bundles of goldens before it, and what a
// save that was killed left behind there and in the store.
void golden_bundle_clear(const char *root, const struct manifest *manifest);

#endif

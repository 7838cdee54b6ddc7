// SPDX-License-Identifier: Apache-2.0
//
// Goldens: golden/NAME/CLASS/manifest.json and golden/NAME/CLASS/DIGEST.tar.zst beside it (DIGEST: the first 16 digits
// of the bundle's digest), or .repro/store/DIGEST.tar.zst (all 64 digits) where the bundle is over the suite's limit.
// Saving puts the bundle in place first, then the manifest, then removes bundles that nothing points at: killed at any
// instruction, the golden reads as before or as after.
#ifndef REPRO_STORE_GOLDEN_H
#define REPRO_STORE_GOLDEN_H

#include "base/err.h"
#include "base/str.h"
#include "core/manifest.h"

#include <stdbool.h>

// Names of the classes that have a golden, sorted. Empty when the suite has none.
int golden_classes(struct strings *out, const char *root, const char *suite, struct error *err);

// *out is NULL when there is none for this class.
int golden_load(struct manifest **out, const char *root, const char *suite, const char *class_name, struct error *err);

// Path of the manifest relative to the root. The caller frees.
char *golden_manifest_path(const char *suite, const char *class_name);
// Path of the bundle, absolute; an error that says where it was looked for when it is not there. The caller frees.
int golden_bundle_path(char **out, const char *root, const struct manifest *manifest, struct error *err);

// Keeps `manifest` as the golden of its suite and class with the files that it lists, taken from `run_root` (artifacts,
// and for code and settings up to `small` bytes together, the copies in `run_root` too). Sets manifest->bundle. Writes
// nothing when the golden on disk is manifest_same (then *changed is false). Takes the project's lock while it writes.
int golden_save(const char *root, const char *run_root, struct manifest *manifest, uint64_t bundle_limit, bool *changed,
                struct error *err);

#endif

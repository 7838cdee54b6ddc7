// SPDX-License-Identifier: Apache-2.0
//
// Goldens: golden/NAME/CLASS/manifest.json and golden/NAME/CLASS/DIGEST.tar.zst beside it (DIGEST: the first 16 digits
// of the bundle's digest), or .repro/store/DIGEST.tar.zst (all 64 digits) where the bundle is over the suite's limit,
// and then also in the store that repro.json names.
// What was golden before is kept in golden/NAME/CLASS/earlier (golden_kept.h).
// Saving puts the bundle in place first, then the manifest, then removes bundles that nothing points at: killed at any
// instruction, the golden reads as before or as after.
#ifndef REPRO_STORE_GOLDEN_H
#define REPRO_STORE_GOLDEN_H

#include "base/err.h"
#include "base/str.h"
#include "core/manifest.h"

#include <stdbool.h>

// ERROR_USAGE when a name cannot be a folder of ours. `class_name` may be NULL.
int golden_check_names(const char *suite, const char *class_name, struct error *err);

// What a golden is known by: the SHA-256 of all that manifest_same compares, as the document has it.
int golden_identity(struct digest *out, const struct manifest *manifest, struct error *err);

// Names of the classes that have a golden, sorted. Empty when the suite has none.
int golden_classes(struct strings *out, const char *root, const char *suite, struct error *err);

// *out is NULL when there is none for this class.
int golden_load(struct manifest **out, const char *root, const char *suite, const char *class_name, struct error *err);

// Path of the manifest relative to the root. The caller frees.
char *golden_manifest_path(const char *suite, const char *class_name);
// Path of the bundle, absolute, in the first place that has it: git, .repro/store, the store of repro.json. When none
// has it, an error that says where it was looked for and how to get it. The caller frees.
int golden_bundle_path(char **out, const char *root, const struct manifest *manifest, struct error *err);

// Unpacks the golden's bundle into `folder` (empty or absent) and checks its digest; modes are those of the manifest.
// What comes from the store of repro.json is kept in .repro/store, too, unless both are on one file system.
int golden_extract(const char *root, const struct manifest *manifest, const char *folder, struct error *err);
// True when the folder of an unpacked bundle holds code and settings too, so that the golden can be replayed from it.
bool golden_holds_code(const struct manifest *manifest, const char *folder);

// Code and settings over so many bytes together are not kept in the bundle.
#define GOLDEN_SMALL ((uint64_t)1 << 20)

// Keeps `manifest` as the golden of its suite and class, with the files that it lists: artifacts from `run_root`; code
// and settings, up to GOLDEN_SMALL bytes together, from `root`, or from `run_root` where that has them in the recorded
// state. They are left out, all of them, when one cannot be kept (a symbolic link that leads out of the project) or is
// an artifact too.
//
// Sets manifest->bundle. Writes nothing when the golden on disk is manifest_same (then *changed is false), but for a
// bundle that has gone missing. Takes the project's lock while it writes. Over the bundle's limit, one that cannot be
// kept in the store of repro.json is an error, and the golden stays as it was.
struct golden_options {
    uint64_t bundle_limit; // bytes of the archive
    uint64_t keep;         // earlier goldens that stay, with the one that is replaced
};
int golden_save(const char *root, const char *run_root, struct manifest *manifest, const struct golden_options *options,
                bool *changed, struct error *err);

// For the parts of this module: the project's lock, and the manifest alone, which is put in its place under it.
int golden_lock(int *lock, const char *root, struct error *err);
int golden_write(const char *root, const struct manifest *manifest, struct error *err);

// What can be known before training: an error when the golden on disk is over the limit and the store that repro.json
// names for it is not there.
int golden_check_store(const char *root, const char *suite, const char *class_name, struct error *err);

// True when the bundle is here, and in the store of repro.json where it has to be, and holds what the manifest says.
bool golden_is_whole(const char *root, const struct manifest *manifest);
// Writes the bundle of the golden on disk again if it is damaged or missing. *mended is false, and nothing is written,
// when that golden is not manifest_same: then its bytes are lost.
int golden_mend(const char *root, const char *run_root, struct manifest *manifest, bool *mended, struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Goldens that were current before, kept to go back to. Each has a folder, named by the first 16 digits of its
// identity:
//
//   golden/NAME/CLASS/earlier/order                    identities, one in each line, the newest first
//   golden/NAME/CLASS/earlier/IDENTITY/manifest.json
//   golden/NAME/CLASS/earlier/IDENTITY/DIGEST.tar.zst  unless it lies in .repro/store
//   golden/NAME/CLASS/earlier/IDENTITY/baseline.json   where it had one
//
// A folder without a manifest is none, and the golden that is current is no earlier one, whatever stands here. So each
// step on the way from one golden to another leaves what reads as before or as after: first the golden that goes is
// copied here, then the bundle of the one that comes is put beside the manifest, then that manifest is renamed into its
// place, which decides; what is over is removed last (golden_kept_settle), by the next one if this one is killed.
#ifndef REPRO_STORE_GOLDEN_KEPT_H
#define REPRO_STORE_GOLDEN_KEPT_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct golden_kept {
    struct digest identity;
    struct manifest *manifest; // golden_extract finds its bundle
    char *folder;              // absolute
};
struct golden_kept_list {
    struct golden_kept *items; // the newest first, without the golden that is current
    size_t count, capacity;
    struct strings unreadable; // why, one line each
};
int golden_kept_list(struct golden_kept_list *out, const char *root, const char *suite, const char *class_name,
                     struct error *err);
void golden_kept_list_free(struct golden_kept_list *list);
DEFINE_CLEANUP_VALUE(golden_kept_list)

// The golden's folder among the earlier ones, absolute; it need not be there. The caller frees.
char *golden_kept_folder(const char *root, const struct manifest *manifest, struct error *err);
// The baseline.json of a golden, current or kept; *out is NULL when there is none that belongs to it. The caller frees.
int golden_baseline_path(char **out, const char *root, const struct manifest *manifest, struct error *err);

// The project's lock is held by the callers of these two.

// Copies the golden that is current to the earlier ones. *kept is false when its bundle is damaged or missing: such a
// golden could not come back.
int golden_kept_add(bool *kept, const char *root, const struct manifest *current, struct error *err);
// Brings the folders in line with the golden that is current now: its baseline beside it, itself not among the earlier
// ones, of which the `keep` newest stay. Leftovers of whoever was killed are removed.
int golden_kept_settle(const char *root, const struct manifest *current, uint64_t keep, struct error *err);

struct golden_switch {
    const struct digest *from, *to; // what has to be current, and what comes back
    const char *reason, *by;        // for accepted.rolled_back; may be NULL
    bool kept;                      // set: the golden that went can come back
};
// Makes a kept golden current, and keeps the one that was. Takes the project's lock. ERROR_USAGE when `from` is not
// current any more, or `to` is not kept.
int golden_switch(const char *root, const char *suite, const char *class_name, struct golden_switch *wanted,
                  struct error *err);

#endif

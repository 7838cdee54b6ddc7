// SPDX-License-Identifier: Apache-2.0
//
// What goes into a golden's bundle: the artifacts from the run; code and settings, while they are small.
#ifndef REPRO_STORE_GOLDEN_CONTENTS_H
#define REPRO_STORE_GOLDEN_CONTENTS_H

#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"
#include "store/bundle.h"

struct golden_contents {
    struct bundle_source sources[2]; // the run, the project: the caller sets their roots, which are borrowed
    struct file_list all;            // both, sorted
};

// Fills in the files of both sources, and manifest->bundle's digest and size.
int golden_contents_gather(struct golden_contents *contents, struct manifest *manifest, struct error *err);
void golden_contents_free(struct golden_contents *contents);
DEFINE_CLEANUP_VALUE(golden_contents)

#endif

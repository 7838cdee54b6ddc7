// SPDX-License-Identifier: Apache-2.0
//
// diff: two artifacts, folders, bundles, manifests or goldens; what moved, tensor by tensor.
//
// An operand is a path (a file, a folder, a bundle, a manifest.json), or, within a project, a golden:
//     NAME[/CLASS][@REVISION][:ARTIFACT]     "churn", "churn@HEAD~3", "churn/x86_64-avx2:model.safetensors"
// A run's folder (.repro/runs/ID/NAME) stands for the run: its manifest, and the artifacts that it kept. ":ARTIFACT"
// may follow a path, too, that stands for a manifest.
// A path that exists is a path; "./churn" never names a golden.
#ifndef REPRO_ENGINE_DIFF_H
#define REPRO_ENGINE_DIFF_H

#include "base/err.h"
#include "compare/contents.h"
#include "core/content.h"
#include "core/difference.h"

struct diff_options {
    const char *folder; // where relative paths and the project are looked for
    struct tensor_rule rule;
    char *const *environ; // to know the numerical class of this machine
};

// ERROR_USAGE for what cannot be found or read, with the operand's name in front.
int diff_run(struct difference **out, const char *a, const char *b, const struct diff_options *options,
             struct error *err);

// Adds a row for each finding that is not VALUE_SAME, worst first, and sums them up. What the contents leave out and
// note is added, too.
void diff_add_findings(struct difference *out, const struct contents_difference *found, const struct contents *a,
                       const struct contents *b);
// The same from what two manifests keep of an artifact, where the bytes are not at hand. Names get `prefix` ("" or
// "PATH:") in front.
void diff_add_facts(struct difference *out, const char *prefix, const struct content *a, const struct content *b);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// One side of a diff: an operand (engine/diff.h) found and opened.
#ifndef REPRO_ENGINE_DIFF_SIDE_H
#define REPRO_ENGINE_DIFF_SIDE_H

#include "artifact/contents.h"
#include "base/err.h"
#include "core/manifest.h"
#include "engine/scratch.h"

struct content;
struct diff_options;
struct difference;

struct diff_side {
    char *path;                // what is opened: a file or a folder; NULL of a golden whose bytes are not at hand
    struct scratch scratch;    // made for an unpacked golden, and removed again
    bool partial;              // of a run: only those artifacts are at hand that it kept
    struct manifest *manifest; // of a golden, or of a manifest.json; NULL otherwise
    char *artifact;            // that was asked for by name (":ARTIFACT"); NULL: all of them
    struct contents *contents; // owned; opened by the caller
    struct error missing;      // why there are none
};

// Finds it, unpacks a golden's artifacts.
int diff_side_find(struct diff_side *side, const char *operand, const struct diff_options *options, struct error *err);
// Of a golden, keeps one artifact only (a path of its manifest).
int diff_side_choose(struct diff_side *side, const char *artifact, struct error *err);
// Where the other side has not kept all artifacts: forgets, of what was unpacked, those that it has not. One that is
// known to differ is noted.
void diff_side_keep_common(struct diff_side *side, const struct diff_side *other, struct strings *notes);
// Where the bytes of one side are not at hand: adds what manifests keep of the tensors, and what the bytes of the other
// side say. ERROR_USAGE when that is nothing.
int diff_compare_kept(struct difference *out, const struct diff_side *a, const struct diff_side *b, struct error *err);
// Removes what was unpacked, once it is open: the contents keep their maps.
void diff_side_tidy(struct diff_side *side);
void diff_side_free(struct diff_side *side);

#endif

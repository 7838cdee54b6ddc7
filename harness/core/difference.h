// SPDX-License-Identifier: Apache-2.0
//
// What moved between two things that somebody compared: the document that `repro diff` draws its text and its JSON
// from.
#ifndef REPRO_CORE_DIFFERENCE_H
#define REPRO_CORE_DIFFERENCE_H

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIFFERENCE_FORMAT 1

// In the order of how much they say: a later one only holds where the earlier ones do not.
enum sameness { SAME_BYTES, SAME_CONTENT, SAME_WITHIN, DIFFERENT };
const char *sameness_name(enum sameness sameness); // "bytes equal", "content equal", "within tolerance", "different"

// One value that is not the same on both sides.
struct difference_row {
    char *name;      // of the new side, or of the old one where it is gone
    char *was;       // the old name, where only the name differs; else NULL
    char *change;    // "differs", "within", "added", "removed", "renamed", "reshaped", "retyped"
    char *dtype;     // of the new side, or of the old one; NULL of what is no tensor
    char *shape;     // "[512,512]"; likewise
    char *text;      // what a person reads: "max 3 ULP (2.4e-07) at [17,402]  1,204 of 262,144 differ"
    char *histogram; // lines, for the row that is looked at closely; NULL where nothing was measured
    bool measured;   // the numbers that follow are known
    uint64_t count, differing, outside, max_ulp;
    double mean_ulp, max_abs, max_rel, cosine;
    char *max_ulp_at, *max_abs_at; // "[17,402]"
    double was_at, is_at;          // the two values at max_abs_at
    uint64_t nan_appeared, nan_vanished, inf_appeared, inf_vanished;
};

struct difference {
    char *a, *b; // as they were named
    enum sameness sameness;
    char *summary;               // one line
    size_t values;               // compared, on both sides together
    struct difference_row *rows; // worst first
    size_t count, capacity;
    struct strings facts;    // what else moved, between manifests: a line each, with the part's name in front
    struct strings left_out; // what has no part in the comparison
    struct strings notes;    // what was compared as bytes, and why; what is not at hand
};

struct difference *difference_new(const char *a, const char *b);
void difference_free(struct difference *difference);
DEFINE_CLEANUP(difference)
struct difference_row *difference_add(struct difference *difference, const char *name, const char *change);

// The document (schemas/difference.schema.json).
void difference_write(struct buf *out, const struct difference *difference);

#endif

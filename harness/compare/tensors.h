// SPDX-License-Identifier: Apache-2.0
//
// Two tensors of the same shape and type, element by element. The work is cut into pieces of a fixed size whose sums
// are added in order, so that the result does not depend on the number of threads.
//
// ULP: the representable numbers between two floats, by the monotone mapping of their bits to integers; −0 and +0 are 0
// apart. Two NaNs are equal whatever their payload; a NaN against a number has no distance and counts as `nan_appeared`
// or `nan_vanished`. For integers and bool the distance is the difference itself. Of complex numbers, each part is
// an element for ULP (and in the histogram and the mean); absolute difference is the magnitude's. Blocks differ or do
// not: `count` is blocks then, and max_abs_at the first element of the first that differs. Sums are made in a fixed
// order of double operations, which no instruction set changes.
#ifndef REPRO_COMPARE_TENSORS_H
#define REPRO_COMPARE_TENSORS_H

#include "artifact/tensor.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// |new − golden| ≤ abs + rel·|golden|, or at most max_ulp apart: an element that satisfies either is within. All zero
// asks for equality (−0 equals +0, NaN equals NaN). `close` puts torch.testing.assert_close's rel and abs for the dtype
// in the place of abs and rel.
struct tensor_rule {
    uint64_t max_ulp;
    double abs, rel;
    bool close;
};

#define TENSOR_HISTOGRAM 66 // [0]: equal; [k]: 2^(k−1) ≤ ULP < 2^k; [65]: no distance (NaN against a number)

struct tensor_difference {
    uint64_t count;       // elements
    uint64_t differing;   // not equal as numbers
    uint64_t outside;     // of those, outside the rule
    uint64_t bits_differ; // elements whose canonical bytes differ (−0 against +0, NaN payloads, too)
    uint64_t nan_payload; // of those that are equal as numbers, how many are NaN; the others are zeros of two signs
    uint64_t max_ulp, max_ulp_at;
    double mean_ulp; // over all elements that have a distance
    double max_abs;  // largest |new − golden| over finite pairs; at max_abs_at, between these two values
    uint64_t max_abs_at;
    double golden_at, new_at;
    double max_rel; // largest |new − golden| / |golden| over finite pairs where golden is not 0
    uint64_t max_rel_at;
    double golden_rel_at, new_rel_at;
    uint64_t nan_appeared, nan_vanished, inf_appeared, inf_vanished;
    double cosine; // of the two as vectors, over finite pairs; NaN where one has no length
    uint64_t histogram[TENSOR_HISTOGRAM];
};

// Both have the same number of elements, and blocks the same type; elements meet in C order. Of two dtypes, both are
// compared as f64 (complex: c128; never one complex and one not). `threads` 0: all CPUs, at most 8.
void tensor_compare(struct tensor_difference *out, const struct tensor *golden, const struct tensor *now,
                    const struct tensor_rule *rule, size_t threads);

// Equal bit for bit in canonical form; stops at the first difference. Of equal dtype and number of elements.
bool tensor_same(const struct tensor *a, const struct tensor *b);

// What the manifest keeps of a tensor: over finite elements, NaN and infinities counted. Complex: of all parts. Blocks,
// and where nothing is finite: zeros.
struct tensor_summary {
    double min, max, mean, l2;
    uint64_t nan, inf;
};
void tensor_summarise(struct tensor_summary *out, const struct tensor *tensor, size_t threads);

// "max 3 ULP (2.4e-07) at [17,402], 1,204 of 262,144 differ". The caller frees, here and below.
char *tensor_describe(const struct tensor_difference *difference, const struct tensor *tensor);
// Its two halves. The first is "" where nothing has a distance.
char *tensor_describe_largest(const struct tensor_difference *difference, const struct tensor *tensor);
char *tensor_describe_count(const struct tensor_difference *difference, const struct tensor *tensor);
// Lines in the words of numpy and torch, the last one without a newline: "Mismatched elements: 3 / 10 (30.0%)",
// "Greatest absolute difference: 0.5 at index (1, 2) (up to 1e-05 allowed): 1 in golden, 1.5 now", ULPs, cosine, NaN.
char *tensor_detail(const struct tensor_difference *difference, const struct tensor *tensor,
                    const struct tensor_rule *rule);
// Lines of "2-3 ULP  ████ 1,204", for people; "" when nothing differs.
char *tensor_histogram_text(const struct tensor_difference *difference);

// The rule with `close` put into numbers for this dtype.
struct tensor_rule tensor_rule_for(const struct tensor_rule *rule, enum dtype dtype);

#endif

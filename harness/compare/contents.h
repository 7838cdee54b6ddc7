// SPDX-License-Identifier: Apache-2.0
//
// Two artifacts, value by value: three verdicts, and for each value what became of it.
#ifndef REPRO_COMPARE_CONTENTS_H
#define REPRO_COMPARE_CONTENTS_H

#include "artifact/contents.h"
#include "base/err.h"
#include "base/mem.h"
#include "compare/tensors.h"

#include <stdbool.h>
#include <stddef.h>

enum value_change {
    VALUE_SAME,
    VALUE_WITHIN,   // differs, but every element is within the rule
    VALUE_DIFFERS,  // outside the rule
    VALUE_ADDED,    // not in golden
    VALUE_REMOVED,  // not in the new one
    VALUE_RENAMED,  // the same content under another name (only of values that would be added and removed)
    VALUE_RESHAPED, // the same elements in C order in another shape, or another shape altogether
    VALUE_RETYPED,  // another dtype or kind; where the numbers can be compared, `difference` says how far apart
};
const char *value_change_name(enum value_change change); // "same", "within", "differs", "added", …

struct value_finding {
    const char *name; // borrowed from the contents: the new name, or golden's when it was removed
    const char *was;  // of VALUE_RENAMED: golden's name
    enum value_change change;
    const struct value *golden, *now; // borrowed; NULL where there is none
    const struct contents_rule *rule; // that was applied; NULL: equality
    bool measured;                    // `difference` is filled
    struct tensor_difference difference;
};

// A rule for the values whose name matches the glob; the first that matches counts.
struct contents_rule {
    const char *pattern;
    struct tensor_rule tensor;
};

enum contents_verdict {
    CONTENTS_EQUAL_BYTES, // the caller says so: never from contents_compare
    CONTENTS_EQUAL,       // every value the same, bit for bit; what was left out is named in the contents
    CONTENTS_WITHIN,      // numerically: some differ, all within their rules
    CONTENTS_DIFFERENT,
};

struct contents_difference {
    enum contents_verdict verdict;
    struct value_finding *items; // one for each value of either side, in byte order of the names
    size_t count;
    size_t by_change[VALUE_RETYPED + 1]; // how many of each
    uint64_t elements;                   // of all tensors of the new side
};

// Numbers (VALUE_NUMBER) are compared as f64 under the same rules.
void contents_compare(struct contents_difference *out, const struct contents *golden, const struct contents *now,
                      const struct contents_rule *rules, size_t rule_count);
void contents_difference_free(struct contents_difference *difference);
DEFINE_CLEANUP_VALUE(contents_difference)

// Indices of the findings that are not VALUE_SAME, worst first: added, removed, retyped, reshaped, differing by largest
// ULP distance, within, renamed. The caller frees.
size_t *contents_worst(size_t *count, const struct contents_difference *difference);

// One line: "3 of 148 tensors differ, at most 3 ULP (2.4e-07) in layers.3.attn.q.weight; 1 added". The caller frees.
char *contents_describe(const struct contents_difference *difference);
// A finding as one line without its name: "f32 [512,512]  max 3 ULP (2.4e-07) at [17,402]  1,204 of 262,144 differ".
char *value_describe(const struct value_finding *finding);

#endif

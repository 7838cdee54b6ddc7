// SPDX-License-Identifier: Apache-2.0
//
// What a suite says about messy input: the object "fuzz" of suite.json.
#ifndef REPRO_CORE_FUZZ_RULES_H
#define REPRO_CORE_FUZZ_RULES_H

#include "base/json.h"

#include <stddef.h>
#include <stdint.h>

struct document;

// What a suite says about a kind of mess ("expect" in suite.json): for a mutation, a family or "*", and for a column or
// "*".
enum expectation { EXPECT_EITHER, EXPECT_ACCEPT, EXPECT_REJECT, EXPECT_FALLBACK };

struct fuzz_rules {
    uint64_t cases; // of the stage; 0: 2000
    double timeout; // seconds for one question; 0: 2 s
    uint64_t seed;
    struct expect_rule {
        char *mutation, *column; // globs, a family; in the order in which they count
        enum expectation expect;
        long line; // in suite.json
    } * expects;
    size_t expect_count;
    double order_abs, order_rel;   // oracle 12: how far answers may move with the order of rows
    double batch_abs, batch_rel;   // oracle 13: with the size of the batch
    double parity_abs, parity_rel; // oracle 14: between the ways of asking
    double slow;                   // oracle 3: seconds; 0: not asked
    double memory_growth;          // oracle 19: allowed growth, bytes a thousand questions; 0: 1 MiB
    bool lenient;                  // what is no question owes no answer and may have any: not of suite.json
};
// The most particular kind of mess that matches counts (a name, then a glob, a family, "*"), then the most particular
// column. `column` is NULL for mess that is not one column's: then only "*" matches.
enum expectation rules_expect(const struct fuzz_rules *rules, const char *mutation, const char *column);

// Reads the object "fuzz" (NULL: nothing is said). Every fault is a problem of the document.
void fuzz_rules_read(const struct document *doc, struct fuzz_rules *out, const struct json_value *object);
void fuzz_rules_free(struct fuzz_rules *rules);
extern const struct json_field fuzz_rules_fields[];

#endif

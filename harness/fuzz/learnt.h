// SPDX-License-Identifier: Apache-2.0
//
// What a good answer looks like: as the schema declares it, else as the answers to clean rows were. Of a range nothing
// is learnt: that clean rows stayed inside says nothing of others.
#ifndef REPRO_FUZZ_LEARNT_H
#define REPRO_FUZZ_LEARNT_H

#include "core/schema.h"
#include "fuzz/oracles.h"

struct learnt {
    enum output_type type; // OUTPUT_UNKNOWN: anything goes
    size_t answers;        // that it was learnt from
    enum answer_kind kind; // of all of them, where `uniform`
    bool uniform;
    size_t length; // of lists; 0: they differ
    bool sums;     // every list was one of probabilities
    struct learnt_class {
        char *name;
        size_t count;
    } * classes;
    size_t class_count, class_capacity;
    bool too_many;     // different texts: they are no classes
    bool classes_seen; // each often enough to believe that there are no others
};

void learnt_add(struct learnt *learnt, const struct answer *answer); // of a clean row that was answered
void learnt_settle(struct learnt *learnt, const struct schema *schema);
void learnt_free(struct learnt *learnt);
// One line for people: "class: a, b, c (learnt from 256 answers)". The caller frees.
char *learnt_text(const struct learnt *learnt, const struct schema *schema);

// The oracle that the answer breaks by itself: ORACLE_UNREADABLE, ORACLE_NAN, ORACLE_RANGE; 0 when it is a good one.
// `why` gets one line then (the caller frees). `learnt` may be NULL.
enum oracle_number learnt_judge(char **why, const struct learnt *learnt, const struct schema *schema,
                                const struct answer *answer);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Oracles: the rules that answers must obey. An oracle is one row of a table.
#ifndef REPRO_FUZZ_ORACLES_H
#define REPRO_FUZZ_ORACLES_H

#include "core/fuzz_rules.h"
#include "fuzz/cases.h"

enum oracle_number { // of the catalogue
    ORACLE_CRASH = 1,
    ORACLE_HANG,
    ORACLE_SLOW,
    ORACLE_STATUS,
    ORACLE_UNREADABLE,
    ORACLE_COUNT,
    ORACLE_NAN,
    ORACLE_RANGE,
    ORACLE_REPEAT,
    ORACLE_PROCESS,
    ORACLE_NEIGHBOURS,
    ORACLE_ORDER,
    ORACLE_BATCH,
    ORACLE_PARITY,
    ORACLE_CANARY,
    ORACLE_ENCODINGS,
    ORACLE_INVARIANCE,
    ORACLE_MONOTONE,
    ORACLE_GROWTH,
    ORACLE_LEAK,
    ORACLE_END
};
struct oracle {
    enum oracle_number number;
    const char *name; // "crash", "hang", "neighbours", …
    const char *says; // for people: "a bad row changed the answers of its neighbours"
    bool timing;      // measured again before it is reported, never shrunk
    // Whether it makes sense for the model as it is asked; *why as of a mutation.
    bool (*applies)(const struct client_ability *ability, const struct fuzz_rules *rules, const struct schema *schema,
                    const char **why);
};
extern const struct oracle oracles[];
extern const size_t oracle_count;
const struct oracle *oracle_find(const char *name);
const struct oracle *oracle_at(enum oracle_number number);

// One question and what came back; with what is needed to judge it.
struct exchange {
    const struct fuzz_case *c;
    const struct reply *reply;
    const struct answer *clean; // of the case's clean rows, asked before; NULL: not known, nothing is held against them
    const struct fuzz_rules *rules;
    const struct schema *schema;
    const struct learnt *learnt; // fuzz/learnt.h; NULL: nothing but what the schema declares
    const struct oracle *only;   // NULL: all
    bool loose;                  // clean answers were given in one question: the tolerance of oracle 13 is always due
};
// The first oracle that the reply breaks by itself (1, 2, 4–8, 11–13, 16–18, 20), NULL when it breaks none. `why` gets
// one line (the caller frees). 12 and 13 are judged where the rows of the case are clean ones in another order or
// number. Those that need more questions (3, 9, 10, 15, 19) are asked by the session, 14 by parity_run.
const struct oracle *oracles_judge(char **why, const struct exchange *exchange);
// What the suite says about the mess of this case.
enum expectation oracles_expect(const struct fuzz_rules *rules, const struct fuzz_case *c);
// Whether the row with the mess (or any, where all have it) was refused.
bool oracles_rejected(const struct fuzz_case *c, const struct reply *reply);

// How far apart what must agree may be where nothing else is said: one row asked twice; rows asked together or alone,
// which changes how sums are rounded.
#define AGREE_EXACT_REL 1e-9
#define AGREE_BATCH_ABS 1e-9
#define AGREE_BATCH_REL 1e-6

// True when both say the same within abs + rel·|a|: numbers, lists, texts. All rejections are alike.
bool answers_agree(const struct answer *a, const struct answer *b, double abs, double rel);
char *answer_text(const struct answer *answer); // for people; the caller frees
// The class that an answer names, in `out` where it is no text: 1.0 is "1". NULL when it is none.
const char *answer_class(size_t *len, char out[32], const struct answer *answer);

#endif

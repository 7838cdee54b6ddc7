// SPDX-License-Identifier: Apache-2.0
//
// Oracles: the rules that answers must obey. An oracle is one row of a table.
#ifndef REPRO_FUZZ_ORACLES_H
#define REPRO_FUZZ_ORACLES_H

#include "core/fuzz_rules.h"
#include "fuzz/cases.h"

struct oracle {
    int number;       // of the catalogue, 1 to 20
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

// One question and what came back; with what is needed to judge it.
struct exchange {
    const struct fuzz_case *c;
    const struct reply *reply;
    const struct reply *clean; // of the clean rows, asked before (each row alone or together, as the case is); NULL
    const struct fuzz_rules *rules;
    const struct schema *schema;
};
// The first oracle that the reply breaks by itself (1, 2, 4–8, 11, 16–18, 20), NULL when it breaks none. `why` gets one
// line (the caller frees). Those that need more questions (3, 9, 10, 12–15, 19) are asked by the session.
const struct oracle *oracles_judge(char **why, const struct exchange *exchange);

// True when both say the same within abs + rel·|a|: numbers, lists, texts, rejections alike.
bool answers_agree(const struct answer *a, const struct answer *b, double abs, double rel);
char *answer_text(const struct answer *answer); // for people; the caller frees

#endif

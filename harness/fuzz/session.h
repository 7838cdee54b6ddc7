// SPDX-License-Identifier: Apache-2.0
//
// A fuzzing session: cases are made, asked and judged; failures are confirmed, shrunk and collected, one entry for each
// distinct one (oracle, mutation, column). Deterministic: the same seed, model and budget give the same findings.
//
// The corpus, golden/NAME/corpus/*.json, is replayed first; what was fixed stays there as a regression. An answer that
// is new in kind (status, error text with numbers masked, class, latency by powers of two) steers the search: further
// cases are made from the choices that found it.
#ifndef REPRO_FUZZ_SESSION_H
#define REPRO_FUZZ_SESSION_H

#include "base/err.h"
#include "fuzz/oracles.h"

struct fuzz_options {
    const struct schema *schema;
    const struct sample *sample;
    const struct fuzz_rules *rules;
    struct client *client; // opened
    size_t cases;          // 0: no limit
    double seconds;        // 0: no limit; cases are then what counts
    uint64_t seed;
    const char *only;        // a mutation, a family or an oracle; NULL: all
    const char *corpus;      // folder, absolute; NULL: none
    const char *replay;      // one corpus file to ask instead of everything else; NULL
    struct client *fallback; // answers where the model rejects and the suite expects the fallback; NULL
    // Told now and then; may be NULL. Returns false to stop.
    bool (*progress)(void *context, size_t cases, double per_second, size_t findings);
    void *context;
};

struct corpus_case; // fuzz/corpus.h
struct finding {
    const struct oracle *oracle;
    const struct mutation *mutation; // NULL: a clean row does it
    const struct mutation *inner;    // of "rows.poisoned": what the poison is; else NULL
    char *column;                    // NULL: not one column's
    char *why;                       // one line: what came back, against the rule
    size_t hits;                     // cases that showed it
    bool flaky;                      // did not show every time it was asked again
    bool known;                      // it was in the corpus already
    char *sent;                      // the smallest case, as it was sent (visible)
    char *clean;                     // the clean row beside it
    char *came_back;                 // the beginning of the reply (visible)
    char *stderr_tail;               // NULL
    char *command;                   // sends it again: printf … | …, curl …
    char *file;                      // the corpus file that holds it, relative to the corpus; NULL until it is kept
    uint64_t *choices;               // of the smallest case
    size_t choice_count;
    size_t cells;             // cells away from a clean row
    size_t calls;             // questions that confirming and shrinking it took
    struct corpus_case *kept; // what corpus_keep writes
};

// One cell of the table that becomes JUnit: an oracle and a column (or none), with how many cases it was tried on.
struct fuzz_tally {
    const struct oracle *oracle;
    const char *column; // NULL: not one column's
    size_t cases;
};

struct fuzz_outcome {
    struct finding *findings; // by oracle, then mutation, then column
    size_t finding_count, finding_capacity;
    struct fuzz_tally *tallies;
    size_t tally_count, tally_capacity;
    struct strings not_applicable;  // "missing.absent: CSV has no keys": mutations and oracles, with the reason
    size_t cases, questions, kinds; // made; asked (shrinking too); kinds of answers seen
    size_t families[FAMILY_COUNT];  // cases of each
    size_t regressions;             // corpus files that were asked
    struct strings fixed;           // corpus files that no longer fail
    struct strings unfit;           // "FILE: why": corpus files that no longer fit the schema or the way of asking
    char *learnt;                   // what answers look like: "class: a, b (learnt from 256 answers to clean rows)"
    double seconds;
    unsigned starts; // of the model's process
    char *stopped;   // why it ended early; NULL
    char *stall;     // one answer alone that did not come in time, but did when it was asked again: the machine's, not
                     // the model's, and no finding; NULL
};
// 0 also when there are findings; −1 when the model could not be asked (err says what it wrote), when nothing is called
// `only`, and when a corpus file is damaged (ERROR_USAGE). The outcome must be freed then, too.
int fuzz_run(struct fuzz_outcome *out, const struct fuzz_options *options, struct error *err);
void fuzz_outcome_free(struct fuzz_outcome *outcome);

// Writes each finding that is not known to `folder` as one readable JSON file, and sets its `file`.
int corpus_keep(struct fuzz_outcome *outcome, const char *folder, const struct schema *schema, uint64_t seed,
                struct error *err);

// The same rows asked in several ways must be answered alike (oracle 14). `names` are the kinds of the clients. One
// line for each disagreement in `differences`.
int parity_run(struct strings *differences, size_t *asked, struct client *const *clients, const char *const *names,
               size_t count, const struct fuzz_options *options, struct error *err);
// True when two answers to one row are alike, as far apart as fuzz.parity lets numbers be; in CSV, which has no types,
// "1" and 1 are.
bool parity_agrees(const struct answer *a, const struct answer *b, const struct fuzz_rules *rules);

#endif

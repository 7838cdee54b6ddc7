// SPDX-License-Identifier: Apache-2.0
//
// A session from the inside, for its parts: session.c (the order of things), session_round.c (cases, many at once),
// session_clean.c (clean rows and their answers), session_probe.c (does it fail? one case, asked as its oracle needs),
// session_find.c (confirmed, shrunk, told), session_steady.c (oracles 9, 10, 15: the same row again), session_growth.c,
// session_replay.c (the corpus).
#ifndef REPRO_FUZZ_SESSION_WORK_H
#define REPRO_FUZZ_SESSION_WORK_H

#include "base/arena.h"
#include "fuzz/learnt.h"
#include "fuzz/session.h"

enum {
    SAMPLE_ROWS_USED = 256, // of the sample: each is asked once, and its answer kept
    ROUND_CASES = 256,
    MOST_KINDS = 4096, // of answers that are told apart
    MOST_POOL = 512,
    MOST_POOL_CHOICES = 256,
    MOST_FINDINGS = 300,
    MOST_HANGS = 12,
    MOST_TAINTS = 24,
    MOST_RECHECKS = 96,
};

enum clean_state { CLEAN_UNKNOWN, CLEAN_WANTED, CLEAN_GOOD, CLEAN_BAD };

// Choices of a case whose answer was new in kind.
struct pool_entry {
    uint64_t *values;
    size_t count;
};

// A case and what it was answered with, to be asked again of another process.
struct recheck {
    uint64_t *values;
    size_t count;
    enum reply_kind kind;
    struct answer answer; // of the arena
};

// A pair of mutation and column, as the first choices of its cases.
struct pair_of {
    uint64_t first[2];
    size_t count;
    unsigned bad;  // how often it cost a process
    bool fallback; // was asked
};

struct slot {
    struct fuzz_case c;
    struct pair_of *pair; // NULL: a clean case
    bool canary;          // its first clean row is asked after it
    bool again;           // it is asked once more at the end of the round
    size_t at;            // its question in the round
};

struct session {
    const struct fuzz_options *options;
    struct fuzz_outcome *out;
    struct client *client;
    const struct client_ability *ability;
    const struct oracle *only;
    struct sample sample; // its first rows; borrowed
    struct case_space space, clean_space;
    struct rng rng;
    double began;

    struct answer *clean; // of each row of the sample
    unsigned char *clean_states;
    struct arena answers; // what is kept of answers
    struct learnt learnt;
    bool steady;    // a row is answered in the same way every time: answers can be held against clean ones
    bool tainted;   // the process may be another than a fresh one: it is started again before anything is compared
    bool explained; // what fails now, and does not in a fresh process, is a bad row's doing that is told by itself

    struct pair_of *pairs; // in the order in which they are tried first
    size_t pair_count, next_pair;
    size_t *pair_index; // [mutation's number][column + 1]: place in `pairs` and one more; 0: none
    struct slot *slots;
    size_t round; // number
    struct question *questions;
    struct reply *replies;
    struct fuzz_case work, clean_case; // for shrinking and confirming
    struct fuzz_case memory_case;

    uint64_t *kinds; // hashes, open addressing
    struct pool_entry *pool;
    size_t pool_count, pool_next;
    struct recheck rechecks[MOST_RECHECKS];
    size_t recheck_count;
    size_t hangs, taints;
    size_t *tallies; // [ORACLE_END][columns + 1]

    struct growth {
        unsigned starts;
        size_t begin, base; // questions when the process was first seen, and when it had warmed up
        uint64_t memory;
        unsigned descriptors;
        size_t watched; // questions, the longest stretch
        bool suspect;
    } growth;
    struct error *err; // of the client, once it cannot be asked
    bool failed;
    bool stop;
};

// ---- session_clean.c

// Asks questions; −1 when the model cannot be asked any more (session->failed then). Replies are freed by the caller.
int session_ask(struct session *s, const struct question *questions, struct reply *replies, size_t count);
int session_restart(struct session *s);
void session_row(struct question *out, const struct session *s, size_t row);
// The clean answers to the rows [first, first + count), asked where they are not known. NULL when one of them is bad.
const struct answer *session_clean(struct session *s, size_t first, size_t count);
// … to the clean rows of a case; of one that is not of the sample, as its caller gave them.
const struct answer *session_clean_of(struct session *s, const struct fuzz_case *c);
// Asks what all of these need at once.
void session_clean_slots(struct session *s, const struct slot *slots, size_t count);
bool session_first_row(size_t *row, const struct session *s, const struct fuzz_case *c);
int session_begin_clean(struct session *s);
void answer_keep(struct answer *out, const struct answer *answer, struct arena *arena);
// The case that is one clean row; borrowed until the next call.
struct fuzz_case *session_clean_case(struct session *s, size_t row);

// ---- session_probe.c

// Whether the case shows the oracle's failure: everything is asked that it takes.
struct probe {
    struct session *s;
    const struct oracle *oracle;
    const struct answer *clean; // of a case from the corpus; else NULL
    struct reply reply;         // the last one that failed
    char *why;
    size_t calls, hangs; // questions; failures while shrinking
};
bool probe_case(struct probe *probe, const struct fuzz_case *c);
void probe_free(struct probe *probe);
DEFINE_CLEANUP_VALUE(probe)
void session_exchange(struct exchange *out, struct session *s, const struct fuzz_case *c, const struct reply *reply);

// ---- session_find.c

// A case failed: it is confirmed, shrunk and told, or counted when it is known.
void session_fail(struct session *s, const struct fuzz_case *c, const struct reply *reply, const struct oracle *oracle,
                  const char *why);
struct finding *session_finding(struct session *s, const struct oracle *oracle, const struct mutation *mutation,
                                const char *column);
// A new entry with what was sent and what came back.
struct finding *finding_add(struct session *s, const struct oracle *oracle, const struct fuzz_case *c,
                            const struct reply *reply, const char *why);

// ---- session_steady.c

void steady_begin(struct session *s); // the same clean rows twice
// After one of these cases (`count` slots) a clean row was answered in another way than before.
void steady_canary(struct session *s, const struct slot *suspects, size_t count, const struct reply *reply);
// The case was asked again, and this is another answer.
void steady_again(struct session *s, const struct fuzz_case *c, const struct reply *reply, const char *why);
void steady_recheck(struct session *s); // another process
bool replies_agree(char **why, const struct reply *a, const struct reply *b);
void steady_remember(struct session *s, const struct fuzz_case *c, const struct reply *reply);
bool probe_repeat(struct probe *probe, const struct fuzz_case *c);
bool probe_process(struct probe *probe, const struct fuzz_case *c);
bool probe_canary(struct probe *probe, const struct fuzz_case *c);

// ---- session_growth.c

void growth_watch(struct session *s);
void growth_end(struct session *s);
bool probe_growth(struct probe *probe, const struct fuzz_case *c);

// ---- session_round.c

void session_pairs(struct session *s);
bool session_round(struct session *s);         // false when there is nothing left to do
size_t case_weight(const struct fuzz_case *c); // bytes, about
// Counts the case for the oracles that it was held against.
void session_tally_case(struct session *s, const struct fuzz_case *c);
void session_tally(struct session *s, enum oracle_number number, size_t column);

// ---- session_replay.c

int session_replay(struct session *s, struct error *err);

#endif

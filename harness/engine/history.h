// SPDX-License-Identifier: Apache-2.0
//
// log: the history of a suite's goldens, from git; newest first.
#ifndef REPRO_ENGINE_HISTORY_H
#define REPRO_ENGINE_HISTORY_H

#include "base/err.h"
#include "base/str.h"
#include "engine/session.h"

struct history_entry {
    char *suite;
    char *class_name;
    char *commit;   // hexadecimal; NULL: in the work tree, not committed yet
    char *author;   // of the commit; NULL likewise
    int64_t time;   // of the commit, seconds since 1970; 0 likewise
    char *reason;   // why the golden was accepted
    char *by;       // who accepted it
    char *identity; // golden_identity, 64 hexadecimal digits
    bool kept;      // not current, and kept: rollback can go back to it
    struct {        // how it became golden again; all NULL when it did not
        char *from; // identity of the golden before it
        char *reason, *by;
    } rolled_back;
    struct strings moved; // against the golden before it
};
struct history {
    struct history_entry *entries;
    size_t count, capacity;
    bool cut; // the clone is shallow: there is more
};

// At most `limit` entries for each golden.
int history_find(struct history *out, struct session *session, const struct strings *names, size_t limit,
                 struct error *err);
void history_free(struct history *history);

#endif

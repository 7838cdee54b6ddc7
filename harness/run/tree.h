// SPDX-License-Identifier: Apache-2.0
//
// The processes that descend from this one, found while they live. Used by the supervisor, in a forked child: nothing
// here allocates. On plain POSIX there is no way to list them, and the process group of the command stands for all.
#ifndef REPRO_RUN_TREE_H
#define REPRO_RUN_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tree;

// Room for the search. Made before the fork, in the caller.
struct tree *tree_new(void);
void tree_free(struct tree *tree);

// `leader` is the command (or the namespace's init); `init` is a process of ours within the tree that is never counted
// or signalled, 0 when there is none.
void tree_start(struct tree *tree, pid_t leader, pid_t init);

// Living descendants, without zombies. Exact (a look at every process) where tree_memory is quick.
unsigned tree_count(struct tree *tree);
// False when some may be left although wait() finds no child.
bool tree_is_gone(struct tree *tree);
// Sends a signal to each of them.
void tree_signal(struct tree *tree, int signal);
// One round of ending all of them: stops what runs until nothing new appears, then kills. Repeat until tree_is_gone.
void tree_kill(struct tree *tree);

// What the tree occupies now, in bytes.
struct tree_memory {
    unsigned processes;
    uint64_t single; // the largest that one process has had since it started its program
    uint64_t quick;  // all private pages, and of the shared ones the most that one process has: too much where forked
                     // processes still share theirs
    uint64_t exact;  // each shared page counted once (PSS; RSS where that cannot be read); 0 unless asked for
};
// `exact` costs milliseconds for each large process, the rest microseconds.
void tree_memory(struct tree *tree, struct tree_memory *out, bool exact);

#endif

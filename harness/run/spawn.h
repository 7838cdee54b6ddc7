// SPDX-License-Identifier: Apache-2.0
//
// The few calls in which starting a process differs between Linux and plain POSIX. All of them are safe in a child that
// was forked from a process with threads.
#ifndef REPRO_RUN_SPAWN_H
#define REPRO_RUN_SPAWN_H

#include <sys/types.h>

// fork(), in new namespaces (CLONE_NEW… flags; Linux only, 0 elsewhere).
pid_t spawn_fork(unsigned long flags);
// Closes every descriptor from `first` on.
void spawn_close_from(int first);
// Orphans of the tree become children of this process.
void spawn_adopt(void);
// Other processes of this user cannot look into this one or write to its descriptors. A child forked after this could
// not map its user in a new user namespace.
void spawn_hide(void);
// This process is killed when its parent ends. False when the parent has ended already.
int spawn_tie(pid_t parent);
// No program that this process starts gains rights: no set-user-ID, no file capabilities.
void spawn_no_new_rights(void);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The forked side of a sandbox: only system calls that are safe in a child of a process with threads.
#ifndef REPRO_RUN_SANDBOX_ENTER_H
#define REPRO_RUN_SANDBOX_ENTER_H

struct sandbox;

// CLONE_NEW… flags with which the sandbox's init is started; 0 when it has no namespaces (then there is no init).
unsigned long sandbox_flags(const struct sandbox *sandbox);
// In the new init: builds the view. −1 with the step and the item (an index into the plan) that failed, errno set.
int sandbox_enter(const struct sandbox *sandbox, int *step, int *item);
// In the command, just before it starts: gives up every capability that it need not have, and what `partial` refuses.
int sandbox_drop(const struct sandbox *sandbox);
// What a step was about, for a message ("mount overlay", "bind '/opt/data'"). In the caller. The caller frees.
char *sandbox_step(const struct sandbox *sandbox, int step, int item);

#endif

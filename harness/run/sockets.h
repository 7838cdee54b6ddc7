// SPDX-License-Identifier: Apache-2.0
//
// Sockets of another network namespace: whoever lives there makes them on demand and hands them out. A socket stays in
// the network that it was made in, so connecting it from outside reaches the loopback inside.
//
// On a pair of Unix stream sockets. A question is one byte: the family (AF_INET, AF_INET6). The answer is one byte,
// errno or 0, and with 0 comes the descriptor (SCM_RIGHTS).
#ifndef REPRO_RUN_SOCKETS_H
#define REPRO_RUN_SOCKETS_H

#include "base/err.h"

#include <stdbool.h>

// Answers one question; false when nobody asks any more. Makes system calls only: safe in a forked child.
bool sockets_serve(int channel);
// Asks. *fd is a new stream socket, close-on-exec.
int sockets_ask(int *fd, int channel, int family, struct error *err);

#endif

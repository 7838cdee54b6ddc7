// SPDX-License-Identifier: Apache-2.0
//
// A process that closed its input must not end us: the signal is held back in this thread, and taken away if it came.
#ifndef REPRO_SERVE_SIGPIPE_H
#define REPRO_SERVE_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sigpipe_hold {
    sigset_t before;
    bool ours; // none was pending before
};
void sigpipe_hold(struct sigpipe_hold *hold);
void sigpipe_release(const struct sigpipe_hold *hold);

#endif

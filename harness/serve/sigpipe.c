// SPDX-License-Identifier: Apache-2.0
#include "serve/sigpipe.h"

#include <stddef.h>
#include <time.h>

void sigpipe_hold(struct sigpipe_hold *hold)
{
    sigset_t pipe, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe, &hold->before);
    hold->ours = sigismember(&pending, SIGPIPE) != 1;
}

void sigpipe_release(const struct sigpipe_hold *hold)
{
    const struct timespec at_once = {0};
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    while (hold->ours && sigtimedwait(&pipe, NULL, &at_once) == SIGPIPE)
        continue;
    pthread_sigmask(SIG_SETMASK, &hold->before, NULL);
}

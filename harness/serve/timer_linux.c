// SPDX-License-Identifier: Apache-2.0
#include "serve/timer.h"

#include <sys/prctl.h>

long timer_sharpen(void)
{
    long slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    return slack;
}

void timer_restore(long slack)
{
    if (slack > 0)
        prctl(PR_SET_TIMERSLACK, (unsigned long)slack, 0, 0, 0);
}

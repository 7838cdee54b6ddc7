// SPDX-License-Identifier: Apache-2.0
//
// How late the kernel may wake this thread: it saves power by 50 µs of slack, which a clock that sends at a rate must
// not have.
#ifndef REPRO_SERVE_TIMER_H
#define REPRO_SERVE_TIMER_H

long timer_sharpen(void); // gives what was before
void timer_restore(long slack);

#endif

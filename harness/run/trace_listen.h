// SPDX-License-Identifier: Apache-2.0
//
// The listener of seccomp user notification: one call at a time is received and answered.
#ifndef REPRO_RUN_TRACE_LISTEN_H
#define REPRO_RUN_TRACE_LISTEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct seccomp_notif;
struct seccomp_notif_resp;

struct trace_listener {
    int fd; // −1: none
    bool synchronous;
    struct seccomp_notif *notice; // as large as the kernel wants it
    struct seccomp_notif_resp *answer;
    size_t notice_size, answer_size;
};

// Room for the messages; needs no descriptor.
int trace_listener_prepare(struct trace_listener *listener, struct error *err);
void trace_listener_close(struct trace_listener *listener);
void trace_listener_free(struct trace_listener *listener);

// Asks the kernel to wake us on the processor of the call (Linux 6.6).
void trace_listener_synchronize(struct trace_listener *listener);
// 1: `notice` is there; 0: it has been withdrawn in the meantime; −1 with errno: no more will come.
int trace_listener_receive(struct trace_listener *listener);
// The thread still waits: what was read by its number was its own.
bool trace_listener_is_valid(const struct trace_listener *listener);
// Lets the call go on, or refuses it with `code`. False when it was no longer waiting for us.
bool trace_listener_answer(struct trace_listener *listener, int code);

#endif

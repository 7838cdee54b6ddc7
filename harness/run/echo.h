// SPDX-License-Identifier: Apache-2.0
//
// Shows a stream to somebody who may be slow or gone. Bytes wait in a bounded queue; what does not fit is left out and
// said to be, so that a pager that nobody scrolls never holds up a run.
#ifndef REPRO_RUN_ECHO_H
#define REPRO_RUN_ECHO_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct echo {
    int fd; // −1: nobody looks, or not any more
    struct buf waiting;
    size_t sent; // of `waiting`
    uint64_t left_out;
};

void echo_add(struct echo *echo, const char *bytes, size_t len);
bool echo_is_waiting(const struct echo *echo);
// Writes as much as can be written without waiting. Call when the descriptor is ready; SIGPIPE must be blocked.
void echo_send(struct echo *echo);
// Waits for the reader while it keeps reading, and at most `seconds` for each piece.
void echo_finish(struct echo *echo, double seconds);
void echo_free(struct echo *echo);

#endif

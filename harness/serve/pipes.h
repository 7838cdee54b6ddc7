// SPDX-License-Identifier: Apache-2.0
//
// The two standard streams of a process, non-blocking and served together, so that one that writes before it reads, or
// stops reading, never holds us up for longer than it is given.
#ifndef REPRO_SERVE_PIPES_H
#define REPRO_SERVE_PIPES_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct pipes {
    struct buf out; // out.data[sent..) is still to be written
    size_t sent;
    struct buf in; // what came; in.data[taken..) is not consumed
    size_t taken;
    size_t scanned;           // no newline in [taken, scanned)
    bool no_input, no_output; // the process closed them
};

// Writes as much as goes at once. SIGPIPE must be blocked.
void pipes_send(struct pipes *pipes, int to);
// Waits until something can be read or written, at most so long, and does it. True when something came.
bool pipes_wait(struct pipes *pipes, int from, int to, double seconds);
// The next line without its newline; valid until the next wait. False when none is complete.
bool pipes_line(struct pipes *pipes, const char **line, size_t *len);
// What came and is not taken.
const char *pipes_rest(const struct pipes *pipes, size_t *len);
static inline bool pipes_is_sending(const struct pipes *pipes)
{
    return pipes->sent < pipes->out.len;
}
// Whether nobody can read any more what is written.
bool pipes_is_deaf(const struct pipes *pipes, int to);
void pipes_reset(struct pipes *pipes); // for another process; keeps the memory
void pipes_free(struct pipes *pipes);

#endif

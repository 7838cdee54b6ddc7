// SPDX-License-Identifier: Apache-2.0
//
// What a traced process said, as an absolute path: its current folder or a folder of its descriptors put in front, and
// the ways through /proc that mean something else to every process ("/proc/self/fd/3", "/dev/stdin") replaced.
#ifndef REPRO_RUN_TRACE_SPELLING_H
#define REPRO_RUN_TRACE_SPELLING_H

#include "run/trace_view.h"

struct trace_spelling {
    char text[2 * PATH_MAX + 1]; // not cleaned: "..", "//" and links stand as they were said
};

enum {
    TRACE_SPELLING_EMPTY = 1,     // an empty path means the descriptor `folder` itself (AT_EMPTY_PATH)
    TRACE_SPELLING_IN_FOLDER = 2, // `folder` is the root of the path
    TRACE_SPELLING_FOLLOW = 4,    // a link at the end is followed
};

// 0; 1: it names no file (a pipe, a deleted file), or the call will fail; −1 with errno.
int trace_spelling_read(struct trace_spelling *out, const struct trace_view *view, pid_t tid, int folder,
                        uint64_t address, unsigned how);
// The same for a path that is known.
int trace_spelling_make(struct trace_spelling *out, const struct trace_view *view, pid_t tid, int folder,
                        const char *path, unsigned how);

#endif

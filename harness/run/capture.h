// SPDX-License-Identifier: Apache-2.0
//
// The output of a command, kept in a file of bounded size: the first half of what is allowed is written as it comes,
// the last half is remembered and appended at the end, with a line between them that says how much was left out.
#ifndef REPRO_RUN_CAPTURE_H
#define REPRO_RUN_CAPTURE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_TAIL 4096

struct capture {
    int fd; // of the file; −1 when there is none
    char *path;
    uint64_t half;  // bytes kept at each end
    uint64_t total; // bytes that came
    char *ring;     // the last `half` bytes that came after the first `half`
    char tail[CAPTURE_TAIL];
};

// `limit` 0 means 8 MiB. `path` NULL: nothing is kept but the tail.
int capture_open(struct capture *out, const char *path, uint64_t limit, struct error *err);
int capture_add(struct capture *capture, const char *bytes, size_t len, struct error *err);
// Appends the last half. The file is complete after this.
int capture_finish(struct capture *capture, struct error *err);
bool capture_is_cut(const struct capture *capture);
// The last lines (at most 20, 4 KiB), control characters made visible, of a line that was redrawn only what was last to
// be seen. Never NULL; the caller frees.
char *capture_last_lines(const struct capture *capture);
void capture_free(struct capture *capture);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// How the process of a model is started: whoever asks for answers brings one, for where it runs (the workspace and the
// sandbox of a run, engine/service; a plain fork in tests) is not this folder's business.
#ifndef REPRO_SERVE_LAUNCHER_H
#define REPRO_SERVE_LAUNCHER_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

// A process that was started. `in` and `out` are the ends of its standard streams (non-blocking; −1 where none were
// asked for); its stderr is drained by the launcher.
struct served {
    int in, out;
    void *handle; // the launcher's
};

struct served_end {
    int exit_code;     // −1 when it was ended by a signal
    int signal;        // 0 when it exited
    bool by_us;        // we ended it
    char *stderr_tail; // last lines, control characters visible; never NULL; the caller frees
};

struct launcher {
    void *context;
    // `pipes`: stdin and stdout are pipes; else stdin is empty and stdout is drained as stderr is.
    int (*start)(struct served *out, void *context, const struct strings *argv, bool pipes, struct error *err);
    // Ends the process with all its children, waits, says how it ended, closes the streams. Also of one that has ended.
    void (*stop)(struct served_end *out, void *context, struct served *served);
    bool (*alive)(void *context, struct served *served);
    // Waits at most so long for the process to end by itself. True when it has.
    bool (*wait)(void *context, struct served *served, double seconds);
    // A new unconnected TCP socket (family AF_INET or AF_INET6) in the network that the process sees, so that loopback
    // is its loopback. −1 with the reason where there is none (isolation `partial`).
    int (*socket)(void *context, struct served *served, int family, struct error *err);
    // Resident memory (bytes) and open descriptors of the tree; 0 where they cannot be told.
    void (*usage)(uint64_t *memory, unsigned *descriptors, void *context, struct served *served);
    // Seconds of CPU that the tree has used; negative where they cannot be told. May be NULL.
    double (*cpu)(void *context, struct served *served);
    // A folder for files that pass between us and the process: as we see it, and as it does. Borrowed.
    const char *folder_host, *folder_seen;
};

#endif

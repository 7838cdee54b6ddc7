// SPDX-License-Identifier: Apache-2.0
//
// The plan of a sandbox: all that sandbox_enter needs, as texts and numbers made before the fork.
#ifndef REPRO_RUN_SANDBOX_PLAN_H
#define REPRO_RUN_SANDBOX_PLAN_H

#include "run/launch.h"
#include "run/sandbox.h"

#include <stddef.h>

enum sandbox_step {
    SANDBOX_STEP_NAMESPACES = LAUNCH_STEP_SANDBOX,
    SANDBOX_STEP_IDS,
    SANDBOX_STEP_PRIVATE,
    SANDBOX_STEP_LOOPBACK,
    SANDBOX_STEP_HOST_NAME,
    SANDBOX_STEP_OPEN,
    SANDBOX_STEP_HIDE,
    SANDBOX_STEP_FOLDERS,
    SANDBOX_STEP_OVERLAY,
    SANDBOX_STEP_BIND,
    SANDBOX_STEP_MASK,
    SANDBOX_STEP_ALSO,
    SANDBOX_STEP_SHARED_MEMORY,
    SANDBOX_STEP_READ_ONLY,
    SANDBOX_STEP_PROC,
    SANDBOX_STEP_END,
};

// A host path that is seen at another (or the same) place.
struct sandbox_bind {
    char *source;
    char *target;
    bool folder; // else a file
    bool writable;
    bool made; // the target may be made: it lies in a file system of ours, not on the host's
    int fd;    // in the forked side
};

// What is covered: a folder by an empty tmpfs, a file by /dev/null. One that is gone by then needs no cover.
struct sandbox_mask {
    char *path;
    bool folder;
};

struct confine;

struct sandbox {
    bool isolated;
    struct confine *confine; // partial; else NULL
    bool privileged;         // namespaces without a user namespace
    bool network;
    bool super;   // the user's number is 0
    char *ids[2]; // lines for uid_map and gid_map

    char *lower, *upper, *work;
    char *trained, *trained_work;
    const char *const *trained_options;  // tried in turn; NULL-terminated                       // NULL: none
    const char *overlay_type_options[3]; // tried in turn; NULL-terminated

    struct sandbox_bind *binds; // the first ones are work (without overlay), home and tmp
    size_t bind_count, bind_capacity;
    struct strings hide; // folders, parents before what is below them
    struct sandbox_mask *masks;
    size_t mask_count, mask_capacity;

    char *also; // NULL: nowhere

    char *seen_work;
};

// Fills sandbox->hide: what the caller names and can be hidden, and /tmp; links followed.
void sandbox_plan_hidden(struct sandbox *sandbox, const struct strings *hide);
bool sandbox_is_hidden(const struct sandbox *sandbox, const char *path);
// Adds the paths of the devices that a run may need and that are here. /dev/shm is not among them.
void sandbox_devices(struct strings *out);
// Adds a mask for each Unix socket of the machine that has a name in a folder that is not hidden.
void sandbox_plan_sockets(struct sandbox *sandbox);
void sandbox_add_mask(struct sandbox *sandbox, char *path, bool folder); // takes the path
// True when `path` is `folder` or below it.
bool sandbox_is_below(const char *path, const char *folder);
// What can be told about why namespaces are refused here, and what would allow them. The caller frees.
char *sandbox_advice(const struct sandbox *sandbox, int step, int code);

#endif

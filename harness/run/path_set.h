// SPDX-License-Identifier: Apache-2.0
//
// A sorted list of paths that is asked about many more paths than it holds: nearly all are refused by one look at one
// bit. All-zero is empty.
#ifndef REPRO_RUN_PATH_SET_H
#define REPRO_RUN_PATH_SET_H

#include "base/str.h"

#include <stdint.h>

#define PATH_SET_NONE ((size_t)-1)

struct path_set {
    struct strings paths; // sorted, each once, after path_set_close
    uint64_t bits[128];
};

void path_set_add(struct path_set *set, const char *path);
void path_set_close(struct path_set *set); // after the last path was added, before the first is looked for
// The index in `paths`, or PATH_SET_NONE. `path` needs no NUL at its end.
size_t path_set_find(const struct path_set *set, const char *path, size_t len);
void path_set_free(struct path_set *set);
DEFINE_CLEANUP_VALUE(path_set)

#endif

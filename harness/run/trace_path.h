// SPDX-License-Identifier: Apache-2.0
//
// Paths of a trace as texts, without a look at any file.
#ifndef REPRO_RUN_TRACE_PATH_H
#define REPRO_RUN_TRACE_PATH_H

#include <stdbool.h>
#include <stddef.h>

// An absolute path without "//", "." and "..": what it leads to where no symbolic link stands in between. `out` has
// room for strlen(path) + 2 bytes and may be `path` itself.
void trace_path_clean(char *out, const char *path);
// Below /proc, /sys or /dev (but for /dev/shm, which holds files): never looked at, since looking may act.
bool trace_path_is_special(const char *path);
// What is before the last component, and that component; both borrowed, `*parent_len` without the slash (0: the root).
// NULL when the last component names no entry of its parent ("", ".", "..").
const char *trace_path_split(const char *path, size_t *parent_len);

#endif

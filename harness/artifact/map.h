// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a file in memory: small ones are read, larger ones mapped. For artifact/contents.c, which owns them.
#ifndef REPRO_ARTIFACT_MAP_H
#define REPRO_ARTIFACT_MAP_H

#include "base/err.h"

#include <stdint.h>

struct artifact_file; // artifact/contents.h
struct stat;

// Fills bytes, len, mapped, owned and stamp. Folders, FIFOs and devices are refused (ERROR_USAGE), without waiting for
// whoever should write to them.
int map_file(struct artifact_file *out, const char *path, struct error *err);
// As above, below a folder; a path that leaves it or leads over a symbolic link is refused.
int map_beneath(struct artifact_file *out, const char *folder, const char *path, struct error *err);
void map_free(struct artifact_file *file);

uint64_t map_stamp(const struct stat *st); // changes when the file does

#endif

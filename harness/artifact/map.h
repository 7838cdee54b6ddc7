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
// Memory of this size to write to; a lot of it lies in an unlinked temporary file (TMPDIR), which the kernel can put
// aside. ERROR_MACHINE where there is no room.
int map_memory(struct artifact_file *out, uint64_t len, struct error *err);
int map_temporary(int *fd, struct error *err); // an unlinked file in TMPDIR
void map_free(struct artifact_file *file);

uint64_t map_stamp(const struct stat *st); // changes when the file does

#endif

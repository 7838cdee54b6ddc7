// SPDX-License-Identifier: Apache-2.0
//
// What an overlay's upper layer says beside its files (Linux, Documentation/filesystems/overlayfs.rst): a removed name
// is a "whiteout", a character device 0/0 or an empty file marked by an extended attribute; an "opaque" folder hides
// everything below the same folder of the lower layer.
#ifndef REPRO_RUN_LAYER_H
#define REPRO_RUN_LAYER_H

#include <stdbool.h>
#include <sys/stat.h>

bool layer_is_whiteout(const char *path, const struct stat *st);
bool layer_is_opaque(const char *path);
// True when another file system is mounted somewhere below the folder: an overlay over it would not show that.
bool layer_has_mounts_below(const char *folder);

#endif

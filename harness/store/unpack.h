// SPDX-License-Identifier: Apache-2.0
//
// Writing a tree of files whose names come from an archive or from a repository, that is from anybody, below one
// folder. Every folder on the way is opened without following links and every file is made anew, so that nothing is
// ever written elsewhere; symbolic links are made last. What was written is removed again unless unpack_finish is
// reached.
#ifndef REPRO_STORE_UNPACK_H
#define REPRO_STORE_UNPACK_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>

struct unpack;

// `folder` must be empty or absent.
int unpack_open(struct unpack **out, const char *folder, struct error *err);
// Removes what was written, unless it was finished.
void unpack_free(struct unpack *unpack);
DEFINE_CLEANUP(unpack)

// *fd: a new file, for the caller to write and close; folders on the way are made.
int unpack_file(struct unpack *unpack, int *fd, const char *path, bool executable, struct error *err);
int unpack_link(struct unpack *unpack, const char *path, const char *target, struct error *err); // made at the end
int unpack_folder(struct unpack *unpack, const char *path, struct error *err);
int unpack_finish(struct unpack *unpack, struct error *err);

// Why a path may not be unpacked, for a message ("leads out of its folder"), or NULL when it may.
const char *unpack_path_fault(const char *path);
// The same for the target of a symbolic link at `path`: it must stay below the folder whatever other links there are.
// So ".." may stand at its beginning only, where each step up is one of real folders.
const char *unpack_link_fault(const char *path, const char *target);

#endif

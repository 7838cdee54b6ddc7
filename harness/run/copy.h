// SPDX-License-Identifier: Apache-2.0
//
// A folder copied as a workspace, on all CPUs, and a note of how each file stood when it had been copied. Symbolic
// links are copied as they are, hard links become separate files; sockets, pipes and devices are left out, and so are
// `.git` and `.repro` at the top, and what goes away while the copy is made.
#ifndef REPRO_RUN_COPY_H
#define REPRO_RUN_COPY_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct copy_item {
    char *path; // relative
    mode_t mode;
    struct timespec modified; // of a folder: to be set when its contents are there
    struct stat stood;        // as it stood in the copy
    bool seen;                // for the caller
};

// In byte order of the paths, each kind for itself.
struct copy {
    struct copy_item *files; // regular files and symbolic links
    size_t file_count, file_capacity;
    struct copy_item *folders;
    size_t folder_count, folder_capacity;
    bool cloned; // the files share their blocks with the source
};

// `to` is made. With `only_clone` the file system must be able to share blocks.
int copy_folder(struct copy **out, const char *from, const char *to, bool only_clone, struct error *err);
struct copy_item *copy_find(const struct copy *copy, const char *path); // a file; NULL when it was not copied
// True when the file in the copy is not the one that was left there.
bool copy_is_changed(const struct copy_item *item, const struct stat *now);
void copy_free(struct copy *copy);
DEFINE_CLEANUP(copy)

// What belongs to the project but not to a run: `.git` and `.repro` at the top.
bool copy_leaves_out(const char *path);

#endif

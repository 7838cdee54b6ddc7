// SPDX-License-Identifier: Apache-2.0
//
// Folders and sets of files: which files a glob names, their digests (in parallel, with a cache of what has not
// changed), and the digest of a folder.
//
// Folder digest: the SHA-256 of what `sha256sum` prints for its regular files in byte order of their paths relative to
// the folder, so that anyone can check it:
//     cd FOLDER && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0r sha256sum -- | sha256sum
// (sha256sum escapes a path with backslash, newline or carriage return; so does this.) A folder that holds symbolic
// links has a line for each of them after those of the files, again in byte order, so that a link that is bent
// elsewhere does not go unseen; no line of sha256sum begins like it. DIGEST is the SHA-256 of the link's target text:
//     SYMLINK (PATH) = DIGEST
// Modes are not part of it; where they matter, they stand in the manifest.
#ifndef REPRO_STORE_TREE_H
#define REPRO_STORE_TREE_H

#include "base/err.h"
#include "base/str.h"
#include "core/manifest.h"
#include "store/stat_cache.h"

#include <stdbool.h>
#include <stddef.h>

// The files below `root` that match any of the globs, in byte order, appended to `out` with path and kind; tree_hash
// fills in the rest. Symbolic links are listed, never followed. Never descends into `.git`, `.repro`, `golden` at the
// top, an interpreter's environment (a folder with pyvenv.cfg or conda-meta/; node_modules) or a bytecode cache
// (__pycache__, *.pyc). A pattern that names a folder means everything below it. A pattern without glob characters that
// names nothing is a problem (without a file: the caller knows the document); so is one whose way leads through a
// symbolic link, for what lies behind it would not be seen to change.
int tree_list(struct file_list *out, const char *root, const struct strings *patterns, struct error *err);
// True for a path (relative to `root`) that tree_list passes over whatever the patterns say, or that lies below one.
bool tree_is_left_out(const char *root, const char *path);
// Every regular file and symbolic link below `folder`, without exception, in byte order. Anything else (a device, a
// socket, a FIFO) is an error.
int tree_list_all(struct file_list *out, const char *folder, struct error *err);
int tree_list_fd(struct file_list *out, int folder, struct error *err);

// Fills size, digest and the executable bit of every entry, on `threads` threads (0: all CPUs). `cache` may be NULL.
// An entry of kind FILE_FOLDER gets the folder digest of everything below it. A file that vanishes, is of another kind
// than its entry says, or changes while it is read is an error that names it.
int tree_hash(struct file_list *files, const char *root, struct stat_cache *cache, size_t threads, struct error *err);

// The folder digest over entries that have their digests; only those below `prefix` count, their paths taken relative
// to it ("" for all, as they are). Entries of kind FILE_FOLDER have no line of their own.
int tree_digest(struct digest *out, const struct file_list *files, const char *prefix, struct error *err);

// Files that differ between two sorted lists: in kind, executable bit, size or digest. Each list gets the paths; any
// may be NULL.
void tree_compare(const struct file_list *before, const struct file_list *after, struct strings *added,
                  struct strings *removed, struct strings *changed);

#endif

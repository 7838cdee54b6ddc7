// SPDX-License-Identifier: Apache-2.0
//
// Folders and sets of files: which files a glob names, their digests (in parallel, with a cache of what has not
// changed), and the digest of a folder.
//
// Folder digest: the SHA-256 of what `sha256sum` prints for its regular files in byte order of their paths relative to
// the folder, so that anyone can check it:
//     cd FOLDER && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
// (sha256sum escapes a path with backslash, newline or carriage return; so does this.)
#ifndef REPRO_STORE_TREE_H
#define REPRO_STORE_TREE_H

#include "base/err.h"
#include "base/str.h"
#include "core/manifest.h"

#include <stddef.h>

// The files below `root` that match any of the globs, in byte order, appended to `out` with kind and size but no
// digest. Symbolic links are listed, never followed. Never descends into `.git`, `.repro`, `golden` at the top, an
// interpreter's environment (a folder with pyvenv.cfg or conda-meta/; node_modules) or a bytecode cache (__pycache__,
// *.pyc). A pattern without glob characters that names nothing is reported as a problem of `document` (what suite.json
// is called).
int tree_list(struct file_list *out, const char *root, const struct strings *patterns, struct error *err);

struct stat_cache;
// Remembers digests by (device, inode, size, mtime, ctime). Never trusts an entry whose file changed less than one
// clock tick before it was hashed. A missing or damaged cache file is an empty cache. Not tied to one project's root.
int stat_cache_open(struct stat_cache **out, const char *path, struct error *err);
int stat_cache_save(struct stat_cache *cache, struct error *err); // atomic; does nothing when nothing was added
void stat_cache_free(struct stat_cache *cache);
DEFINE_CLEANUP(stat_cache)

// Fills size and digest of every entry, on `threads` threads (0: all CPUs). `cache` may be NULL. A file that vanishes
// or changes while it is read is an error that names it.
int tree_hash(struct file_list *files, const char *root, struct stat_cache *cache, size_t threads, struct error *err);

// The folder digest over entries that have their digests; paths are taken relative to `prefix` ("" for as they are).
int tree_digest(struct digest *out, const struct file_list *files, const char *prefix, struct error *err);

// Files that differ between two sorted lists. Each list gets the paths; any may be NULL.
void tree_compare(const struct file_list *before, const struct file_list *after, struct strings *added,
                  struct strings *removed, struct strings *changed);

#endif

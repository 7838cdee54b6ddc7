// SPDX-License-Identifier: Apache-2.0
//
// Files and paths. Paths from documents are relative to the project's root, use '/', and never leave it.
#ifndef REPRO_BASE_FS_H
#define REPRO_BASE_FS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

char *fs_join(const char *folder, const char *name); // "" and "." are dropped; an absolute name wins; the caller frees
const char *fs_basename(const char *path);           // what follows the last '/'; borrowed
char *fs_dirname(const char *path);                  // "." where there is none; the caller frees

// True for a path that is safe to join to a folder of ours: relative, not empty, no "." or ".." component, no empty
// component (one '/' at the end is allowed). Backslashes and control characters are allowed.
bool fs_is_inside(const char *path);

bool fs_exists(const char *path);
bool fs_is_folder(const char *path);

// Whole file, appended to `out`. Refuses folders, FIFOs and devices, and files over `limit` bytes (0: no limit), with
// ERROR_MACHINE for I/O and ERROR_USAGE for "is a folder, not a file" and "too large".
int fs_read(struct buf *out, const char *path, size_t limit, struct error *err);

// Writes to a temporary file beside `path`, syncs it, renames it over `path`, syncs the folder. On failure, `path` is
// as it was and the temporary file is gone. Missing parent folders are made. An existing file's mode is kept, and its
// owner where we may; a symbolic link, a folder or a device at `path` is refused (ERROR_USAGE).
int fs_write_atomic(const char *path, const void *bytes, size_t len, struct error *err);
// Removes the temporary files of writers that were killed, as far as possible: those in `folder` (not below it) that
// are at least `seconds` old. With 0, nobody else may be writing there.
void fs_remove_temporaries(const char *folder, double seconds);
// As fs_write_atomic, but does nothing when the file already holds these bytes; *changed (may be NULL) tells.
int fs_write_if_changed(const char *path, const void *bytes, size_t len, bool *changed, struct error *err);

int fs_mkdirs(const char *path, struct error *err); // like mkdir -p

// Like rm -rf: absent is fine; symbolic links are removed, never followed; folders without permissions are opened up
// first. Stops at anything mounted inside. What cannot be removed does not keep the rest from going; the first reason
// is reported.
int fs_remove_tree(const char *path, struct error *err);

// Mode and mtime are kept; reflink where the file system can. What stood at `to` is replaced, not written through.
int fs_copy_file(const char *from, const char *to, struct error *err);
// As above, to a temporary file beside `to`, which is synced and renamed: `to` is as it was or whole. The folder must
// be there. The time is that of the copying.
int fs_copy_atomic(const char *from, const char *to, struct error *err);
// As fs_copy_file, but only by reflink: where the file system cannot, 0 with *cloned false, and nothing is left at
// `to`.
int fs_clone_file(bool *cloned, const char *from, const char *to, struct error *err);

// ERROR_USAGE "'path' is a folder, not a file", "… a symbolic link …", "… not a regular file" unless it is regular.
int fs_check_regular(const char *path, const struct stat *st, struct error *err);

// An exclusive lock on the file `path` (made if absent), held until the descriptor is closed. Waits at most `seconds`;
// ERROR_MACHINE "…: another repro has been holding the lock for N s (pid P)" then.
int fs_lock(int *fd, const char *path, double seconds, struct error *err);

// Walks a folder in byte order of the full relative paths ('a-b' before 'a/b' as `LC_ALL=C sort` has it). The visitor
// gets the path relative to `root` ("src/a.c") and the lstat; for a folder it is called before its contents and may
// return FS_SKIP to leave them out. Folders' contents are visited; symbolic links are visited, never followed (but for
// `root` itself). A folder that cannot be read is an error that names it. The tree may be of any depth.
enum fs_visit { FS_CONTINUE, FS_SKIP, FS_STOP };
typedef enum fs_visit (*fs_visitor)(const char *path, const struct stat *st, void *context);
int fs_walk(const char *root, fs_visitor visit, void *context, struct error *err);

// Absolute, symbolic links resolved. The caller frees.
int fs_realpath(char **out, const char *path, struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Git, read-only but for checking a tree out into a folder of ours. Works in a work tree, a linked work tree, a
// submodule, a bare-minimum clone of depth 1, with a detached HEAD, with a HEAD that has no commit yet, and in
// repositories that belong to another user (we only read). Paths are relative to the project's root, which may lie
// below the work tree's.
#ifndef REPRO_STORE_REPOSITORY_H
#define REPRO_STORE_REPOSITORY_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "core/manifest.h"

#include <stdbool.h>
#include <stdint.h>

struct repository;

// *out is NULL (and 0 returned) where there is no git repository around `root`.
int repository_open(struct repository **out, const char *root, struct error *err);
void repository_free(struct repository *repository);
DEFINE_CLEANUP(repository)

// Every handle starts git's library and stops it again. Where threads come and go and each opens handles of its own,
// somebody who outlives them calls repository_begin before and repository_end after: a thread that ends while the
// library is stopped would leave what it holds for that thread behind.
void repository_begin(void);
void repository_end(void);

struct git_facts {
    char *commit; // hexadecimal; NULL when there is no commit yet
    char *tree;   // of the whole commit
    char *branch; // NULL when HEAD is detached
    char *remote; // URL of the upstream's or the only remote, without user name, password and query; NULL when there is
                  // none, or it is a place on this machine
    bool shallow;
    struct strings dirty; // files below the project's root that differ from HEAD, untracked ones too, ignored ones not
    struct digest patch;  // what tells this work tree from HEAD: the SHA-256 of the folder digest of the dirty files
                          // that exist (its 64 digits and a newline) and a line "deleted PATH" for each that does not;
                          // all zero when clean
};
// Everything. Looks at every file of the project, and reads those that are dirty.
int repository_facts(struct git_facts *out, struct repository *repository, struct error *err);
// Commit, tree, branch, remote and shallow: all that costs next to nothing.
int repository_head(struct git_facts *out, struct repository *repository, struct error *err);
void git_facts_free(struct git_facts *facts);
DEFINE_CLEANUP_VALUE(git_facts)

// Which of these files (sorted) differ from HEAD or are not tracked. Looks at no others: for the inputs of a suite this
// is far quicker than repository_facts in a large work tree. A file that is as git wrote it is not read.
int repository_dirty(struct strings *out, struct repository *repository, const struct strings *paths,
                     struct error *err);

// Whether git leaves the file out (.gitignore) unless it is told otherwise: git add --force. False where git cannot
// tell.
bool repository_ignores(struct repository *repository, const char *path);

// The tracked files below the project's root, sorted.
int repository_tracked(struct strings *out, struct repository *repository, struct error *err);

// Writes the tree of a revision ("HEAD", "origin/main", a commit) below `folder`, which must be empty or absent; only
// what lies below the project's root. Line endings as git's attributes ask for them; a submodule is an empty folder.
// LFS pointer files are noted in `lfs` (may be NULL).
int repository_checkout(struct repository *repository, const char *revision, const char *folder, struct strings *lfs,
                        struct error *err);

// A URL as facts tell it; NULL for a place on this machine. The caller frees.
char *repository_public_url(const char *url);

// The bytes of a file in a revision; *found is false when it is not there. A revision that is not in the clone is an
// error whose message says which fetch-depth would bring it when the clone is shallow.
int repository_read(struct buf *out, bool *found, struct repository *repository, const char *revision, const char *path,
                    struct error *err);
// Paths of the files below `folder` ("" or ".": all) in a revision, sorted, relative to the project's root; none where
// it has no such folder.
int repository_list(struct strings *out, struct repository *repository, const char *revision, const char *folder,
                    struct error *err);
// The commit that a pull request is measured against: the merge base of HEAD and `base` (or origin/`base`). NULL in
// *out when it is not known: no such revision, or the clone is too shallow to reach it. In a shallow clone, commits
// beyond its edge are passed over, so that a base that is in the clone is found.
int repository_merge_base(char **out, struct repository *repository, const char *base, struct error *err);

// True when these bytes are a git-lfs pointer rather than data.
bool repository_is_lfs_pointer(const char *bytes, size_t len);

// The commits that changed a path (a file or a folder), newest first, as `git log -- PATH` tells them: of a merge that
// took the path over from one parent, only that parent is followed. At most `limit`; 0 means all. Stops at the edge of
// a shallow clone without an error (*cut tells).
struct git_change {
    char *commit;
    char *author;
    char *subject;
    int64_t time; // seconds since 1970
};
struct git_history {
    struct git_change *items;
    size_t count;
    bool cut;
};
int repository_history(struct git_history *out, struct repository *repository, const char *path, size_t limit,
                       struct error *err);
void git_history_free(struct git_history *history);
DEFINE_CLEANUP_VALUE(git_history)

// user.name of git's configuration; NULL when there is none. The caller frees.
char *repository_user(struct repository *repository);

#endif

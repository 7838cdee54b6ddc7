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

struct git_facts {
    char *commit; // hexadecimal; NULL when there is no commit yet
    char *tree;
    char *branch; // NULL when HEAD is detached
    char *remote; // URL of the upstream's or the only remote, without user name and password; NULL when there is none
    bool shallow;
    struct strings dirty; // files below the project's root that differ from HEAD, untracked ones too, ignored ones not
    struct digest patch;  // SHA-256 of the patch from HEAD to the work tree; all zero when clean
};
int repository_facts(struct git_facts *out, struct repository *repository, struct error *err);
void git_facts_free(struct git_facts *facts);
DEFINE_CLEANUP_VALUE(git_facts)

// The tracked files below the project's root, sorted.
int repository_tracked(struct strings *out, struct repository *repository, struct error *err);

// Writes the tree of a revision ("HEAD", "origin/main", a commit) below `folder`, which must be empty; only what lies
// below the project's root. LFS pointer files are noted in `lfs` (may be NULL).
int repository_checkout(struct repository *repository, const char *revision, const char *folder, struct strings *lfs,
                        struct error *err);

// The bytes of a file in a revision; *found is false when it is not there. A revision that is not in the clone is an
// error whose message says which fetch-depth would bring it when the clone is shallow.
int repository_read(struct buf *out, bool *found, struct repository *repository, const char *revision, const char *path,
                    struct error *err);
// Paths below `folder` in a revision, sorted.
int repository_list(struct strings *out, struct repository *repository, const char *revision, const char *folder,
                    struct error *err);
// The commit that a pull request is measured against: the merge base of HEAD and `base`. NULL in *out when it is not
// known.
int repository_merge_base(char **out, struct repository *repository, const char *base, struct error *err);

// True when the file at `path` is a git-lfs pointer rather than data.
bool repository_is_lfs_pointer(const char *bytes, size_t len);

// One commit that changed a path, newest first. Stops at the edge of a shallow clone without an error (*cut tells).
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

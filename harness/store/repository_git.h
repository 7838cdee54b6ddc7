// SPDX-License-Identifier: Apache-2.0
//
// What the files of the repository share, and nobody else sees: libgit2 and its handles.
#ifndef REPRO_STORE_REPOSITORY_GIT_H
#define REPRO_STORE_REPOSITORY_GIT_H

#include "base/mem.h"
#include "store/repository.h"

#include <git2.h>

struct repository {
    git_repository *git;
    char *root;   // of the project, absolute
    char *prefix; // of the project's paths in the repository: "" or "sub/folder/"
};

// As DEFINE_CLEANUP, for the types that libgit2 gives no struct name of ours.
#define DEFINE_GIT_CLEANUP(type)                                                                                       \
    static inline void cleanup_##type(type **slot)                                                                     \
    {                                                                                                                  \
        type##_free(*slot);                                                                                            \
    }
DEFINE_GIT_CLEANUP(git_object)
DEFINE_GIT_CLEANUP(git_tree)
DEFINE_GIT_CLEANUP(git_tree_entry)
DEFINE_GIT_CLEANUP(git_reference)
DEFINE_GIT_CLEANUP(git_blob)
DEFINE_GIT_CLEANUP(git_index)
DEFINE_GIT_CLEANUP(git_commit)

// Sets the error from libgit2's; always returns −1.
int repository_fault(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

char *repository_hex(const git_oid *oid); // the caller frees

// The commit of a revision. *out is NULL (and 0 returned) when there is no such revision.
int repository_find(git_object **out, struct repository *repository, const char *revision, struct error *err);
// The tree of a revision; one that is not there is an error that says what would bring it.
int repository_tree(git_tree **out, struct repository *repository, const char *revision, struct error *err);
// The entry of a path of the project in a tree. *out is NULL (and 0 returned) when it is not there.
int repository_entry(git_tree_entry **out, git_tree *tree, const char *path, struct error *err);
// The path in the repository of a path of the project, without a slash at its end. The caller frees.
char *repository_full_path(const struct repository *repository, const char *path);

#endif

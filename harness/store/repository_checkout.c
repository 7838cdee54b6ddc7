// SPDX-License-Identifier: Apache-2.0
//
// A revision's files, written by our own hands (store/unpack.h) rather than by libgit2's checkout: nothing of the
// repository is touched, no index is written, and no name in a tree leads anywhere else. What the attributes ask for
// (line endings) is done as git would.
#include "store/repository_git.h"

#include "store/put.h"
#include "store/unpack.h"

#include <string.h>

struct checkout {
    struct repository *repository;
    struct unpack *unpack;
    struct strings *lfs;
    struct error *err;
};

static int write_bytes(struct checkout *checkout, const char *path, bool executable, const char *bytes, size_t len)
{
    if (checkout->lfs && repository_is_lfs_pointer(bytes, len))
        strings_add(checkout->lfs, path);
    CLEANUP(fd) int fd = -1;
    if (unpack_file(checkout->unpack, &fd, path, executable, checkout->err) != 0)
        return -1;
    return put_all(fd, bytes, len) == 0 ? 0 : error_errno(checkout->err, "cannot write '%s'", path);
}

static int write_filtered(struct checkout *checkout, const char *path, bool executable, git_blob *blob)
{
    CLEANUP(free) char *full = repository_full_path(checkout->repository, path);
    git_filter_list *filters = NULL;
    git_buf filtered = {0};
    if (git_filter_list_load(&filters, checkout->repository->git, blob, full, GIT_FILTER_TO_WORKTREE,
                             GIT_FILTER_DEFAULT) != 0)
        return repository_fault(checkout->err, "cannot read the attributes of '%s'", path);
    int status;
    if (!filters)
        status = write_bytes(checkout, path, executable, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    else if (git_filter_list_apply_to_blob(&filtered, filters, blob) != 0)
        status = repository_fault(checkout->err, "cannot convert '%s'", path);
    else
        status = write_bytes(checkout, path, executable, filtered.ptr ? filtered.ptr : "", filtered.size);
    git_buf_dispose(&filtered);
    git_filter_list_free(filters);
    return status;
}

static int write_entry(struct checkout *checkout, const char *path, const git_tree_entry *entry)
{
    git_filemode_t mode = git_tree_entry_filemode(entry);
    if (mode == GIT_FILEMODE_COMMIT)
        return unpack_folder(checkout->unpack, path,
                             checkout->err); // a submodule, which is empty without its own clone
    if (mode == GIT_FILEMODE_TREE)
        return 0;
    CLEANUP(git_blob) git_blob *blob = NULL;
    if (git_blob_lookup(&blob, checkout->repository->git, git_tree_entry_id(entry)) != 0)
        return repository_fault(checkout->err, "cannot read '%s'", path);
    if (mode != GIT_FILEMODE_LINK)
        return write_filtered(checkout, path, mode == GIT_FILEMODE_BLOB_EXECUTABLE, blob);
    CLEANUP(free) char *target = str_ndup(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    return unpack_link(checkout->unpack, path, target, checkout->err);
}

static int visit(const char *parent, const git_tree_entry *entry, void *context)
{
    CLEANUP(free) char *path = str_printf("%s%s", parent, git_tree_entry_name(entry));
    return write_entry(context, path, entry); // −1 ends the walk
}

// The tree of the project's root in a revision.
static int project_tree(git_tree **out, struct repository *repository, const char *revision, struct error *err)
{
    CLEANUP(git_tree) git_tree *top = NULL;
    CLEANUP(git_tree_entry) git_tree_entry *entry = NULL;
    CLEANUP(free) char *full = repository_full_path(repository, "");
    if (repository_tree(&top, repository, revision, err) != 0)
        return -1;
    if (!*full) {
        *out = steal(&top);
        return 0;
    }
    if (repository_entry(&entry, top, full, err) != 0)
        return -1;
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_TREE)
        return error_set(err, ERROR_USAGE, "the revision '%s' has no folder '%s'", revision, full);
    if (git_tree_lookup(out, repository->git, git_tree_entry_id(entry)) != 0)
        return repository_fault(err, "cannot read '%s' of '%s'", full, revision);
    return 0;
}

int repository_checkout(struct repository *repository, const char *revision, const char *folder, struct strings *lfs,
                        struct error *err)
{
    CLEANUP(git_tree) git_tree *tree = NULL;
    CLEANUP(unpack) struct unpack *unpack = NULL;
    if (project_tree(&tree, repository, revision, err) != 0 || unpack_open(&unpack, folder, err) != 0)
        return -1;
    struct checkout checkout = {.repository = repository, .unpack = unpack, .lfs = lfs, .err = err};
    if (git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &checkout) != 0)
        return repository_fault(err, "cannot check '%s' out", revision); // does nothing when visit said why
    return unpack_finish(unpack, err);
}

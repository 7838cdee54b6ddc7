// SPDX-License-Identifier: Apache-2.0
//
// What differs from HEAD. The index remembers the state (size, times, inode) in which git last saw each file, as our
// stat cache does; a file still in that state is not read. As in git, an entry that is not older than the index itself
// proves nothing, for the file may have been changed in the same tick.
#include "store/repository_git.h"

#include "store/digest.h"
#include "store/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct status {
    struct repository *repository;
    git_index *index;
    struct strings staged; // full paths that the index has otherwise than HEAD, sorted
    struct timespec index_time;
    int root;
    struct error *err;
};

static bool is_before(git_index_time a, struct timespec b)
{
    return a.seconds != (int32_t)b.tv_sec ? a.seconds < (int32_t)b.tv_sec : (long)a.nanoseconds < b.tv_nsec;
}

static bool same_time(git_index_time a, struct timespec b)
{
    return a.seconds == (int32_t)b.tv_sec && (a.nanoseconds == 0 || (long)a.nanoseconds == b.tv_nsec);
}

static bool same_mode(uint32_t mode, const struct stat *st)
{
    if (mode == GIT_FILEMODE_LINK)
        return S_ISLNK(st->st_mode);
    return S_ISREG(st->st_mode) && (mode == GIT_FILEMODE_BLOB_EXECUTABLE) == ((st->st_mode & S_IXUSR) != 0);
}

static bool is_as_git_left_it(const struct status *status, const git_index_entry *entry, const struct stat *st)
{
    return entry->file_size == (uint32_t)st->st_size && same_time(entry->mtime, st->st_mtim) &&
           same_time(entry->ctime, st->st_ctim) && (entry->ino == 0 || entry->ino == (uint32_t)st->st_ino) &&
           is_before(entry->mtime, status->index_time);
}

// The index has a pointer where git-lfs put the data: equal when the data has the digest that the pointer names.
static bool is_lfs_data(struct status *status, const git_index_entry *entry, const char *path)
{
    CLEANUP(git_blob) git_blob *blob = NULL;
    CLEANUP(digester) struct digester *digester = NULL;
    struct error ignored = {0};
    struct digest wanted, found;
    if (git_blob_lookup(&blob, status->repository->git, &entry->id) != 0)
        return false;
    const char *bytes = git_blob_rawcontent(blob);
    size_t len = (size_t)git_blob_rawsize(blob);
    if (!repository_is_lfs_pointer(bytes, len))
        return false;
    const char *oid = (const char *)memmem(bytes, len, "\noid sha256:", 12) + 12;
    CLEANUP(free) char *hex = str_ndup(oid, (size_t)(bytes + len - oid) < 64 ? (size_t)(bytes + len - oid) : 64);
    CLEANUP(free) char *full = str_printf("%s/%s", status->repository->root, path);
    bool same = digest_from_hex(&wanted, hex) == 0 && digester_new(&digester, &ignored) == 0 &&
                digest_file(digester, &found, NULL, full, &ignored) == 0 && digest_equal(&wanted, &found);
    error_free(&ignored);
    return same;
}

// Does the file hold what the index has? Reads it.
static int same_content(bool *same, struct status *status, const git_index_entry *entry, const char *path)
{
    git_oid oid;
    int result;
    if (entry->mode == GIT_FILEMODE_LINK) {
        char target[4096];
        ssize_t len = readlinkat(status->root, path, target, sizeof target);
        result = len < 0 ? -1 : git_odb_hash(&oid, target, (size_t)len, GIT_OBJECT_BLOB);
    } else {
        CLEANUP(free) char *full = str_printf("%s/%s", status->repository->root, path);
        result = git_repository_hashfile(&oid, status->repository->git, full, GIT_OBJECT_BLOB, entry->path);
    }
    if (result != 0)
        return repository_fault(status->err, "cannot hash '%s'", path);
    *same = git_oid_equal(&oid, &entry->id) || is_lfs_data(status, entry, path);
    return 0;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static int is_dirty(bool *dirty, struct status *status, const char *path)
{
    CLEANUP(free) char *full = repository_full_path(status->repository, path);
    const git_index_entry *entry = git_index_get_bypath(status->index, full, 0);
    struct stat st;
    *dirty = true;
    if (!entry || fstatat(status->root, path, &st, AT_SYMLINK_NOFOLLOW) != 0 || !same_mode(entry->mode, &st))
        return 0;
    if (status->staged.count > 0 && bsearch(&full, status->staged.items, status->staged.count, sizeof(char *), by_text))
        return 0;
    bool same = is_as_git_left_it(status, entry, &st);
    if (!same && same_content(&same, status, entry, path) != 0)
        return -1;
    *dirty = !same;
    return 0;
}

// The tree of HEAD; NULL when there is no commit yet.
static int head_tree(git_tree **out, struct repository *repository, struct error *err)
{
    CLEANUP(git_object) git_object *head = NULL;
    *out = NULL;
    if (repository_find(&head, repository, "HEAD", err) != 0 || !head)
        return err->kind == ERROR_NONE ? 0 : -1;
    return git_commit_tree(out, (git_commit *)head) == 0 ? 0 : repository_fault(err, "cannot read the tree of HEAD");
}

static int find_staged(struct status *status)
{
    CLEANUP(git_tree) git_tree *tree = NULL;
    git_diff *diff = NULL;
    if (head_tree(&tree, status->repository, status->err) != 0)
        return -1;
    if (git_diff_tree_to_index(&diff, status->repository->git, tree, status->index, NULL) != 0)
        return repository_fault(status->err, "cannot compare the index with HEAD");
    for (size_t i = 0; i < git_diff_num_deltas(diff); i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        strings_add(&status->staged, delta->new_file.path ? delta->new_file.path : delta->old_file.path);
    }
    git_diff_free(diff);
    strings_sort(&status->staged);
    return 0;
}

static int open_status(struct status *status)
{
    if (git_repository_index(&status->index, status->repository->git) != 0 || git_index_read(status->index, false) != 0)
        return repository_fault(status->err, "cannot read the index");
    const char *path = git_index_path(status->index);
    struct stat st;
    if (path && stat(path, &st) == 0)
        status->index_time = st.st_mtim;
    status->root = open(status->repository->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (status->root < 0)
        return error_errno(status->err, "cannot open the folder '%s'", status->repository->root);
    return find_staged(status);
}

int repository_dirty(struct strings *out, struct repository *repository, const struct strings *paths, struct error *err)
{
    struct status status = {.repository = repository, .root = -1, .err = err};
    int result = open_status(&status);
    for (size_t i = 0; i < paths->count && result == 0; i++) {
        bool dirty;
        result = is_dirty(&dirty, &status, paths->items[i]);
        if (result == 0 && dirty)
            strings_add(out, paths->items[i]);
    }
    cleanup_fd(&status.root);
    strings_free(&status.staged);
    git_index_free(status.index);
    return result;
}

int repository_tracked(struct strings *out, struct repository *repository, struct error *err)
{
    CLEANUP(git_index) git_index *index = NULL;
    if (git_repository_index(&index, repository->git) != 0 || git_index_read(index, false) != 0)
        return repository_fault(err, "cannot read the index");
    size_t len = strlen(repository->prefix), at = 0;
    if (len > 0 && git_index_find_prefix(&at, index, repository->prefix) != 0)
        return 0;
    for (; at < git_index_entrycount(index); at++) {
        const git_index_entry *entry = git_index_get_byindex(index, at);
        if (strncmp(entry->path, repository->prefix, len) != 0)
            break;
        if (entry->mode != GIT_FILEMODE_COMMIT)
            strings_add(out, entry->path + len);
    }
    strings_sort(out);
    strings_unique(out); // a conflict has up to three entries
    return 0;
}

// ---- everything that is dirty

static int find_candidates(struct strings *out, struct repository *repository, struct error *err)
{
    CLEANUP(free) char *prefix = repository_full_path(repository, "");
    git_status_options options = {.version = GIT_STATUS_OPTIONS_VERSION};
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_EXCLUDE_SUBMODULES | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    if (*prefix)
        options.pathspec = (git_strarray){.strings = &prefix, .count = 1};
    git_status_list *list = NULL;
    if (git_status_list_new(&list, repository->git, &options) != 0)
        return repository_fault(err, "cannot tell what differs from HEAD");
    size_t len = strlen(repository->prefix);
    for (size_t i = 0; i < git_status_list_entrycount(list); i++) {
        const git_status_entry *entry = git_status_byindex(list, i);
        const git_diff_delta *delta = entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
        const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
        if (strncmp(path, repository->prefix, len) == 0 && path[strlen(path) - 1] != '/')
            strings_add(out, path + len);
    }
    git_status_list_free(list);
    strings_sort(out);
    strings_unique(out);
    return 0;
}

static int digest_patch(struct git_facts *facts, struct repository *repository, struct error *err)
{
    CLEANUP(file_list) struct file_list present = {0};
    CLEANUP(buf) struct buf text = {0}, deleted = {0};
    CLEANUP(digester) struct digester *digester = NULL;
    for (size_t i = 0; i < facts->dirty.count; i++) {
        const char *path = facts->dirty.items[i];
        CLEANUP(free) char *full = str_printf("%s/%s", repository->root, path);
        struct stat st;
        if (lstat(full, &st) != 0)
            buf_printf(&deleted, "deleted %s\n", path);
        else if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
            file_list_add(&present, path)->kind = S_ISLNK(st.st_mode) ? FILE_SYMLINK : FILE_REGULAR;
    }
    struct digest digest;
    char hex[65];
    if (tree_hash(&present, repository->root, NULL, 0, err) != 0 || tree_digest(&digest, &present, "", err) != 0 ||
        digester_new(&digester, err) != 0)
        return -1;
    digest_hex(hex, &digest);
    buf_printf(&text, "%s\n%s", hex, buf_text(&deleted));
    digest_bytes(digester, &facts->patch, text.data, text.len);
    return 0;
}

int repository_facts(struct git_facts *out, struct repository *repository, struct error *err)
{
    CLEANUP(strings) struct strings candidates = {0};
    CLEANUP(git_facts) struct git_facts facts = {0};
    if (repository_head(&facts, repository, err) != 0 || find_candidates(&candidates, repository, err) != 0)
        return -1;
    // libgit2 knows no git-lfs; what it calls different is looked at again.
    if (candidates.count > 0 && repository_dirty(&facts.dirty, repository, &candidates, err) != 0)
        return -1;
    if (facts.dirty.count > 0 && digest_patch(&facts, repository, err) != 0)
        return -1;
    *out = facts;
    facts = (struct git_facts){0};
    return 0;
}

bool repository_ignores(struct repository *repository, const char *path)
{
    CLEANUP(free) char *full = repository_full_path(repository, path);
    CLEANUP(git_index) git_index *index = NULL;
    int ignored = 0;
    if (git_repository_index(&index, repository->git) != 0 || git_index_get_bypath(index, full, 0))
        return false; // what is tracked is never left out
    return git_ignore_path_is_ignored(&ignored, repository->git, full) == 0 && ignored;
}

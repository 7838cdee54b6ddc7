// SPDX-License-Identifier: Apache-2.0
#include "engine/into.h"

#include "base/fs.h"
#include "base/fs_os.h"
#include "store/golden.h"
#include "store/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct into {
    char *folder, *previous, *parent; // absolute
    char *fresh;                      // unpacked; NULL once it is FOLDER, and where nothing has to move
    bool moves;
};

void into_free(struct into *into)
{
    if (!into)
        return;
    if (into->fresh) {
        CLEANUP(error) struct error ignored = {0};
        fs_remove_tree(into->fresh, &ignored);
    }
    free(into->folder);
    free(into->previous);
    free(into->parent);
    free(into->fresh);
    free(into);
}

bool into_moves(const struct into *into)
{
    return into->moves;
}

// ---- What may be switched

static int resolve(struct into *into, const char *root, const char *folder, struct error *err)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    CLEANUP(free) char *bare = str_ndup(folder, length), *parent = fs_dirname(bare);
    const char *name = fs_basename(bare);
    if (!*name || str_equal(name, ".") || str_equal(name, "..") || str_equal(bare, "/"))
        return error_set(err, ERROR_USAGE, "--into: '%s' has no name of its own that could be switched", folder);
    if (fs_realpath(&into->parent, parent, err) < 0)
        return error_context(err, "--into");
    into->folder = fs_join(into->parent, name);
    into->previous = str_printf("%s.previous", into->folder);
    CLEANUP(free) char *golden = fs_join(root, "golden"), *private = fs_join(root, ".repro");
    CLEANUP(free) char *suites = fs_join(root, "suites");
    CLEANUP(free) char *below = str_printf("%s/", into->folder), *project = str_printf("%s/", root);
    const char *ours[] = {golden, private, suites};
    if (str_starts(project, below))
        return error_set(err, ERROR_USAGE, "--into: '%s' holds the project itself", folder);
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        CLEANUP(free) char *inside = str_printf("%s/", ours[i]);
        if (str_starts(below, inside))
            return error_set(err, ERROR_USAGE, "--into: '%s' is a folder of repro's own", folder);
    }
    return 0;
}

// Only artifacts are put there: what training reads would be gone from the project.
static int check_inputs(const struct into *into, const char *root, const struct manifest *manifest, struct error *err)
{
    const struct file_list *lists[] = {&manifest->code, &manifest->data, &manifest->settings};
    CLEANUP(free) char *below = str_printf("%s/", into->folder);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            CLEANUP(free) char *path = fs_join(root, lists[l]->items[i].path);
            if (str_starts(path, below))
                return error_set(err, ERROR_USAGE, "--into: '%s' holds '%s', which training reads", into->folder,
                                 lists[l]->items[i].path);
        }
    }
    return 0;
}

static int examine(const struct into *into, struct stat *st, bool *there, struct error *err)
{
    struct stat target;
    *there = lstat(into->folder, st) == 0;
    if (!*there && errno != ENOENT)
        return error_errno(err, "cannot examine '%s'", into->folder);
    bool link = *there && S_ISLNK(st->st_mode), dangles = link && stat(into->folder, &target) < 0;
    if (*there && !dangles && !S_ISDIR(link ? target.st_mode : st->st_mode))
        return error_set(err, ERROR_USAGE, "--into: '%s' is neither a folder nor a symbolic link to one", into->folder);
    return 0;
}

// ---- What others left

static bool is_same(const struct stat *a, const char *path)
{
    struct stat b;
    return stat(path, &b) == 0 && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

// Folders that were unpacked once, and to which neither link leads any more; links that were not renamed.
static void sweep(const struct into *into)
{
    CLEANUP(free) char *prefix = str_printf("%s.repro-", fs_basename(into->folder));
    DIR *dir = opendir(into->parent);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        CLEANUP(free) char *path = fs_join(into->parent, entry->d_name);
        CLEANUP(error) struct error ignored = {0};
        struct stat st;
        if (!str_starts(entry->d_name, prefix) || lstat(path, &st) < 0 || is_same(&st, into->folder) ||
            is_same(&st, into->previous) || str_equal(path, into->fresh))
            continue;
        fs_remove_tree(path, &ignored);
    }
    if (dir)
        closedir(dir);
}

// ---- Unpacking

// Code and settings lie in the bundle too; a service loads the artifacts.
static void drop_inputs(const struct manifest *manifest, const char *folder)
{
    const struct file_list *lists[] = {&manifest->code, &manifest->settings};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            const char *name = lists[l]->items[i].path;
            if (file_list_find(&manifest->artifacts, name))
                continue;
            CLEANUP(free) char *path = fs_join(folder, name);
            unlink(path);
            // Folders that held nothing else go, too.
            for (char *slash; (slash = strrchr(path, '/')) && (size_t)(slash - path) > strlen(folder);) {
                *slash = '\0';
                if (rmdir(path) < 0)
                    break;
            }
        }
    }
}

struct syncing {
    const char *root;
    int fault; // errno; 0: none
};

static enum fs_visit sync_one(const char *path, const struct stat *st, void *context)
{
    struct syncing *syncing = context;
    if (S_ISLNK(st->st_mode))
        return FS_CONTINUE;
    CLEANUP(free) char *full = fs_join(syncing->root, path);
    CLEANUP(fd) int fd = open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        syncing->fault = errno;
    return syncing->fault ? FS_STOP : FS_CONTINUE;
}

static int sync_folder(const char *path, struct error *err)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        return error_errno(err, "cannot write '%s'", path);
    return 0;
}

static int sync_all(const char *folder, struct error *err)
{
    struct syncing syncing = {.root = folder};
    if (fs_walk(folder, sync_one, &syncing, err) < 0)
        return -1;
    errno = syncing.fault;
    if (errno)
        return error_errno(err, "cannot write '%s'", folder);
    return sync_folder(folder, err);
}

static bool holds_artifacts(const struct into *into, const struct manifest *manifest)
{
    CLEANUP(free) char *real = NULL;
    CLEANUP(file_list) struct file_list files = {0};
    CLEANUP(strings) struct strings moved = {0};
    CLEANUP(error) struct error ignored = {0};
    if (fs_realpath(&real, into->folder, &ignored) < 0 || tree_list_all(&files, real, &ignored) < 0 ||
        tree_hash(&files, real, NULL, 0, &ignored) < 0)
        return false;
    tree_compare(&manifest->artifacts, &files, &moved, &moved, &moved);
    return moved.count == 0;
}

static int unpack(struct into *into, const char *root, const struct manifest *manifest, struct error *err)
{
    struct stat st;
    into->fresh = str_printf("%s.repro-XXXXXX", into->folder);
    if (!mkdtemp(into->fresh)) {
        int fault = error_errno(err, "cannot make a folder beside '%s'", into->folder);
        free(into->fresh);
        into->fresh = NULL;
        return fault;
    }
    if (golden_extract(root, manifest, into->fresh, err) < 0)
        return -1;
    drop_inputs(manifest, into->fresh);
    // Whoever may read what was there may read what comes.
    bool was = stat(into->folder, &st) == 0;
    if (chmod(into->fresh, was ? st.st_mode & 07777 : 0755) < 0)
        return error_errno(err, "cannot set the mode of '%s'", into->fresh);
    if (was && (st.st_uid != geteuid() || st.st_gid != getegid()) && chown(into->fresh, st.st_uid, st.st_gid) < 0 &&
        errno != EPERM)
        return error_errno(err, "cannot set the owner of '%s'", into->fresh);
    return sync_all(into->fresh, err);
}

int into_prepare(struct into **out, const char *root, const struct manifest *manifest, const char *folder,
                 struct error *err)
{
    CLEANUP(into) struct into *into = mem_alloc(sizeof *into);
    struct stat st;
    bool there = false;
    if (resolve(into, root, folder, err) < 0 || check_inputs(into, root, manifest, err) < 0 ||
        examine(into, &st, &there, err) < 0)
        return -1;
    if (!there && lstat(into->previous, &st) == 0 && S_ISDIR(st.st_mode) && rename(into->previous, into->folder) < 0)
        return error_errno(err, "cannot put '%s' back", into->previous);
    sweep(into);
    into->moves = !holds_artifacts(into, manifest);
    if (into->moves && unpack(into, root, manifest, err) < 0)
        return -1;
    *out = steal(&into);
    return 0;
}

// ---- The switch

// A folder cannot be renamed over: it is swept away afterwards.
static int make_room(const struct into *into, struct error *err)
{
    CLEANUP(free) char *aside = str_printf("%s.old", into->fresh);
    struct stat st;
    if (lstat(into->previous, &st) < 0 || !S_ISDIR(st.st_mode))
        return 0;
    return rename(into->previous, aside) < 0 ? error_errno(err, "cannot replace '%s'", into->previous) : 0;
}

static int put_link(const struct into *into, const char *target, const char *path, struct error *err)
{
    CLEANUP(free) char *made = str_printf("%s.link", into->fresh);
    unlink(made);
    if (symlink(target, made) < 0)
        return error_errno(err, "cannot make the link '%s'", made);
    if (rename(made, path) < 0) {
        int fault = error_errno(err, "cannot replace '%s'", path);
        unlink(made);
        return fault;
    }
    return 0;
}

static int switch_link(struct into *into, struct error *err)
{
    char target[4096];
    ssize_t length = readlink(into->folder, target, sizeof target - 1);
    if (length < 0 || length == (ssize_t)sizeof target - 1)
        return error_errno(err, "cannot read the link '%s'", into->folder);
    target[length] = '\0';
    if (make_room(into, err) < 0 || put_link(into, target, into->previous, err) < 0 ||
        put_link(into, fs_basename(into->fresh), into->folder, err) < 0)
        return -1;
    free(into->fresh);
    into->fresh = NULL;
    return 0;
}

// Two steps, where the system has no single one.
static int replace_folder(struct into *into, struct error *err)
{
    if (rename(into->folder, into->previous) < 0)
        return error_errno(err, "cannot replace '%s'", into->folder);
    if (rename(into->fresh, into->folder) < 0) {
        int fault = error_errno(err, "cannot replace '%s'", into->folder);
        if (rename(into->previous, into->folder) < 0)
            error_context(err, "'%s' is at '%s' now", into->folder, into->previous);
        return fault;
    }
    free(into->fresh);
    into->fresh = NULL;
    return 0;
}

static int keep_previous(const struct into *into, struct error *err)
{
    if (make_room(into, err) < 0)
        return -1;
    unlink(into->previous); // a link, of a time when FOLDER was one
    if (rename(into->fresh, into->previous) < 0)
        return error_errno(err, "cannot keep what was there as '%s'", into->previous);
    return 0;
}

static int switch_folder(struct into *into, struct error *err)
{
    if (fs_os_exchange(into->fresh, into->folder) < 0) {
        if (errno != ENOTSUP && errno != EINVAL && errno != ENOSYS)
            return error_errno(err, "cannot replace '%s'", into->folder);
        return make_room(into, err) < 0 ? -1 : replace_folder(into, err);
    }
    // All is done but for where the old content stands.
    if (keep_previous(into, err) == 0) {
        free(into->fresh);
        into->fresh = NULL;
        return 0;
    }
    if (fs_os_exchange(into->fresh, into->folder) < 0) {
        error_context(err, "switched, but what was there is at '%s'", into->fresh);
        free(into->fresh);
        into->fresh = NULL;
    }
    return -1;
}

int into_switch(struct into *into, struct error *err)
{
    struct stat st;
    bool there = false;
    if (!into->moves)
        return 0;
    if (examine(into, &st, &there, err) < 0)
        return -1;
    if (there) {
        if ((S_ISLNK(st.st_mode) ? switch_link : switch_folder)(into, err) < 0)
            return -1;
    } else {
        if (rename(into->fresh, into->folder) < 0)
            return error_errno(err, "cannot make '%s'", into->folder);
        free(into->fresh);
        into->fresh = NULL;
    }
    sweep(into);
    return sync_folder(into->parent, err);
}

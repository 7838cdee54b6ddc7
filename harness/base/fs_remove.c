// SPDX-License-Identifier: Apache-2.0
//
// Removes a folder with all it holds. Every name is taken relative to an open folder, so nothing that others rename
// meanwhile can lead out of it. Folders nested deeper than MAX_DEPTH are first moved up, just below the top: neither
// descriptors, nor the stack, nor PATH_MAX bound how deep the tree may be.
#include "base/fs.h"
#include "base/rng.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DEPTH = 48, MAX_ROUNDS = 100000 };

struct removal {
    int top;          // the folder that all the others lie below
    struct buf path;  // of what is being removed, for messages
    struct error err; // the first thing that went wrong; of no interest once all is gone
};

static int fail(struct removal *removal)
{
    return error_errno(&removal->err, "cannot remove '%s'", buf_text(&removal->path));
}

static bool is_folder(int parent, const struct dirent *item)
{
#ifdef DT_DIR
    if (item->d_type != DT_UNKNOWN)
        return item->d_type == DT_DIR;
#endif
    struct stat st;
    return fstatat(parent, item->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

// Opens a folder that we are about to empty, and sees to it that we may: a run may have taken its own rights away.
static int open_for_removal(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(parent, name, flags);
    if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
        fd = openat(parent, name, flags);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700 && st.st_uid == geteuid())
        fchmod(fd, 0700); // if it cannot be done, the removing fails and says why
    return fd;
}

static int hoist(struct removal *removal, int parent, const char *name)
{
    char token[25];
    rng_token(token, sizeof token);
    // Moving a folder changes its "..", for which it must be writable.
    if (renameat(parent, name, removal->top, token) == 0)
        return 0;
    if (errno == EACCES && fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0 &&
        renameat(parent, name, removal->top, token) == 0)
        return 0;
    return fail(removal);
}

static int empty_folder(struct removal *removal, int fd, int depth);

// Removes a folder that may hold something. Removing it as if it were empty comes first: where something is mounted,
// that is refused as busy (a bind mount of the same file system shows in no other way), and nothing below is touched.
static int remove_folder(struct removal *removal, int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return 0;
    if (errno == EBUSY)
        return fail(removal);
    if (depth > MAX_DEPTH)
        return hoist(removal, parent, name);
    int fd = open_for_removal(parent, name);
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(removal);
    if (depth == 0)
        removal->top = fd;
    if (empty_folder(removal, fd, depth) < 0)
        return -1;
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : fail(removal);
}

static int remove_item(struct removal *removal, int parent, const struct dirent *item, int depth)
{
    if (is_folder(parent, item))
        return remove_folder(removal, parent, item->d_name, depth);
    return unlinkat(parent, item->d_name, 0) == 0 || errno == ENOENT ? 0 : fail(removal);
}

// One reading of the folder; counts what went and what stayed.
static int sweep(struct removal *removal, DIR *folder, int depth, size_t *removed, size_t *kept)
{
    for (;;) {
        errno = 0;
        const struct dirent *item = readdir(folder);
        if (!item)
            return errno ? fail(removal) : 0;
        const char *name = item->d_name;
        if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
            continue;
        size_t len = removal->path.len;
        buf_putc(&removal->path, '/');
        buf_puts(&removal->path, name);
        size_t *count = remove_item(removal, dirfd(folder), item, depth + 1) == 0 ? removed : kept;
        ++*count;
        removal->path.len = len;
        removal->path.data[len] = '\0';
    }
}

// Takes `fd` over. What cannot be removed does not keep the rest from going; the first reason is reported. Swept until
// a round finds nothing, since names may be missed while others are removed, and the top receives what is moved up.
static int empty_folder(struct removal *removal, int fd, int depth)
{
    DIR *folder = fdopendir(fd);
    if (!folder) {
        int rc = fail(removal);
        close(fd);
        return rc;
    }
    size_t removed, kept;
    int rc, round = 0;
    do {
        removed = kept = 0;
        rewinddir(folder);
        rc = sweep(removal, folder, depth, &removed, &kept);
    } while (rc == 0 && removed && ++round < MAX_ROUNDS);
    closedir(folder);
    return rc < 0 || kept ? -1 : 0;
}

int fs_remove_tree(const char *path, struct error *err)
{
    size_t len = strlen(path); // without '/' at the end: "link/" would mean what the link points at
    while (len > 1 && path[len - 1] == '/')
        len--;
    CLEANUP(free) char *trimmed = str_ndup(path, len);
    const char *name = fs_basename(trimmed);
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(err, ERROR_USAGE, "refusing to remove '%s'", path);
    CLEANUP(free) char *parent_path = fs_dirname(trimmed);
    CLEANUP(fd) int parent = open(parent_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : error_errno(err, "cannot remove '%s'", path);
    struct removal removal = {0};
    buf_puts(&removal.path, trimmed);
    int rc;
    if (S_ISDIR(st.st_mode))
        rc = remove_folder(&removal, parent, name, 0);
    else
        rc = unlinkat(parent, name, 0) == 0 || errno == ENOENT ? 0 : fail(&removal);
    buf_free(&removal.path);
    if (rc < 0 && err->kind == ERROR_NONE)
        *err = removal.err;
    else
        error_free(&removal.err);
    return rc;
}

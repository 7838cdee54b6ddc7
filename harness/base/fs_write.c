// SPDX-License-Identifier: Apache-2.0
//
// Files that are never half-written: a temporary file in the same folder, synced, renamed over the old one; then the
// folder is synced, so that the new name survives a crash, too.
#include "base/fs.h"
#include "base/rng.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        bytes += put;
        len -= (size_t)put;
    }
    return 0;
}

// Some file systems cannot sync a folder and say so; there, the rename is all that can be had.
static int sync_folder(int folder)
{
    return fsync(folder) < 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? -1 : 0;
}

// The new file takes over who owns the old one (as far as we may give it away) and who may read it.
static int keep_owner_and_mode(int fd, const struct stat *old)
{
    struct stat fresh;
    if (fstat(fd, &fresh) < 0)
        return -1;
    if ((fresh.st_uid != old->st_uid || fresh.st_gid != old->st_gid) && fchown(fd, old->st_uid, old->st_gid) < 0 &&
        errno != EPERM)
        return -1;
    return fchmod(fd, old->st_mode & 0777);
}

static int fill(int fd, const void *bytes, size_t len, const struct stat *old)
{
    if (old && keep_owner_and_mode(fd, old) < 0)
        return -1;
    return write_all(fd, bytes, len) < 0 ? -1 : fsync(fd);
}

static int replace(int folder, const char *name, const void *bytes, size_t len, const struct stat *old)
{
    char token[17], temporary[40];
    rng_token(token, sizeof token);
    snprintf(temporary, sizeof temporary, ".repro-%s.tmp", token);
    int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return -1;
    int rc = fill(fd, bytes, len, old);
    int code = errno;
    if (close(fd) < 0 && rc == 0) {
        rc = -1;
        code = errno;
    }
    if (rc == 0 && renameat(folder, temporary, folder, name) < 0) {
        rc = -1;
        code = errno;
    }
    if (rc < 0) {
        unlinkat(folder, temporary, 0);
        errno = code;
        return -1;
    }
    return sync_folder(folder);
}

int fs_write_atomic(const char *path, const void *bytes, size_t len, struct error *err)
{
    CLEANUP(free) char *parent = fs_dirname(path);
    const char *name = fs_basename(path);
    if (!*name)
        return error_set(err, ERROR_USAGE, "'%s' is a folder, not a file", path);
    if (fs_mkdirs(parent, err) < 0)
        return error_context(err, "cannot write '%s'", path);
    CLEANUP(fd) int folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return error_errno(err, "cannot write '%s'", path);
    struct stat old;
    bool exists = fstatat(folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0;
    if (!exists && errno != ENOENT)
        return error_errno(err, "cannot write '%s'", path);
    // A link is neither followed (it may lead out of the project) nor replaced (somebody put it there), and a device
    // must never be renamed over.
    if (exists && fs_check_regular(path, &old, err) < 0)
        return -1;
    if (replace(folder, name, bytes, len, exists ? &old : NULL) < 0)
        return error_errno(err, "cannot write '%s'", path);
    return 0;
}

// Renames the synced file to its place.
static int settle(const char *temporary, const char *to, const char *parent)
{
    CLEANUP(fd) int fd = open(temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    CLEANUP(fd) int folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || folder < 0 || futimens(fd, NULL) < 0 || fsync(fd) < 0 || rename(temporary, to) < 0)
        return -1;
    return sync_folder(folder);
}

int fs_copy_atomic(const char *from, const char *to, struct error *err)
{
    char token[17];
    rng_token(token, sizeof token);
    CLEANUP(free) char *parent = fs_dirname(to);
    CLEANUP(free) char *temporary = str_printf("%s/.repro-%s.tmp", parent, token);
    if (fs_copy_file(from, temporary, err) < 0)
        return -1;
    if (settle(temporary, to, parent) == 0)
        return 0;
    error_errno(err, "cannot copy '%s' to '%s'", from, to);
    unlink(temporary);
    return -1;
}

void fs_remove_temporaries(const char *folder, double seconds)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;
        if (str_starts(entry->d_name, ".repro-") && str_ends(entry->d_name, ".tmp") &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            (seconds <= 0 || difftime(now.tv_sec, st.st_mtime) >= seconds))
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
}

// True when the file holds exactly these bytes. Anything in the way of knowing means no: the writing will say what.
static bool holds(const char *path, const void *bytes, size_t len)
{
    struct stat st;
    if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != len)
        return false;
    struct error ignored = {0};
    CLEANUP(buf) struct buf now = {0};
    bool same =
        fs_read(&now, path, len + 1, &ignored) == 0 && now.len == len && memcmp(buf_text(&now), bytes, len) == 0;
    error_free(&ignored);
    return same;
}

int fs_write_if_changed(const char *path, const void *bytes, size_t len, bool *changed, struct error *err)
{
    bool same = holds(path, bytes, len);
    if (changed)
        *changed = !same;
    return same ? 0 : fs_write_atomic(path, bytes, len, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "base/fs_os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int open_source(int *out, struct stat *st, const char *path, struct error *err)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, st) < 0)
        return error_errno(err, "cannot open '%s'", path);
    if (fs_check_regular(path, st, err) < 0)
        return -1;
    *out = steal_fd(&fd);
    return 0;
}

// A new file, never an old one written through: what stood there may be a link, or have other names.
static int open_target(const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags, 0600);
    if (fd < 0 && errno == EEXIST && unlink(path) == 0)
        fd = open(path, flags, 0600);
    return fd;
}

static int copy_by_hand(int to, int from)
{
    enum { CHUNK = 1 << 17 };
    CLEANUP(free) char *chunk = mem_alloc(CHUNK);
    for (;;) {
        ssize_t got = read(from, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        for (ssize_t put = 0; put < got;) {
            ssize_t wrote = write(to, chunk + put, (size_t)(got - put));
            if (wrote < 0 && errno != EINTR)
                return -1;
            put += wrote > 0 ? wrote : 0;
        }
    }
}

// What the kernel did not copy (it cannot, between some file systems, or stops early) is copied by hand from there.
static int copy_bytes(int to, int from)
{
    ssize_t copied;
    do
        copied = fs_os_copy(to, from, (size_t)1 << 30);
    while (copied > 0);
    if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
        return -1;
    return copy_by_hand(to, from);
}

static int keep_mode_and_time(int to, const struct stat *st)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, st->st_mtim};
    return fchmod(to, st->st_mode & 0777) < 0 ? -1 : futimens(to, times);
}

static int finish(int *to, int rc, const char *path, const struct stat *st)
{
    if (rc == 0)
        rc = keep_mode_and_time(*to, st);
    int code = errno;
    if (close(steal_fd(to)) < 0 && rc == 0) {
        rc = -1;
        code = errno;
    }
    if (rc < 0)
        unlink(path);
    errno = code;
    return rc;
}

static int copy(bool *cloned, bool only_clone, const char *from, const char *to, struct error *err)
{
    CLEANUP(fd) int source = -1;
    CLEANUP(fd) int target = -1;
    struct stat st;
    if (open_source(&source, &st, from, err) < 0)
        return -1;
    struct stat there;
    if (lstat(to, &there) == 0 && there.st_dev == st.st_dev && there.st_ino == st.st_ino)
        return error_set(err, ERROR_USAGE, "cannot copy '%s' to itself", from);
    target = open_target(to);
    if (target < 0)
        return error_errno(err, "cannot write '%s'", to);
    *cloned = fs_os_clone(target, source);
    if (!*cloned && only_clone) {
        unlink(to);
        return 0;
    }
    int rc = *cloned ? 0 : copy_bytes(target, source);
    if (finish(&target, rc, to, &st) < 0)
        return error_errno(err, "cannot copy '%s' to '%s'", from, to);
    return 0;
}

int fs_copy_file(const char *from, const char *to, struct error *err)
{
    bool cloned;
    return copy(&cloned, false, from, to, err);
}

int fs_clone_file(bool *cloned, const char *from, const char *to, struct error *err)
{
    return copy(cloned, true, from, to, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool is_here(const char *path)
{
    return path[0] == '\0' || (path[0] == '.' && path[1] == '\0');
}

char *fs_join(const char *folder, const char *name)
{
    if (name[0] == '/' || is_here(folder))
        return str_dup(*name ? name : ".");
    if (is_here(name))
        return str_dup(folder);
    return str_printf("%s%s%s", folder, str_ends(folder, "/") ? "" : "/", name);
}

const char *fs_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *fs_dirname(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    return len ? str_ndup(path, len) : str_dup(".");
}

bool fs_is_inside(const char *path)
{
    if (!*path)
        return false;
    for (const char *at = path; *at;) {
        size_t len = strcspn(at, "/");
        if (len == 0 || (len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += len;
        at += *at == '/';
    }
    return true;
}

bool fs_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool fs_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum { MAX_CHUNK = 1 << 20 };

static int too_large(const char *path, size_t limit, struct error *err)
{
    CLEANUP(free) char *allowed = str_human_size(limit);
    return error_set(err, ERROR_USAGE, "'%s' is too large: more than %s", path, allowed);
}

int fs_check_regular(const char *path, const struct stat *st, struct error *err)
{
    if (S_ISREG(st->st_mode))
        return 0;
    if (S_ISDIR(st->st_mode))
        return error_set(err, ERROR_USAGE, "'%s' is a folder, not a file", path);
    if (S_ISLNK(st->st_mode))
        return error_set(err, ERROR_USAGE, "'%s' is a symbolic link, not a file", path);
    if (S_ISFIFO(st->st_mode))
        return error_set(err, ERROR_USAGE, "'%s' is not a regular file but a pipe; write what comes into a file first",
                         path);
    return error_set(err, ERROR_USAGE, "'%s' is not a regular file", path);
}

// The size is a hint only: files below /proc say 0, and any file may grow while it is read.
static size_t first_chunk(off_t size)
{
    if (size <= 0)
        return 4096;
    return size < MAX_CHUNK ? (size_t)size + 1 : MAX_CHUNK;
}

int fs_read(struct buf *out, const char *path, size_t limit, struct error *err)
{
    // Non-blocking, so that a FIFO without a writer is refused below instead of waited for.
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return error_errno(err, "cannot read '%s'", path);
    if (fs_check_regular(path, &st, err) < 0)
        return -1;
    if (limit && (uint64_t)st.st_size > limit)
        return too_large(path, limit, err);
    size_t chunk = first_chunk(st.st_size);
    for (size_t total = 0;;) {
        char *where = buf_reserve(out, chunk);
        ssize_t got = read(fd, where, chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read '%s'", path);
        if (got == 0)
            return 0;
        total += (size_t)got;
        if (limit && total > limit)
            return too_large(path, limit, err);
        out->len += (size_t)got;
        chunk = chunk > (size_t)got ? chunk - (size_t)got : MAX_CHUNK;
    }
}

int fs_mkdirs(const char *path, struct error *err)
{
    if (fs_is_folder(path))
        return 0;
    CLEANUP(free) char *part = str_dup(path);
    for (char *at = part;;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char rest = *at;
        *at = '\0';
        if (mkdir(part, 0777) < 0) {
            int code = errno;
            if (!fs_is_folder(part)) {
                errno = code == EEXIST ? ENOTDIR : code;
                return error_errno(err, "cannot make the folder '%s'", part);
            }
        }
        if (!rest)
            return 0;
        *at = rest;
        if (at[strspn(at, "/")] == '\0')
            return 0;
    }
}

int fs_realpath(char **out, const char *path, struct error *err)
{
    *out = realpath(path, NULL);
    return *out ? 0 : error_errno(err, "cannot resolve '%s'", path);
}

// SPDX-License-Identifier: Apache-2.0
#include "artifact/map.h"

#include "artifact/contents.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

// Up to here reading is cheaper than mapping, page faults and all.
#define SMALL     ((size_t)64 << 10)
#define IN_MEMORY ((uint64_t)64 << 20)
// O_NONBLOCK: a named pipe among the artifacts must not hang the harness.
#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

uint64_t map_stamp(const struct stat *st)
{
    const uint64_t facts[] = {
        (uint64_t)st->st_dev,          (uint64_t)st->st_ino,          (uint64_t)st->st_size,
        (uint64_t)st->st_mtim.tv_sec,  (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
        (uint64_t)st->st_ctim.tv_nsec,
    };
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        hash = (hash ^ facts[i]) * 0x100000001b3 ^ hash >> 29;
    return hash;
}

static int read_small(struct artifact_file *out, int fd, size_t len, const char *path, struct error *err)
{
    CLEANUP(free) unsigned char *bytes = mem_realloc(NULL, len + 1);
    size_t have = 0;
    while (have < len) {
        ssize_t got = read(fd, bytes + have, len - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read '%s'", path);
        if (got == 0)
            return error_set(err, ERROR_MACHINE, "'%s' changed while it was read", path);
        have += (size_t)got;
    }
    out->bytes = steal(&bytes);
    out->len = len;
    out->owned = true;
    return 0;
}

static int map(struct artifact_file *out, int fd, const char *path, struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_errno(err, "cannot read '%s'", path);
    if (fs_check_regular(path, &st, err) != 0)
        return -1;
    out->stamp = map_stamp(&st);
    size_t len = (size_t)st.st_size;
    if (len <= SMALL)
        return read_small(out, fd, len, path, err);
    void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_errno(err, "cannot map '%s'", path);
    out->bytes = bytes;
    out->len = len;
    out->mapped = out->owned = true;
    return 0;
}

int map_file(struct artifact_file *out, const char *path, struct error *err)
{
    CLEANUP(fd) int fd = open(path, FLAGS);
    return fd < 0 ? error_errno(err, "cannot open '%s'", path) : map(out, fd, path, err);
}

// Component by component, so that no folder on the way is a link.
static int open_beneath(const char *folder, const char *path)
{
    CLEANUP(fd) int at = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        size_t size = strcspn(path, "/");
        CLEANUP(free) char *part = str_ndup(path, size);
        if (path[size] == '\0')
            return openat(at, part, FLAGS | O_NOFOLLOW);
        int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int cause = errno;
        close(at);
        at = next;
        errno = cause;
        path += size + 1;
    }
    return -1;
}

int map_beneath(struct artifact_file *out, const char *folder, const char *path, struct error *err)
{
    if (!fs_is_inside(path))
        return error_set(err, ERROR_USAGE, "'%s' leads out of its folder", path);
    CLEANUP(fd) int fd = open_beneath(folder, path);
    if (fd < 0 && errno == ELOOP)
        return error_set(err, ERROR_USAGE, "'%s' is a symbolic link, which is not followed", path);
    if (fd < 0 && errno == ENOENT)
        return error_set(err, ERROR_USAGE, "'%s' is missing", path);
    return fd < 0 ? error_errno(err, "cannot open '%s'", path) : map(out, fd, path, err);
}

int map_temporary(int *fd, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    CLEANUP(free) char *path = fs_join(tmp && *tmp ? tmp : "/tmp", "repro-unpacked-XXXXXX");
    *fd = mkostemp(path, O_CLOEXEC);
    if (*fd < 0)
        return error_errno(err, "cannot make the temporary file '%s'", path);
    unlink(path);
    return 0;
}

int map_memory(struct artifact_file *out, uint64_t len, struct error *err)
{
    *out = (struct artifact_file){.len = (size_t)len, .owned = true};
    if (len <= IN_MEMORY) {
        out->bytes = mem_realloc(NULL, (size_t)len);
        return 0;
    }
    CLEANUP(fd) int fd = -1;
    if (map_temporary(&fd, err) != 0)
        return -1;
    // All blocks now: a disk that is full later would be a SIGBUS.
    errno = posix_fallocate(fd, 0, (off_t)len);
    void *bytes = errno ? MAP_FAILED : mmap(NULL, (size_t)len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return error_errno(err, "cannot make a temporary file of %llu bytes", (unsigned long long)len);
    out->bytes = bytes;
    out->mapped = true;
    return 0;
}

void map_free(struct artifact_file *file)
{
    if (file->mapped && file->owned)
        munmap((void *)file->bytes, file->len);
    else if (file->owned)
        free((void *)file->bytes);
}

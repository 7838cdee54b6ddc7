// SPDX-License-Identifier: Apache-2.0
#include "run/trace_view.h"

#include "base/mem.h"
#include "run/trace_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define UNKNOWN "?"

enum { LINK_LIMIT = 40, RACE_LIMIT = 16, FIRST_READ = 256 };

int trace_view_open(struct trace_view *out)
{
    *out = (struct trace_view){
        .proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), .root = -1, .above = mem_alloc(PATH_MAX)};
    memcpy(out->above, UNKNOWN, sizeof UNKNOWN);
    return out->proc < 0 ? -1 : 0;
}

void trace_view_close(struct trace_view *view)
{
    if (view->proc >= 0)
        close(view->proc);
    if (view->root >= 0)
        close(view->root);
    free(view->above);
    *view = (struct trace_view){.proc = -1, .root = -1};
}

// ---- memory ----

// Some kernels and containers refuse the call but not the file.
static ssize_t read_memory_file(const struct trace_view *view, pid_t tid, uint64_t address, void *out, size_t size)
{
    char name[32];
    snprintf(name, sizeof name, "%d/mem", (int)tid);
    CLEANUP(fd) int fd = openat(view->proc, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = pread(fd, out, size, (off_t)address);
    if (got < 0 && errno == EIO)
        errno = EFAULT;
    return got;
}

static ssize_t read_memory(const struct trace_view *view, pid_t tid, uint64_t address, void *out, size_t size)
{
    struct iovec here = {out, size}, there = {(void *)(uintptr_t)address, size};
    ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);
    if (got < 0 && (errno == EPERM || errno == ENOSYS))
        got = read_memory_file(view, tid, address, out, size);
    if (got == 0) {
        errno = EFAULT;
        return -1;
    }
    return got;
}

int trace_view_text(const struct trace_view *view, pid_t tid, uint64_t address, char *out, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len = 0;
    for (size_t piece = FIRST_READ; len < size; piece = page) {
        size_t left = page - (size_t)((address + len) % page); // a read that begins on a page that is there succeeds
        piece = piece > left ? left : piece;
        piece = piece > size - len ? size - len : piece;
        ssize_t got = read_memory(view, tid, address + len, out + len, piece);
        if (got < 0)
            return -1;
        if (memchr(out + len, '\0', (size_t)got))
            return 0;
        len += (size_t)got;
    }
    errno = ENAMETOOLONG;
    return -1;
}

int trace_view_bytes(const struct trace_view *view, pid_t tid, uint64_t address, void *out, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (size_t len = 0; len < size;) {
        size_t left = page - (size_t)((address + len) % page), piece = size - len < left ? size - len : left;
        ssize_t got = read_memory(view, tid, address + len, (char *)out + len, piece);
        if (got < 0)
            return -1;
        len += (size_t)got;
    }
    return 0;
}

// ---- folders ----

static int read_link(int folder, const char *name, char out[PATH_MAX])
{
    ssize_t len = readlinkat(folder, name, out, PATH_MAX);
    if (len < 0)
        return -1;
    if (len == PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    out[len] = '\0';
    return 0;
}

static void look_above(const struct trace_view *view, pid_t tid)
{
    char path[64];
    if (strcmp(view->above, UNKNOWN) != 0)
        return;
    snprintf(path, sizeof path, "%d/root", (int)tid);
    if (read_link(view->proc, path, view->above) != 0 || strcmp(view->above, "/") == 0)
        *view->above = '\0';
}

static void strip_above(const struct trace_view *view, char path[PATH_MAX])
{
    size_t len = strlen(view->above);
    if (len == 0 || strncmp(path, view->above, len) != 0 || (path[len] != '/' && path[len] != '\0'))
        return;
    if (path[len] == '\0')
        strcpy(path, "/");
    else
        memmove(path, path + len, strlen(path + len) + 1);
}

int trace_view_link(const struct trace_view *view, pid_t tid, const char *name, char out[PATH_MAX])
{
    char path[64];
    look_above(view, tid);
    snprintf(path, sizeof path, "%d/%s", (int)tid, name);
    if (read_link(view->proc, path, out) != 0)
        return -1;
    strip_above(view, out);
    return 0;
}

// ---- files ----

static int open_root(struct trace_view *view, pid_t tid)
{
    if (view->root >= 0)
        return 0;
    char name[32];
    look_above(view, tid);
    snprintf(name, sizeof name, "%d/root", (int)tid);
    view->root = openat(view->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return view->root < 0 ? -1 : 0;
}

static int open_seen(const struct trace_view *view, const char *path, uint64_t flags)
{
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    long fd = -1;
    for (int i = 0; i < RACE_LIMIT; i++) {
        fd = syscall(SYS_openat2, view->root, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return (int)fd;
}

static int path_of(const struct trace_view *view, int fd, char out[PATH_MAX])
{
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    if (read_link(AT_FDCWD, name, out) != 0)
        return -1;
    strip_above(view, out);
    if (*out == '/')
        return 0;
    errno = EXDEV;
    return -1;
}

static enum trace_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode))
        return TRACE_REGULAR;
    if (S_ISDIR(mode))
        return TRACE_FOLDER;
    return S_ISLNK(mode) ? TRACE_LINK : TRACE_OTHER;
}

static void take_stat(struct trace_look *out, const struct stat *st)
{
    out->kind = kind_of(st->st_mode);
    out->executable = S_ISREG(st->st_mode) && (st->st_mode & 0111);
}

// What a failure to open says: 1, or −1 for what should not have failed.
static int judge_failure(void)
{
    return errno == EACCES || errno == ELOOP || errno == ENAMETOOLONG || errno == EPERM ? 1 : -1;
}

static bool is_missing(void)
{
    return errno == ENOENT || errno == ENOTDIR;
}

// Puts the resolved folder of `path` and the last component together.
static int join(struct trace_look *out, const char *name)
{
    size_t len = strlen(out->path), more = strlen(name);
    len = len == 1 ? 0 : len; // the root
    if (len + 1 + more >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    out->path[len] = '/';
    memcpy(out->path + len + 1, name, more + 1);
    return 0;
}

// `path` with `len` bytes of `from` replaced by where a link in `folder` leads. 2, or −1 when it grows too long.
static int expand(char *path, size_t from, size_t len, const char *folder, const char *text)
{
    char expanded[2 * PATH_MAX];
    const char *rest = path + from + len;
    bool absolute = *text == '/';
    int size = snprintf(expanded, PATH_MAX, "%s%s%s%s", absolute ? "" : folder, absolute ? "" : "/", text, rest);
    if (size >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(path, expanded);
    return 2;
}

static bool climbs(const char *path)
{
    const char *step = path;
    while ((step = strstr(step, "/..")) && step[3] != '/' && step[3] != '\0')
        step++;
    return step || strcmp(path, "..") == 0;
}

// The folder of `path` is missing. 0: out->path is the nearest folder that is there, and what is missing in it. 1: as
// trace_view_look. 2: the way leads through a link that leads nowhere, which was replaced in `path`.
static int look_beyond(const struct trace_view *view, char path[PATH_MAX], struct trace_look *out)
{
    char prefix[PATH_MAX], text[PATH_MAX], name[PATH_MAX];
    size_t end = strlen(path);
    strcpy(prefix, path);
    for (;;) {
        while (end > 0 && path[end - 1] != '/')
            end--;
        size_t len = end;
        while (len > 0 && path[len - 1] == '/')
            len--;
        prefix[len] = '\0';
        CLEANUP(fd) int fd = open_seen(view, len ? prefix : "/", O_PATH);
        if (fd < 0 && !is_missing())
            return judge_failure();
        if (fd < 0) {
            end = len;
            continue;
        }
        size_t more = strcspn(path + end, "/");
        snprintf(name, sizeof name, "%.*s", (int)more, path + end);
        if (path_of(view, fd, out->path) != 0)
            return -1;
        if (read_link(fd, name, text) == 0)
            return expand(path, end, more, out->path, text);
        if (strcmp(name, "..") == 0 || join(out, climbs(path + end) ? name : path + end) != 0)
            return 1;
        trace_path_clean(out->path, out->path); // "gone/./file"
        return 0;
    }
}

// 2: `path` was changed, try again.
static int try_entry(const struct trace_view *view, char *path, struct trace_look *out, char text[PATH_MAX])
{
    size_t parent_len;
    *text = '\0';
    const char *name = trace_path_split(path, &parent_len);
    out->kind = TRACE_NOTHING;
    if (!name) // "gone/.."
        return look_beyond(view, path, out);
    char parent[PATH_MAX];
    memcpy(parent, path, parent_len);
    strcpy(parent + parent_len, parent_len ? "" : "/");
    CLEANUP(fd) int fd = open_seen(view, parent, O_PATH);
    if (fd < 0 && is_missing())
        return look_beyond(view, path, out);
    if (fd < 0)
        return judge_failure();
    if (path_of(view, fd, out->path) != 0 || join(out, name) != 0)
        return -1;
    struct stat st;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return is_missing() ? 0 : judge_failure();
    take_stat(out, &st);
    if (out->kind == TRACE_LINK && read_link(fd, name, text) != 0)
        *text = '\0';
    return 0;
}

// The last component of `path` itself, without following it. `text` gets where it leads when it is a link, else "".
static int look_at_entry(struct trace_view *view, char *path, struct trace_look *out, char text[PATH_MAX])
{
    int next = 2;
    for (int i = 0; i < LINK_LIMIT && next == 2; i++)
        next = try_entry(view, path, out, text);
    return next == 2 ? 1 : next;
}

// 1: it does not lead to anything, and `path` was replaced by where it would. 0: done.
static int follow_dangling(struct trace_view *view, char path[2 * PATH_MAX], struct trace_look *out)
{
    char text[PATH_MAX];
    int failed = look_at_entry(view, path, out, text);
    if (failed)
        return failed < 0 ? -1 : 2;
    if (out->kind != TRACE_LINK || !*text) {
        out->kind = TRACE_NOTHING;
        return 0;
    }
    size_t parent_len = 0;
    trace_path_split(out->path, &parent_len);
    if (*text == '/')
        strcpy(path, text);
    else
        snprintf(path, 2 * PATH_MAX, "%.*s/%s", (int)parent_len, out->path, text);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/';)
        path[--len] = '\0';
    return 1;
}

// Something is there, but where it is says nothing about the run ("/etc/mtab" leads to a file of the asking process).
static int stay_at(struct trace_look *out, const char *path)
{
    trace_path_clean(out->path, path);
    out->kind = TRACE_OTHER;
    return 0;
}

static int look_through(struct trace_view *view, const char *spelling, struct trace_look *out)
{
    char path[2 * PATH_MAX];
    strcpy(path, spelling);
    for (int i = 0; i < LINK_LIMIT; i++) {
        if (trace_path_is_special(path))
            return stay_at(out, spelling);
        CLEANUP(fd) int fd = open_seen(view, path, O_PATH);
        struct stat st;
        if (fd >= 0) {
            if (fstat(fd, &st) != 0 || path_of(view, fd, out->path) != 0)
                return -1;
            take_stat(out, &st);
            return trace_path_is_special(out->path) ? stay_at(out, spelling) : 0;
        }
        if (!is_missing())
            return judge_failure();
        int next = follow_dangling(view, path, out);
        if (next != 1)
            return next == 2 ? 1 : next;
    }
    return 1;
}

int trace_view_look(struct trace_view *view, pid_t tid, const char *path, bool follow, struct trace_look *out)
{
    out->executable = false;
    if (trace_path_is_special(path))
        return stay_at(out, path);
    if (strlen(path) >= PATH_MAX) { // a folder and a path below it, each of which the kernel takes
        errno = ENAMETOOLONG;
        return -1;
    }
    if (open_root(view, tid) != 0)
        return -1;
    char spelling[PATH_MAX], text[PATH_MAX];
    strcpy(spelling, path);
    size_t len = strlen(spelling), unused;
    bool slash = len > 1 && spelling[len - 1] == '/';
    while (len > 1 && spelling[len - 1] == '/')
        spelling[--len] = '\0';
    if (follow || slash || !trace_path_split(spelling, &unused))
        return look_through(view, spelling, out);
    return look_at_entry(view, spelling, out, text);
}

static bool may(const struct trace_view *view, const char *path, int mode)
{
    char name[32];
    CLEANUP(fd) int fd = open_seen(view, path, O_PATH);
    if (fd < 0)
        return false;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return access(name, mode) == 0;
}

bool trace_view_may_write(const struct trace_view *view, const char *path)
{
    return trace_path_is_special(path) || may(view, path, W_OK);
}

bool trace_view_may_change(const struct trace_view *view, const char *path)
{
    char folder[PATH_MAX] = "/";
    size_t len;
    if (trace_path_is_special(path))
        return true;
    if (!trace_path_split(path, &len))
        return false;
    memcpy(folder, path, len ? len : 1);
    folder[len ? len : 1] = '\0';
    return may(view, folder, W_OK | X_OK);
}

bool trace_view_is_empty(const struct trace_view *view, const char *folder)
{
    int fd = open_seen(view, folder, O_RDONLY | O_DIRECTORY);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return true;
    }
    const struct dirent *entry;
    while ((entry = readdir(entries)) && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
        continue;
    closedir(entries);
    return !entry;
}

void trace_view_interpreter(const struct trace_view *view, const char *path, char out[PATH_MAX])
{
    char line[PATH_MAX];
    *out = '\0';
    CLEANUP(fd) int fd = open_seen(view, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    ssize_t len = fd < 0 ? -1 : pread(fd, line, 256, 0); // as much as the kernel reads
    if (len < 3 || line[0] != '#' || line[1] != '!')
        return;
    line[len] = '\0';
    const char *name = line + 2 + strspn(line + 2, " \t");
    size_t name_len = strcspn(name, " \t\n");
    memcpy(out, name, name_len);
    out[name_len] = '\0';
}

// SPDX-License-Identifier: Apache-2.0
#include "run/trace_spelling.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

// Where a link below /proc/TID leads, when that is a path.
static int read_place(char out[PATH_MAX], const struct trace_view *view, pid_t tid, const char *name)
{
    if (trace_view_link(view, tid, name, out) != 0)
        return errno == ENOENT ? 1 : -1; // no such descriptor
    return *out != '/' || str_ends(out, " (deleted)");
}

static int read_folder(char out[PATH_MAX], const struct trace_view *view, pid_t tid, int folder)
{
    char name[24] = "cwd";
    if (folder != AT_FDCWD)
        snprintf(name, sizeof name, "fd/%d", folder);
    if (folder != AT_FDCWD && folder < 0)
        return 1;
    return read_place(out, view, tid, name);
}

// "self/fd/3/rest" → "fd/3" and the rest. NULL when it is no such way.
static const char *way_through(const char *path, char name[24])
{
    static const char *const folders[] = {"cwd", "root", "exe"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) == 0 && (path[len] == '/' || path[len] == '\0')) {
            snprintf(name, 24, "%s", folders[i]);
            return path + len;
        }
    }
    size_t digits = str_starts(path, "fd/") ? strspn(path + 3, "0123456789") : 0;
    if (digits == 0 || digits > 10 || (path[3 + digits] != '/' && path[3 + digits] != '\0'))
        return NULL;
    snprintf(name, 24, "%.*s", (int)(3 + digits), path);
    return path + 3 + digits;
}

static bool is_process(const char *path, size_t *len)
{
    *len = strspn(path, "0123456789");
    return *len > 0 && path[*len] == '/';
}

// The name below /proc/TID that a path goes through, and the rest of the path; NULL when it goes through none. `other`:
// it goes through another process, whose number in its own namespace is all that we are told.
static const char *find_way(const char *path, char name[24], bool *other)
{
    static const struct {
        const char *from, *to;
    } devices[] = {{"/dev/stdin", "fd/0"}, {"/dev/stdout", "fd/1"}, {"/dev/stderr", "fd/2"}};
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_LEN(devices); i++)
        if (strcmp(path, devices[i].from) == 0) {
            strcpy(name, devices[i].to);
            return path + strlen(path);
        }
    if (str_starts(path, "/dev/fd/"))
        return way_through(path + strlen("/dev/"), name);
    if (str_starts(path, "/proc/self/"))
        return way_through(path + strlen("/proc/self/"), name);
    if (str_starts(path, "/proc/thread-self/"))
        return way_through(path + strlen("/proc/thread-self/"), name);
    *other = str_starts(path, "/proc/") && is_process(path + strlen("/proc/"), &len) &&
             way_through(path + strlen("/proc/") + len + 1, name);
    return NULL;
}

static int replace_way(struct trace_spelling *out, const struct trace_view *view, pid_t tid, bool follow)
{
    char name[24], place[PATH_MAX];
    bool other = false;
    const char *rest = find_way(out->text, name, &other);
    if (other && follow) {
        errno = EXDEV;
        return -1;
    }
    if (!rest || (*rest == '\0' && !follow))
        return 0; // the link itself
    int failed = read_place(place, view, tid, name);
    if (failed)
        return failed;
    size_t len = strcmp(place, "/") == 0 && *rest ? 0 : strlen(place), more = strlen(rest);
    if (len + more >= sizeof out->text) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memmove(out->text + len, rest, more + 1);
    memcpy(out->text, place, len);
    return 0;
}

int trace_spelling_make(struct trace_spelling *out, const struct trace_view *view, pid_t tid, int folder,
                        const char *path, unsigned how)
{
    size_t len = 0, more = strlen(path);
    bool in_folder = how & TRACE_SPELLING_IN_FOLDER;
    if (more == 0 && !(how & TRACE_SPELLING_EMPTY))
        return 1;
    if (*path != '/' || in_folder) {
        int failed = read_folder(out->text, view, tid, folder);
        if (failed)
            return failed;
        len = strlen(out->text);
        if (more > 0 && out->text[len - 1] != '/')
            out->text[len++] = '/';
    }
    memcpy(out->text + len, path, more + 1);
    return *out->text == '/' && (str_starts(out->text, "/proc/") || str_starts(out->text, "/dev/"))
               ? replace_way(out, view, tid, how & TRACE_SPELLING_FOLLOW)
               : 0;
}

int trace_spelling_read(struct trace_spelling *out, const struct trace_view *view, pid_t tid, int folder,
                        uint64_t address, unsigned how)
{
    char path[PATH_MAX];
    if (trace_view_text(view, tid, address, path, sizeof path) != 0)
        return errno == ENAMETOOLONG || errno == EFAULT ? 1 : -1; // as the kernel will find, too
    return trace_spelling_make(out, view, tid, folder, path, how);
}

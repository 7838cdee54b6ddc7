// SPDX-License-Identifier: Apache-2.0
#include "run/trace_path.h"

#include "base/str.h"

#include <string.h>

void trace_path_clean(char *out, const char *path)
{
    size_t len = 0;
    while (*path) {
        while (*path == '/')
            path++;
        size_t part = strcspn(path, "/");
        if (part == 0)
            break;
        if (part == 2 && path[0] == '.' && path[1] == '.') {
            while (len > 0 && out[--len] != '/')
                continue;
        } else if (part != 1 || *path != '.') {
            out[len++] = '/';
            memmove(out + len, path, part); // never ahead of where it comes from
            len += part;
        }
        path += part;
    }
    if (len == 0)
        out[len++] = '/';
    out[len] = '\0';
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool trace_path_is_special(const char *path)
{
    if (is_below(path, "/dev"))
        return !str_starts(path, "/dev/shm/");
    return is_below(path, "/proc") || is_below(path, "/sys");
}

const char *trace_path_split(const char *path, size_t *parent_len)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return NULL;
    size_t len = (size_t)(last - path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    *parent_len = len;
    return last;
}

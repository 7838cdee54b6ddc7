// SPDX-License-Identifier: Apache-2.0
#include "run/layer.h"

#include "base/buf.h"
#include "base/fs.h"

#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

// Overlays of a user namespace write user.*, those of root trusted.*.
static bool is_marked(const char *path, const char *user, const char *trusted, bool any_value)
{
    char value[8];
    ssize_t len = lgetxattr(path, user, value, sizeof value);
    if (len < 0)
        len = lgetxattr(path, trusted, value, sizeof value);
    return len >= 0 && (any_value || (len == 1 && *value == 'y'));
}

bool layer_is_whiteout(const char *path, const struct stat *st)
{
    if (S_ISCHR(st->st_mode))
        return major(st->st_rdev) == 0 && minor(st->st_rdev) == 0;
    return S_ISREG(st->st_mode) && st->st_size == 0 &&
           is_marked(path, "user.overlay.whiteout", "trusted.overlay.whiteout", true);
}

bool layer_is_opaque(const char *path)
{
    return is_marked(path, "user.overlay.opaque", "trusted.overlay.opaque", false);
}

// Undoes the \040 of /proc/self/mountinfo, in place.
static void unescape(char *text)
{
    char *to = text;
    for (const char *at = text; *at; to++) {
        if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
            at[3] <= '7') {
            *to = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
            at += 4;
        } else {
            *to = *at++;
        }
    }
    *to = '\0';
}

// The fifth word of each line is the place of the mount.
bool layer_has_mounts_below(const char *folder)
{
    struct buf text = {0};
    struct error ignored = {0};
    bool found = false;
    size_t len = strlen(folder);
    char *line_end = NULL;
    char *line = fs_read(&text, "/proc/self/mountinfo", 16u << 20, &ignored) == 0 ? text.data : NULL;
    for (line = line ? strtok_r(line, "\n", &line_end) : NULL; line && !found; line = strtok_r(NULL, "\n", &line_end)) {
        char *word_end = NULL;
        char *word = strtok_r(line, " ", &word_end);
        for (int i = 1; word && i < 5; i++)
            word = strtok_r(NULL, " ", &word_end);
        if (!word)
            continue;
        unescape(word);
        found = strncmp(word, folder, len) == 0 && word[len] == '/' && word[len + 1] != '\0';
    }
    buf_free(&text);
    error_free(&ignored);
    return found;
}

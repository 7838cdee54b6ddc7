// SPDX-License-Identifier: Apache-2.0
//
// Globs over paths. The matcher never recurses: a mismatch goes back to the last `*` (which may take one more character
// of its folder), then to the last `**` (which may take more folders). Going back further can gain nothing, because
// whatever an earlier star could take, the later one can take, too; so the time stays about pattern × path.
#include "base/str.h"

#include <string.h>

// The characters of a path are UTF-8; a byte that is not stands for itself.
static size_t next_char(const char *text, uint32_t *code)
{
    size_t size = str_utf8_next(text, strnlen(text, 4), code);
    if (size)
        return size;
    *code = 0x110000u + (unsigned char)*text;
    return 1;
}

// Past the `]` that closes the class opened at `pattern`, or NULL. A `]` that comes first is a member.
static const char *class_end(const char *pattern)
{
    const char *at = pattern + 1;
    at += *at == '!' || *at == '^';
    at += *at == ']';
    at = strchr(at, ']');
    return at ? at + 1 : NULL;
}

static bool class_has(const char *pattern, const char *end, uint32_t code)
{
    const char *at = pattern + 1;
    bool negated = *at == '!' || *at == '^';
    at += negated;
    bool found = false;
    while (at < end - 1) {
        uint32_t low, high;
        at += next_char(at, &low);
        high = low;
        if (at[0] == '-' && at + 1 < end - 1) {
            at++;
            at += next_char(at, &high);
        }
        found |= code >= low && code <= high;
    }
    return found != negated;
}

// Matches one character of the path against one element of the pattern; moves both when they agree.
static bool match_one(const char **pattern, const char **path)
{
    const char *p = *pattern;
    uint32_t code;
    size_t size = next_char(*path, &code);
    const char *end = *p == '[' ? class_end(p) : NULL;
    if (*p == '?' || end) {
        if (code == '/' || (end && !class_has(p, end, code)))
            return false;
        *pattern = end ? end : p + 1;
        *path += size;
        return true;
    }
    if (*p == '\0' || *p != **path)
        return false;
    (*pattern)++;
    (*path)++;
    return true;
}

struct retry {
    const char *pattern; // what follows the star; NULL when there is no star to go back to
    const char *path;    // where that is tried
    bool folders;        // `**/` at the start of a component: takes whole folders only
};

// Lets the last star take more of the path. False when there is nothing left to take.
static bool go_back(struct retry *star, struct retry *globstar, const char **pattern, const char **path)
{
    if (star->pattern && *star->path && *star->path != '/') {
        uint32_t code;
        star->path += next_char(star->path, &code);
        *pattern = star->pattern;
        *path = star->path;
        return true;
    }
    star->pattern = NULL;
    if (!globstar->pattern || !*globstar->path)
        return false;
    if (globstar->folders) {
        const char *slash = strchr(globstar->path, '/');
        if (!slash)
            return false;
        globstar->path = slash;
    }
    globstar->path++;
    *pattern = globstar->pattern;
    *path = globstar->path;
    return true;
}

// Most patterns part from most paths before their first special character: that is all that thousands of rules against
// thousands of files may cost.
static bool part_early(const char *pattern, const char *path)
{
    while (*pattern && !strchr("*?[", *pattern)) {
        if (*pattern++ != *path++)
            return true;
    }
    return false;
}

bool str_glob(const char *pattern, const char *path)
{
    if (part_early(pattern, path))
        return false;
    const char *start = pattern;
    size_t len = strlen(pattern);
    bool below = len > 0 && pattern[len - 1] == '/'; // "src/": all that lies below
    struct retry star = {0}, globstar = {0};
    for (;;) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            bool at_start = pattern == start || pattern[-1] == '/';
            pattern += strspn(pattern, "*");
            bool folders = at_start && pattern[0] == '/' && pattern[1] != '\0';
            pattern += folders;
            globstar = (struct retry){pattern, path, folders};
            star.pattern = NULL;
        } else if (pattern[0] == '*') {
            star = (struct retry){++pattern, path, false};
        } else {
            bool ended = *pattern == '\0';
            if (ended && (*path == '\0' || (below && path[-1] == '/')))
                return true;
            // At the end of the path, every star has taken as little as it could: taking more leaves no more for the
            // rest.
            bool hopeless = !ended && *path == '\0';
            if (hopeless || ((ended || !match_one(&pattern, &path)) && !go_back(&star, &globstar, &pattern, &path)))
                return false;
        }
    }
}

bool str_is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

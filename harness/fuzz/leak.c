// SPDX-License-Identifier: Apache-2.0
#include "fuzz/leak.h"

#include "base/mem.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *text, *what;
} marks[] = {
    {"Traceback (most recent call last)", "a traceback"},
    {"\\\", line ", "a traceback"}, // File "x.py", line 3: in JSON
    {"Exception in thread \"", "a traceback"},
    {"\\n\\tat ", "a traceback"},
    {"\n\tat ", "a traceback"},
    {"\\n    at ", "a traceback"},
    {"\n    at ", "a traceback"},
    {"goroutine 1 [running]", "a traceback"},
    {"stack backtrace:", "a traceback"},
    {"thread 'main' panicked", "a traceback"},
    {"(core dumped)", "a traceback"},
    {"AddressSanitizer", "a traceback"},
    {"Segmentation fault", "a traceback"},
};

// A path of the machine begins so; what follows must be a name.
static const char *const roots[] = {"/home/",      "/root/",  "/usr/",     "/opt/",  "/var/",    "/tmp/",
                                    "/etc/",       "/srv/",   "/mnt/",     "/proc/", "/app/",    "/lib/",
                                    "/workspace/", "/Users/", "/private/", "C:\\\\", "C:\\Users"};

bool leak_is_possible(const char *text, size_t len)
{
    // Every mark has one of these, and most answers have none.
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '/' || c == '(' || c == '\\' || c == '\t' || c == '\'' || c == 'S' || c == 'k' ||
            (c == ' ' && i > 0 && text[i - 1] == '\n'))
            return true;
    }
    return false;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '/';
}

static size_t path_length(const char *text, size_t len)
{
    size_t end = 0;
    while (end < len && (is_name(text[end]) || text[end] == '\\' || text[end] == ':'))
        end++;
    return end;
}

static bool find_path(struct leak *out, const char *text, size_t len, const char *sent, size_t sent_len)
{
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        size_t root = strlen(roots[i]);
        const char *at = text, *end = text + len;
        for (; at < end && (at = memmem(at, (size_t)(end - at), roots[i], root)); at++) {
            size_t path = path_length(at, (size_t)(end - at));
            // In the middle of another path or of a URL it is none; and it must lead somewhere.
            bool inside = at > text && is_name(at[-1]);
            if (inside || path <= root || (sent_len && memmem(sent, sent_len, at, path)))
                continue;
            *out = (struct leak){.what = "a path", .at = (size_t)(at - text), .len = path};
            return true;
        }
    }
    return false;
}

bool leak_find(struct leak *out, const char *text, size_t len, const char *sent, size_t sent_len)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t mark = strlen(marks[i].text);
        const char *at = memmem(text, len, marks[i].text, mark);
        if (at && !(sent_len && memmem(sent, sent_len, marks[i].text, mark))) {
            *out = (struct leak){.what = marks[i].what, .at = (size_t)(at - text), .len = mark};
            return true;
        }
    }
    return find_path(out, text, len, sent, sent_len);
}

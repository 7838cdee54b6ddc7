// SPDX-License-Identifier: Apache-2.0
//
// The files that an installer leaves beside a distribution. They are the machine's own, but nobody has checked them.
#include "run/distributions.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { WORD_AT_MOST = 100 };

char *distributions_name(const char *name, size_t len)
{
    char *out = mem_alloc(len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        bool separator = memchr("-_.", name[i], 3) != NULL;
        if (separator && used > 0 && out[used - 1] == '-')
            continue;
        out[used++] = separator ? '-' : (char)tolower((unsigned char)name[i]);
    }
    out[used] = '\0';
    return out;
}

// A copy of a value of letters, digits and a little more; NULL for any other.
static char *word(const char *text, size_t len)
{
    while (len > 0 && isspace((unsigned char)*text))
        text++, len--;
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !memchr(".+!-_", text[i], 5))
            return NULL;
    return len > 0 && len <= WORD_AT_MOST ? str_ndup(text, len) : NULL;
}

static bool is_field(const char *line, size_t len, const char *name)
{
    size_t size = strlen(name);
    return len > size && strncasecmp(line, name, size) == 0;
}

void distributions_metadata(char **name, char **version, const char *text, size_t len)
{
    const char *end = text + len;
    *name = *version = NULL;
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((stop ? stop : end) - line);
        if (size == 0 || (size == 1 && *line == '\r'))
            return;
        if (!*name && is_field(line, size, "Name:"))
            *name = word(line + 5, size - 5);
        else if (!*version && is_field(line, size, "Version:"))
            *version = word(line + 8, size - 8);
        line += size + 1;
    }
}

// In quotes, two of them stand for one. `line` is behind the opening one.
static char *quoted(const char *line, size_t len)
{
    char *out = mem_alloc(len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '"' && (i + 1 >= len || line[++i] != '"'))
            break;
        out[used++] = line[i];
    }
    return out;
}

void distributions_record(struct strings *out, const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((stop ? stop : end) - line);
        const char *comma = memchr(line, ',', size);
        size_t first = comma ? (size_t)(comma - line) : size;
        while (!comma && first > 0 && line[first - 1] == '\r')
            first--;
        if (size > 0 && *line == '"')
            strings_take(out, quoted(line + 1, size - 1));
        else if (first > 0)
            strings_take(out, str_ndup(line, first));
        line += size + 1;
    }
}

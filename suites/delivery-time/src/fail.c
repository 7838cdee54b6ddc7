// SPDX-License-Identifier: Apache-2.0
#include "fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 20 };

_Noreturn void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("train: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("out of memory");
    return memory;
}

char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail("cannot open '%s': %s", path, strerror(errno));
    size_t len = 0, capacity = 1 << 16;
    char *text = allocate(capacity, 1);
    for (size_t got; (got = fread(text + len, 1, capacity - len - 1, file)) > 0;) {
        len += got;
        if (len > FILE_LIMIT)
            fail("'%s' is over %d MiB", path, FILE_LIMIT >> 20);
        if (capacity - len < 2 && !(text = realloc(text, capacity *= 2)))
            fail("out of memory");
    }
    if (ferror(file))
        fail("cannot read '%s': %s", path, strerror(errno));
    fclose(file);
    text[len] = '\0';
    if (strlen(text) != len)
        fail("'%s' is not text: it contains a NUL byte", path);
    return text;
}

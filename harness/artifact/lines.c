// SPDX-License-Identifier: Apache-2.0
#include "artifact/lines.h"

#include "artifact/contents.h"

#include <string.h>

void lines_add(struct buf *lines, const char *text, size_t len)
{
    if (!memchr(text, '\n', len) && !memchr(text, '\\', len)) {
        buf_append(lines, text, len);
    } else {
        for (size_t i = 0; i < len; i++) {
            if (text[i] == '\n' || text[i] == '\\')
                buf_putc(lines, '\\');
            buf_putc(lines, text[i] == '\n' ? 'n' : text[i]);
        }
    }
    buf_putc(lines, '\n');
}

int lines_value(struct contents *out, const char *prefix, const char *name, struct buf *lines, struct error *err)
{
    struct value *value = contents_add(out, prefix, name, VALUE_TEXT, err);
    if (!value)
        return -1;
    value->size = lines->len;
    value->bytes = contents_keep(out, buf_take(lines), (size_t)value->size);
    return 0;
}

int lines_copy_value(struct contents *out, const char *prefix, const char *name, const char *text, size_t len,
                     struct error *err)
{
    struct value *value = contents_add(out, prefix, name, VALUE_TEXT, err);
    if (!value)
        return -1;
    value->size = len;
    value->bytes = contents_keep(out, len ? mem_copy(text, len) : mem_alloc(1), len);
    return 0;
}

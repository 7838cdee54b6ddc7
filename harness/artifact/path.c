// SPDX-License-Identifier: Apache-2.0
#include "artifact/path.h"

#include "base/json.h"

#include <string.h>

static bool is_plain(const char *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)key[i] <= ' ' || key[i] == 0x7f || strchr(".[]\"\\", key[i]))
            return false;
    }
    return len > 0;
}

void path_key(struct buf *path, const char *key, size_t len)
{
    if (is_plain(key, len)) {
        if (path->len > 0)
            buf_putc(path, '.');
        buf_append(path, key, len);
    } else {
        buf_putc(path, '[');
        buf_json_quote(path, key, len);
        buf_putc(path, ']');
    }
}

void path_index(struct buf *path, size_t index)
{
    buf_printf(path, "[%zu]", index);
}

void path_cut(struct buf *path, size_t len)
{
    path->len = len;
    if (path->data)
        path->data[len] = '\0';
}

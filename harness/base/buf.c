// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include "base/str.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Room for `more` bytes and the NUL.
static void make_room(struct buf *buf, size_t more)
{
    size_t needed;
    if (__builtin_add_overflow(buf->len, more, &needed) || __builtin_add_overflow(needed, 1, &needed))
        abort();
    if (needed <= buf->cap)
        return;
    size_t larger = buf->cap > SIZE_MAX / 2 ? needed : buf->cap * 2;
    if (larger < 64)
        larger = 64;
    if (larger < needed)
        larger = needed;
    buf->data = mem_realloc(buf->data, larger);
    buf->cap = larger;
}

void buf_append(struct buf *buf, const void *bytes, size_t len)
{
    make_room(buf, len);
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
    make_room(buf, 1);
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

void buf_put_utf8(struct buf *buf, uint32_t code)
{
    char bytes[4];
    buf_append(buf, bytes, (size_t)(str_utf8_put(bytes, code) - bytes));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    make_room(buf, 80); // most texts fit at the first attempt
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int needed = vsnprintf(buf->data + buf->len, room, format, args);
    if (needed < 0)
        abort(); // only a wrong format or a text over 2 GiB: a mistake of ours
    if ((size_t)needed >= room) {
        make_room(buf, (size_t)needed);
        if (vsnprintf(buf->data + buf->len, (size_t)needed + 1, format, again) != needed)
            abort();
    }
    va_end(again);
    buf->len += (size_t)needed;
}

char *buf_reserve(struct buf *buf, size_t more)
{
    make_room(buf, more);
    memset(buf->data + buf->len, 0, more + 1);
    return buf->data + buf->len;
}

char *buf_room(struct buf *buf, size_t more)
{
    make_room(buf, more);
    return buf->data + buf->len;
}

void buf_visible(struct buf *buf, const char *text, size_t len, const char *keep)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;
    while (at < len) {
        size_t plain = at; // the longest run that needs no change is copied at once
        while (plain < len && text[plain] >= 0x20 && text[plain] < 0x7f)
            plain++;
        buf_append(buf, text + at, plain - at);
        at = plain;
        if (at == len)
            break;
        uint32_t code = 0;
        size_t size = str_utf8_next(text + at, len - at, &code);
        unsigned char byte = (unsigned char)text[at];
        if (size == 0 || (size == 1 && (byte == 0 || !strchr(keep, byte)))) {
            const char *letter = byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : byte == '\r' ? "\\r" : NULL;
            char escape[5] = {'\\', 'x', hex[byte >> 4], hex[byte & 15], 0};
            buf_puts(buf, letter ? letter : escape);
            at++;
            continue;
        }
        if (size > 1 && str_is_hidden(code))
            buf_printf(buf, "\\u%04x", (unsigned)code);
        else
            buf_append(buf, text + at, size);
        at += size;
    }
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

char *buf_take(struct buf *buf)
{
    char *text = buf->data ? buf->data : str_dup("");
    *buf = (struct buf){0};
    return text;
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "serve/shell.h"

#include "base/str.h"

#include <string.h>

bool shell_is_text(const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t size = str_utf8_next(bytes + at, len - at, &code);
        if (size == 0 || str_is_hidden(code))
            return false;
        at += size;
    }
    return true;
}

void shell_word(struct buf *out, const char *text, size_t len)
{
    buf_putc(out, '\'');
    for (const char *quote; (quote = memchr(text, '\'', len));) {
        size_t piece = (size_t)(quote - text);
        buf_append(out, text, piece);
        buf_puts(out, "'\\''");
        text += piece + 1;
        len -= piece + 1;
    }
    buf_append(out, text, len);
    buf_putc(out, '\'');
}

// Every line ends in a newline, and is text.
static bool is_lines(const char *bytes, size_t len)
{
    if (len == 0 || bytes[len - 1] != '\n')
        return false;
    for (const char *end; len > 0; len -= (size_t)(end + 1 - bytes), bytes = end + 1) {
        end = memchr(bytes, '\n', len);
        if (!shell_is_text(bytes, (size_t)(end - bytes)))
            return false;
    }
    return true;
}

// The format of printf: octal escapes are the ones that every shell has, with three digits whatever follows.
static void put_format(struct buf *out, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code;
        size_t size = str_utf8_next(bytes + at, len - at, &code);
        unsigned char byte = (unsigned char)bytes[at];
        if (byte == '\n')
            buf_puts(out, "\\n");
        else if (size == 0 || str_is_hidden(code) || byte == '\'')
            for (size_t i = 0; i < (size ? size : 1); i++)
                buf_printf(out, "\\%03o", (unsigned char)bytes[at + i]);
        else if (byte == '%' || byte == '\\')
            buf_printf(out, "%c%c", byte, byte);
        else
            buf_append(out, bytes + at, size);
        at += size ? size : 1;
    }
}

void shell_printf(struct buf *out, const char *bytes, size_t len)
{
    if (!is_lines(bytes, len)) {
        buf_puts(out, "printf '");
        // A leading '-' would be an option of printf.
        if (len > 0 && bytes[0] == '-') {
            buf_puts(out, "\\055");
            bytes++;
            len--;
        }
        put_format(out, bytes, len);
        buf_putc(out, '\'');
        return;
    }
    buf_puts(out, "printf '%s\\n'");
    for (const char *end; len > 0; len -= (size_t)(end + 1 - bytes), bytes = end + 1) {
        end = memchr(bytes, '\n', len);
        buf_putc(out, ' ');
        shell_word(out, bytes, (size_t)(end - bytes));
    }
}

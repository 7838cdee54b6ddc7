// SPDX-License-Identifier: Apache-2.0
//
// A growing byte buffer. All-zero is empty and valid. `data` is NUL-terminated whenever it is not NULL.
#ifndef REPRO_BASE_BUF_H
#define REPRO_BASE_BUF_H

#include "base/err.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data;
    size_t len;
    size_t cap;
};

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_put_utf8(struct buf *buf, uint32_t code); // as str_utf8_put
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);

// Appends text for a terminal: hidden characters (str_is_hidden) and invalid UTF-8 as `\n`, `\x1b`, `\u202e`, but for
// the characters of `keep` ("" for none, "\n\t" for text of several lines).
void buf_visible(struct buf *buf, const char *text, size_t len, const char *keep);

// Makes room for `more` bytes beyond `len` and returns where they go; the caller then adds to `len`. The bytes are
// zero, so that the text stays terminated however few of them are used.
char *buf_reserve(struct buf *buf, size_t more);

// As buf_reserve, for who writes all of what it adds: the bytes are whatever they were, and the caller puts the NUL
// behind them.
char *buf_room(struct buf *buf, size_t more);

void buf_clear(struct buf *buf); // keeps the memory
char *buf_take(struct buf *buf); // hands the text over ("" when empty), leaving the buffer empty; the caller frees it
const char *buf_text(const struct buf *buf); // borrowed, "" when empty
void buf_free(struct buf *buf);

DEFINE_CLEANUP_VALUE(buf)

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Bytes as words of a POSIX shell, for commands that people paste.
#ifndef REPRO_SERVE_SHELL_H
#define REPRO_SERVE_SHELL_H

#include "base/buf.h"

// Whether it can stand between single quotes and be read: UTF-8 without control characters.
bool shell_is_text(const char *bytes, size_t len);
// The text between single quotes.
void shell_word(struct buf *out, const char *text, size_t len);
// A printf command that writes exactly these bytes, whatever they are: printf '%s\n' 'a' 'b' where they are lines of
// text, else with octal escapes.
void shell_printf(struct buf *out, const char *bytes, size_t len);

#endif

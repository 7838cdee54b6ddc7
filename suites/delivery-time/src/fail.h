// SPDX-License-Identifier: Apache-2.0
//
// The trainer is a batch program with nothing to undo: on the first fault it says what is wrong and ends.
#ifndef DELIVERY_FAIL_H
#define DELIVERY_FAIL_H

#include <stddef.h>

// Prints "train: " and the message to stderr, and exits with status 1.
_Noreturn void fail(const char *format, ...);

// Zeroed memory for `count` items (at least one), or a failure. Held until the program ends.
void *allocate(size_t count, size_t size);

// The whole file as text with a NUL behind it; fails on a file that cannot be read, is too large, or contains a NUL.
char *read_text(const char *path);

#endif

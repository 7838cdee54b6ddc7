// SPDX-License-Identifier: Apache-2.0
//
// What an answer gives away of the inside of the model: a traceback, a path of the machine.
#ifndef REPRO_FUZZ_LEAK_H
#define REPRO_FUZZ_LEAK_H

#include <stdbool.h>
#include <stddef.h>

// Where in the text it begins, and how long it is. What was sent itself is no leak: `sent` is the question.
struct leak {
    const char *what; // "a traceback", "a path"
    size_t at, len;
};
// Whether a text could have one at all: cheap, for every answer.
bool leak_is_possible(const char *text, size_t len);
bool leak_find(struct leak *out, const char *text, size_t len, const char *sent, size_t sent_len);

#endif

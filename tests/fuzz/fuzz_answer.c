// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
//
// The answer of a model, line by line. What is read is walked, so that a wrong length is found out.
#include "base/arena.h"
#include "serve/answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static double touch(const struct answer *answer)
{
    double sum = answer->number;
    for (size_t i = 0; i < answer->number_count; i++)
        sum += answer->numbers[i];
    for (size_t i = 0; i < answer->len; i++)
        sum += answer->text[i];
    if (answer->kind == ANSWER_TEXT && answer->text[answer->len] != '\0')
        abort();
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;
    struct arena arena = {0};
    volatile double sum = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = newline ? (size_t)(newline - at) : (size_t)(end - at);
        struct answer answer;
        answer_read(&answer, at, len, NULL, &arena);
        sum += touch(&answer);
        answer_read(&answer, at, len, "y", &arena);
        sum += touch(&answer);
        answer_of_cell(&answer, at, len, &arena);
        sum += touch(&answer);
        at += len + (newline != NULL);
    }
    arena_free(&arena);
    (void)sum;
    return 0;
}

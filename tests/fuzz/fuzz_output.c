// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
//
// The file that a batch command wrote: the first byte says how many rows it was asked.
#include "serve/output.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Everything that an answer points at is looked at.
static double touch(const struct reply *reply)
{
    double sum = 0;
    for (size_t i = 0; i < reply->count; i++) {
        const struct answer *answer = &reply->answers[i];
        for (size_t j = 0; j < answer->len; j++)
            sum += answer->text[j];
        for (size_t j = 0; j < answer->number_count; j++)
            sum += answer->numbers[j];
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = {"x"};
    if (size == 0)
        return 0;
    // As it is read from a file: with a NUL behind it.
    CLEANUP(free) char *text = mem_alloc(size);
    memcpy(text, data + 1, size - 1);
    volatile double sum = 0;
    for (int named = 0; named < 2; named++) {
        const struct question question = {
            .rows = {columns, 1, NULL, data[0] & 7}, .raw = data[0] & 8 ? "x" : NULL, .raw_len = 1};
        struct reply reply = {0};
        output_read(&reply, text, size - 1, &question, named ? "y" : NULL);
        sum += touch(&reply);
        if (reply.kind != REPLY_ANSWERED && (!reply.why || !*reply.why))
            abort();
        reply_free(&reply);
    }
    (void)sum; // clang does not count a write to something volatile as a use
    return 0;
}

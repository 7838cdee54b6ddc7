// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
//
// What servers answer, by each protocol: the first byte is the status (and how many rows were asked), the rest the
// body.
#include "serve/protocol.h"

#include <math.h>
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
        sum += answer->number;
        for (size_t j = 0; j < answer->number_count; j++)
            sum += answer->numbers[j];
        for (size_t j = 0; j < answer->len; j++)
            sum += answer->text[j];
    }
    if (reply->kind != REPLY_ANSWERED && (!reply->why || !*reply->why))
        abort();
    return sum + (double)strlen(reply->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"mlflow", "oip", "tfserving", "json"};
    static const int statuses[] = {200, 201, 204, 302, 400, 415, 500, 504};
    static const char *const columns[] = {"x"};
    static const struct cell cells[4] = {{.kind = CELL_INTEGER}};
    if (size == 0)
        return 0;
    volatile double sum = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct question question = {.rows = {columns, 1, cells, data[0] >> 3 & 3}};
        const struct protocol_response response = {statuses[data[0] & 7], (const char *)data + 1, size - 1};
        for (int named = 0; named < 2; named++) {
            struct reply reply = {0};
            protocol_read(&reply, protocol_find(names[i]), &response, &question, named ? "y" : NULL);
            sum += touch(&reply);
            reply_free(&reply);
        }
    }
    (void)sum;
    return 0;
}

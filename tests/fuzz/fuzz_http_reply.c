// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
//
// A reply taken at once and in pieces gives the same.
#include "serve/http_reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 4096 };

static size_t take(struct http_reply *reply, const char *text, size_t len, size_t step)
{
    size_t at = 0;
    http_reply_begin(reply, LIMIT);
    while (at < len && reply->state == HTTP_REPLY_MORE) {
        size_t used, piece = step < len - at ? step : len - at;
        http_reply_take(&used, reply, text + at, piece);
        if (used == 0 || used > piece)
            abort();
        at += used;
    }
    if (reply->state == HTTP_REPLY_MORE)
        http_reply_closed(reply);
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_reply whole = {0}, pieces = {0};
    // At the end of a block of its own, so that a read beyond it is seen.
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    size_t step = size > 0 ? data[size - 1] % 16 + 1u : 1;
    size_t used = take(&whole, text, size, size + 1);
    size_t again = take(&pieces, text, size, step);
    if (whole.body.len > LIMIT || whole.state == HTTP_REPLY_MORE || whole.state != pieces.state ||
        whole.status != pieces.status || whole.keep != pieces.keep)
        abort();
    if (whole.state == HTTP_REPLY_DONE && (used != again || whole.body.len != pieces.body.len ||
                                           memcmp(buf_text(&whole.body), buf_text(&pieces.body), whole.body.len) != 0))
        abort();
    if (whole.state == HTTP_REPLY_BROKEN && !whole.why)
        abort();
    http_reply_free(&whole);
    http_reply_free(&pieces);
    free(text);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// One reply of HTTP/1.1 or 1.0 (RFC 9112) as it comes in, in pieces of any size. Strict: what could be read in two ways
// is broken. Bounded: 64 KiB of head, a body up to a limit.
//
//   status line  "HTTP/1.1 200 OK" CRLF (a bare LF is taken, too; so everywhere)
//   fields       "Name: value" CRLF …, an empty line. No folded lines, no space before the colon
//   body         by Transfer-Encoding: chunked (no other coding); else by Content-Length (once, or all alike); else up
//                to the end of the connection. None with 204 and 304. Replies of 1xx stand before the real one
#ifndef REPRO_SERVE_HTTP_REPLY_H
#define REPRO_SERVE_HTTP_REPLY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_reply_state {
    HTTP_REPLY_MORE, // is to come
    HTTP_REPLY_DONE,
    HTTP_REPLY_BROKEN, // `why`
    HTTP_REPLY_LARGE,  // the body is over the limit
};
struct http_reply {
    int status;
    bool keep; // the connection may be used again
    struct buf body;
    const char *why; // static

    // The reader's own.
    enum http_reply_state state;
    int phase;
    struct buf line;
    size_t limit, head;  // bytes of the body at most; of the head so far
    uint64_t left;       // bytes of the body or chunk that are to come
    bool chunked, sized; // how the body ends
};

void http_reply_begin(struct http_reply *reply, size_t limit); // forgets the one before, keeps the memory
// Takes what belongs to this reply: *used bytes, all of them but when it is done or broken.
enum http_reply_state http_reply_take(size_t *used, struct http_reply *reply, const char *bytes, size_t len);
// The connection was closed: a body without a length is whole.
enum http_reply_state http_reply_closed(struct http_reply *reply);
bool http_reply_has_begun(const struct http_reply *reply); // some byte of it came
void http_reply_free(struct http_reply *reply);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Requests to one server on 127.0.0.1, several at a time over connections that are kept alive. Wraps libcurl's multi
// interface, which is loaded when it is first needed: linking it would make every command of ours start later.
//
// No proxies, no redirects, no other host, nothing but HTTP/1.1; bounded bodies and headers; sockets come from the
// launcher, for the server may live in a network of its own.
#ifndef REPRO_SERVE_HTTP_H
#define REPRO_SERVE_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "serve/launcher.h"

#include <stdbool.h>
#include <stddef.h>

struct http;

struct http_options {
    const struct launcher *launcher;
    struct served *served; // the server's process; the slot is read for each new connection
    size_t slots;          // requests at a time
    size_t limit;          // bytes of one body
};
// ERROR_MACHINE where libcurl is missing.
int http_open(struct http **out, const struct http_options *options, struct error *err);
void http_close(struct http *http);

// The body of a slot's next request: to be filled before http_begin.
struct buf *http_body(struct http *http, size_t slot);

struct http_request {
    const char *url;          // lives until the request has ended
    bool post;                // with the slot's body; else GET
    const char *content_type; // of a body
    const char *header;       // one more that goes with a body; NULL
    double timeout;
};
void http_begin(struct http *http, size_t slot, const struct http_request *request);

enum http_end {
    HTTP_DONE,
    HTTP_TIMEOUT,
    HTTP_REFUSED, // no connection
    HTTP_CLOSED,  // closed or reset before the whole answer was there
    HTTP_TOO_LARGE,
    HTTP_BROKEN, // not HTTP, or a kind of it that is not read
};
struct http_result {
    size_t slot;
    enum http_end end;
    int status;
    const char *body; // what came of it; valid until the slot's next request
    size_t len;
    const char *words; // libcurl's, when it did not go well; static
    double seconds;
};
// Waits at most so long for one of those that have begun to end. False when none has.
bool http_next(struct http_result *out, struct http *http, double seconds);
// Forgets all requests and closes all connections.
void http_reset(struct http *http);
// Why the launcher had no socket, or NULL. Borrowed.
const struct error *http_socket_error(const struct http *http);

#endif

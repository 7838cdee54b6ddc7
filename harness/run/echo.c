// SPDX-License-Identifier: Apache-2.0
#include "run/echo.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_LIMIT (4u << 20)
// A pipe that polls as writable takes this much without blocking, and the descriptor's own flags, which others share,
// stay as they are.
#define PIECE 4096

void echo_add(struct echo *echo, const char *bytes, size_t len)
{
    if (echo->fd < 0)
        return;
    size_t waiting = echo->waiting.len - echo->sent;
    if (waiting + len > QUEUE_LIMIT) {
        echo->left_out += len;
        return;
    }
    if (echo->left_out > 0 && waiting < QUEUE_LIMIT / 2) {
        buf_printf(&echo->waiting, "\n… %" PRIu64 " bytes not shown …\n", echo->left_out);
        echo->left_out = 0;
    }
    buf_append(&echo->waiting, bytes, len);
}

bool echo_is_waiting(const struct echo *echo)
{
    return echo->fd >= 0 && echo->sent < echo->waiting.len;
}

static bool is_writable(int fd, int milliseconds)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    int ready;
    while ((ready = poll(&poller, 1, milliseconds)) < 0 && errno == EINTR)
        continue;
    return ready > 0;
}

void echo_send(struct echo *echo)
{
    while (echo_is_waiting(echo) && is_writable(echo->fd, 0)) {
        size_t left = echo->waiting.len - echo->sent;
        ssize_t put = write(echo->fd, echo->waiting.data + echo->sent, left < PIECE ? left : PIECE);
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (put < 0 && errno != EINTR) {
            echo->fd = -1; // the reader has gone; the run goes on
            return;
        }
        echo->sent += put > 0 ? (size_t)put : 0;
    }
    if (echo->sent == echo->waiting.len) {
        buf_clear(&echo->waiting);
        echo->sent = 0;
    } else if (echo->sent > QUEUE_LIMIT / 4) {
        memmove(echo->waiting.data, echo->waiting.data + echo->sent, echo->waiting.len - echo->sent);
        echo->waiting.len -= echo->sent;
        echo->sent = 0;
    }
}

void echo_finish(struct echo *echo, double seconds)
{
    while (echo_is_waiting(echo) && is_writable(echo->fd, (int)(seconds * 1000))) {
        size_t before = echo->waiting.len - echo->sent;
        echo_send(echo);
        if (echo->waiting.len - echo->sent == before)
            break;
    }
}

void echo_free(struct echo *echo)
{
    buf_free(&echo->waiting);
    echo->sent = 0;
}

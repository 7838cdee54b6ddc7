// SPDX-License-Identifier: Apache-2.0
#include "serve/pipes.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 64 << 10 }; // of one read

void pipes_send(struct pipes *pipes, int to)
{
    while (!pipes->no_input && pipes_is_sending(pipes)) {
        ssize_t wrote = write(to, pipes->out.data + pipes->sent, pipes->out.len - pipes->sent);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (wrote <= 0) {
            pipes->no_input = true;
            return;
        }
        pipes->sent += (size_t)wrote;
    }
    if (pipes_is_sending(pipes))
        return;
    buf_clear(&pipes->out);
    pipes->sent = 0;
}

// What was taken makes room; a partial line moves to the front.
static void compact(struct pipes *pipes)
{
    if (pipes->taken < pipes->in.len && pipes->taken <= CHUNK)
        return;
    memmove(pipes->in.data, pipes->in.data + pipes->taken, pipes->in.len - pipes->taken);
    pipes->in.len -= pipes->taken;
    pipes->scanned -= pipes->taken;
    pipes->taken = 0;
}

static bool receive(struct pipes *pipes, int from)
{
    if (pipes->no_output)
        return false;
    if (pipes->in.data)
        compact(pipes);
    char *room = buf_room(&pipes->in, CHUNK);
    ssize_t got;
    do
        got = read(from, room, CHUNK);
    while (got < 0 && errno == EINTR);
    pipes->no_output = got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    pipes->in.len += got > 0 ? (size_t)got : 0;
    pipes->in.data[pipes->in.len] = '\0';
    return got > 0;
}

bool pipes_wait(struct pipes *pipes, int from, int to, double seconds)
{
    struct pollfd fds[2] = {{.fd = from, .events = POLLIN}, {.fd = to, .events = POLLOUT}};
    bool sending = !pipes->no_input && pipes_is_sending(pipes);
    seconds = seconds > 0 ? seconds : 0;
    struct timespec limit = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
    if (ppoll(fds, sending ? 2 : 1, &limit, NULL) <= 0)
        return false;
    if (sending && fds[1].revents)
        pipes_send(pipes, to);
    return fds[0].revents && receive(pipes, from);
}

bool pipes_line(struct pipes *pipes, const char **line, size_t *len)
{
    if (pipes->scanned == pipes->in.len)
        return false;
    const char *newline = memchr(pipes->in.data + pipes->scanned, '\n', pipes->in.len - pipes->scanned);
    if (!newline) {
        pipes->scanned = pipes->in.len;
        return false;
    }
    *line = pipes->in.data + pipes->taken;
    *len = (size_t)(newline - *line);
    pipes->taken = pipes->scanned = (size_t)(newline + 1 - pipes->in.data);
    return true;
}

const char *pipes_rest(const struct pipes *pipes, size_t *len)
{
    *len = pipes->in.len - pipes->taken;
    return buf_text(&pipes->in) + pipes->taken;
}

bool pipes_is_deaf(const struct pipes *pipes, int to)
{
    struct pollfd fd = {.fd = to};
    return pipes->no_input || (poll(&fd, 1, 0) > 0 && (fd.revents & POLLERR));
}

void pipes_reset(struct pipes *pipes)
{
    buf_clear(&pipes->out);
    buf_clear(&pipes->in);
    pipes->sent = pipes->taken = pipes->scanned = 0;
    pipes->no_input = pipes->no_output = false;
}

void pipes_free(struct pipes *pipes)
{
    buf_free(&pipes->out);
    buf_free(&pipes->in);
}

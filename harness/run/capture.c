// SPDX-License-Identifier: Apache-2.0
#include "run/capture.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_LIMIT  (8u << 20)
#define SMALLEST_LIMIT 2
#define LARGEST_LIMIT  (1u << 30)
#define TAIL_LINES     20

int capture_open(struct capture *out, const char *path, uint64_t limit, struct error *err)
{
    *out = (struct capture){.fd = -1};
    if (limit == 0)
        limit = DEFAULT_LIMIT;
    limit = limit < SMALLEST_LIMIT ? SMALLEST_LIMIT : limit;
    limit = limit > LARGEST_LIMIT ? LARGEST_LIMIT : limit;
    out->half = limit / 2;
    if (!path)
        return 0;
    out->path = str_dup(path);
    out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return out->fd < 0 ? error_errno(err, "cannot write '%s'", path) : 0;
}

static int write_all(const struct capture *capture, const char *bytes, size_t len, struct error *err)
{
    while (len > 0) {
        ssize_t put = write(capture->fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(err, "cannot write '%s'", capture->path);
        bytes += put;
        len -= (size_t)put;
    }
    return 0;
}

// Copies into a ring of `size` bytes so that byte number `at` of the stream stands at `at % size`.
static void ring_put(char *ring, uint64_t size, uint64_t at, const char *bytes, size_t len)
{
    if (len > size) {
        at += len - size;
        bytes += len - size;
        len = size;
    }
    uint64_t offset = at % size;
    size_t first = len < size - offset ? len : (size_t)(size - offset);
    memcpy(ring + offset, bytes, first);
    memcpy(ring, bytes + first, len - first);
}

int capture_add(struct capture *capture, const char *bytes, size_t len, struct error *err)
{
    ring_put(capture->tail, CAPTURE_TAIL, capture->total, bytes, len);
    uint64_t at = capture->total;
    capture->total += len;
    if (capture->fd < 0)
        return 0;
    if (at < capture->half) {
        size_t straight = len < capture->half - at ? len : (size_t)(capture->half - at);
        if (write_all(capture, bytes, straight, err) != 0)
            return -1;
        bytes += straight;
        len -= straight;
        at += straight;
    }
    if (len == 0)
        return 0;
    if (!capture->ring)
        capture->ring = mem_alloc(capture->half);
    ring_put(capture->ring, capture->half, at - capture->half, bytes, len);
    return 0;
}

bool capture_is_cut(const struct capture *capture)
{
    return capture->path && capture->total > 2 * capture->half;
}

// "12,345,678"
static char *with_commas(uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    struct buf out = {0};
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_putc(&out, ',');
        buf_putc(&out, digits[i]);
    }
    return buf_take(&out);
}

static int write_ring(const struct capture *capture, struct error *err)
{
    uint64_t behind = capture->total - capture->half; // bytes that went to the ring
    if (behind <= capture->half)
        return write_all(capture, capture->ring, behind, err);
    CLEANUP(free) char *left_out = with_commas(behind - capture->half);
    CLEANUP(free) char *line = str_printf("\n… %s bytes left out …\n", left_out);
    uint64_t oldest = behind % capture->half;
    return write_all(capture, line, strlen(line), err) != 0 ||
                   write_all(capture, capture->ring + oldest, capture->half - oldest, err) != 0 ||
                   write_all(capture, capture->ring, oldest, err) != 0
               ? -1
               : 0;
}

int capture_finish(struct capture *capture, struct error *err)
{
    if (capture->fd < 0)
        return 0;
    if (capture->ring && write_ring(capture, err) != 0)
        return -1;
    int closed = close(capture->fd);
    capture->fd = -1;
    return closed != 0 && errno != EINTR ? error_errno(err, "cannot write '%s'", capture->path) : 0;
}

void capture_free(struct capture *capture)
{
    if (capture->fd >= 0)
        close(capture->fd);
    free(capture->path);
    free(capture->ring);
    *capture = (struct capture){.fd = -1};
}

// ---- the last lines ----

// Bytes of the well-formed, printable UTF-8 character at `at`; 0 when it is none.
static size_t printable(const char *at, size_t left)
{
    unsigned char first = (unsigned char)*at;
    if (first < 0x20 || first == 0x7f)
        return first == '\t' ? 1 : 0;
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (len > left || !str_is_utf8(at, len, NULL))
        return 0;
    return len == 2 && first == 0xc2 && (unsigned char)at[1] < 0xa0 ? 0 : len; // C1 controls
}

static void put_visible(struct buf *out, const char *line, size_t len)
{
    if (len > 0 && line[len - 1] == '\r')
        len--;
    size_t seen = len;
    while (seen > 0 && line[seen - 1] != '\r')
        seen--;
    for (size_t i = seen; i < len;) {
        size_t whole = printable(line + i, len - i);
        unsigned char byte = (unsigned char)line[i];
        if (whole > 0)
            buf_append(out, line + i, whole);
        else if (byte < 0x20)
            buf_printf(out, "^%c", byte + '@');
        else
            buf_printf(out, "\\x%02x", byte);
        i += whole > 0 ? whole : 1;
    }
}

char *capture_last_lines(const struct capture *capture)
{
    char text[CAPTURE_TAIL];
    size_t len = capture->total < CAPTURE_TAIL ? (size_t)capture->total : CAPTURE_TAIL;
    for (size_t i = 0; i < len; i++)
        text[i] = capture->tail[(capture->total - len + i) % CAPTURE_TAIL];
    while (len > 0 && text[len - 1] == '\n')
        len--;
    size_t start = len;
    for (int lines = 0; start > 0; start--)
        if (text[start - 1] == '\n' && ++lines == TAIL_LINES)
            break;
    if (start == 0 && capture->total > CAPTURE_TAIL) { // the first line is cut: leave it out unless it is all there is
        const char *next = memchr(text, '\n', len);
        start = next ? (size_t)(next + 1 - text) : 0;
    }
    struct buf out = {0};
    while (start < len) {
        const char *end = memchr(text + start, '\n', len - start);
        size_t line = end ? (size_t)(end - text) - start : len - start;
        put_visible(&out, text + start, line);
        start += line + 1;
        if (start < len)
            buf_putc(&out, '\n');
    }
    return buf_take(&out);
}

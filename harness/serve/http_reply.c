// SPDX-License-Identifier: Apache-2.0
#include "serve/http_reply.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

enum { MOST_HEAD = 64 << 10 };
enum phase { STATUS, FIELDS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILERS };

void http_reply_begin(struct http_reply *reply, size_t limit)
{
    struct buf body = reply->body, line = reply->line;
    buf_clear(&body);
    buf_clear(&line);
    *reply = (struct http_reply){.body = body, .line = line, .limit = limit};
}

void http_reply_free(struct http_reply *reply)
{
    buf_free(&reply->body);
    buf_free(&reply->line);
}

bool http_reply_has_begun(const struct http_reply *reply)
{
    return reply->head > 0;
}

static void break_off(struct http_reply *reply, const char *why)
{
    reply->state = HTTP_REPLY_BROKEN;
    reply->why = why;
    reply->keep = false;
}

static void finish(struct http_reply *reply)
{
    reply->state = HTTP_REPLY_DONE;
}

// ---- The head

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void read_status(struct http_reply *reply, const char *line, size_t len)
{
    // "HTTP/1.x NNN", and a phrase that means nothing
    if (len < 12 || memcmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
        line[9] < '1' || line[9] > '5' || !is_digit(line[10]) || !is_digit(line[11]) || (len > 12 && line[12] != ' ')) {
        break_off(reply, "the first line is not one of HTTP/1.1");
        return;
    }
    reply->keep = line[7] == '1';
    reply->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    reply->phase = FIELDS;
}

static bool is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
        if (!letter && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return len > 0;
}

static void read_length(struct http_reply *reply, const char *value, size_t len)
{
    uint64_t length = 0;
    bool good = len > 0;
    for (size_t i = 0; i < len && good; i++)
        good = is_digit(value[i]) && !__builtin_mul_overflow(length, 10, &length) &&
               !__builtin_add_overflow(length, (uint64_t)(value[i] - '0'), &length);
    if (!good)
        break_off(reply, "Content-Length is not a number");
    else if (reply->sized && reply->left != length)
        break_off(reply, "two Content-Lengths that differ");
    reply->sized = true;
    reply->left = length;
}

// Whether a list of words with commas has the word.
static bool has_word(const char *list, size_t len, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && list[end] != ',')
            end++;
        size_t first = at, last = end;
        while (first < last && (list[first] == ' ' || list[first] == '\t'))
            first++;
        while (last > first && (list[last - 1] == ' ' || list[last - 1] == '\t'))
            last--;
        if (last - first == size && strncasecmp(list + first, word, size) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

static bool is_named(const char *line, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(line, name, len) == 0;
}

static void read_field(struct http_reply *reply, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name = colon ? (size_t)(colon - line) : 0;
    if (!is_token(line, name)) {
        break_off(reply, "a line of the head has no name");
        return;
    }
    const char *value = colon + 1;
    size_t rest = len - name - 1;
    for (; rest > 0 && (*value == ' ' || *value == '\t'); value++)
        rest--;
    while (rest > 0 && (value[rest - 1] == ' ' || value[rest - 1] == '\t'))
        rest--;
    if (reply->phase == TRAILERS)
        return;
    if (is_named(line, name, "content-length")) {
        read_length(reply, value, rest);
    } else if (is_named(line, name, "transfer-encoding")) {
        if (reply->chunked || !is_named(value, rest, "chunked"))
            break_off(reply, "a transfer coding that is not 'chunked'");
        reply->chunked = true;
    } else if (is_named(line, name, "connection")) {
        // HTTP/1.0 says that it keeps, 1.1 that it does not.
        reply->keep = has_word(value, rest, "close") ? false : reply->keep || has_word(value, rest, "keep-alive");
    }
}

static void end_head(struct http_reply *reply)
{
    if (reply->chunked && reply->sized) {
        break_off(reply, "both Content-Length and chunks");
    } else if (reply->status < 200) { // not the reply yet
        if (reply->status == 101)
            break_off(reply, "another protocol, which nobody asked for");
        reply->chunked = reply->sized = false;
        reply->left = 0;
        reply->phase = STATUS;
    } else if (reply->status == 204 || reply->status == 304) {
        finish(reply);
    } else if (reply->chunked) {
        reply->phase = CHUNK_SIZE;
    } else {
        reply->phase = BODY;
        reply->keep = reply->keep && reply->sized;
        if (reply->sized && reply->left > reply->limit)
            reply->state = HTTP_REPLY_LARGE;
        else if (reply->sized && reply->left == 0)
            finish(reply);
    }
}

// ---- The body

static void read_chunk_size(struct http_reply *reply, const char *line, size_t len)
{
    uint64_t size = 0;
    size_t digits = 0;
    for (; digits < len; digits++) {
        int digit = str_hex_digit(line[digits]);
        if (digit < 0)
            break;
        if (digits == 15) {
            break_off(reply, "a chunk's size is too large");
            return;
        }
        size = size * 16 + (uint64_t)digit;
    }
    if (digits == 0 || (digits < len && line[digits] != ';' && line[digits] != ' ' && line[digits] != '\t')) {
        break_off(reply, "a chunk's size is not a number");
        return;
    }
    reply->left = size;
    reply->phase = size > 0 ? CHUNK : TRAILERS;
    if (size > reply->limit - reply->body.len)
        reply->state = HTTP_REPLY_LARGE;
}

static void take_line(struct http_reply *reply, const char *line, size_t len)
{
    if (memchr(line, '\r', len) || memchr(line, '\0', len)) {
        break_off(reply, "a control character within a line of the head");
        return;
    }
    switch ((enum phase)reply->phase) {
    case STATUS:
        read_status(reply, line, len);
        break;
    case FIELDS:
        if (len > 0)
            read_field(reply, line, len);
        else
            end_head(reply);
        break;
    case CHUNK_SIZE:
        read_chunk_size(reply, line, len);
        break;
    case CHUNK_END:
        reply->phase = CHUNK_SIZE;
        if (len > 0)
            break_off(reply, "a chunk is longer than it says");
        break;
    case TRAILERS:
        if (len > 0)
            read_field(reply, line, len);
        else
            finish(reply);
        break;
    case BODY:
    case CHUNK:
        break;
    }
}

// A line that lies whole in what came is not copied.
static size_t take_head(struct http_reply *reply, const char *bytes, size_t len)
{
    const char *newline = memchr(bytes, '\n', len);
    size_t used = newline ? (size_t)(newline - bytes) + 1 : len;
    bool framing = reply->phase == CHUNK_SIZE || reply->phase == CHUNK_END;
    reply->head += framing ? 0 : used;
    if (reply->head > MOST_HEAD) {
        break_off(reply, "the head is over 64 KiB");
        return used;
    }
    if (reply->line.len > 0 || !newline) {
        if (reply->line.len + used > MOST_HEAD) {
            break_off(reply, "a line is over 64 KiB");
            return used;
        }
        buf_append(&reply->line, bytes, used);
        bytes = buf_text(&reply->line);
    }
    if (!newline)
        return used;
    size_t size = reply->line.len > 0 ? reply->line.len - 1 : used - 1;
    take_line(reply, bytes, size > 0 && bytes[size - 1] == '\r' ? size - 1 : size);
    buf_clear(&reply->line);
    return used;
}

static size_t take_body(struct http_reply *reply, const char *bytes, size_t len)
{
    bool ends = reply->phase == CHUNK || reply->sized;
    size_t used = ends && reply->left < len ? (size_t)reply->left : len;
    if (used > reply->limit - reply->body.len) {
        reply->state = HTTP_REPLY_LARGE;
        reply->keep = false;
        return used;
    }
    buf_append(&reply->body, bytes, used);
    if (!ends)
        return used;
    reply->left -= used;
    if (reply->left == 0 && reply->phase == CHUNK)
        reply->phase = CHUNK_END;
    else if (reply->left == 0)
        finish(reply);
    return used;
}

enum http_reply_state http_reply_take(size_t *used, struct http_reply *reply, const char *bytes, size_t len)
{
    *used = 0;
    while (*used < len && reply->state == HTTP_REPLY_MORE) {
        bool body = reply->phase == BODY || reply->phase == CHUNK;
        *used += (body ? take_body : take_head)(reply, bytes + *used, len - *used);
    }
    if (reply->state == HTTP_REPLY_LARGE)
        reply->keep = false;
    return reply->state;
}

enum http_reply_state http_reply_closed(struct http_reply *reply)
{
    reply->keep = false;
    if (reply->state == HTTP_REPLY_MORE && reply->phase == BODY && !reply->sized)
        finish(reply);
    else if (reply->state == HTTP_REPLY_MORE)
        break_off(reply, "the connection was closed before the whole reply was there");
    return reply->state;
}

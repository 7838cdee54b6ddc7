// SPDX-License-Identifier: Apache-2.0
// Links: repro_serve
#include "serve/http_reply.h"
#include "unit.h"

#define LIMIT 1000

// Takes the text in pieces of `step` bytes, then (step 0: at once) the end of the connection.
static enum http_reply_state take(struct http_reply *reply, const char *text, size_t step, size_t *used)
{
    size_t len = strlen(text);
    enum http_reply_state state = HTTP_REPLY_MORE;
    http_reply_begin(reply, LIMIT);
    *used = 0;
    while (*used < len && state == HTTP_REPLY_MORE) {
        size_t piece = 0, size = step && step < len - *used ? step : len - *used;
        state = http_reply_take(&piece, reply, text + *used, size);
        *used += piece;
    }
    return state == HTTP_REPLY_MORE ? http_reply_closed(reply) : state;
}

static const struct {
    const char *text;
    int status;
    bool keep;
    const char *body, *rest;
} good[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1", 200, true, "hello", "HTTP/1.1"},
    {"HTTP/1.1 200 OK\nContent-Length:5\n\nhello", 200, true, "hello", ""},
    {"HTTP/1.1 404\r\ncontent-length: 0\r\n\r\nx", 404, true, "", "x"},
    {"HTTP/1.1 204 No Content\r\n\r\nx", 204, true, "", "x"},
    {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nab", 200, false, "ab", ""},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, false, "ab", ""},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab", 200, true, "ab", ""},
    {"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nall of it", 200, false, "all of it", ""},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", 200, true, "ab", ""},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\na", 201, true, "a", ""},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nx", 200, true,
     "abc0123456789", "x"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n", 200, true, "", ""},
};

START_TEST(a_reply_is_read_in_pieces_of_any_size)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t step = 0; step < 20; step++) {
            struct http_reply reply = {0};
            size_t used;
            ck_assert_msg(take(&reply, good[i].text, step, &used) == HTTP_REPLY_DONE, "%s: %s", good[i].text,
                          reply.why);
            ck_assert_int_eq(reply.status, good[i].status);
            ck_assert_msg(reply.keep == good[i].keep, "%s", good[i].text);
            ck_assert_str_eq(buf_text(&reply.body), good[i].body);
            ck_assert_str_eq(good[i].text + used, good[i].rest);
            http_reply_free(&reply);
        }
    }
}
END_TEST

START_TEST(what_can_be_read_in_two_ways_is_broken)
{
    static const char *const cases[][2] = {
        {"garbage\r\n\r\n", "first line"},
        {"HTTP/2.0 200 OK\r\n\r\n", "first line"},
        {"HTTP/1.1 2000 OK\r\n\r\n", "first line"},
        {"HTTP/1.1 999 OK\r\n\r\n", "first line"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "differ"},
        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not a number"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "not a number"},
        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "not a number"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "both"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "coding"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "coding"},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "no name"},
        {"HTTP/1.1 200 OK\r\nName : x\r\n\r\n", "no name"},
        {"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "no name"},
        {"HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n", "control character"},
        {"HTTP/1.1 101 Switching\r\n\r\n", "another protocol"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunk's size"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "chunk's size"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000001\r\n", "too large"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "longer"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "closed before"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell", "closed before"},
        {"HTTP/1.1 200 OK\r\nContent-", "closed before"},
        {"", "closed before"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_reply reply = {0};
        size_t used;
        ck_assert_msg(take(&reply, cases[i][0], i % 5, &used) == HTTP_REPLY_BROKEN, "%s", cases[i][0]);
        ck_assert_msg(strstr(reply.why, cases[i][1]) != NULL, "%s: %s", cases[i][0], reply.why);
        ck_assert(!reply.keep);
        http_reply_free(&reply);
    }
}
END_TEST

START_TEST(a_body_over_the_limit_is_not_kept)
{
    static const char *const heads[] = {"Content-Length: 1001", "Transfer-Encoding: chunked", "X: until it closes"};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct buf text = {0};
        struct http_reply reply = {0};
        size_t used;
        buf_printf(&text, "HTTP/1.1 200 OK\r\n%s\r\n\r\n%s", heads[i], i == 1 ? "3e9\r\n" : "");
        for (int j = 0; j < 1001; j++)
            buf_putc(&text, 'x');
        ck_assert_int_eq(take(&reply, text.data, 100, &used), HTTP_REPLY_LARGE);
        ck_assert_uint_le(reply.body.len, LIMIT);
        ck_assert(!reply.keep);
        http_reply_free(&reply);
        buf_free(&text);
    }
}
END_TEST

START_TEST(a_head_without_an_end_is_broken)
{
    static const char *const lines[] = {"X: y\r\n", "x"};
    for (size_t i = 0; i < 2; i++) {
        struct buf text = {0};
        struct http_reply reply = {0};
        size_t used;
        buf_puts(&text, "HTTP/1.1 200 OK\r\n");
        while (text.len < 200000)
            buf_puts(&text, lines[i]);
        ck_assert_int_eq(take(&reply, text.data, 1000, &used), HTTP_REPLY_BROKEN);
        ck_assert_uint_le(used, 70000);
        ck_assert_ptr_nonnull(strstr(reply.why, "64 KiB"));
        http_reply_free(&reply);
        buf_free(&text);
    }
}
END_TEST

START_TEST(a_reader_is_used_again)
{
    struct http_reply reply = {0};
    size_t used;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(take(&reply, good[0].text, 3, &used), HTTP_REPLY_DONE);
        ck_assert_str_eq(buf_text(&reply.body), "hello");
        http_reply_begin(&reply, LIMIT);
        ck_assert(!http_reply_has_begun(&reply));
    }
    http_reply_free(&reply);
}
END_TEST

UNIT_MAIN("http_reply", a_reply_is_read_in_pieces_of_any_size, what_can_be_read_in_two_ways_is_broken,
          a_body_over_the_limit_is_not_kept, a_head_without_an_end_is_broken, a_reader_is_used_again)

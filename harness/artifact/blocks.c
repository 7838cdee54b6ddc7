// SPDX-License-Identifier: Apache-2.0
#include "artifact/blocks.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { BLOCK_SIZE = 1 << 20, FIRST_SIZE = 1 << 16 /* at least, to tell what the file looks like */ };

// ---- Bytes

// Reads until there are `want` bytes ahead, or the file ends.
static int fill(struct blocks *blocks, size_t want, struct error *err)
{
    while (!blocks->ended && blocks->ahead.len < want) {
        char *to = buf_room(&blocks->ahead, want - blocks->ahead.len);
        ssize_t got = read(blocks->fd, to, want - blocks->ahead.len);
        if (got < 0)
            return error_errno(err, "cannot read '%s'", blocks->head.name);
        blocks->ahead.len += (size_t)got;
        blocks->ahead.data[blocks->ahead.len] = '\0';
        blocks->ended = got == 0;
    }
    return 0;
}

static size_t after_last_line(const char *from, const char *to)
{
    const char *line = memrchr(from, '\n', (size_t)(to - from));
    return line ? (size_t)(line + 1 - from) : 0;
}

// Where the last row that is whole ends in text that begins with a row, as the reader of CSV will see it: a quote opens
// a cell only where one begins, and only a quote that is not doubled closes it.
static size_t whole_rows(const struct table_source *head, const char *text, size_t len)
{
    const char *at = text, *end = text + len, *quote;
    size_t whole = 0;
    while (!head->json && (quote = memchr(at, '"', (size_t)(end - at)))) {
        size_t rows = after_last_line(at, quote);
        whole = rows > 0 ? (size_t)(at - text) + rows : whole;
        at = quote + 1;
        if (quote > text && quote[-1] != head->delimiter && quote[-1] != '\n')
            continue;
        for (;;) {
            const char *close = memchr(at, '"', (size_t)(end - at));
            if (!close || close + 1 == end)
                return whole;
            at = close + 1;
            if (*at != '"')
                break;
            at++;
        }
    }
    size_t rows = after_last_line(at, end);
    return rows > 0 ? (size_t)(at - text) + rows : whole;
}

static void drop(struct blocks *blocks, size_t len)
{
    blocks->ahead.len -= len;
    memmove(blocks->ahead.data, blocks->ahead.data + len, blocks->ahead.len + 1);
    blocks->offset += len;
}

// ---- Its head

static void look(struct blocks *blocks)
{
    struct table_source *head = &blocks->head;
    head->text = blocks->ahead.data;
    head->len = blocks->ahead.len;
    head->body = head->len >= 3 && memcmp(head->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    head->json = table_is_json(head);
    if (head->json)
        return;
    if (!blocks->ended) // a row that is cut off would speak against every delimiter
        head->len = after_last_line(head->text, head->text + head->len);
    head->delimiter = table_csv_delimiter(head);
}

static int read_head(struct blocks *blocks, struct table_names *header, struct error *err)
{
    struct table_source *head = &blocks->head;
    size_t want = blocks->size > FIRST_SIZE ? blocks->size : FIRST_SIZE;
    for (;; want *= 2) {
        if (fill(blocks, want, err) < 0)
            return -1;
        if (blocks->ahead.len == 0)
            return error_set(err, ERROR_USAGE, "'%s' is empty", head->name);
        look(blocks);
        if (head->json || blocks->ended || whole_rows(head, blocks->ahead.data, blocks->ahead.len) > 0)
            break;
        if (want > BLOCKS_ROW_LIMIT)
            return error_problem(err, head->name, 1, "a row of more than 64 MiB");
    }
    if (table_check_text(head, err) < 0)
        return -1;
    if (!head->json && table_header(header, head, err) < 0)
        return -1;
    struct table_source first = *head;
    first.len = head->body;
    if (blocks_check(&first, err) < 0)
        return -1;
    drop(blocks, head->body);
    head->body = head->len = 0;
    head->text = NULL;
    return 0;
}

int blocks_open(struct blocks *blocks, struct table_names *header, const char *path, const char *name, size_t size,
                struct error *err)
{
    struct stat st;
    *blocks = (struct blocks){.head.name = name, .size = size ? size : BLOCK_SIZE};
    blocks->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO is refused, not waited for
    if (blocks->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, ERROR_USAGE, "there is no file '%s'", name);
    if (blocks->fd < 0 || fstat(blocks->fd, &st) < 0)
        return error_errno(err, "cannot open '%s'", name);
    if (fs_check_regular(name, &st, err) < 0)
        return -1;
    return read_head(blocks, header, err);
}

void blocks_close(struct blocks *blocks)
{
    if (blocks->fd >= 0)
        close(blocks->fd);
    buf_free(&blocks->ahead);
    *blocks = (struct blocks){.fd = -1};
}

// ---- Blocks

int blocks_next(bool *more, struct table_source *out, struct buf *room, uint64_t *offset, struct blocks *blocks,
                struct error *err)
{
    size_t whole = 0;
    *more = false;
    for (size_t want = blocks->size; whole == 0; want *= 2) {
        if (fill(blocks, want, err) < 0)
            return -1;
        if (blocks->ahead.len == 0)
            return 0;
        size_t len = blocks->ahead.len < want ? blocks->ahead.len : want;
        bool last = blocks->ended && len == blocks->ahead.len;
        whole = last ? len : whole_rows(&blocks->head, blocks->ahead.data, len);
        if (whole == 0 && want > BLOCKS_ROW_LIMIT) {
            error_problem(err, blocks->head.name, 1, "a row of more than 64 MiB");
            blocks_fix_lines(err, blocks, blocks->offset);
            return -1;
        }
    }
    const struct buf empty = *room;
    *room = blocks->ahead;
    blocks->ahead = empty;
    buf_clear(&blocks->ahead);
    buf_append(&blocks->ahead, room->data + whole, room->len - whole);
    room->len = whole;
    *out = blocks->head;
    out->text = room->data;
    out->len = whole;
    *offset = blocks->offset;
    blocks->offset += whole;
    *more = true;
    return 0;
}

int blocks_check(struct table_source *block, struct error *err)
{
    struct table_bytes bytes;
    table_count_bytes(&bytes, block->text, block->len);
    block->ascii = !bytes.high;
    if (!bytes.nul)
        return 0;
    const char *nul = memchr(block->text, '\0', block->len);
    return error_problem(err, block->name, table_line(block, nul), "a NUL byte: this is not a text file");
}

void blocks_fix_lines(struct error *err, const struct blocks *blocks, uint64_t offset)
{
    CLEANUP(free) char *bytes = mem_alloc(FIRST_SIZE);
    long lines = 0;
    for (uint64_t at = 0; at < offset;) {
        size_t want = offset - at < FIRST_SIZE ? (size_t)(offset - at) : FIRST_SIZE;
        ssize_t got = pread(blocks->fd, bytes, want, (off_t)at);
        if (got <= 0)
            break;
        for (const char *p = bytes, *end = bytes + got; (p = memchr(p, '\n', (size_t)(end - p))); p++)
            lines++;
        at += (uint64_t)got;
    }
    for (size_t i = 0; i < err->problem_count; i++)
        err->problems[i].line += err->problems[i].line > 0 ? lines : 0;
}

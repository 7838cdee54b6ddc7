// SPDX-License-Identifier: Apache-2.0
#include "drift/log_lines.h"

#include "artifact/inflate.h"

#include <errno.h>
#include <string.h>

#define BLOCK ((size_t)256 << 10)

int log_lines_open(struct log_lines *out, const char *folder, const char *path, struct error *err)
{
    *out = (struct log_lines){.bytes = mem_alloc(2 * BLOCK), .capacity = 2 * BLOCK};
    return log_files_open(&out->files, folder, path, err);
}

void log_lines_free(struct log_lines *lines)
{
    log_files_free(&lines->files);
    inflate_pieces_free(lines->inflate);
    free(lines->packed);
    free(lines->bytes);
    *lines = (struct log_lines){0};
}

// ---- Bytes

static int read_at(size_t *got, const struct log_file *file, uint64_t offset, void *to, size_t size, struct error *err)
{
    uint64_t left = offset < file->size ? file->size - offset : 0;
    size = size < left ? size : (size_t)left;
    ssize_t count;
    do {
        count = size > 0 ? pread(file->fd, to, size, (off_t)offset) : 0;
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return error_errno(err, "cannot read '%s'", file->name);
    *got = (size_t)count;
    return 0;
}

static int begin_file(struct log_lines *lines, struct error *err)
{
    unsigned char magic[2];
    size_t got = 0;
    lines->begun = lines->first = true;
    lines->ended = false;
    lines->packed_at = lines->packed_end = 0;
    if (read_at(&got, &lines->files.items[lines->file], 0, magic, sizeof magic, err) < 0)
        return -1;
    lines->gzip = got == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    inflate_pieces_free(steal(&lines->inflate));
    if (lines->gzip)
        lines->inflate = inflate_pieces_new();
    return 0;
}

// The file's next bytes as they stand in it; 0 at its end.
static int read_raw(size_t *got, struct log_lines *lines, void *to, size_t size, struct error *err)
{
    const struct log_file *file = &lines->files.items[lines->file];
    if (read_at(got, file, lines->offset, to, size, err) < 0)
        return -1;
    lines->offset += *got;
    lines->shortened += *got == 0 && lines->offset < file->size;
    return 0;
}

// Bytes that are damaged end the file: what came out before them is good.
static int read_gzip(size_t *got, struct log_lines *lines, void *to, size_t size, struct error *err)
{
    CLEANUP(error) struct error damage = {0};
    if (!lines->packed)
        lines->packed = mem_alloc(BLOCK);
    for (;;) {
        const unsigned char *packed = lines->packed + lines->packed_at;
        size_t left = lines->packed_end - lines->packed_at;
        if (inflate_pieces_next(lines->inflate, &packed, &left, to, size, got, &damage) < 0) {
            lines->damaged++;
            *got = 0;
            return 0;
        }
        lines->packed_at = lines->packed_end - left;
        if (*got > 0)
            return 0;
        lines->packed_at = lines->packed_end = 0;
        if (read_raw(&lines->packed_end, lines, lines->packed, BLOCK, err) < 0)
            return -1;
        if (lines->packed_end == 0) {
            lines->damaged += !inflate_pieces_is_whole(lines->inflate);
            return 0;
        }
    }
}

// More of the file behind what is there; `ended` when there is none.
static int fill(struct log_lines *lines, struct error *err)
{
    size_t got = 0;
    memmove(lines->bytes, lines->bytes + lines->at, lines->end - lines->at);
    lines->end -= lines->at;
    lines->at = 0;
    while (lines->capacity < lines->end + BLOCK) {
        lines->capacity *= 2;
        lines->bytes = mem_realloc(lines->bytes, lines->capacity);
    }
    int status = lines->gzip ? read_gzip(&got, lines, lines->bytes + lines->end, BLOCK, err)
                             : read_raw(&got, lines, lines->bytes + lines->end, BLOCK, err);
    lines->end += got;
    lines->ended = got == 0;
    if (lines->first && lines->end - lines->at >= 3) {
        lines->first = false;
        lines->at += memcmp(lines->bytes + lines->at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    }
    return status;
}

// ---- Lines

// What is left of a file that has ended. False when that is nothing.
static bool take_rest(struct log_line *line, struct log_lines *lines)
{
    bool newest = lines->file + 1 == lines->files.count;
    *line = (struct log_line){.kind = newest && !lines->gzip ? LOG_LINE_UNFINISHED : LOG_LINE_CUT,
                              .text = lines->bytes + lines->at,
                              .len = lines->end - lines->at};
    if (lines->skipping)
        *line = (struct log_line){.kind = LOG_LINE_TOO_LONG, .text = ""};
    bool some = lines->skipping || line->len > 0;
    lines->at = lines->end;
    lines->skipping = false;
    return some;
}

// A line that ends within what was read. `from` is how much of it is known to have no end.
static bool take_line(struct log_line *line, struct log_lines *lines, size_t from)
{
    const char *begin = lines->bytes + lines->at;
    const char *stop = lines->end > lines->at + from ? memchr(begin + from, '\n', lines->end - lines->at - from) : NULL;
    if (!stop)
        return false;
    *line = (struct log_line){.text = begin, .len = (size_t)(stop - begin)};
    lines->at += line->len + 1;
    if (lines->skipping || line->len > LOG_LINE_MOST)
        *line = (struct log_line){.kind = LOG_LINE_TOO_LONG, .text = ""};
    lines->skipping = false;
    return true;
}

static int next_of_file(bool *found, struct log_line *line, struct log_lines *lines, struct error *err)
{
    for (size_t known = 0;;) {
        *found = take_line(line, lines, known);
        if (!*found && lines->ended)
            *found = take_rest(line, lines);
        if (*found || lines->ended)
            return 0;
        known = lines->end - lines->at;
        if (known > LOG_LINE_MOST) {
            lines->skipping = true;
            lines->at = lines->end;
            known = 0;
        }
        if (fill(lines, err) < 0)
            return -1;
    }
}

int log_lines_next(bool *more, struct log_line *line, struct log_lines *lines, struct error *err)
{
    for (*more = false; lines->file < lines->files.count; lines->file++, lines->begun = false, lines->offset = 0) {
        if ((!lines->begun && begin_file(lines, err) < 0) || next_of_file(more, line, lines, err) < 0)
            return -1;
        if (*more)
            return 0;
    }
    return 0;
}

// ---- Places

int log_lines_seek(struct log_lines *lines, const struct log_place *place, struct error *err)
{
    struct log_line line;
    bool more = true;
    lines->file = place->file;
    lines->offset = place->offset;
    lines->begun = lines->skipping = false;
    lines->at = lines->end = 0;
    lines->damaged = lines->shortened = 0;
    for (uint64_t i = 0; more && i < place->skip; i++) {
        if (log_lines_next(&more, &line, lines, err) < 0)
            return -1;
    }
    return 0;
}

// Lines of a compressed file can only be counted from its beginning.
static int count_lines(uint64_t *out, struct log_lines *lines, size_t file, struct error *err)
{
    const struct log_place begin = {.file = file};
    struct log_line line;
    bool found = true;
    if (log_lines_seek(lines, &begin, err) < 0 || begin_file(lines, err) < 0)
        return -1;
    for (*out = 0;; ++*out) {
        if (next_of_file(&found, &line, lines, err) < 0)
            return -1;
        if (!found)
            return 0;
    }
}

// Looks for the place among those of one file. `count` becomes what is still to be found in older files; 0: found.
static int look_back(struct log_place *out, uint64_t *count, struct log_lines *lines, size_t index, struct error *err)
{
    const struct log_file *file = &lines->files.items[index];
    CLEANUP(free) char *block = mem_alloc(BLOCK);
    uint64_t end = file->size;
    while (end > 0) {
        size_t size = end < BLOCK ? (size_t)end : BLOCK, got = 0;
        if (read_at(&got, file, end - size, block, size, err) < 0)
            return -1;
        const char *newline;
        for (size_t at = got; (newline = memrchr(block, '\n', at)); at = (size_t)(newline - block)) {
            uint64_t place = end - size + (uint64_t)(newline - block) + 1;
            if (place < file->size && --*count == 0) {
                *out = (struct log_place){.file = index, .offset = place};
                return 0;
            }
        }
        end -= size;
    }
    *count -= file->size > 0;
    *out = (struct log_place){.file = index};
    return 0;
}

int log_lines_from_end(struct log_place *out, struct log_lines *lines, uint64_t count, struct error *err)
{
    *out = (struct log_place){.file = lines->files.count};
    for (size_t i = lines->files.count; i > 0 && count > 0; i--) {
        const struct log_place begin = {.file = i - 1};
        if (log_lines_seek(lines, &begin, err) < 0 || begin_file(lines, err) < 0)
            return -1;
        if (!lines->gzip) {
            if (look_back(out, &count, lines, i - 1, err) < 0)
                return -1;
            continue;
        }
        uint64_t found = 0;
        if (count_lines(&found, lines, i - 1, err) < 0)
            return -1;
        *out = (struct log_place){.file = i - 1, .skip = found > count ? found - count : 0};
        count -= found < count ? found : count;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// The lines of a log and of what it was rotated into (drift/log_files.h), oldest first, compressed (gzip, by its first
// bytes) or not. Memory is bounded: a line longer than LOG_LINE_MOST is told, and passed over.
#ifndef REPRO_DRIFT_LOG_LINES_H
#define REPRO_DRIFT_LOG_LINES_H

#include "base/err.h"
#include "base/mem.h"
#include "drift/log_files.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MOST ((size_t)1 << 20)

enum log_line_kind {
    LOG_LINE_WHOLE,
    LOG_LINE_UNFINISHED, // the last one of the newest file, without its end: it may be being written
    LOG_LINE_CUT,        // the last one of an older file, or of one that is damaged, without its end
    LOG_LINE_TOO_LONG,   // text and len are empty
};
struct log_line {
    enum log_line_kind kind;
    const char *text; // without its end; not NUL-terminated; until the next one is read
    size_t len;
};

// Where a line begins.
struct log_place {
    size_t file;
    uint64_t offset; // of a file that is not compressed
    uint64_t skip;   // lines, from there on
};

struct log_lines {
    struct log_files files;
    size_t file;     // the one that is read
    uint64_t offset; // bytes of it that were read
    bool begun, gzip, ended;
    bool first; // nothing of the file was looked at: a byte order mark may come
    struct inflate_pieces *inflate;
    unsigned char *packed; // read and not decompressed
    size_t packed_at, packed_end;
    char *bytes; // read and not given
    size_t at, end, capacity;
    bool skipping;      // a line that is too long
    uint64_t damaged;   // files whose compressed bytes end early or are damaged
    uint64_t shortened; // files that became shorter meanwhile
};

int log_lines_open(struct log_lines *out, const char *folder, const char *path, struct error *err);
int log_lines_next(bool *more, struct log_line *line, struct log_lines *lines, struct error *err);
// Goes on from there; all zero is the very beginning.
int log_lines_seek(struct log_lines *lines, const struct log_place *place, struct error *err);
// The place behind which `count` lines follow, or the very beginning where there are fewer.
int log_lines_from_end(struct log_place *out, struct log_lines *lines, uint64_t count, struct error *err);
void log_lines_free(struct log_lines *lines);
DEFINE_CLEANUP_VALUE(log_lines)

#endif

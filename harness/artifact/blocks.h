// SPDX-License-Identifier: Apache-2.0
//
// A table of text (artifact/table.h) read from the front in blocks of whole rows, so that memory does not grow with the
// file and nobody minds when it grows or is cut short meanwhile. Where a block ends depends on the file alone, so that
// what is computed block by block does not depend on who computes it.
#ifndef REPRO_ARTIFACT_BLOCKS_H
#define REPRO_ARTIFACT_BLOCKS_H

#include "artifact/table.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blocks {
    struct table_source head; // how the file is to be read, and the bytes that come first
    int fd;
    size_t size;      // of a block, about
    struct buf ahead; // read, and not handed out yet
    uint64_t offset;  // of `ahead` in the file
    bool ended;       // nothing is behind `ahead`
};
#define BLOCKS_ROW_LIMIT ((size_t)64 << 20) // a longer row is an error

// Opens the file and looks at its first bytes: of CSV, the header goes to `header`. `name` is what messages call it,
// and its ending counts (".jsonl"); `size` 0: 1 MiB. ERROR_USAGE for what is empty, no regular file, or no text.
int blocks_open(struct blocks *blocks, struct table_names *header, const char *path, const char *name, size_t size,
                struct error *err);
// The next block, whose bytes go to `room`; `out` says how they are to be read, *offset where they begin.
// *more is false at the end of the file. One at a time.
int blocks_next(bool *more, struct table_source *out, struct buf *room, uint64_t *offset, struct blocks *blocks,
                struct error *err);
void blocks_close(struct blocks *blocks);

// Looks at all bytes of a block, to set `ascii`; a NUL byte is a problem. May be called for several blocks at once.
int blocks_check(struct table_source *block, struct error *err);
// Problems that were found in a block get the lines that they have in the file; `offset` is that of the block.
void blocks_fix_lines(struct error *err, const struct blocks *blocks, uint64_t offset);

#endif

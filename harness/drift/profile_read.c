// SPDX-License-Identifier: Apache-2.0
//
// A file of rows on all CPUs. Whoever is free takes the next block, reads its rows into a piece of their own, and waits
// until the pieces before it were added to the profile: the order of the rows is kept, whoever reads them.
#include "drift/profile.h"

#include "artifact/blocks.h"
#include "artifact/date.h"
#include "base/pool.h"
#include "drift/profile_parts.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

struct pass {
    struct profile *profile;
    struct blocks blocks;
    struct table_names header; // of CSV
    size_t *columns;           // of each cell of CSV the index in profile->names; SIZE_MAX: nobody asks for it
    bool counting;             // how many rows of each block pass the filter is all that matters
    bool counted;              // that was done before
    uint64_t *passed;          // of each block
    size_t block_count, passed_capacity;
    uint64_t skip;      // rows that pass but come before the last ones
    const char *format; // of the time; NULL: any
    size_t time;        // the token of a row that tells when it was; SIZE_MAX: none

    pthread_mutex_t lock; // of what follows, and of `blocks`
    pthread_cond_t turned;
    size_t taken, turn; // blocks that were taken, that were added
    uint64_t seen;      // rows that pass in those that were taken
    bool stopped;
    struct error *err;
};

// ---- Rows

// The format that the schema has for the column of the time; NULL: it may be any.
static const char *time_format(const struct profile *profile)
{
    const char *format = profile->time < profile->count ? profile->schema->columns[profile->time].format : NULL;
    return format && date_format_is_known(format) && !str_starts(format, "epoch") ? format : NULL;
}

// Seconds since 1970 of what tells a time: a date in the schema's format or else in any, or a number of seconds,
// milliseconds, … since 1970.
static bool read_time(double *out, size_t *hint, const struct table_token *token, const char *format)
{
    int64_t integer;
    double number;
    if (token->kind == TOKEN_ABSENT || token->kind == TOKEN_NULL || token->kind == TOKEN_RAW)
        return false;
    if (format)
        return date_seconds(out, format, token->text, token->len);
    if (token->kind != TOKEN_BOOL && table_number(&integer, &number, token->text, token->len) != NUMBER_NOT &&
        token->len != 8) { // 20261123
        while (fabs(number) >= 1e11 && isfinite(number))
            number /= 1000;
        *out = number;
        return isfinite(number);
    }
    return date_guess(out, hint, token->text, token->len);
}

struct row_work {
    const struct pass *pass;
    struct piece *piece;
    struct table_reader reader;
    size_t hint;
    uint64_t before; // rows that pass, before this block
};

// Whether the row that was read counts.
static bool passes(struct row_work *work)
{
    const struct profile *profile = work->pass->profile;
    size_t time = work->pass->time;
    double seconds;
    if (profile->time != SIZE_MAX &&
        (time >= work->reader.capacity ||
         !read_time(&seconds, &work->hint, &work->reader.tokens[time], work->pass->format) ||
         seconds < profile->options.since)) {
        work->piece->outside++;
        return false;
    }
    return work->before + work->piece->passed++ >= work->pass->skip && !work->pass->counting;
}

static void add_cells(struct row_work *work)
{
    const struct profile *profile = work->pass->profile;
    const struct table_reader *reader = &work->reader;
    bool json = reader->source->json;
    size_t count = json ? reader->given_count : work->pass->header.count;
    for (size_t i = 0; i < count; i++) {
        size_t token = json ? reader->given[i] : i, column = json ? token : work->pass->columns[i];
        if (column >= profile->count)
            continue;
        work->piece->present[column] = work->piece->present[column] || json;
        tally_add(&work->piece->tallies[column], &profile->plans[column], &reader->tokens[token]);
    }
    work->piece->rows++;
}

static int read_rows(struct row_work *work, const struct table_source *block, struct error *err)
{
    struct table_reader *reader = &work->reader;
    reader->source = block;
    reader->at = block->text;
    reader->end = block->text + block->len;
    for (;;) {
        bool more;
        CLEANUP(error) struct error fault = {0};
        if (table_row(&more, reader, reader->end, &fault) == 0) {
            if (!more)
                return 0;
            if (passes(work))
                add_cells(work);
            continue;
        }
        if (!work->pass->profile->options.skip_broken) {
            *err = fault;
            fault = (struct error){0};
            return -1;
        }
        work->piece->broken++;
        const char *line = memchr(reader->row, '\n', (size_t)(reader->end - reader->row));
        reader->at = line ? line + 1 : reader->end;
    }
}

// ---- Blocks

struct taken {
    struct table_source block;
    uint64_t offset;
    size_t index;
    uint64_t before; // rows that pass, before this block
    bool skipped;    // none of its rows is one of the last
};

static int take_block(bool *more, struct taken *taken, struct buf *room, struct pass *pass, struct error *err)
{
    pthread_mutex_lock(&pass->lock);
    int status = 0;
    *more = false;
    if (!pass->stopped)
        status = blocks_next(more, &taken->block, room, &taken->offset, &pass->blocks, err);
    taken->index = pass->taken;
    taken->skipped = false;
    taken->before = pass->seen;
    if (!pass->counting && taken->index < pass->block_count) {
        pass->seen += pass->passed[taken->index];
        taken->skipped = pass->seen <= pass->skip;
    }
    *more = *more || status < 0; // a fault is handed in, in its turn
    pass->taken += *more;
    pthread_mutex_unlock(&pass->lock);
    return status;
}

static void stop(struct pass *pass, struct error *fault)
{
    pass->stopped = true;
    *pass->err = *fault;
    *fault = (struct error){0};
}

// In the order of the blocks: the piece becomes part of the profile, or its fault ends the pass.
static void hand_in(struct pass *pass, const struct taken *taken, struct piece *piece, struct error *fault)
{
    pthread_mutex_lock(&pass->lock);
    while (pass->turn != taken->index)
        pthread_cond_wait(&pass->turned, &pass->lock);
    if (!pass->stopped && fault->kind != ERROR_NONE)
        stop(pass, fault);
    bool stopped = pass->stopped;
    if (!stopped && pass->counting) {
        pass->passed = mem_grow(pass->passed, pass->block_count, &pass->passed_capacity, sizeof *pass->passed);
        pass->passed[pass->block_count++] = piece->passed;
    }
    pthread_mutex_unlock(&pass->lock);
    if (!stopped) // it is nobody else's turn
        profile_merge(pass->profile, piece);
    pthread_mutex_lock(&pass->lock);
    pass->turn++;
    pthread_cond_broadcast(&pass->turned);
    pthread_mutex_unlock(&pass->lock);
}

static void read_block(struct row_work *work, struct taken *taken, struct error *fault)
{
    work->before = taken->before;
    work->hint = 0; // what came before in other blocks must not decide what 01/02 means
    if (taken->skipped)
        return;
    if (blocks_check(&taken->block, fault) < 0 || read_rows(work, &taken->block, fault) < 0)
        blocks_fix_lines(fault, &work->pass->blocks, taken->offset);
    else
        piece_close(work->piece, work->pass->profile);
    if (work->pass->counted)
        work->piece->broken = work->piece->outside = 0; // counted in the first pass
}

static void run(size_t index, void *context)
{
    (void)index;
    struct pass *pass = context;
    struct piece piece;
    struct buf room = {0};
    struct row_work work = {.pass = pass, .piece = &piece};
    piece_init(&piece, pass->profile);
    work.reader.names = pass->blocks.head.json ? &pass->profile->names : &pass->header;
    work.reader.fixed = true;
    for (;;) {
        struct taken taken;
        CLEANUP(error) struct error fault = {0};
        bool more;
        int status = take_block(&more, &taken, &room, pass, &fault);
        if (!more)
            break;
        if (status == 0)
            read_block(&work, &taken, &fault);
        hand_in(pass, &taken, &piece, &fault);
        piece_clear(&piece, pass->profile);
    }
    piece_free(&piece, pass->profile);
    buf_free(&room);
    table_reader_free(&work.reader);
}

// ---- Passes

static void find_columns(struct pass *pass)
{
    struct profile *profile = pass->profile;
    pass->format = time_format(profile);
    pass->columns = mem_array(pass->header.count + 1, sizeof *pass->columns);
    pass->time = pass->blocks.head.json ? profile->time : SIZE_MAX;
    for (size_t i = 0; i < pass->header.count; i++) {
        const struct table_name *name = &pass->header.items[i];
        size_t column = table_names_find(&profile->names, name->text, name->len, i, false);
        pass->columns[i] = column;
        if (column < profile->count)
            profile->totals[column].present = true;
        if (column != SIZE_MAX && column == profile->time)
            pass->time = i;
    }
}

// The whole file once.
static int run_pass(struct pass *pass, const char *path, const char *name, struct error *err)
{
    const struct profile_options *options = &pass->profile->options;
    size_t threads = options->threads ? options->threads : pool_cpus();
    int status = blocks_open(&pass->blocks, &pass->header, path, name, options->block_size, err);
    if (status == 0) {
        pass->err = err;
        pass->taken = pass->turn = 0;
        find_columns(pass);
        pool_run(threads, threads, run, pass);
        status = pass->stopped ? -1 : 0;
    }
    blocks_close(&pass->blocks);
    table_names_free(&pass->header);
    free(steal(&pass->columns));
    return status;
}

int profile_read(struct profile *profile, const char *path, const char *name, struct error *err)
{
    struct pass pass = {.profile = profile, .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER};
    int status = 0;
    profile_flush(profile); // rows that came before stay before
    if (profile->options.last > 0) {
        pass.counting = true;
        status = run_pass(&pass, path, name, err);
        pass.counting = false;
        pass.counted = true;
        uint64_t passed = 0;
        for (size_t i = 0; i < pass.block_count; i++)
            passed += pass.passed[i];
        pass.skip = passed > profile->options.last ? passed - profile->options.last : 0;
    }
    if (status == 0)
        status = run_pass(&pass, path, name, err);
    free(pass.passed);
    pthread_cond_destroy(&pass.turned);
    pthread_mutex_destroy(&pass.lock);
    return status;
}

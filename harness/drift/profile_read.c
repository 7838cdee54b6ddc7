// SPDX-License-Identifier: Apache-2.0
//
// A file of rows on all CPUs. Whoever is free takes the next block and reads its rows into a piece of their own; the
// pieces are added to the profile in the order of the blocks, by one at a time: by whoever hands in the next one.
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
    pthread_cond_t freed;
    struct slot *slots;
    size_t slot_count;
    size_t taken, turn; // blocks that were taken, that were added
    uint64_t seen;      // rows that pass in those that were taken
    bool ended, stopped;
    bool adding; // somebody is
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
    bool timed = time < work->reader.capacity && work->reader.tokens[time].kind != TOKEN_ABSENT;
    work->piece->timed |= timed;
    if (profile->time != SIZE_MAX &&
        (!timed || !read_time(&seconds, &work->hint, &work->reader.tokens[time], work->pass->format) ||
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

// Where a block is read.
struct slot {
    enum { SLOT_FREE, SLOT_BUSY, SLOT_READY } state;
    struct table_source block;
    struct buf room;
    struct piece piece;
    struct error fault;
    uint64_t offset;
    size_t index;
    uint64_t before; // rows that pass, before this block
    bool skipped;    // none of its rows is one of the last
};

static void take_block(struct pass *pass, struct slot *slot)
{
    const struct profile_options *options = &pass->profile->options;
    bool more = false;
    if (options->stopped && options->stopped(options->context))
        error_set(&slot->fault, ERROR_STOPPED, "stopped while '%s' was read", pass->blocks.head.name);
    else if (blocks_next(&more, &slot->block, &slot->room, &slot->offset, &pass->blocks, &slot->fault) == 0 && !more) {
        pass->ended = true;
        return;
    }
    pass->ended = !more; // after a fault, which is handed in
    slot->state = SLOT_BUSY;
    slot->index = pass->taken++;
    slot->before = pass->seen;
    slot->skipped = false;
    if (!pass->counting && slot->index < pass->block_count) {
        pass->seen += pass->passed[slot->index];
        slot->skipped = pass->seen <= pass->skip;
    }
}

static struct slot *find_slot(const struct pass *pass, int state, size_t index)
{
    for (size_t i = 0; i < pass->slot_count; i++) {
        if ((int)pass->slots[i].state == state && (state == SLOT_FREE || pass->slots[i].index == index))
            return &pass->slots[i];
    }
    return NULL;
}

// The next block in a slot; NULL at the end.
static struct slot *claim(struct pass *pass)
{
    struct slot *slot = NULL;
    pthread_mutex_lock(&pass->lock);
    while (!pass->stopped && !pass->ended && !(slot = find_slot(pass, SLOT_FREE, 0)))
        pthread_cond_wait(&pass->freed, &pass->lock);
    if (slot)
        take_block(pass, slot);
    bool taken = slot && slot->state == SLOT_BUSY;
    pthread_mutex_unlock(&pass->lock);
    return taken ? slot : NULL;
}

// The piece becomes part of the profile, or its fault ends the pass. By one at a time, with the lock held, which is let
// go meanwhile.
static void add_slot(struct pass *pass, struct slot *slot)
{
    if (!pass->stopped && slot->fault.kind != ERROR_NONE) {
        pass->stopped = true;
        *pass->err = slot->fault;
        slot->fault = (struct error){0};
    }
    bool stopped = pass->stopped;
    pthread_mutex_unlock(&pass->lock);
    if (!stopped && pass->counting) {
        pass->passed = mem_grow(pass->passed, pass->block_count, &pass->passed_capacity, sizeof *pass->passed);
        pass->passed[pass->block_count++] = slot->piece.passed;
    }
    if (!stopped)
        profile_merge(pass->profile, &slot->piece);
    error_free(&slot->fault);
    piece_clear(&slot->piece, pass->profile);
    pthread_mutex_lock(&pass->lock);
    slot->state = SLOT_FREE;
    pass->turn++;
    pthread_cond_broadcast(&pass->freed);
}

static void hand_in(struct pass *pass, struct slot *slot)
{
    pthread_mutex_lock(&pass->lock);
    slot->state = SLOT_READY;
    if (!pass->adding) { // else who is adding will find it
        pass->adding = true;
        for (struct slot *next; (next = find_slot(pass, SLOT_READY, pass->turn));)
            add_slot(pass, next);
        pass->adding = false;
    }
    pthread_mutex_unlock(&pass->lock);
}

static void read_block(struct row_work *work, struct slot *slot)
{
    work->piece = &slot->piece;
    work->before = slot->before;
    work->hint = 0; // what came before in other blocks must not decide what 01/02 means
    if (slot->skipped || slot->fault.kind != ERROR_NONE)
        return;
    if (blocks_check(&slot->block, &slot->fault) < 0 || read_rows(work, &slot->block, &slot->fault) < 0)
        blocks_fix_lines(&slot->fault, &work->pass->blocks, slot->offset);
    else
        piece_close(work->piece, work->pass->profile);
    if (work->pass->counted)
        work->piece->broken = work->piece->outside = 0; // counted in the first pass
}

static void run(size_t index, void *context)
{
    (void)index;
    struct pass *pass = context;
    struct row_work work = {.pass = pass};
    work.reader.names = pass->blocks.head.json ? &pass->profile->names : &pass->header;
    work.reader.fixed = true;
    for (struct slot *slot; (slot = claim(pass));) {
        read_block(&work, slot);
        hand_in(pass, slot);
    }
    table_reader_free(&work.reader);
}

// As many as can be read at once, and as many again that wait for an earlier one.
static void run_slots(struct pass *pass, size_t threads)
{
    pass->slot_count = threads > 1 ? threads * 2 : 1;
    pass->slots = mem_array(pass->slot_count, sizeof *pass->slots);
    for (size_t i = 0; i < pass->slot_count; i++)
        piece_init(&pass->slots[i].piece, pass->profile);
    pool_run(threads, threads, run, pass);
    for (size_t i = 0; i < pass->slot_count; i++) {
        piece_free(&pass->slots[i].piece, pass->profile);
        buf_free(&pass->slots[i].room);
        error_free(&pass->slots[i].fault);
    }
    free(steal(&pass->slots));
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
        pass->ended = false;
        find_columns(pass);
        run_slots(pass, threads);
        status = pass->stopped ? -1 : 0;
    }
    blocks_close(&pass->blocks);
    table_names_free(&pass->header);
    free(steal(&pass->columns));
    return status;
}

int profile_read(struct profile *profile, const char *path, const char *name, struct error *err)
{
    struct pass pass = {.profile = profile, .lock = PTHREAD_MUTEX_INITIALIZER, .freed = PTHREAD_COND_INITIALIZER};
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
    pthread_cond_destroy(&pass.freed);
    pthread_mutex_destroy(&pass.lock);
    return status;
}

// SPDX-License-Identifier: Apache-2.0
//
// A file of training data, read once on all CPUs: what its bytes are, what it looks like, its parts, all together.
#include "fuzz/infer.h"

#include "base/pool.h"
#include "fuzz/infer_parts.h"

#include <string.h>

enum { PART_SIZE = 1 << 20, PARTS_PER_THREAD = 4, WIDE = 1000, PICKS = 32768, DISTINCT = 1000 };

// ---- Bytes

// Equal pieces of the file.
struct census {
    const struct source *source;
    size_t pieces;
    struct table_bytes *counts;
};

static size_t border(const struct census *census, size_t index)
{
    size_t size = census->source->file.len, pieces = census->pieces;
    return size / pieces * index + size % pieces * index / pieces;
}

static void count_bytes(size_t index, void *context)
{
    struct census *census = context;
    size_t from = border(census, index), to = border(census, index + 1);
    table_count_bytes(&census->counts[index], census->source->file.text + from, to - from);
}

static int take_census(struct source *source, const struct census *census, struct error *err)
{
    source->file.ascii = true;
    for (size_t i = 0; i < census->pieces; i++) {
        source->file.ascii = source->file.ascii && !census->counts[i].high;
        if (!census->counts[i].nul)
            continue;
        const char *nul = memchr(source->file.text, '\0', source->file.len);
        return error_problem(err, source->file.name, table_line(&source->file, nul),
                             "a NUL byte: this is not a text file");
    }
    return 0;
}

// ---- Parts

struct part {
    const char *from, *to, *end; // where its rows begin, where those of the next do, where its last row ended
    struct table table;
    struct table_names own; // of JSON lines
    struct error err;
};

struct work {
    const struct source *source;
    size_t threads, count;
    size_t pieces;              // of the census, in each part
    struct table_names *header; // of CSV
    struct part *parts;
};

static void table_free(struct table *table)
{
    for (size_t i = 0; i < table->capacity; i++)
        gauge_free(&table->gauges[i]);
    free(table->gauges);
    picks_free(&table->picks);
    *table = (struct table){0};
}

static void part_clear(struct part *part)
{
    table_free(&part->table);
    table_names_free(&part->own);
    error_free(&part->err);
    part->err = (struct error){0};
}

// Gauges for all names.
static void table_grow(struct table *table)
{
    while (table->capacity < table->names->count) {
        size_t before = table->capacity;
        table->gauges = mem_grow(table->gauges, before, &table->capacity, sizeof *table->gauges);
        memset(table->gauges + before, 0, (table->capacity - before) * sizeof *table->gauges);
    }
}

static void read_part(size_t index, void *context)
{
    const struct work *work = context;
    struct part *part = &work->parts[index];
    const struct source *source = work->source;
    struct table *table = &part->table;
    table->names = source->file.json ? &part->own : work->header;
    struct table_reader reader = {
        .source = &source->file, .at = part->from, .end = source->file.text + source->file.len, .names = table->names};
    table_grow(table);
    for (;;) {
        bool more;
        if (table_row(&more, &reader, part->to, &part->err) < 0 || !more)
            break;
        table->rows++;
        picks_add(&table->picks, source, (size_t)(reader.row - source->file.text));
        table_grow(table);
        size_t count = source->file.json ? reader.given_count : table->names->count;
        for (size_t i = 0; i < count; i++) {
            size_t column = source->file.json ? reader.given[i] : i;
            gauge_add(&table->gauges[column], &reader.tokens[column], source);
        }
    }
    part->end = reader.at;
    table_reader_free(&reader);
}

// Where each part begins is a guess where quotes are about: it was right when the part before ended there. Where it was
// not, the part is read again from the right place, and so is what follows as long as it must be.
static void read_parts(struct work *work)
{
    pool_run(work->threads, work->count, read_part, work);
    for (size_t i = 0; i + 1 < work->count; i++) {
        const struct part *part = &work->parts[i];
        struct part *next = &work->parts[i + 1];
        if (part->err.kind != ERROR_NONE)
            return;
        if (part->end == next->from)
            continue;
        part_clear(next);
        next->from = part->end;
        read_part(i + 1, work);
    }
}

static int merge_part(struct table *to, struct part *part, const struct source *source, struct error *err)
{
    struct table *from = &part->table;
    to->rows += from->rows;
    picks_merge(&to->picks, &from->picks, source);
    for (size_t i = 0; i < from->names->count; i++) {
        const struct table_name *name = &from->names->items[i];
        size_t column = source->file.json ? table_names_find(to->names, name->text, name->len, i, true) : i;
        if (column == SIZE_MAX)
            return error_problem(err, source->file.name, 0, "more than %d different keys", TABLE_NAMES_LIMIT);
        table_grow(to);
        gauge_merge(&to->gauges[column], &from->gauges[i], source);
    }
    return 0;
}

// Cuts the body into parts. Whether a border is inside quotes is told by how many quotes stand before it; that is wrong
// only where a quote stands in the middle of a cell without quotes.
static void cut(struct work *work, const struct census *census)
{
    const struct source *source = work->source;
    const char *body = source->file.text + source->file.body;
    size_t quotes = 0;
    for (size_t i = 0; i < work->count; i++) {
        const char *at = source->file.text + border(census, i * work->pieces);
        if (i == 0 || at <= body) {
            at = body;
        } else if (source->file.json) {
            const char *line = memchr(at, '\n', (size_t)(source->file.text + source->file.len - at));
            at = line ? line + 1 : source->file.text + source->file.len;
        } else {
            at = table_csv_row_start(&source->file, at, quotes % 2 == 1);
        }
        if (i > 0 && at < work->parts[i - 1].from)
            at = work->parts[i - 1].from;
        work->parts[i].from = at;
        if (i > 0)
            work->parts[i - 1].to = at;
        for (size_t piece = 0; piece < work->pieces; piece++)
            quotes += census->counts[i * work->pieces + piece].quotes;
    }
    work->parts[work->count - 1].to = source->file.text + source->file.len;
}

// All parts into one table; the first fault of the file is the one that is told.
static int merge(struct table *table, struct work *work, struct error *err)
{
    for (size_t i = 0; i < work->count; i++) {
        struct part *part = &work->parts[i];
        if (part->err.kind != ERROR_NONE) {
            *err = part->err;
            part->err = (struct error){0};
            return -1;
        }
        if (merge_part(table, part, work->source, err) < 0)
            return -1;
    }
    return 0;
}

// ---- What it looks like

// How many columns the first line has, which decides how much is kept of each.
static size_t first_keys(const struct source *source)
{
    CLEANUP(error) struct error err = {0};
    struct table_names names = {0};
    struct table_reader reader = {.source = &source->file,
                                  .at = source->file.text + source->file.body,
                                  .end = source->file.text + source->file.len,
                                  .names = &names};
    bool more;
    (void)table_row(&more, &reader, reader.end, &err); // a fault is told when the parts are read
    size_t count = names.count;
    table_reader_free(&reader);
    table_names_free(&names);
    return count;
}

// With very many columns less is kept of each, so that memory stays bounded.
static void set_limits(struct source *source, size_t columns, const struct infer_options *options)
{
    size_t wide = columns > 0 ? columns : 1;
    size_t distinct = 200 * DISTINCT / wide, picks = ((size_t)1 << 20) / wide;
    source->distinct_limit = distinct > DISTINCT ? DISTINCT : distinct < 20 ? 20 : distinct;
    source->pick_count = picks > PICKS ? PICKS : picks < 100 ? 100 : picks;
    source->seed = options->seed;
}

static int read_all(struct table *table, struct source *source, const struct infer_options *options, struct error *err)
{
    size_t threads = options->threads ? options->threads : pool_cpus();
    size_t pieces = source->file.len / (options->part_size ? options->part_size : PART_SIZE) + 1;
    pieces = pieces < threads * PARTS_PER_THREAD ? pieces : threads * PARTS_PER_THREAD;
    CLEANUP(free) struct table_bytes *counts = mem_array(pieces, sizeof *counts);
    struct census census = {source, pieces, counts};
    pool_run(threads, pieces, count_bytes, &census);
    if (take_census(source, &census, err) < 0)
        return -1;
    source->file.json = table_is_json(&source->file);
    if (!source->file.json && table_header(table->names, &source->file, err) < 0)
        return -1;
    size_t columns = source->file.json ? first_keys(source) : table->names->count;
    set_limits(source, columns, options);
    size_t parts = columns > WIDE && pieces > threads ? threads : pieces; // fewer tables where they are large
    CLEANUP(free) struct part *list = mem_array(parts, sizeof *list);
    struct work work = {.source = source,
                        .threads = threads,
                        .count = parts,
                        .pieces = pieces / parts,
                        .header = table->names,
                        .parts = list};
    cut(&work, &census);
    read_parts(&work);
    table_grow(table);
    int status = merge(table, &work, err);
    for (size_t i = 0; i < parts; i++)
        part_clear(&list[i]);
    if (status == 0 && table->rows == 0)
        return error_problem(err, source->file.name, 0, source->file.json ? "has no row" : "has a header and no row");
    return status;
}

int infer_data(struct schema **schema, struct sample *sample, const char *path, const char *name,
               const struct infer_options *options, struct error *err)
{
    if (schema)
        *schema = NULL;
    if (sample)
        *sample = (struct sample){0};
    struct source source = {.file.name = name};
    struct table_names names = {0};
    struct table table = {.names = &names};
    int status = table_open(&source.file, path, err);
    if (status == 0)
        status = table_check_text(&source.file, err);
    if (status == 0) {
        source.file.body = source.file.len >= 3 && memcmp(source.file.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        status = read_all(&table, &source, options, err);
    }
    if (status == 0)
        status = infer_types(schema, sample, &table, &source, options, err);
    table_free(&table);
    table_names_free(&names);
    table_close(&source.file);
    return status;
}

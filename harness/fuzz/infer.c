// SPDX-License-Identifier: Apache-2.0
//
// A file of training data, read once on all CPUs: what its bytes are, what it looks like, its parts, all together.
#include "fuzz/infer.h"

#include "base/fs.h"
#include "base/pool.h"
#include "base/str.h"
#include "fuzz/infer_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

enum { READ_LIMIT = 16 << 20, PART_SIZE = 1 << 20, PARTS_PER_THREAD = 4, WIDE = 1000, PICKS = 32768, DISTINCT = 1000 };

// ---- Bytes

// A file that somebody cuts short while it is mapped would end the process; most are small enough to be read.
static int read_small(struct source *source, int fd, size_t size, struct error *err)
{
    CLEANUP(free) char *bytes = mem_realloc(NULL, size);
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, bytes + len, size - len);
        if (got < 0)
            return error_errno(err, "cannot read '%s'", source->name);
        if (got == 0)
            return error_set(err, ERROR_USAGE, "'%s' became shorter while it was read", source->name);
        len += (size_t)got;
    }
    source->text = steal(&bytes);
    source->len = size;
    return 0;
}

static int map(struct source *source, const char *path, struct error *err)
{
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO is refused, not waited for
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, "cannot open '%s'", source->name);
    if (fs_check_regular(source->name, &st, err) < 0)
        return -1;
    if (st.st_size == 0)
        return error_set(err, ERROR_USAGE, "'%s' is empty", source->name);
    if (st.st_size <= READ_LIMIT)
        return read_small(source, fd, (size_t)st.st_size, err);
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return error_errno(err, "cannot read '%s'", source->name);
    madvise(bytes, (size_t)st.st_size, MADV_WILLNEED);
    source->text = bytes;
    source->len = (size_t)st.st_size;
    return 0;
}

static void unmap(struct source *source)
{
    if (source->len > READ_LIMIT)
        munmap((void *)source->text, source->len);
    else
        free((void *)source->text);
}

long source_line(const struct source *source, const char *at)
{
    long line = 1;
    for (const char *p = source->text; p < at && (p = memchr(p, '\n', (size_t)(at - p))); p++)
        line++;
    return line;
}

// Equal pieces of the file.
struct census {
    const struct source *source;
    size_t pieces;
    struct census_count *counts;
};

static size_t border(const struct census *census, size_t index)
{
    size_t size = census->source->len, pieces = census->pieces;
    return size / pieces * index + size % pieces * index / pieces;
}

static void count_bytes(size_t index, void *context)
{
    struct census *census = context;
    size_t from = border(census, index), to = border(census, index + 1);
    census_count(&census->counts[index], census->source->text + from, to - from);
}

static int check_text(const struct source *source, struct error *err)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *what;
    } kinds[] = {
        {"\xff\xfe", 2, "UTF-16; convert it to UTF-8"},          {"\xfe\xff", 2, "UTF-16; convert it to UTF-8"},
        {"\x1f\x8b", 2, "compressed (gzip); unpack it"},         {"PK\3\4", 4, "a zip archive; unpack it"},
        {"\x28\xb5\x2f\xfd", 4, "compressed (zstd); unpack it"}, {"PAR1", 4, "Parquet; write it as CSV"}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (source->len >= kinds[i].len && memcmp(source->text, kinds[i].bytes, kinds[i].len) == 0)
            return error_set(err, ERROR_USAGE, "'%s' is %s", source->name, kinds[i].what);
    }
    return 0;
}

static int take_census(struct source *source, const struct census *census, struct error *err)
{
    source->ascii = true;
    for (size_t i = 0; i < census->pieces; i++) {
        source->ascii = source->ascii && !census->counts[i].high;
        if (!census->counts[i].nul)
            continue;
        const char *nul = memchr(source->text, '\0', source->len);
        return error_problem(err, source->name, source_line(source, nul), "a NUL byte: this is not a text file");
    }
    return 0;
}

// ---- Parts

struct part {
    const char *from, *to, *end; // where its rows begin, where those of the next do, where its last row ended
    struct table table;
    struct names own; // of JSON lines
    struct error err;
};

struct work {
    const struct source *source;
    size_t threads, count;
    size_t pieces;        // of the census, in each part
    struct names *header; // of CSV
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
    infer_names_free(&part->own);
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
    table->names = source->json ? &part->own : work->header;
    struct row_reader reader = {
        .source = source, .at = part->from, .end = source->text + source->len, .names = table->names};
    table_grow(table);
    for (;;) {
        bool more;
        if (row_read(&more, &reader, part->to, &part->err) < 0 || !more)
            break;
        table->rows++;
        picks_add(&table->picks, source, (size_t)(reader.row - source->text));
        table_grow(table);
        size_t count = source->json ? reader.given_count : table->names->count;
        for (size_t i = 0; i < count; i++) {
            size_t column = source->json ? reader.given[i] : i;
            gauge_add(&table->gauges[column], &reader.tokens[column], source);
        }
    }
    part->end = reader.at;
    row_reader_free(&reader);
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
        const struct name *name = &from->names->items[i];
        size_t column = source->json ? infer_names_find(to->names, name->text, name->len, i, true) : i;
        if (column == SIZE_MAX)
            return error_problem(err, source->name, 0, "more than %d different keys", NAMES_LIMIT);
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
    const char *body = source->text + source->body;
    size_t quotes = 0;
    for (size_t i = 0; i < work->count; i++) {
        const char *at = source->text + border(census, i * work->pieces);
        if (i == 0 || at <= body) {
            at = body;
        } else if (source->json) {
            const char *line = memchr(at, '\n', (size_t)(source->text + source->len - at));
            at = line ? line + 1 : source->text + source->len;
        } else {
            at = csv_row_start(source, at, quotes % 2 == 1);
        }
        if (i > 0 && at < work->parts[i - 1].from)
            at = work->parts[i - 1].from;
        work->parts[i].from = at;
        if (i > 0)
            work->parts[i - 1].to = at;
        for (size_t piece = 0; piece < work->pieces; piece++)
            quotes += census->counts[i * work->pieces + piece].quotes;
    }
    work->parts[work->count - 1].to = source->text + source->len;
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

static int add_names(struct names *names, const struct row_reader *reader, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct token *cell = &reader->tokens[i];
        size_t before = names->count;
        infer_names_find(names, cell->text, cell->len, SIZE_MAX, true);
        if (names->count == before)
            return error_problem(err, reader->source->name, 1,
                                 "two columns are called '%.*s' (the first line must be a header with their names)",
                                 (int)(cell->len < 100 ? cell->len : 100), cell->text);
    }
    return 0;
}

static int read_header(struct source *source, struct names *names, struct error *err)
{
    source->delimiter = csv_delimiter(source);
    struct row_reader reader = {.source = source, .at = source->text + source->body, .end = source->text + source->len};
    while (reader.at < reader.end && (*reader.at == '\n' || *reader.at == '\r'))
        reader.at++;
    size_t count;
    int status = csv_row(&count, &reader, err);
    if (status == 0)
        status = add_names(names, &reader, count, err);
    source->body = (size_t)(reader.at - source->text);
    row_reader_free(&reader);
    return status;
}

// How many columns the first line has, which decides how much is kept of each.
static size_t first_keys(const struct source *source)
{
    CLEANUP(error) struct error err = {0};
    struct names names = {0};
    struct row_reader reader = {
        .source = source, .at = source->text + source->body, .end = source->text + source->len, .names = &names};
    bool more;
    (void)row_read(&more, &reader, reader.end, &err); // a fault is told when the parts are read
    size_t count = names.count;
    row_reader_free(&reader);
    infer_names_free(&names);
    return count;
}

static bool is_json(const struct source *source)
{
    size_t at = source->body;
    while (at < source->len && memchr(" \t\r\n", source->text[at], 4))
        at++;
    return str_ends(source->name, ".jsonl") || str_ends(source->name, ".ndjson") ||
           (at < source->len && source->text[at] == '{');
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
    size_t pieces = source->len / (options->part_size ? options->part_size : PART_SIZE) + 1;
    pieces = pieces < threads * PARTS_PER_THREAD ? pieces : threads * PARTS_PER_THREAD;
    CLEANUP(free) struct census_count *counts = mem_array(pieces, sizeof *counts);
    struct census census = {source, pieces, counts};
    pool_run(threads, pieces, count_bytes, &census);
    if (take_census(source, &census, err) < 0)
        return -1;
    source->json = is_json(source);
    if (!source->json && read_header(source, table->names, err) < 0)
        return -1;
    size_t columns = source->json ? first_keys(source) : table->names->count;
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
        return error_problem(err, source->name, 0, source->json ? "has no row" : "has a header and no row");
    return status;
}

int infer_data(struct schema **schema, struct sample *sample, const char *path, const char *name,
               const struct infer_options *options, struct error *err)
{
    if (schema)
        *schema = NULL;
    if (sample)
        *sample = (struct sample){0};
    struct source source = {.name = name};
    struct names names = {0};
    struct table table = {.names = &names};
    int status = map(&source, path, err);
    if (status == 0)
        status = check_text(&source, err);
    if (status == 0) {
        source.body = source.len >= 3 && memcmp(source.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        status = read_all(&table, &source, options, err);
    }
    if (status == 0)
        status = infer_types(schema, sample, &table, &source, options, err);
    table_free(&table);
    infer_names_free(&names);
    unmap(&source);
    return status;
}

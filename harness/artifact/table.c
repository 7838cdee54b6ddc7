// SPDX-License-Identifier: Apache-2.0
//
// The file of a table: its bytes, what they look like, its header.
#include "artifact/table.h"

#include "base/fs.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

enum { READ_LIMIT = 16 << 20 };

// A file that somebody cuts short while it is mapped would end the process; most are small enough to be read.
static int read_small(struct table_source *source, int fd, size_t size, struct error *err)
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

int table_open(struct table_source *source, const char *path, struct error *err)
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

void table_close(struct table_source *source)
{
    if (source->len > READ_LIMIT)
        munmap((void *)source->text, source->len);
    else
        free((void *)source->text);
}

long table_line(const struct table_source *source, const char *at)
{
    long line = source->line > 0 ? source->line : 1;
    for (const char *p = source->text; p < at && (p = memchr(p, '\n', (size_t)(at - p))); p++)
        line++;
    return line;
}

static size_t first_letter(const struct table_source *source, size_t at)
{
    while (at < source->len && memchr(" \t\r\n", source->text[at], 4))
        at++;
    return at;
}

int table_check_text(const struct table_source *source, struct error *err)
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
    size_t at = first_letter(source, source->body);
    if (at < source->len && source->text[at] == '[') {
        at = first_letter(source, at + 1);
        if (at < source->len && source->text[at] == '{')
            return error_set(err, ERROR_USAGE, "'%s' is a JSON array; write an object a line, as jq -c '.[]' does",
                             source->name);
    }
    return 0;
}

bool table_is_json(const struct table_source *source)
{
    size_t at = first_letter(source, source->body);
    return str_ends(source->name, ".jsonl") || str_ends(source->name, ".ndjson") ||
           (at < source->len && source->text[at] == '{');
}

// ---- Header

static int add_names(struct table_names *names, const struct table_reader *reader, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct table_token *cell = &reader->tokens[i];
        size_t before = names->count;
        table_names_find(names, cell->text, cell->len, SIZE_MAX, true);
        if (names->count == before)
            return error_problem(err, reader->source->name, 1,
                                 "two columns are called '%.*s' (the first line must be a header with their names)",
                                 (int)(cell->len < 100 ? cell->len : 100), cell->text);
    }
    return 0;
}

int table_header(struct table_names *names, struct table_source *source, struct error *err)
{
    source->delimiter = table_csv_delimiter(source);
    struct table_reader reader = {
        .source = source, .at = source->text + source->body, .end = source->text + source->len};
    while (reader.at < reader.end && (*reader.at == '\n' || *reader.at == '\r'))
        reader.at++;
    size_t count;
    int status = table_csv_row(&count, &reader, err);
    if (status == 0)
        status = add_names(names, &reader, count, err);
    source->body = (size_t)(reader.at - source->text);
    table_reader_free(&reader);
    return status;
}

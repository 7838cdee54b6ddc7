// SPDX-License-Identifier: Apache-2.0
//
// CSV as RFC 4180 has it: cells in double quotes may hold delimiters, newlines and doubled quotes; lines end in LF or
// CRLF; lines without any character are passed over. The reader of base/csv.h is for small tables; this one reads
// pieces of large ones and copies nothing that it need not.
#include "artifact/table.h"

#include "base/str.h"

#include <string.h>

static int fault(const struct table_reader *reader, const char *at, struct error *err, const char *text)
{
    return error_problem(err, reader->source->name, table_line(reader->source, at), "%s", text);
}

// The text of a quoted cell with doubled quotes, without the doubles.
static void unquote(struct table_reader *reader, struct table_token *token)
{
    char *to = arena_room(&reader->scratch, token->len + 1);
    const char *from = token->text, *end = from + token->len;
    token->text = to;
    while (from < end) {
        *to++ = *from;
        from += *from == '"' ? 2 : 1;
    }
    *to = '\0';
    token->len = (size_t)(to - token->text);
}

static int read_quoted(struct table_reader *reader, struct table_token *token, struct error *err)
{
    const char *from = reader->at + 1, *at = from, *end = reader->end;
    bool doubled = false;
    for (;;) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (!quote)
            return fault(reader, reader->at, err, "a quoted cell is never closed");
        at = quote + 1;
        if (at == end || *at != '"') {
            *token = (struct table_token){from, (size_t)(quote - from), TOKEN_CELL};
            break;
        }
        doubled = true;
        at++;
    }
    if (doubled)
        unquote(reader, token);
    if (at < end && *at == '\r' && (at + 1 == end || at[1] == '\n'))
        at++;
    if (at < end && *at != reader->source->delimiter && *at != '\n')
        return fault(reader, at, err, "text after the closing quote of a cell");
    reader->at = at;
    return 0;
}

// Eight bytes at a time. The least of the bits that are set marks the first byte that is zero; those above it may lie.
#define LOW_BITS UINT64_C(0x0101010101010101)

static uint64_t zero_bytes(uint64_t word)
{
    return (word - LOW_BITS) & ~word & LOW_BITS << 7;
}

static uint64_t load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

static size_t first_byte(uint64_t bits)
{
    return (size_t)__builtin_ctzll(bits) / 8;
}

static bool is_ascii(const char *text, size_t len)
{
    uint64_t all = 0;
    size_t at = 0;
    for (; at + 8 <= len; at += 8)
        all |= load8(text + at);
    for (; at < len; at++)
        all |= (unsigned char)text[at];
    return !(all & LOW_BITS << 7);
}

static void read_plain(struct table_reader *reader, struct table_token *token)
{
    const char *from = reader->at, *at = from, *end = reader->end;
    char delimiter = reader->source->delimiter;
    uint64_t delimiters = (unsigned char)delimiter * LOW_BITS;
    for (; end - at >= 8; at += 8) {
        uint64_t found = zero_bytes(load8(at) ^ delimiters) | zero_bytes(load8(at) ^ '\n' * LOW_BITS);
        if (found) {
            at += first_byte(found);
            break;
        }
    }
    while (at < end && *at != delimiter && *at != '\n')
        at++;
    reader->at = at;
    if (at > from && at[-1] == '\r' && (at == end || *at == '\n'))
        at--;
    *token = (struct table_token){from, (size_t)(at - from), TOKEN_CELL};
}

static int check_utf8(const struct table_reader *reader, const struct table_token *token, const char *from,
                      struct error *err)
{
    size_t bad;
    if (is_ascii(token->text, token->len) || str_is_utf8(token->text, token->len, &bad))
        return 0;
    return error_problem(err, reader->source->name, table_line(reader->source, from),
                         "the byte 0x%02x is not UTF-8; convert the file, such as with: iconv -f latin1 -t utf-8",
                         (unsigned char)token->text[bad]);
}

int table_csv_row(size_t *count, struct table_reader *reader, struct error *err)
{
    *count = 0;
    arena_clear(&reader->scratch);
    for (;;) {
        if (*count == reader->capacity) {
            if (*count == TABLE_NAMES_LIMIT)
                return fault(reader, reader->at, err, "more than 100,000 cells in one row");
            reader->tokens = mem_grow(reader->tokens, *count, &reader->capacity, sizeof *reader->tokens);
        }
        const char *from = reader->at;
        struct table_token *token = &reader->tokens[(*count)++];
        if (from < reader->end && *from == '"') {
            if (read_quoted(reader, token, err) < 0)
                return -1;
        } else {
            read_plain(reader, token);
        }
        if (!reader->source->ascii && check_utf8(reader, token, from, err) < 0)
            return -1;
        bool last = reader->at == reader->end || *reader->at == '\n';
        reader->at += reader->at < reader->end;
        if (last)
            return 0;
    }
}

static bool is_blank(const char *at, const char *end, size_t *size)
{
    *size = 1;
    if (at < end && *at == '\r' && end - at > 1 && at[1] == '\n')
        *size = 2;
    return at < end && at[*size - 1] == '\n';
}

int table_row(bool *more, struct table_reader *reader, const char *stop, struct error *err)
{
    if (reader->source->json)
        return table_jsonl_row(more, reader, stop, err);
    for (size_t size; reader->at < stop && is_blank(reader->at, reader->end, &size);)
        reader->at += size;
    *more = reader->at < stop;
    if (!*more)
        return 0;
    reader->row = reader->at;
    size_t count;
    if (table_csv_row(&count, reader, err) < 0)
        return -1;
    if (count == reader->names->count)
        return 0;
    return error_problem(err, reader->source->name, table_line(reader->source, reader->row),
                         "%zu cell%s where the header has %zu", count, count == 1 ? "" : "s", reader->names->count);
}

void table_reader_free(struct table_reader *reader)
{
    free(reader->tokens);
    free(reader->given);
    arena_free(&reader->scratch);
}

const char *table_csv_row_start(const struct table_source *source, const char *from, bool quoted)
{
    const char *end = source->text + source->len;
    for (const char *at = from; at < end; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (*at == '\n' && !quoted)
            return at + 1;
    }
    return end;
}

enum { LOOKED_AT = 20 };

// How many cells the header has with this delimiter; *same tells whether the next rows have as many.
static size_t try_delimiter(bool *same, const struct table_source *source, char delimiter)
{
    struct table_source with = *source;
    with.delimiter = delimiter;
    with.ascii = true; // looked at later
    struct table_reader reader = {.source = &with, .at = with.text + with.body, .end = with.text + with.len};
    CLEANUP(error) struct error err = {0};
    size_t first = 0, count, size;
    *same = true;
    for (size_t rows = 0; *same && rows < LOOKED_AT && reader.at < reader.end; rows++) {
        if (is_blank(reader.at, reader.end, &size)) {
            reader.at += size;
            continue;
        }
        *same = table_csv_row(&count, &reader, &err) == 0 && (first == 0 || count == first);
        first = first == 0 ? count : first;
    }
    table_reader_free(&reader);
    return first;
}

char table_csv_delimiter(const struct table_source *source)
{
    static const char candidates[] = ",;\t|";
    char best = ',';
    size_t most = 1;
    bool best_same = false;
    for (const char *c = candidates; *c; c++) {
        bool same;
        size_t count = try_delimiter(&same, source, *c);
        if (count > 1 && (same > best_same || (same == best_same && count > most))) {
            most = count;
            best = *c;
            best_same = same;
        }
    }
    return best;
}

// SPDX-License-Identifier: Apache-2.0
//
// Rows as JSON (RFC 8259, but for what mutations put into cells on purpose) and as CSV (RFC 4180). On the hot path of
// fuzzing: most cells are a copy of a token that was worked out before.
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "serve/client.h"

#include <math.h>
#include <string.h>

// The longest number: a sign, 17 digits, a point, an exponent; or 20 digits.
enum { NUMBER_ROOM = 32 };

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

static char *put_digits(char *to, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    return put(to, digits + at, sizeof digits - at);
}

static char *put_integer(char *to, int64_t value)
{
    if (value < 0)
        *to++ = '-';
    return put_digits(to, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

// A number with few decimals: the least count of them that reads back. A quotient of two doubles that are exactly the
// digits and the power of ten is rounded once, as reading the text would be.
static char *put_decimal(char *to, double value)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    if (value < 1e-4 || value >= 1e15)
        return NULL;
    for (int count = 1; count < 16; count++) {
        double digits = nearbyint(value * powers[count]);
        if (digits >= 1e15)
            return NULL;
        if (digits / powers[count] != value)
            continue;
        uint64_t all = (uint64_t)digits, unit = (uint64_t)powers[count];
        to = put_digits(to, all / unit);
        *to++ = '.';
        uint64_t rest = all % unit;
        for (int i = count - 1; i >= 0; i--, rest /= 10)
            to[i] = (char)('0' + rest % 10);
        return to + count;
    }
    return NULL;
}

// At most NUMBER_ROOM bytes. A negative zero keeps its sign for readers that make integers of numbers without a point.
static char *put_number(char *to, double value)
{
    if (value == 0)
        return signbit(value) ? put(to, "-0.0", 4) : put(to, "0", 1);
    if (fabs(value) <= 9007199254740992.0 && value == trunc(value))
        return put_integer(to, (int64_t)value);
    if (isfinite(value)) {
        char *begin = to;
        if (value < 0)
            *begin++ = '-';
        char *end = put_decimal(begin, fabs(value));
        if (end)
            return end;
    }
    char text[32];
    str_double(text, value);
    return put(to, text, strlen(text));
}

// Bytes that JSON does not allow between quotes.
static bool needs_escape(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

// Whether any of eight bytes does; each comparison is one of zero bytes (high bits of x − 1 without those of x).
static bool eight_need_escape(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t quote = bytes ^ ones * '"', slash = bytes ^ ones * '\\';
    uint64_t found = ((bytes - ones * 0x20) & ~bytes) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    return (found & high) != 0;
}

static bool is_plain(const char *text, size_t len)
{
    size_t at = 0;
    for (; at + 8 <= len; at += 8) {
        uint64_t eight;
        memcpy(&eight, text + at, 8);
        if (eight_need_escape(eight))
            return false;
    }
    for (; at < len; at++)
        if (needs_escape((unsigned char)text[at]))
            return false;
    return true;
}

static char *put_escape(char *to, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    const char *letter = byte == '"'    ? "\\\""
                         : byte == '\\' ? "\\\\"
                         : byte == '\n' ? "\\n"
                         : byte == '\t' ? "\\t"
                         : byte == '\r' ? "\\r"
                                        : NULL;
    if (letter)
        return put(to, letter, 2);
    to = put(to, "\\u00", 4);
    *to++ = hex[byte >> 4];
    *to++ = hex[byte & 15];
    return to;
}

static void end_at(struct buf *out, char *end)
{
    out->len = (size_t)(end - out->data);
    *end = '\0';
}

static void write_text(struct buf *out, const char *text, size_t len, bool plain)
{
    if (plain || is_plain(text, len)) {
        char *to = buf_room(out, len + 2);
        *to++ = '"';
        if (len)
            to = put(to, text, len);
        *to++ = '"';
        end_at(out, to);
        return;
    }
    // In pieces, so that a long text does not ask for six times its length at once.
    buf_putc(out, '"');
    while (len) {
        size_t piece = len < 1024 ? len : 1024;
        char *to = buf_room(out, piece * 6);
        for (size_t i = 0; i < piece; i++) {
            unsigned char byte = (unsigned char)text[i];
            if (needs_escape(byte))
                to = put_escape(to, byte);
            else
                *to++ = (char)byte;
        }
        end_at(out, to);
        text += piece;
        len -= piece;
    }
    buf_putc(out, '"');
}

static void write_number(struct buf *out, const struct cell *cell)
{
    if (cell->text) {
        buf_append(out, cell->text, cell->len);
        return;
    }
    char *to = buf_room(out, NUMBER_ROOM);
    end_at(out, cell->kind == CELL_INTEGER ? put_integer(to, cell->integer) : put_number(to, cell->number));
}

void cell_write_json(struct buf *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
    case CELL_NULL:
        buf_append(out, "null", 4);
        return;
    case CELL_BOOL:
        buf_append(out, cell->integer ? "true" : "false", cell->integer ? 4 : 5);
        return;
    case CELL_INTEGER:
    case CELL_NUMBER:
        write_number(out, cell);
        return;
    case CELL_TEXT:
        write_text(out, cell->text, cell->len, cell->plain);
        return;
    case CELL_RAW:
        buf_append(out, cell->text, cell->len);
        return;
    }
}

void row_write_json(struct buf *out, const struct rows *rows, size_t row)
{
    const struct cell *cells = rows->cells + row * rows->column_count;
    char before = '{';
    for (size_t i = 0; i < rows->column_count; i++) {
        if (cells[i].kind == CELL_ABSENT)
            continue;
        buf_putc(out, before);
        before = ',';
        write_text(out, rows->columns[i], strlen(rows->columns[i]), false);
        buf_putc(out, ':');
        cell_write_json(out, &cells[i]);
    }
    if (before == '{')
        buf_putc(out, '{');
    buf_putc(out, '}');
}

static void write_csv_text(struct buf *out, const char *text, size_t len)
{
    bool quoted = len == 0;
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quoted) {
        buf_append(out, text, len);
        return;
    }
    buf_putc(out, '"');
    while (len) {
        const char *quote = memchr(text, '"', len);
        size_t piece = quote ? (size_t)(quote - text) + 1 : len;
        buf_append(out, text, piece);
        if (quote)
            buf_putc(out, '"');
        text += piece;
        len -= piece;
    }
    buf_putc(out, '"');
}

void cell_write_csv(struct buf *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_ABSENT:
    case CELL_NULL:
        return;
    case CELL_BOOL:
        if (cell->text)
            write_csv_text(out, cell->text, cell->len);
        else
            buf_puts(out, cell->integer ? "true" : "false");
        return;
    case CELL_INTEGER:
    case CELL_NUMBER:
        write_number(out, cell);
        return;
    case CELL_TEXT:
    case CELL_RAW:
        write_csv_text(out, cell->text, cell->len);
        return;
    }
}

void row_write_csv(struct buf *out, const struct rows *rows, size_t row)
{
    const struct cell *cells = rows->cells + row * rows->column_count;
    size_t begin = out->len;
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        cell_write_csv(out, &cells[i]);
    }
    if (out->len == begin)
        buf_append(out, "\"\"", 2); // a line without any character would be no row
    buf_putc(out, '\n');
}

void row_write_csv_header(struct buf *out, const struct rows *rows)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        write_csv_text(out, rows->columns[i], strlen(rows->columns[i]));
    }
    buf_putc(out, '\n');
}

void row_prepare(struct cell *cells, size_t count, struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        struct cell *cell = &cells[i];
        char text[NUMBER_ROOM];
        char *end = text;
        switch (cell->kind) {
        case CELL_INTEGER:
            end = put_integer(text, cell->integer);
            break;
        case CELL_NUMBER:
            end = put_number(text, cell->number);
            break;
        case CELL_TEXT:
            cell->plain = is_plain(cell->text, cell->len);
            continue;
        default:
            continue;
        }
        cell->len = (size_t)(end - text);
        cell->text = arena_bytes(arena, text, cell->len);
    }
}

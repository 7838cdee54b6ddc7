// SPDX-License-Identifier: Apache-2.0
//
// The opcodes that stand for a value of their own: numbers, texts, bytes. Binary ones are little-endian (but for
// BINFLOAT), with a length of 1, 4 or 8 bytes in front where they need one; those of protocol 0 are lines of text.
#include "artifact/pickle_machine.h"
#include "base/buf.h"
#include "base/str.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static unsigned char code_of(const struct pickle_machine *m)
{
    return m->bytes[m->opcode];
}

int pickle_push_bytes(struct pickle_machine *m, enum pickle_kind kind, const void *bytes, uint64_t len)
{
    uint32_t index = 0;
    int rc = pickle_push_new(m, &index, kind);
    if (!rc) {
        m->pickle->nodes[index].bytes = bytes;
        m->pickle->nodes[index].len = len;
    }
    return rc;
}

static int push_copy(struct pickle_machine *m, enum pickle_kind kind, const void *bytes, size_t len)
{
    unsigned char *copy = pickle_memory(m->pickle, len);
    if (!copy)
        return 1;
    if (len)
        memcpy(copy, bytes, len);
    return pickle_push_bytes(m, kind, copy, len);
}

static int push_integer(struct pickle_machine *m, enum pickle_kind kind, int64_t value)
{
    uint32_t index = 0;
    int rc = pickle_push_new(m, &index, kind);
    if (!rc)
        m->pickle->nodes[index].integer = value;
    return rc;
}

static int push_real(struct pickle_machine *m, double value)
{
    uint32_t index = 0;
    int rc = pickle_push_new(m, &index, PICKLE_FLOAT);
    if (!rc)
        m->pickle->nodes[index].real = value;
    return rc;
}

static int run_proto(struct pickle_machine *m)
{
    uint64_t version = 0;
    if (pickle_take_number(m, &version, 1))
        return -1;
    return version > 5 ? pickle_puzzle(m->pickle, "it is of protocol %d", (int)version) : 0;
}

static int run_frame(struct pickle_machine *m)
{
    uint64_t len = 0;
    if (pickle_take_number(m, &len, 8))
        return -1;
    if (len > m->len - m->at)
        return pickle_damaged(m, "a frame of %llu bytes, there are %zu", (unsigned long long)len, m->len - m->at);
    return 0;
}

static int run_none(struct pickle_machine *m)
{
    return push_integer(m, PICKLE_NONE, 0);
}

static int run_bool(struct pickle_machine *m)
{
    return push_integer(m, PICKLE_BOOL, code_of(m) == 0x88);
}

static int run_binint(struct pickle_machine *m)
{
    uint64_t value = 0;
    unsigned char code = code_of(m);
    if (pickle_take_number(m, &value, code == 'K' ? 1 : code == 'M' ? 2 : 4))
        return -1;
    return push_integer(m, PICKLE_INT, code == 'J' ? (int32_t)(uint32_t)value : (int64_t)value);
}

// Digits of a magnitude of up to 64 bytes, most significant first, in `out`.
static size_t decimal(char *out, const uint32_t *words, size_t count)
{
    uint32_t left[16];
    memcpy(left, words, count * sizeof *words);
    size_t len = 0;
    while (count > 0) {
        uint64_t rest = 0;
        for (size_t i = count; i-- > 0;) {
            rest = rest << 32 | left[i];
            left[i] = (uint32_t)(rest / 10);
            rest %= 10;
        }
        out[len++] = (char)('0' + rest);
        while (count > 0 && left[count - 1] == 0)
            count--;
    }
    for (size_t i = 0; i < len / 2; i++) {
        char c = out[i];
        out[i] = out[len - 1 - i];
        out[len - 1 - i] = c;
    }
    return len;
}

// Two's complement, of any length. Over 64 bytes (no seed of a generator is longer) it stays bytes.
static int push_twos_complement(struct pickle_machine *m, const unsigned char *bytes, uint64_t len)
{
    if (len > 64)
        return pickle_push_bytes(m, PICKLE_BYTES, bytes, len);
    bool negative = len > 0 && bytes[len - 1] & 0x80;
    if (len <= 8) {
        uint64_t value = negative ? ~(uint64_t)0 : 0;
        for (size_t i = (size_t)len; i-- > 0;)
            value = value << 8 | bytes[i];
        return push_integer(m, PICKLE_INT, (int64_t)value);
    }
    uint32_t words[16] = {0};
    uint32_t carry = negative;
    for (size_t i = 0; i < 64; i++) {
        uint32_t byte = i < len ? bytes[i] : negative ? 0xff : 0;
        if (negative) {
            byte = (~byte & 0xff) + carry;
            carry = byte >> 8;
        }
        words[i / 4] |= (byte & 0xff) << i % 4 * 8;
    }
    char text[176] = "-";
    size_t digits = decimal(text + negative, words, 16);
    return push_copy(m, PICKLE_LONG, text, digits + negative);
}

static int run_binlong(struct pickle_machine *m) // LONG1, LONG4
{
    uint64_t len = 0;
    bool small = code_of(m) == 0x8a;
    if (pickle_take_number(m, &len, small ? 1 : 4))
        return -1;
    if (!small && len > INT32_MAX)
        return pickle_damaged(m, "an integer of negative size");
    const unsigned char *bytes = NULL;
    return pickle_take(m, &bytes, len) ? -1 : push_twos_complement(m, bytes, len);
}

// Decimal digits with a sign, without the 'L' of protocol 0.
static int push_decimal(struct pickle_machine *m, const unsigned char *text, size_t len)
{
    size_t sign = len > 0 && (text[0] == '-' || text[0] == '+');
    size_t at = sign;
    for (size_t i = sign; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return pickle_damaged(m, "not an integer");
    }
    if (len == sign)
        return pickle_damaged(m, "not an integer");
    while (at + 1 < len && text[at] == '0')
        at++;
    bool negative = text[0] == '-';
    int64_t value = 0;
    for (size_t i = at; i < len; i++) {
        int digit = text[i] - '0';
        if (!__builtin_mul_overflow(value, 10, &value) &&
            !__builtin_add_overflow(value, negative ? -digit : digit, &value))
            continue;
        unsigned char *copy = pickle_memory(m->pickle, len - at + 1);
        if (!copy)
            return 1;
        copy[0] = '-';
        memcpy(copy + negative, text + at, len - at);
        return pickle_push_bytes(m, PICKLE_LONG, copy, len - at + negative);
    }
    return push_integer(m, PICKLE_INT, value);
}

static int run_int(struct pickle_machine *m) // INT, LONG
{
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    if (code_of(m) == 'I' && len == 2 && line[0] == '0' && (line[1] == '0' || line[1] == '1'))
        return push_integer(m, PICKLE_BOOL, line[1] == '1');
    if (code_of(m) == 'L' && len > 0 && line[len - 1] == 'L')
        len--;
    return push_decimal(m, line, len);
}

static int run_float(struct pickle_machine *m)
{
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    static const struct {
        const char *text;
        double value;
    } words[] = {{"nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}, {"-nan", NAN}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (len == strlen(words[i].text) && !memcmp(line, words[i].text, len))
            return push_real(m, words[i].value);
    }
    double value = 0;
    if (str_read_double(&value, (const char *)line, len))
        return pickle_damaged(m, "not a number");
    return push_real(m, value);
}

static int run_binfloat(struct pickle_machine *m)
{
    const unsigned char *bytes = NULL;
    if (pickle_take(m, &bytes, 8))
        return -1;
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i];
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return push_real(m, value);
}

// --- texts and bytes ---

static int run_counted(struct pickle_machine *m)
{
    static const struct {
        unsigned char code, size, kind;
    } table[] = {{0x8c, 1, PICKLE_TEXT},  {'X', 4, PICKLE_TEXT},  {0x8d, 8, PICKLE_TEXT},
                 {'C', 1, PICKLE_BYTES},  {'B', 4, PICKLE_BYTES}, {0x8e, 8, PICKLE_BYTES},
                 {0x96, 8, PICKLE_BYTES}, {'U', 1, PICKLE_TEXT},  {'T', 4, PICKLE_TEXT}};
    size_t row = 0;
    while (table[row].code != code_of(m))
        row++;
    uint64_t len = 0;
    const unsigned char *bytes = NULL;
    if (pickle_take_number(m, &len, table[row].size))
        return -1;
    if (table[row].code == 'T' && len > INT32_MAX)
        return pickle_damaged(m, "a string of negative size");
    if (pickle_take(m, &bytes, len))
        return -1;
    enum pickle_kind kind = table[row].kind;
    // The str of Python 2 was bytes; what is no text must be bytes here.
    if ((table[row].code == 'U' || table[row].code == 'T') && !str_is_utf8((const char *)bytes, (size_t)len, NULL))
        kind = PICKLE_BYTES;
    return pickle_push_bytes(m, kind, bytes, len);
}

// `count` hexadecimal digits. −1 where there are not as many.
static int64_t hex(const unsigned char *text, size_t len, size_t count)
{
    int64_t value = 0;
    if (len < count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        int digit = str_hex_digit((char)text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

// UNICODE: a line of Latin-1 in which \uXXXX and \UXXXXXXXX stand for any other character; halves of surrogate pairs,
// too, as Python has it with "surrogatepass".
static int run_unicode(struct pickle_machine *m)
{
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    CLEANUP(buf) struct buf text = {0};
    for (size_t i = 0; i < len; i++) {
        if (line[i] != '\\' || i + 1 == len || (line[i + 1] != 'u' && line[i + 1] != 'U')) {
            buf_put_utf8(&text, line[i]);
            if (line[i] == '\\' && i + 1 < len)
                buf_put_utf8(&text, line[++i]);
            continue;
        }
        size_t count = line[i + 1] == 'u' ? 4 : 8;
        int64_t code = hex(line + i + 2, len - i - 2, count);
        if (code < 0 || code > 0x10ffff)
            return pickle_damaged(m, "a character is cut short");
        buf_put_utf8(&text, (uint32_t)code);
        i += 1 + count;
    }
    return push_copy(m, PICKLE_TEXT, buf_text(&text), text.len);
}

// One escape of Python 2's repr, behind its backslash: how many bytes it takes; 0 when it is none.
static size_t unescape(struct buf *out, const unsigned char *text, size_t len)
{
    static const char plain[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
    if (len == 0)
        return 0;
    for (size_t i = 0; i + 1 < sizeof plain; i += 2) {
        if (text[0] == (unsigned char)plain[i]) {
            buf_putc(out, plain[i + 1]);
            return 1;
        }
    }
    if (text[0] == 'x') {
        int64_t code = hex(text + 1, len - 1, 2);
        buf_putc(out, (char)(code < 0 ? 0 : code));
        return code < 0 ? 0 : 3;
    }
    size_t digits = 0;
    unsigned value = 0;
    while (digits < 3 && digits < len && text[digits] >= '0' && text[digits] <= '7')
        value = value * 8 + text[digits++] - '0';
    buf_putc(out, (char)value);
    return digits;
}

// STRING: Python 2's repr of a str, in quotes.
static int run_string(struct pickle_machine *m)
{
    const unsigned char *line = NULL;
    size_t len = 0;
    if (pickle_take_line(m, &line, &len))
        return -1;
    if (len < 2 || line[0] != line[len - 1] || (line[0] != '\'' && line[0] != '"'))
        return pickle_damaged(m, "a string without quotes");
    CLEANUP(buf) struct buf text = {0};
    for (size_t i = 1; i < len - 1; i++) {
        if (line[i] != '\\') {
            buf_putc(&text, (char)line[i]);
            continue;
        }
        size_t taken = unescape(&text, line + i + 1, len - 2 - i);
        if (taken == 0)
            return pickle_damaged(m, "a string with a broken escape");
        i += taken;
    }
    bool utf8 = str_is_utf8(buf_text(&text), text.len, NULL);
    return push_copy(m, utf8 ? PICKLE_TEXT : PICKLE_BYTES, buf_text(&text), text.len);
}

const struct pickle_operation pickle_atoms[] = {
    {0x80, run_proto},   {0x95, run_frame},   {'N', run_none},    {0x88, run_bool},    {0x89, run_bool},
    {'J', run_binint},   {'K', run_binint},   {'M', run_binint},  {0x8a, run_binlong}, {0x8b, run_binlong},
    {'I', run_int},      {'L', run_int},      {'F', run_float},   {'G', run_binfloat}, {'X', run_counted},
    {0x8c, run_counted}, {0x8d, run_counted}, {'B', run_counted}, {'C', run_counted},  {0x8e, run_counted},
    {0x96, run_counted}, {'U', run_counted},  {'T', run_counted}, {'V', run_unicode},  {'S', run_string},
    {0, NULL},
};

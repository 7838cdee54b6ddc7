// SPDX-License-Identifier: Apache-2.0
//
// What a cell of text means: this is what every cell of a file goes through.
#include "artifact/table.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

// ---- Numbers

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

// What is no plain short decimal: exponents, many digits, blanks around it, infinity.
static enum table_number_kind read_slowly(int64_t *integer, double *number, const char *text, size_t len)
{
    static const char first[] = "0123456789+-.iI \t";
    if (len == 0 || !memchr(first, text[0], sizeof first - 1))
        return NUMBER_NOT;
    if (text[0] == ' ' || text[0] == '\t' || text[len - 1] == ' ' || text[len - 1] == '\t') {
        while (len > 0 && (text[0] == ' ' || text[0] == '\t'))
            text++, len--;
        while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
            len--;
        return table_number(integer, number, text, len);
    }
    if (!number_parse(number, text, len) || isnan(*number))
        return NUMBER_NOT;
    return NUMBER_FRACTION;
}

// Eight digits at once: true when all of them are, and *value is the number that they are.
static bool eight_digits(uint64_t *value, const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        word = __builtin_bswap64(word);
    // 0x30 to 0x39 and nothing else keeps its high half when 6 is added, and has 3 there.
    if (((word & 0xf0f0f0f0f0f0f0f0) | ((word + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4) != 0x3333333333333333)
        return false;
    word -= 0x3030303030303030;
    word = word * 10 + (word >> 8); // pairs, in every other byte; then fours, and all
    *value = (((word & 0x000000ff000000ff) * 0x000f424000000064) +
              ((word >> 16 & 0x000000ff000000ff) * 0x0000271000000001)) >>
             32;
    return true;
}

// The same of four.
static bool four_digits(uint32_t *value, const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        word = __builtin_bswap32(word);
    if (((word & 0xf0f0f0f0) | ((word + 0x06060606) & 0xf0f0f0f0) >> 4) != 0x33333333)
        return false;
    word -= 0x30303030;
    word = word * 10 + (word >> 8);
    *value = (word & 0xff) * 100 + (word >> 16 & 0xff);
    return true;
}

static const char *read_digits(uint64_t *mantissa, const char *at, const char *end)
{
    uint64_t eight;
    for (; end - at >= 8 && eight_digits(&eight, at); at += 8)
        *mantissa = *mantissa * 100000000 + eight;
    uint32_t four;
    if (end - at >= 4 && four_digits(&four, at)) {
        *mantissa = *mantissa * 10000 + four;
        at += 4;
    }
    for (; at < end && is_digit(*at); at++)
        *mantissa = *mantissa * 10 + (uint64_t)(*at - '0');
    return at;
}

static const char *skip_zeros(const char *at, const char *end)
{
    while (at < end && *at == '0')
        at++;
    return at;
}

// "e-05": NULL where it is none.
static const char *read_exponent(int *exponent, const char *at, const char *end)
{
    bool negative = ++at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    const char *from = at;
    int value = 0;
    for (; at < end && is_digit(*at) && at - from < 4; at++)
        value = value * 10 + (*at - '0');
    *exponent += negative ? -value : value;
    return at == from ? NULL : at;
}

// What has up to 19 digits that count is read here, all of which a double can be made of at once.
enum table_number_kind table_number(int64_t *integer, double *number, const char *text, size_t len)
{
    const char *at = text, *end = text + len, *point = NULL;
    bool negative = len > 0 && *at == '-';
    at += negative;
    const char *begin = at, *first = skip_zeros(at, end); // the first digit that counts
    uint64_t mantissa = 0;
    at = read_digits(&mantissa, first, end);
    ptrdiff_t digits = at - begin, counted = at - first;
    int exponent = 0;
    if (at < end && *at == '.') {
        point = ++at;
        first = mantissa == 0 ? skip_zeros(at, end) : at;
        at = read_digits(&mantissa, first, end);
        digits += at - point;
        counted += at - first;
        exponent = (int)(point - at);
    }
    if (digits == 0 || counted > 19 || digits > 60)
        return read_slowly(integer, number, text, len);
    if (at == end && !point && digits <= 18) {
        *integer = negative ? -(int64_t)mantissa : (int64_t)mantissa;
        *number = (double)*integer;
        return NUMBER_INTEGER;
    }
    if (at < end && (*at | 32) == 'e')
        at = read_exponent(&exponent, at, end);
    if (at != end || !number_decimal(number, mantissa, exponent))
        return read_slowly(integer, number, text, len);
    *number = negative ? -*number : *number;
    return NUMBER_FRACTION;
}

// ---- Words for "missing"

static const char *const words[] = {"NA",  "N/A", "n/a",  "null", "NULL", "Null", "None", "nan",
                                    "NaN", "NAN", "<NA>", "#N/A", "?",    "-",    "--"};

const char *table_missing_spelling(size_t index)
{
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

int table_missing_word(const char *text, size_t len)
{
    if (len == 0 || len > 4)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i][0] == text[0] && strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return (int)i;
    }
    return -1;
}

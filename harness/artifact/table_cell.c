// SPDX-License-Identifier: Apache-2.0
//
// What a cell of text means: this is what every cell of a file goes through.
#include "artifact/table.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

// ---- Numbers

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

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

// Up to 18 digits with a point or without are read here; with a mantissa up to 2^53, one division by a power of ten
// that is exactly a double rounds correctly.
enum table_number_kind table_number(int64_t *integer, double *number, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    bool negative = len > 0 && *at == '-';
    at += negative;
    const char *digits = at;
    uint64_t mantissa = 0;
    while (at < end && is_digit(*at))
        mantissa = mantissa * 10 + (uint64_t)(*at++ - '0');
    size_t whole = (size_t)(at - digits), part = 0;
    bool point = at < end && *at == '.';
    if (point) {
        const char *from = ++at;
        while (at < end && is_digit(*at))
            mantissa = mantissa * 10 + (uint64_t)(*at++ - '0');
        part = (size_t)(at - from);
    }
    if (at != end || whole + part == 0 || whole + part > 18)
        return read_slowly(integer, number, text, len);
    if (!point) {
        *integer = negative ? -(int64_t)mantissa : (int64_t)mantissa;
        *number = (double)*integer;
        return NUMBER_INTEGER;
    }
    if (mantissa > (uint64_t)1 << 53)
        return read_slowly(integer, number, text, len);
    double value = (double)mantissa / powers[part];
    *number = negative ? -value : value;
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

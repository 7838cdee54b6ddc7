// SPDX-License-Identifier: Apache-2.0
//
// Numbers and quantities as text, in the C locale whatever the process has set.
#include "base/str.h"

#include "base/buf.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Reads digits with an optional fraction; at most 15 digits, which a double holds exactly before the division.
static int read_decimal(double *out, const char **text)
{
    const char *at = *text;
    uint64_t digits = 0;
    double scale = 1;
    int count = 0;
    for (; is_digit(*at) && count < 16; at++, count++)
        digits = digits * 10 + (uint64_t)(*at - '0');
    if (count == 0)
        return -1;
    if (*at == '.') {
        at++;
        if (!is_digit(*at))
            return -1;
        for (; is_digit(*at) && count < 16; at++, count++) {
            digits = digits * 10 + (uint64_t)(*at - '0');
            scale *= 10;
        }
    }
    if (count > 15)
        return -1;
    *out = (double)digits / scale;
    *text = at;
    return 0;
}

int str_duration(double *seconds, const char *text)
{
    // "ms" stands before "m" because the first row that fits is taken; a unit must be smaller than the one before it.
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    double total = 0, largest = INFINITY;
    if (!*text)
        return -1;
    while (*text) {
        double number;
        if (read_decimal(&number, &text) < 0)
            return -1;
        size_t unit = 0;
        while (unit < ARRAY_LEN(units) && !str_starts(text, units[unit].name))
            unit++;
        if (unit == ARRAY_LEN(units) || units[unit].seconds >= largest)
            return -1;
        largest = units[unit].seconds;
        // Milliseconds are divided, not multiplied: 250 / 1000 is the double nearest to 0.25, 250 × 0.001 need not be.
        total += unit == 0 ? number / 1000 : number * units[unit].seconds;
        text += strlen(units[unit].name);
    }
    *seconds = total;
    return 0;
}

int str_size(uint64_t *bytes, const char *text)
{
    static const struct {
        const char *name;
        uint64_t bytes;
    } units[] = {
        {"", 1},
        {"B", 1},
        {"kB", 1000},
        {"KB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", 1000000000000},
        {"KiB", (uint64_t)1 << 10},
        {"MiB", (uint64_t)1 << 20},
        {"GiB", (uint64_t)1 << 30},
        {"TiB", (uint64_t)1 << 40},
    };
    uint64_t number = 0;
    if (!is_digit(*text))
        return -1;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(text, units[i].name) == 0)
            return __builtin_mul_overflow(number, units[i].bytes, bytes) ? -1 : 0;
    return -1;
}

char *str_human_duration(double seconds)
{
    if (!(seconds > 0))
        return str_dup("0 ms");
    if (seconds > 3.6e9)
        return str_dup("over a million hours");
    // Rounded before a unit is chosen, so that 59.97 s reads "1 min", not "60.0 s".
    if (seconds < 0.00995)
        return str_printf("%.1f ms", seconds * 1e3);
    if (seconds < 0.9995)
        return str_printf("%.0f ms", seconds * 1e3);
    if (seconds < 59.95)
        return str_printf("%.1f s", seconds);
    uint64_t whole = (uint64_t)(seconds + 0.5);
    uint64_t minutes = whole / 60, rest = whole % 60;
    if (whole < 3600)
        return rest ? str_printf("%ju min %ju s", (uintmax_t)minutes, (uintmax_t)rest)
                    : str_printf("%ju min", (uintmax_t)minutes);
    minutes = (whole + 30) / 60;
    rest = minutes % 60;
    return rest ? str_printf("%ju h %ju min", (uintmax_t)(minutes / 60), (uintmax_t)rest)
                : str_printf("%ju h", (uintmax_t)(minutes / 60));
}

char *str_human_size(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return str_printf("%ju B", (uintmax_t)bytes);
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < ARRAY_LEN(units)) {
        value /= 1024;
        unit++;
    }
    uint64_t tenths = (uint64_t)(value * 10 + 0.5);
    if (tenths % 10 == 0)
        return str_printf("%ju %s", (uintmax_t)(tenths / 10), units[unit]);
    return str_printf("%ju.%ju %s", (uintmax_t)(tenths / 10), (uintmax_t)(tenths % 10), units[unit]);
}

int str_read_double(double *out, const char *text, size_t len)
{
    if (len == 0 || !(is_digit(text[0]) || ((text[0] == '-' || text[0] == '+' || text[0] == '.') && len > 1)))
        return -1; // strtod itself would take spaces, "inf" and "nan"
    if (memchr(text, 'x', len) || memchr(text, 'X', len) || memchr(text, 'i', len) || memchr(text, 'n', len) ||
        memchr(text, 'I', len) || memchr(text, 'N', len))
        return -1; // hexadecimal, and "-inf", "+nan"
    char small[64];
    CLEANUP(free) char *large = NULL;
    const char *point = localeconv()->decimal_point;
    size_t point_len = strlen(point);
    size_t room = len + point_len + 1;
    if (room > sizeof small)
        large = mem_alloc(room);
    char *copy = large ? large : small;
    const char *dot = memchr(text, '.', len);
    size_t before = dot ? (size_t)(dot - text) : len;
    memcpy(copy, text, before);
    size_t at = before;
    if (dot) {
        memcpy(copy + at, point, point_len);
        at += point_len;
        memcpy(copy + at, dot + 1, len - before - 1);
        at += len - before - 1;
    }
    copy[at] = '\0';
    char *end;
    *out = strtod(copy, &end);
    return end == copy + at && at == strlen(copy) ? 0 : -1;
}

// A positive finite double in decimal: 0.d₁d₂… × 10^point.
struct decimal {
    char digits[18];
    int count;
    int point;
};

// Correctly rounded to `precision` digits. "%e" is the one printf form whose digits stand at fixed places; the decimal
// point of the locale is stepped over.
static void round_decimal(struct decimal *out, double value, int precision)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    const char *exponent = strrchr(text, 'e');
    out->count = 0;
    for (const char *at = text; at < exponent && out->count < 17; at++)
        if (is_digit(*at))
            out->digits[out->count++] = *at;
    out->digits[out->count] = '\0';
    out->point = (int)strtol(exponent + 1, NULL, 10) + 1;
}

static double decimal_value(const struct decimal *decimal)
{
    char text[64];
    snprintf(text, sizeof text, "%se%d", decimal->digits, decimal->point - decimal->count);
    return strtod(text, NULL); // no decimal point in it: the locale does not matter
}

// The next decimal of as many digits, away from zero.
static void step_up(struct decimal *decimal)
{
    int at = decimal->count - 1;
    while (at >= 0 && decimal->digits[at] == '9')
        decimal->digits[at--] = '0';
    if (at >= 0) {
        decimal->digits[at]++;
    } else {
        decimal->digits[0] = '1';
        decimal->point++;
    }
}

// Any decimal of up to 15 digits survives the way through a normal double, so if one that short reads back as `value`,
// rounding to 15 digits finds it. At 16 digits the one that reads back may be the upper neighbour of the rounded one
// (just above a power of two, where doubles below lie closer). Subnormals have fewer digits: all precisions are tried.
static void shortest_decimal(struct decimal *out, double value)
{
    for (int precision = fpclassify(value) == FP_SUBNORMAL ? 1 : 15; precision < 17; precision++) {
        round_decimal(out, value, precision);
        if (decimal_value(out) == value)
            return;
        step_up(out);
        if (decimal_value(out) == value)
            return;
    }
    round_decimal(out, value, 17);
}

// `text` has room for 64 bytes. Plain from 0.0001 up to 16 digits before the point (2^53 has 16), else with an
// exponent: "1e16", "1.5e-7".
static void write_decimal(char text[64], const char *sign, struct decimal *decimal)
{
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
        decimal->digits[--decimal->count] = '\0';
    const char *digits = decimal->digits;
    int count = decimal->count, point = decimal->point;
    if (point > -4 && point <= 0)
        snprintf(text, 64, "%s0.%.*s%s", sign, -point, "000", digits);
    else if (point > 0 && point < count)
        snprintf(text, 64, "%s%.*s.%s", sign, point, digits, digits + point);
    else if (point >= count && point <= 16)
        snprintf(text, 64, "%s%s%.*s", sign, digits, point - count, "0000000000000000");
    else
        snprintf(text, 64, "%s%c%s%se%d", sign, digits[0], count > 1 ? "." : "", digits + 1, point - 1);
}

void str_double(char out[32], double value)
{
    char text[64] = {0}; // never more than 24 characters of it are used, which the compiler cannot know
    const char *sign = value < 0 ? "-" : "";
    if (!isfinite(value)) {
        snprintf(text, sizeof text, "%s", isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    } else if (fabs(value) <= 9007199254740992.0 && value == floor(value)) {
        snprintf(text, sizeof text, "%.0f", value);
    } else {
        struct decimal decimal;
        shortest_decimal(&decimal, fabs(value));
        write_decimal(text, sign, &decimal);
    }
    memcpy(out, text, 32);
    out[31] = '\0';
}

char *str_count(size_t count, const char *noun)
{
    size_t len = strlen(noun);
    bool entry = len > 1 && noun[len - 1] == 'y' && !strchr("aeiou", noun[len - 2]);
    if (count == 1)
        return str_printf("%zu %s", count, noun);
    return str_printf("%zu %.*s%s", count, (int)(entry ? len - 1 : len), noun, entry ? "ies" : "s");
}

// SPDX-License-Identifier: Apache-2.0
#include "base/number.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Enough for the longest decimal that is exactly a double (1,075 digits and its exponent); longer text is refused.
#define LONGEST 1200

struct scan {
    uint64_t mantissa; // of the first 19 digits
    int digits;        // in the mantissa, leading zeros not counted
    int exponent;      // decimal, of the mantissa's last digit
    bool truncated;    // there were more than 19 digits
};

static size_t scan_digits(struct scan *scan, const char *text, size_t len, bool fraction)
{
    size_t i = 0;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
        if (scan->digits == 19) {
            scan->truncated = true;
            scan->exponent += !fraction;
            continue;
        }
        scan->mantissa = scan->mantissa * 10 + (uint64_t)(text[i] - '0');
        scan->digits += scan->mantissa != 0;
        scan->exponent -= fraction;
    }
    return i;
}

// Takes "[digits][.digits][e[sign]digits]" apart; false unless all of the text is that.
static bool scan_decimal(struct scan *scan, const char *text, size_t len)
{
    size_t whole = scan_digits(scan, text, len, false), at = whole, part = 0;
    if (at < len && text[at] == '.') {
        part = scan_digits(scan, text + at + 1, len - at - 1, true);
        at += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (at == len)
        return true;
    if (text[at] != 'e' && text[at] != 'E')
        return false;
    at++;
    bool negative = at < len && text[at] == '-';
    at += at < len && (text[at] == '-' || text[at] == '+');
    if (at == len)
        return false;
    int exponent = 0;
    for (; at < len && text[at] >= '0' && text[at] <= '9'; at++)
        exponent = exponent < 100000 ? exponent * 10 + (text[at] - '0') : exponent;
    scan->exponent += negative ? -exponent : exponent;
    return at == len;
}

static bool parse_word(double *out, const char *text, size_t len)
{
    if (len == 3 && !strncasecmp(text, "nan", 3)) {
        *out = NAN;
        return true;
    }
    if ((len == 3 && !strncasecmp(text, "inf", 3)) || (len == 8 && !strncasecmp(text, "infinity", 8))) {
        *out = INFINITY;
        return true;
    }
    return false;
}

bool number_parse(double *out, const char *text, size_t len)
{
    while (len > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, len--;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    bool negative = len > 0 && text[0] == '-';
    if (len > 0 && (text[0] == '-' || text[0] == '+'))
        text++, len--;
    if (len == 0 || len > LONGEST)
        return false;
    double value;
    struct scan scan = {0};
    if (scan_decimal(&scan, text, len)) {
        if ((scan.truncated || !number_decimal(&value, scan.mantissa, scan.exponent)) &&
            str_read_double(&value, text, len) < 0)
            return false;
    } else if (!parse_word(&value, text, len)) {
        return false;
    }
    *out = negative ? -value : value;
    return true;
}

void number_print(char out[32], int digits, double value)
{
    if (!isfinite(value) || value == 0) {
        str_double(out, value);
        return;
    }
    // "%e" has its digits at fixed places; the decimal point of the locale between them is stepped over.
    char text[64], whole[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const char *exponent = strrchr(text, 'e');
    size_t len = 0;
    for (const char *at = text; at < exponent; at++) {
        if ((*at >= '0' && *at <= '9') || *at == '-')
            whole[len++] = *at;
    }
    int size = snprintf(whole + len, sizeof whole - len, "e%d", atoi(exponent + 1) - (digits - 1));
    double rounded = value;
    str_read_double(&rounded, whole, len + (size_t)size);
    str_double(out, rounded);
}

void number_group(char out[32], uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *to = out;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
}

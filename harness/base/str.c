// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"

#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

char *str_dup(const char *text)
{
    return text ? mem_copy(text, strlen(text) + 1) : NULL;
}

char *str_ndup(const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

char *str_printf(const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return buf_take(&text);
}

bool str_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
    size_t len = strlen(text), tail = strlen(suffix);
    return len >= tail && memcmp(text + len - tail, suffix, tail) == 0;
}

size_t str_utf8_next(const char *text, size_t len, uint32_t *code)
{
    if (len == 0)
        return 0;
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    // The range of the second byte is what rules out overlong forms, surrogates and codes above U+10FFFF.
    size_t size;
    unsigned char low = 0x80, high = 0xbf;
    uint32_t value;
    if (first >= 0xc2 && first <= 0xdf) {
        size = 2;
        value = first & 0x1fu;
    } else if (first >= 0xe0 && first <= 0xef) {
        size = 3;
        value = first & 0x0fu;
        low = first == 0xe0 ? 0xa0 : low;
        high = first == 0xed ? 0x9f : high;
    } else if (first >= 0xf0 && first <= 0xf4) {
        size = 4;
        value = first & 0x07u;
        low = first == 0xf0 ? 0x90 : low;
        high = first == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (len < size || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3fu);
    }
    *code = value;
    return size;
}

char *str_utf8_put(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xe0 | code >> 12);
        } else {
            *to++ = (char)(0xf0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int32_t str_hex4(const char *text, size_t len)
{
    int32_t value = 0;
    if (len < 4)
        return -1;
    for (size_t i = 0; i < 4; i++) {
        int digit = str_hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

bool str_is_utf8(const char *text, size_t len, size_t *bad)
{
    size_t at = 0;
    while (at < len) {
        uint64_t word; // eight ASCII bytes at a time, which is what most documents are made of
        if (len - at >= sizeof word) {
            memcpy(&word, text + at, sizeof word);
            if (!(word & 0x8080808080808080u)) {
                at += sizeof word;
                continue;
            }
        }
        uint32_t code;
        size_t size = str_utf8_next(text + at, len - at, &code);
        if (size == 0) {
            if (bad)
                *bad = at;
            return false;
        }
        at += size;
    }
    return true;
}

bool str_is_hidden(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0)          // C0, DEL and C1 controls
           || code == 0x061c || code == 0x200e || code == 0x200f // direction marks
           || (code >= 0x2028 && code <= 0x202e)                 // line separators, direction overrides
           || (code >= 0x2066 && code <= 0x2069)                 // direction isolates
           || code == 0xfeff;                                    // byte order mark
}

char *str_visible(const char *text, size_t len)
{
    struct buf out = {0};
    buf_visible(&out, text, len, "");
    return buf_take(&out);
}

static bool is_shell_safe(const char *word)
{
    return *word &&
           word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^")] == 0;
}

char *str_shell_quote(const char *word)
{
    if (is_shell_safe(word))
        return str_dup(word);
    struct buf out = {0};
    buf_putc(&out, '\'');
    for (const char *rest = word;;) {
        size_t plain = strcspn(rest, "'");
        buf_append(&out, rest, plain);
        if (!rest[plain])
            break;
        buf_puts(&out, "'\\''");
        rest += plain + 1;
    }
    buf_putc(&out, '\'');
    return buf_take(&out);
}

enum { NEAREST_MAX = 64 }; // longer words are not typing mistakes

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Damerau–Levenshtein distance (optimal string alignment: two neighbours that changed places cost one), without regard
// to the case of ASCII letters. Three rows of the table are enough, since a swap looks two rows back.
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = fold(a[i - 1]) == fold(b[j - 1]);
            now[j] = min_size(min_size(before[j] + 1, now[j - 1] + 1), before[j - 1] + !same);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
                now[j] = min_size(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *str_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t len = strlen(word);
    if (len == 0 || len > NEAREST_MAX)
        return NULL;
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other == 0 || other > NEAREST_MAX)
            continue;
        size_t longer = len > other ? len : other;
        // One mistake for every three letters; in a word of one or two letters, only its case.
        size_t bound = longer / 3;
        size_t distance = edit_distance(word, len, candidates[i], other);
        if (distance <= bound && distance < best_distance) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}

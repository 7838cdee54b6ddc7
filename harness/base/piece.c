// SPDX-License-Identifier: Apache-2.0
#include "base/piece.h"

#include "base/number.h"
#include "base/str.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { MOST_DEPTH = 64 };

struct reader {
    const char *at, *end;
    int depth;
};

static void skip_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static bool take_word(struct reader *r, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0)
        return false;
    r->at += len;
    return true;
}

static bool take_digits(struct reader *r)
{
    const char *begin = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return r->at > begin;
}

static bool read_number(struct reader *r)
{
    take(r, '-');
    if (take_word(r, "Infinity"))
        return true;
    const char *whole = r->at;
    if (!take_digits(r) || (*whole == '0' && r->at - whole > 1))
        return false;
    if (take(r, '.') && !take_digits(r))
        return false;
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+'))
            take(r, '-');
        return take_digits(r);
    }
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool read_escape(struct reader *r)
{
    r->at++;
    if (take(r, 'u')) {
        for (int i = 0; i < 4; i++, r->at++)
            if (r->at == r->end || !is_hex(*r->at))
                return false;
        return true;
    }
    if (r->at == r->end || !*r->at || !strchr("\"\\/bfnrt", *r->at))
        return false;
    r->at++;
    return true;
}

static bool read_string(struct reader *r)
{
    const char *begin = r->at++;
    bool ascii = true;
    for (;;) {
        while (r->at < r->end && (unsigned char)*r->at >= 0x20 && *r->at != '"' && *r->at != '\\')
            ascii &= (unsigned char)*r->at++ < 0x80;
        if (r->at == r->end || (unsigned char)*r->at < 0x20)
            return false;
        if (*r->at == '"')
            break;
        if (!read_escape(r))
            return false;
    }
    r->at++;
    return ascii || str_is_utf8(begin, (size_t)(r->at - begin), NULL);
}

static bool read_value(struct reader *r, struct piece *out);

static bool read_container(struct reader *r)
{
    bool object = *r->at == '{';
    char close = object ? '}' : ']';
    if (++r->depth > MOST_DEPTH)
        return false;
    r->at++;
    skip_space(r);
    if (take(r, close)) {
        r->depth--;
        return true;
    }
    do {
        struct piece item;
        skip_space(r);
        if (object) {
            if (r->at == r->end || *r->at != '"' || !read_string(r))
                return false;
            skip_space(r);
            if (!take(r, ':'))
                return false;
            skip_space(r);
        }
        if (!read_value(r, &item))
            return false;
        skip_space(r);
    } while (take(r, ','));
    r->depth--;
    return take(r, close);
}

static bool read_value(struct reader *r, struct piece *out)
{
    if (r->at == r->end)
        return false;
    const char *begin = r->at;
    bool good;
    switch (*begin) {
    case '{':
    case '[':
        out->kind = *begin == '{' ? PIECE_OBJECT : PIECE_ARRAY;
        good = read_container(r);
        break;
    case '"':
        out->kind = PIECE_STRING;
        good = read_string(r);
        break;
    case 't':
        out->kind = PIECE_TRUE;
        good = take_word(r, "true");
        break;
    case 'f':
        out->kind = PIECE_FALSE;
        good = take_word(r, "false");
        break;
    case 'n':
        out->kind = PIECE_NULL;
        good = take_word(r, "null");
        break;
    case 'N':
        out->kind = PIECE_NUMBER;
        good = take_word(r, "NaN");
        break;
    default:
        out->kind = PIECE_NUMBER;
        good = read_number(r);
    }
    out->text = begin;
    out->len = (size_t)(r->at - begin);
    return good;
}

bool piece_read(struct piece *out, const char *text, size_t len)
{
    struct reader r = {.at = text, .end = text + len};
    skip_space(&r);
    if (!read_value(&r, out))
        return false;
    skip_space(&r);
    return r.at == r.end;
}

struct piece_items piece_items(const struct piece *container)
{
    return (struct piece_items){container->text + 1, container->text + container->len - 1,
                                container->kind == PIECE_OBJECT};
}

bool piece_next(struct piece_items *items, struct piece *key, struct piece *value)
{
    struct reader r = {.at = items->at, .end = items->end};
    skip_space(&r);
    if (r.at == r.end)
        return false;
    if (items->object) {
        struct piece name;
        if (!read_value(&r, &name))
            return false;
        if (key)
            *key = name;
        skip_space(&r);
        take(&r, ':');
        skip_space(&r);
    }
    if (!read_value(&r, value))
        return false;
    skip_space(&r);
    take(&r, ',');
    items->at = r.at;
    return true;
}

size_t piece_count(const struct piece *container)
{
    struct piece_items items = piece_items(container);
    struct piece value;
    size_t count = 0;
    while (piece_next(&items, NULL, &value))
        count++;
    return count;
}

bool piece_get(struct piece *out, const struct piece *object, const char *key)
{
    if (object->kind != PIECE_OBJECT)
        return false;
    struct piece_items items = piece_items(object);
    struct piece name, value;
    bool found = false;
    while (piece_next(&items, &name, &value)) {
        if (piece_is(&name, key)) {
            *out = value;
            found = true;
        }
    }
    return found;
}

double piece_number(const struct piece *number)
{
    double value = NAN;
    if (!number_parse(&value, number->text, number->len))
        str_read_double(&value, number->text, number->len); // thousands of digits
    return value;
}

// At the "u" of "\uXXXX"; a half of a surrogate pair becomes U+FFFD. Never longer than what it is written as.
static const char *decode_unicode(char **to, const char *at, const char *end)
{
    uint32_t code = (uint32_t)str_hex4(at + 1, 4); // they are digits, or it would be no piece
    at += 5;
    if (code >= 0xd800 && code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        uint32_t low = (uint32_t)str_hex4(at + 2, 4);
        if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            at += 6;
        }
    }
    *to = str_utf8_put(*to, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
    return at;
}

const char *piece_text(size_t *len, const struct piece *string, struct arena *arena)
{
    const char *at = string->text + 1, *end = string->text + string->len - 1;
    char *text = arena_bytes(arena, at, (size_t)(end - at)), *to = text;
    if (!memchr(at, '\\', (size_t)(end - at))) {
        *len = (size_t)(end - at);
        return text;
    }
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        at++;
        if (*at == 'u') {
            at = decode_unicode(&to, at, end);
            continue;
        }
        static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
        const char *letter = strchr(letters, *at);
        *to++ = letter ? meanings[letter - letters] : *at;
        at++;
    }
    *to = '\0';
    *len = (size_t)(to - text);
    return text;
}

bool piece_is(const struct piece *string, const char *text)
{
    size_t len = strlen(text);
    if (string->kind != PIECE_STRING)
        return false;
    if (!memchr(string->text, '\\', string->len))
        return string->len == len + 2 && memcmp(string->text + 1, text, len) == 0;
    struct arena arena = {0};
    size_t decoded_len;
    const char *decoded = piece_text(&decoded_len, string, &arena);
    bool same = decoded_len == len && memcmp(decoded, text, len) == 0;
    arena_free(&arena);
    return same;
}

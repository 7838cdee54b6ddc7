// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <stdlib.h>
#include <string.h>

char json_peek(struct json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\r' || *json->at == '\n'))
        json->at++;
    return json->at < json->end ? *json->at : '\0';
}

bool json_at_end(struct json *json)
{
    json_peek(json);
    return json->at == json->end;
}

bool json_take(struct json *json, char wanted)
{
    if (json_peek(json) != wanted || json->at == json->end)
        return false;
    json->at++;
    return true;
}

bool json_word(struct json *json, const char *word)
{
    size_t len = strlen(word);
    json_peek(json);
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, word, len) != 0)
        return false;
    json->at += len;
    return true;
}

struct target {
    char *out;
    size_t size, len;
};

static void put(struct target *target, unsigned byte)
{
    if (target->len + 1 < target->size)
        target->out[target->len] = (char)byte;
    target->len++;
}

static void put_utf8(struct target *target, unsigned code)
{
    if (code < 0x80) {
        put(target, code);
    } else if (code < 0x800) {
        put(target, 0xc0 | code >> 6);
        put(target, 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(target, 0xe0 | code >> 12);
        put(target, 0x80 | (code >> 6 & 0x3f));
        put(target, 0x80 | (code & 0x3f));
    } else {
        put(target, 0xf0 | code >> 18);
        put(target, 0x80 | (code >> 12 & 0x3f));
        put(target, 0x80 | (code >> 6 & 0x3f));
        put(target, 0x80 | (code & 0x3f));
    }
}

// Four hexadecimal digits.
static bool take_hex(struct json *json, unsigned *out)
{
    static const char digits[] = "0123456789abcdef";
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int byte = json->at < json->end ? *json->at++ : 0;
        if (byte >= 'A' && byte <= 'F')
            byte += 'a' - 'A';
        const char *digit = byte ? strchr(digits, byte) : NULL;
        if (!digit)
            return false;
        *out = *out << 4 | (unsigned)(digit - digits);
    }
    return true;
}

// Behind "\u". Half of a pair alone is no character.
static bool take_code(struct json *json, struct target *target)
{
    unsigned code, low;
    if (!take_hex(json, &code) || (code >= 0xdc00 && code < 0xe000))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u')
            return false;
        json->at += 2;
        if (!take_hex(json, &low) || low < 0xdc00 || low >= 0xe000)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    put_utf8(target, code);
    return true;
}

static bool take_escape(struct json *json, struct target *target)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char letter = json->at < json->end ? *json->at++ : '\0';
    if (letter == 'u')
        return take_code(json, target);
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return false;
    put(target, (unsigned char)meant[found - letters]);
    return true;
}

bool json_string(struct json *json, char *out, size_t size, size_t *len)
{
    struct target target = {out, size, 0};
    if (!json_take(json, '"'))
        return false;
    while (json->at < json->end && *json->at != '"') {
        unsigned char byte = (unsigned char)*json->at++;
        if (byte < 0x20 || (byte == '\\' && !take_escape(json, &target)))
            return false;
        if (byte != '\\')
            put(&target, byte);
    }
    if (json->at == json->end)
        return false;
    json->at++;
    out[target.len < size ? target.len : size - 1] = '\0';
    *len = target.len;
    return true;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

bool json_number(struct json *json, double *out)
{
    json_peek(json);
    const char *end = json->end, *first = json->at + (json->at < end && *json->at == '-'),
               *at = skip_digits(first, end);
    if (at == first || (at - first > 1 && *first == '0'))
        return false;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction)
            return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        exponent += exponent < end && (*exponent == '+' || *exponent == '-');
        at = skip_digits(exponent, end);
        if (at == exponent)
            return false;
    }
    *out = strtod(json->at, NULL);
    json->at = at;
    return true;
}

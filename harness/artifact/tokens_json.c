// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259), token by token. As strict as base/json_scan, but for what Python's json module writes: the words
// NaN, Infinity and -Infinity are numbers, and half a surrogate pair is text. base/json_scan reads documents that
// people write: it blanks what it has read and keeps a note of every value; this reads models of any size in place.
#include "artifact/tokens.h"

#include "base/number.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

static int fail(const struct tokens *json, size_t at, const char *what, struct error *err)
{
    size_t line = json->line ? json->line : 1;
    size_t start = 0;
    for (size_t i = 0; i < at && i < json->len; i++) {
        if (json->bytes[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return error_set(err, ERROR_USAGE, "line %zu, column %zu: %s", line, at - start + 1, what);
}

static int fail_found(const struct tokens *json, const char *expected, struct error *err)
{
    CLEANUP(free) char *found = NULL;
    if (json->at < json->len) {
        CLEANUP(free) char *visible = str_visible((const char *)json->bytes + json->at, 1);
        found = str_printf("expected %s, found '%s'", expected, visible);
    } else {
        found = str_printf("expected %s, found the end of the file", expected);
    }
    return fail(json, json->at, found, err);
}

static int peek(const struct tokens *json)
{
    return json->at < json->len ? json->bytes[json->at] : -1;
}

static void skip_space(struct tokens *json)
{
    while (json->at < json->len) {
        unsigned char c = json->bytes[json->at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return;
        json->at++;
    }
}

// --- strings ---

// Of \uXXXX, at the backslash.
static int hex4(const struct tokens *json)
{
    return str_hex4((const char *)json->bytes + json->at + 2, json->len - json->at - 2);
}

// At the backslash.
static int read_escape(struct tokens *json, struct error *err)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = json->at + 1 < json->len ? json->bytes[json->at + 1] : 0;
    const char *known = c ? memchr(from, c, sizeof from - 1) : NULL;
    if (known) {
        buf_putc(&json->scratch, to[known - from]);
        json->at += 2;
        return 0;
    }
    if (c != 'u')
        return fail(json, json->at, "unknown escape in a string", err);
    int code = hex4(json);
    if (code < 0)
        return fail(json, json->at, "'\\u' needs four hexadecimal digits", err);
    json->at += 6;
    uint32_t whole = (uint32_t)code;
    if (code >= 0xd800 && code <= 0xdbff && peek(json) == '\\' && json->at + 1 < json->len &&
        json->bytes[json->at + 1] == 'u') {
        int low = hex4(json);
        if (low >= 0xdc00 && low <= 0xdfff) {
            whole = 0x10000 + (((uint32_t)code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            json->at += 6;
        }
    }
    buf_put_utf8(&json->scratch, whole);
    return 0;
}

// At the opening quote; ends behind the closing one.
static int read_string(struct token *out, struct tokens *json, struct error *err)
{
    size_t begin = json->at++, from = json->at;
    out->lasting = true;
    for (;;) {
        while (json->at < json->len && json->bytes[json->at] >= ' ' && json->bytes[json->at] != '"' &&
               json->bytes[json->at] != '\\')
            json->at++;
        int c = peek(json);
        if (c < 0)
            return fail(json, begin, "this string is not closed", err);
        if (c < ' ')
            return fail(json, json->at, "a control character in a string must be written as an escape", err);
        if (out->lasting && c == '\\')
            buf_clear(&json->scratch);
        out->lasting = out->lasting && c != '\\';
        if (!out->lasting)
            buf_append(&json->scratch, json->bytes + from, json->at - from);
        if (c == '"')
            break;
        if (read_escape(json, err) < 0)
            return -1;
        from = json->at;
    }
    out->text = out->lasting ? (const char *)json->bytes + from : buf_text(&json->scratch);
    out->len = out->lasting ? json->at - from : json->scratch.len;
    json->at++;
    return 0;
}

// --- numbers and words ---

static bool skip_digits(struct tokens *json)
{
    size_t begin = json->at;
    while (json->at < json->len && json->bytes[json->at] >= '0' && json->bytes[json->at] <= '9')
        json->at++;
    return json->at > begin;
}

// An integer of i64; −0 is not one, since its sign would be lost.
static bool take_integer(int64_t *out, const char *text, size_t len)
{
    bool negative = text[0] == '-';
    int64_t value = 0;
    for (size_t i = negative; i < len; i++) {
        int64_t digit = text[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return value != 0 || !negative;
}

static int read_number(struct token *out, struct tokens *json, struct error *err)
{
    size_t begin = json->at;
    json->at += peek(json) == '-';
    size_t whole = json->at;
    if (!skip_digits(json))
        return fail_found(json, "a digit", err);
    if (json->bytes[whole] == '0' && json->at - whole > 1)
        return fail(json, begin, "a number may not begin with a zero", err);
    bool integer = true;
    if (peek(json) == '.') {
        integer = false;
        json->at++;
        if (!skip_digits(json))
            return fail_found(json, "a digit after the decimal point", err);
    }
    if (peek(json) == 'e' || peek(json) == 'E') {
        integer = false;
        json->at++;
        json->at += peek(json) == '+' || peek(json) == '-';
        if (!skip_digits(json))
            return fail_found(json, "a digit in the exponent", err);
    }
    out->text = (const char *)json->bytes + begin;
    out->len = json->at - begin;
    out->lasting = true;
    if (integer && take_integer(&out->integer, out->text, out->len))
        out->kind = TOKEN_INTEGER;
    else if ((!integer || (out->len == 2 && out->text[0] == '-')) && number_parse(&out->number, out->text, out->len) &&
             isfinite(out->number))
        out->kind = TOKEN_FLOAT;
    else
        out->kind = TOKEN_EXACT;
    return 0;
}

static int read_word(struct token *out, struct tokens *json, struct error *err)
{
    static const struct {
        const char *text;
        enum token_kind kind;
        double number;
    } words[] = {
        {"true", TOKEN_BOOL, 1},
        {"false", TOKEN_BOOL, 0},
        {"null", TOKEN_NULL, 0},
        {"NaN", TOKEN_FLOAT, NAN},
        {"Infinity", TOKEN_FLOAT, INFINITY},
        {"-Infinity", TOKEN_FLOAT, -INFINITY},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i].text);
        if (json->len - json->at < len || memcmp(json->bytes + json->at, words[i].text, len) != 0)
            continue;
        out->kind = words[i].kind;
        out->number = words[i].number;
        out->integer = words[i].kind == TOKEN_BOOL && words[i].number != 0;
        json->at += len;
        return 0;
    }
    return fail_found(json, "a value", err);
}

// --- structure ---

static int read_value(struct token *out, struct tokens *json, struct error *err)
{
    int c = peek(json);
    if (c == '{' || c == '[') {
        out->kind = c == '{' ? TOKEN_OBJECT : TOKEN_ARRAY;
        json->at++;
        return tokens_open(json, (struct tokens_level){.object = c == '{'}, err);
    }
    if (c == '"') {
        out->kind = TOKEN_TEXT;
        return read_string(out, json, err);
    }
    bool infinite = c == '-' && json->at + 1 < json->len && json->bytes[json->at + 1] == 'I';
    if ((c == '-' && !infinite) || (c >= '0' && c <= '9'))
        return read_number(out, json, err);
    return read_word(out, json, err);
}

static int read_key(struct token *out, struct tokens *json, struct error *err)
{
    if (peek(json) != '"')
        return fail_found(json, "a key in double quotes", err);
    out->kind = TOKEN_KEY;
    if (read_string(out, json, err) < 0)
        return -1;
    skip_space(json);
    if (peek(json) != ':')
        return fail_found(json, "':' after the key", err);
    json->at++;
    json->levels[json->depth - 1].value_next = true;
    return 0;
}

static int read_end(struct token *out, struct tokens *json, struct error *err)
{
    if (json->at < json->len)
        return fail_found(json, "the end of the document", err);
    out->kind = TOKEN_END;
    return 0;
}

static int json_next(struct token *out, struct tokens *json, struct error *err)
{
    skip_space(json);
    if (json->depth == 0) {
        if (json->done)
            return read_end(out, json, err);
        json->done = true;
        return read_value(out, json, err);
    }
    struct tokens_level *level = &json->levels[json->depth - 1];
    if (level->value_next) {
        level->value_next = false;
        return read_value(out, json, err);
    }
    if (peek(json) == (level->object ? '}' : ']')) {
        out->kind = level->object ? TOKEN_OBJECT_END : TOKEN_ARRAY_END;
        json->at++;
        json->depth--;
        return 0;
    }
    if (level->begun) {
        if (peek(json) != ',')
            return fail_found(json, level->object ? "',' or '}'" : "',' or ']'", err);
        json->at++;
        skip_space(json);
    }
    level->begun = true;
    return level->object ? read_key(out, json, err) : read_value(out, json, err);
}

void tokens_json(struct tokens *out, const void *bytes, size_t len)
{
    *out = (struct tokens){.next = json_next, .bytes = bytes, .len = len};
}

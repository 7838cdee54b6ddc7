// SPDX-License-Identifier: Apache-2.0
//
// JSON lines: one object a line. Keys may come in any order and be absent; NaN, Infinity and -Infinity, which Python
// writes, are read. What is nested stays as it stands.
#include "artifact/table.h"

#include "base/json.h"
#include "base/str.h"

#include <string.h>

static int fault(const struct table_reader *r, struct error *err, const char *text)
{
    return error_problem(err, r->source->name, table_line(r->source, r->at), "%s", text);
}

static void skip_blanks(struct table_reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool take(struct table_reader *r, char c)
{
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

// \uXXXX, or two of them for a character beyond U+FFFF. `*at` stands behind the 'u'.
static int read_code(const char **at, const char *end, uint32_t *code)
{
    int32_t first = str_hex4(*at, (size_t)(end - *at));
    if (first < 0)
        return -1;
    *code = (uint32_t)first;
    *at += 4;
    if (*code >= 0xdc00 && *code < 0xe000)
        return -1;
    if (*code < 0xd800 || *code >= 0xdc00)
        return 0;
    bool two = end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
    int32_t second = two ? str_hex4(*at + 2, 4) : -1;
    if (second < 0xdc00 || second >= 0xe000)
        return -1;
    *at += 6;
    *code = 0x10000 + ((*code - 0xd800) << 10) + ((uint32_t)second - 0xdc00);
    return 0;
}

// The text between two quotes, without its escapes. It does not become longer.
static int unescape(struct table_reader *r, struct table_token *token, struct error *err)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *to = arena_room(&r->scratch, token->len + 1);
    const char *from = token->text, *end = from + token->len;
    token->text = to;
    while (from < end) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from++;
        const char *letter = memchr(letters, *from, sizeof letters - 1);
        uint32_t code;
        if (*from == 'u') {
            from++;
            if (read_code(&from, end, &code) < 0)
                return fault(r, err, "a \\u that is no character");
            to = str_utf8_put(to, code);
        } else if (letter) {
            *to++ = meant[letter - letters];
            from++;
        } else {
            return fault(r, err, "an escape that JSON does not have");
        }
    }
    *to = '\0';
    token->len = (size_t)(to - token->text);
    return 0;
}

static int read_string(struct table_reader *r, struct table_token *token, struct error *err)
{
    const char *from = ++r->at;
    bool escaped = false;
    while (r->at < r->end && *r->at != '"' && (unsigned char)*r->at >= 0x20) {
        if (*r->at == '\\') {
            escaped = true;
            r->at++;
            if (r->at == r->end || (unsigned char)*r->at < 0x20)
                break;
        }
        r->at++;
    }
    if (r->at == r->end || *r->at != '"')
        return fault(r, err, "a string that does not end on its line");
    *token = (struct table_token){from, (size_t)(r->at - from), TOKEN_STRING};
    if (escaped && unescape(r, token, err) < 0)
        return -1;
    if (!r->source->ascii && !str_is_utf8(token->text, token->len, NULL))
        return fault(r, err, "a string that is not UTF-8");
    r->at++;
    return 0;
}

// [-]digits[.digits][e[sign]digits], without a zero in front.
static bool is_json_number(const char *at, const char *end)
{
    at += at < end && *at == '-';
    const char *from = at;
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    if (at == from || (at - from > 1 && *from == '0'))
        return false;
    if (at < end && *at == '.') {
        from = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == from)
            return false;
    }
    if (at < end && (*at | 32) == 'e') {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        from = at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at == from)
            return false;
    }
    return at == end;
}

static bool is_word(const struct table_token *token, const char *word)
{
    return token->len == strlen(word) && memcmp(token->text, word, token->len) == 0;
}

static bool ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || (unsigned char)c <= ' ';
}

static int read_scalar(struct table_reader *r, struct table_token *token, struct error *err)
{
    const char *from = r->at;
    while (r->at < r->end && !ends_scalar(*r->at))
        r->at++;
    *token = (struct table_token){from, (size_t)(r->at - from), TOKEN_NUMBER};
    if (is_json_number(from, r->at) || is_word(token, "NaN") || is_word(token, "Infinity") ||
        is_word(token, "-Infinity"))
        return 0;
    token->kind = is_word(token, "null") ? TOKEN_NULL : TOKEN_BOOL;
    if (token->kind == TOKEN_NULL || is_word(token, "true") || is_word(token, "false"))
        return 0;
    r->at = from;
    return fault(r, err, "expected a value");
}

static int read_nested(struct table_reader *r, struct table_token *token, struct error *err)
{
    const char *from = r->at;
    size_t depth = 0;
    bool quoted = false;
    for (; r->at < r->end && *r->at != '\n'; r->at++) {
        char c = *r->at;
        if (quoted) {
            quoted = c != '"';
            if (c == '\\' && r->at + 1 < r->end && r->at[1] != '\n')
                r->at++;
            continue;
        }
        quoted = c == '"';
        depth += c == '[' || c == '{';
        if ((c == ']' || c == '}') && --depth == 0)
            break;
    }
    if (r->at == r->end || *r->at == '\n')
        return fault(r, err, "an array or object that does not end on its line");
    r->at++;
    *token = (struct table_token){from, (size_t)(r->at - from), TOKEN_RAW};
    CLEANUP(json) struct json *json = NULL;
    CLEANUP(error) struct error inner = {0};
    if (json_parse(&json, r->source->name, token->text, token->len, NULL, &inner) == 0)
        return 0;
    r->at = from;
    return fault(r, err, "an array or object that is not JSON");
}

static int read_value(struct table_reader *r, struct table_token *token, struct error *err)
{
    skip_blanks(r);
    if (r->at == r->end)
        return fault(r, err, "the last line is cut off");
    if (*r->at == '"')
        return read_string(r, token, err);
    if (*r->at == '{' || *r->at == '[')
        return read_nested(r, token, err);
    return read_scalar(r, token, err);
}

// The value of a key that nobody asked for.
static int read_other(struct table_reader *r, struct error *err)
{
    struct table_token ignored;
    if (!take(r, ':'))
        return fault(r, err, "expected ':'");
    return read_value(r, &ignored, err);
}

static int read_member(struct table_reader *r, struct error *err)
{
    struct table_token key;
    skip_blanks(r);
    if (r->at == r->end || *r->at != '"')
        return fault(r, err, "expected a key in double quotes");
    if (read_string(r, &key, err) < 0)
        return -1;
    if (memchr(key.text, '\0', key.len))
        return fault(r, err, "a key with \\u0000");
    size_t column = table_names_find(r->names, key.text, key.len, r->given_count, !r->fixed);
    if (column == SIZE_MAX && r->fixed)
        return read_other(r, err);
    if (column == SIZE_MAX)
        return fault(r, err, "more than 100,000 different keys");
    while (r->capacity < r->names->count) {
        size_t before = r->capacity;
        r->tokens = mem_grow(r->tokens, before, &r->capacity, sizeof *r->tokens);
        memset(r->tokens + before, 0, (r->capacity - before) * sizeof *r->tokens);
    }
    if (r->tokens[column].kind != TOKEN_ABSENT)
        return error_problem(err, r->source->name, table_line(r->source, r->at), "the key '%.*s' is here twice",
                             (int)(key.len < 100 ? key.len : 100), key.text);
    if (!take(r, ':'))
        return fault(r, err, "expected ':'");
    r->given = mem_grow(r->given, r->given_count, &r->given_capacity, sizeof *r->given);
    r->given[r->given_count++] = column;
    return read_value(r, &r->tokens[column], err);
}

int table_jsonl_row(bool *more, struct table_reader *r, const char *stop, struct error *err)
{
    for (size_t i = 0; i < r->given_count; i++)
        r->tokens[r->given[i]].kind = TOKEN_ABSENT;
    r->given_count = 0;
    arena_clear(&r->scratch);
    while (r->at < stop && strchr(" \t\r\n", *r->at))
        r->at++;
    *more = r->at < stop;
    if (!*more)
        return 0;
    r->row = r->at;
    if (!take(r, '{'))
        return fault(r, err, "expected an object on each line");
    if (!take(r, '}')) {
        do {
            if (read_member(r, err) < 0)
                return -1;
        } while (take(r, ','));
        if (!take(r, '}'))
            return fault(r, err, "expected ',' or '}'");
    }
    skip_blanks(r);
    if (r->at < r->end && *r->at != '\n')
        return fault(r, err, "expected the end of the line");
    return 0;
}

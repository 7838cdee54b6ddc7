// SPDX-License-Identifier: Apache-2.0
#include "base/json_scan.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

struct scanner {
    const struct json_scan *options;
    struct json_notes *notes;
    struct error *err;
    char *text;
    size_t len, at;
    size_t line_start; // offset of the first byte of the line that `at` is in
    long line;
    size_t depth;
};

// Columns are counted in characters, as editors do. The text is known to be UTF-8, but for the byte at `at`.
static size_t column_of(const struct scanner *s, size_t at)
{
    size_t column = 1;
    for (size_t i = s->line_start; i < at; i++)
        column += (s->text[i] & 0xc0) != 0x80;
    return column;
}

static int fail_at(const struct scanner *s, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);
static int fail_at(const struct scanner *s, size_t at, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return error_problem(s->err, s->options->name, s->line, "column %zu: %s", column_of(s, at), buf_text(&text));
}

// The word or character at `at`, quoted, for messages.
static char *found_at(const struct scanner *s, size_t at)
{
    if (at >= s->len)
        return str_dup("the end of the file");
    size_t end = at;
    while (end < s->len && end - at < 24 &&
           (s->text[end] == '_' || (s->text[end] >= '0' && s->text[end] <= '9') ||
            (s->text[end] >= 'A' && s->text[end] <= 'Z') || (s->text[end] >= 'a' && s->text[end] <= 'z')))
        end++;
    uint32_t code;
    if (end == at)
        end += str_utf8_next(s->text + at, s->len - at, &code);
    CLEANUP(free) char *visible = str_visible(s->text + at, end - at);
    return str_printf("'%s'", visible);
}

static int fail_expected(const struct scanner *s, const char *expected)
{
    CLEANUP(free) char *found = found_at(s, s->at);
    return fail_at(s, s->at, "expected %s, found %s", expected, found);
}

// NUL beyond the end.
static char char_at(const struct scanner *s, size_t at)
{
    if (at < s->len)
        return s->text[at];
    return '\0';
}

static char peek(const struct scanner *s)
{
    return char_at(s, s->at);
}

static void new_line(struct scanner *s)
{
    s->line++;
    s->line_start = s->at + 1;
}

static int skip_comment(struct scanner *s)
{
    char kind = char_at(s, s->at + 1);
    if (kind != '/' && kind != '*')
        return fail_expected(s, "a value");
    if (!s->options->comments)
        return fail_at(s, s->at, "comments are not allowed in this document");
    struct scanner begin = *s; // where an unclosed comment is reported
    size_t body = s->at + 2;
    for (s->at = body; s->at < s->len; s->at++) {
        char c = s->text[s->at];
        if (c == '\n' && kind == '/')
            break;
        if (c == '\n')
            new_line(s);
        if (kind == '*' && c == '/' && s->at > body && s->text[s->at - 1] == '*')
            break;
    }
    if (s->at == s->len && kind == '*')
        return fail_at(&begin, begin.at, "this comment is not closed");
    s->at += kind == '*';
    for (size_t i = begin.at; i < s->at; i++)
        if (s->text[i] != '\n')
            s->text[i] = ' ';
    return 0;
}

static int skip_space(struct scanner *s)
{
    for (; s->at < s->len; s->at++) {
        char c = s->text[s->at];
        if (c == '\n') {
            new_line(s);
        } else if (c == '/') {
            if (skip_comment(s) < 0)
                return -1;
            s->at--; // the loop steps over one
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
    }
    return 0;
}

// Of the `\uXXXX` at `at`.
static int hex4(const struct scanner *s, size_t at)
{
    return str_hex4(s->text + at + 2, s->len - at - 2);
}

// At the `\` of `\uXXXX`.
static int scan_unicode_escape(struct scanner *s)
{
    int code = hex4(s, s->at);
    if (code < 0)
        return fail_at(s, s->at, "'\\u' needs four hexadecimal digits");
    if (code == 0)
        return fail_at(s, s->at, "'\\u0000' is not allowed in a string");
    size_t size = 6;
    if (code >= 0xd800 && code <= 0xdbff) {
        bool escape = char_at(s, s->at + 6) == '\\' && char_at(s, s->at + 7) == 'u';
        int low = escape ? hex4(s, s->at + 6) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail_at(s, s->at, "'\\u%04x' is the first half of a surrogate pair without its second", code);
        size = 12;
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return fail_at(s, s->at, "'\\u%04x' is the second half of a surrogate pair without its first", code);
    }
    s->at += size;
    return 0;
}

static int scan_escape(struct scanner *s)
{
    char c = char_at(s, s->at + 1);
    if (c == 'u')
        return scan_unicode_escape(s);
    if (!c || !strchr("\"\\/bfnrt", c)) {
        CLEANUP(free) char *found = found_at(s, s->at + 1);
        return fail_at(s, s->at, "unknown escape: '\\' before %s (a backslash itself is written '\\\\')", found);
    }
    s->at += 2;
    return 0;
}

// At the opening quote; ends after the closing one.
static int scan_string(struct scanner *s)
{
    size_t begin = s->at++;
    for (;;) {
        while (s->at < s->len && (unsigned char)s->text[s->at] >= 0x20 && s->text[s->at] != '"' &&
               s->text[s->at] != '\\')
            s->at++;
        if (s->at == s->len || s->text[s->at] == '\n' || s->text[s->at] == '\r')
            return fail_at(s, begin, "this string is not closed on its line");
        if (s->text[s->at] == '"') {
            s->at++;
            return 0;
        }
        if (s->text[s->at] != '\\') {
            CLEANUP(free) char *found = found_at(s, s->at);
            return fail_at(s, s->at, "the control character %s in a string must be written as an escape", found);
        }
        if (scan_escape(s) < 0)
            return -1;
    }
}

static bool skip_digits(struct scanner *s)
{
    size_t begin = s->at;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at > begin;
}

static int scan_number(struct scanner *s, double *number)
{
    size_t begin = s->at;
    s->at += peek(s) == '-';
    bool zero = peek(s) == '0';
    size_t whole = s->at;
    if (!skip_digits(s))
        return fail_expected(s, "a digit");
    if (zero && s->at - whole > 1)
        return fail_at(s, begin, "a number may not begin with a zero");
    if (peek(s) == '.') {
        s->at++;
        if (!skip_digits(s))
            return fail_expected(s, "a digit after the decimal point");
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        if (!skip_digits(s))
            return fail_expected(s, "a digit in the exponent");
    }
    if (str_read_double(number, s->text + begin, s->at - begin) < 0 || !isfinite(*number))
        return fail_at(s, begin, "this number is too large for a double");
    memset(s->text + begin, ' ', s->at - begin);
    s->text[begin] = '0';
    return 0;
}

// true, false, null; anything else that is not a value ends here, too.
static int scan_word(struct scanner *s)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t left = s->len - s->at, len = 0;
    while (len < left && ((s->text[s->at + len] >= 'a' && s->text[s->at + len] <= 'z') ||
                          (s->text[s->at + len] >= 'A' && s->text[s->at + len] <= 'Z')))
        len++;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (len == strlen(words[i]) && memcmp(s->text + s->at, words[i], len) == 0) {
            s->at += len;
            return 0;
        }
    }
    char c = peek(s);
    if (c == '\'')
        return fail_at(s, s->at, "a string stands in double quotes");
    if (c == '}' || c == ']') {
        return fail_at(s, s->at, "expected a value, found '%c' (no comma may stand before it)", c);
    }
    CLEANUP(free) char *word = str_ndup(s->text + s->at, len < 24 ? len : 24);
    if (strcmp(word, "NaN") == 0 || strcmp(word, "Infinity") == 0)
        return fail_at(s, s->at, "%s is not a JSON value; write it as the string \"%s\"", word, word);
    const char *meant = strcmp(word, "None") == 0 ? "null" : str_nearest(word, words, ARRAY_LEN(words));
    if (meant)
        return fail_at(s, s->at, "unknown word '%s'; did you mean '%s'?", word, meant);
    return fail_expected(s, "a value");
}

static int scan_value(struct scanner *s, long key_line);

static int scan_key(struct scanner *s)
{
    char c = peek(s);
    if (c == '}')
        return fail_at(s, s->at, "expected a key, found '}' (no comma may stand before it)");
    if (c == '\'')
        return fail_at(s, s->at, "a key stands in double quotes");
    if (c != '"')
        return fail_expected(s, "a key in double quotes");
    if (scan_string(s) < 0 || skip_space(s) < 0)
        return -1;
    if (peek(s) != ':')
        return fail_expected(s, "':' after the key");
    s->at++;
    return skip_space(s);
}

// At `{` or `[`; ends after its counterpart.
static int scan_container(struct scanner *s)
{
    bool object = s->text[s->at] == '{';
    char close = object ? '}' : ']';
    if (++s->depth > s->options->max_depth)
        return fail_at(s, s->at, "nested deeper than %zu levels", s->options->max_depth);
    s->at++;
    if (skip_space(s) < 0)
        return -1;
    bool empty = peek(s) == close;
    while (!empty) {
        long key_line = s->line;
        if ((object && scan_key(s) < 0) || scan_value(s, object ? key_line : s->line) < 0 || skip_space(s) < 0)
            return -1;
        if (peek(s) == close)
            break;
        if (peek(s) != ',')
            return fail_expected(s, object ? "',' or '}'" : "',' or ']'");
        s->at++;
        if (skip_space(s) < 0)
            return -1;
    }
    s->at++;
    s->depth--;
    return 0;
}

static int scan_value(struct scanner *s, long key_line)
{
    struct json_notes *notes = s->notes;
    if (notes->count == s->options->max_values)
        return fail_at(s, s->at, "more than %zu values", s->options->max_values);
    notes->items = mem_grow(notes->items, notes->count, &notes->capacity, sizeof *notes->items);
    size_t index = notes->count++;
    notes->items[index] = (struct json_note){.line = s->line, .key_line = key_line};
    char c = peek(s);
    if (c == '{' || c == '[')
        return scan_container(s);
    if (c == '"')
        return scan_string(s);
    if (c == '-' || (c >= '0' && c <= '9'))
        return scan_number(s, &notes->items[index].number);
    return scan_word(s);
}

static int check_encoding(struct scanner *s)
{
    if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
        return error_problem(s->err, s->options->name, 1,
                             "begins with a byte order mark; save the file as UTF-8 without one");
    if (s->len >= 2 && (memcmp(s->text, "\xff\xfe", 2) == 0 || memcmp(s->text, "\xfe\xff", 2) == 0))
        return error_problem(s->err, s->options->name, 1, "is UTF-16; save the file as UTF-8");
    size_t bad;
    if (str_is_utf8(s->text, s->len, &bad))
        return 0;
    for (s->at = 0; s->at < bad; s->at++)
        if (s->text[s->at] == '\n')
            new_line(s);
    return fail_at(s, bad, "not UTF-8 (byte 0x%02x)", (unsigned char)s->text[bad]);
}

int json_scan(struct json_notes *out, char *text, size_t len, const struct json_scan *options, struct error *err)
{
    struct scanner s = {.options = options, .notes = out, .err = err, .text = text, .len = len, .line = 1};
    if (check_encoding(&s) < 0 || skip_space(&s) < 0)
        return -1;
    if (s.at == len)
        return error_problem(err, options->name, s.line, "the file is empty");
    if (scan_value(&s, s.line) < 0 || skip_space(&s) < 0)
        return -1;
    if (s.at == len)
        return 0;
    CLEANUP(free) char *found = found_at(&s, s.at);
    return fail_at(&s, s.at, "expected the end of the document, found %s", found);
}

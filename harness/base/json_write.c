// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "base/str.h"

#include <math.h>
#include <string.h>

// Above this, whole numbers are no longer all doubles, which is what many a reader turns them into.
#define SAFE_INTEGER 9007199254740992

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out, .fresh = true};
}

static void new_line(struct json_writer *w)
{
    if (w->compact)
        return;
    size_t indent = (size_t)w->depth * 2;
    char *where = buf_reserve(w->out, 1 + indent);
    where[0] = '\n';
    memset(where + 1, ' ', indent);
    w->out->len += 1 + indent;
}

// What stands before a value: the comma, the line, the key.
static void lead(struct json_writer *w, const char *key)
{
    if (!w->fresh)
        buf_append(w->out, ", ", w->compact ? 2 : 1);
    if (w->depth)
        new_line(w);
    if (key) {
        buf_json_quote(w->out, key, strlen(key));
        buf_append(w->out, ": ", 2);
    }
    w->fresh = false;
}

static void begin(struct json_writer *w, const char *key, char open)
{
    lead(w, key);
    buf_putc(w->out, open);
    w->depth++;
    w->fresh = true;
}

static void end(struct json_writer *w, char close)
{
    w->depth--;
    if (!w->fresh)
        new_line(w);
    buf_putc(w->out, close);
    w->fresh = false;
}

void json_begin_object(struct json_writer *w, const char *key)
{
    begin(w, key, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w, const char *key)
{
    begin(w, key, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_put_string(struct json_writer *w, const char *key, const char *text)
{
    lead(w, key);
    if (text)
        buf_json_quote(w->out, text, strlen(text));
    else
        buf_puts(w->out, "null");
}

void json_put_double(struct json_writer *w, const char *key, double value)
{
    char text[32];
    str_double(text, value);
    lead(w, key);
    buf_printf(w->out, isfinite(value) ? "%s" : "\"%s\"", text);
}

void json_put_int(struct json_writer *w, const char *key, int64_t value)
{
    lead(w, key);
    bool safe = value >= -SAFE_INTEGER && value <= SAFE_INTEGER;
    buf_printf(w->out, safe ? "%jd" : "\"%jd\"", (intmax_t)value);
}

void json_put_u64(struct json_writer *w, const char *key, uint64_t value)
{
    lead(w, key);
    buf_printf(w->out, value <= SAFE_INTEGER ? "%ju" : "\"%ju\"", (uintmax_t)value);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
    lead(w, key);
    buf_puts(w->out, value ? "true" : "false");
}

void json_put_null(struct json_writer *w, const char *key)
{
    lead(w, key);
    buf_puts(w->out, "null");
}

void json_finish(struct json_writer *w)
{
    buf_putc(w->out, '\n');
}

void buf_json_quote(struct buf *buf, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    buf_putc(buf, '"');
    for (size_t at = 0; at < len;) {
        size_t plain = at; // what needs no change is copied at once
        while (plain < len && text[plain] >= 0x20 && text[plain] < 0x7f && text[plain] != '"' && text[plain] != '\\')
            plain++;
        buf_append(buf, text + at, plain - at);
        at = plain;
        if (at == len)
            break;
        unsigned char byte = (unsigned char)text[at];
        uint32_t code;
        size_t size = str_utf8_next(text + at, len - at, &code);
        if (byte == '"' || byte == '\\') {
            buf_append(buf, (char[]){'\\', (char)byte}, 2);
        } else if (byte < 0x20 && letters[byte]) {
            buf_append(buf, (char[]){'\\', letters[byte]}, 2);
        } else if (byte < 0x20) {
            buf_append(buf, (char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        } else if (size == 0) {
            buf_puts(buf, "\xef\xbf\xbd");
            size = 1;
        } else {
            buf_append(buf, text + at, size);
        }
        at += size;
    }
    buf_putc(buf, '"');
}

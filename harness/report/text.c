// SPDX-License-Identifier: Apache-2.0
#include "report/text.h"

#include "base/str.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

size_t text_cut(const char *text, size_t len, size_t limit)
{
    if (len <= limit)
        return len;
    size_t at = limit;
    while (at > 0 && limit - at < 4 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

size_t text_first_line(const char *text)
{
    return strcspn(text, "\r\n");
}

size_t text_characters(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

void text_terminal(struct buf *out, const char *text, size_t len)
{
    for (const char *found; (found = memmem(text, len, "##[", 3)) != NULL;) {
        size_t before = (size_t)(found - text);
        buf_visible(out, text, before, "\t");
        buf_puts(out, "##\\x5b");
        text += before + 3;
        len -= before + 3;
    }
    buf_visible(out, text, len, "\t");
}

// XML 1.0, production [2] Char.
static bool is_legal_xml(uint32_t code)
{
    return code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xd7ff) ||
           (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

void text_legal_xml(struct buf *out, const char *text, size_t len, bool lines)
{
    for (size_t at = 0; at < len;) {
        size_t plain = at;
        while (plain < len && text[plain] >= ' ' && text[plain] < 0x7f)
            plain++;
        buf_append(out, text + at, plain - at);
        at = plain;
        if (at == len)
            break;
        uint32_t code = 0;
        size_t size = str_utf8_next(text + at, len - at, &code);
        if (size == 0) {
            buf_printf(out, "#x%02X", (unsigned char)text[at++]);
            continue;
        }
        if (is_legal_xml(code) && (code >= ' ' || lines))
            buf_append(out, text + at, size);
        else
            buf_printf(out, "#x%02X", (unsigned)code);
        at += size;
    }
}

static bool is_special_xml(char c)
{
    return c == '&' || c == '<' || c == '>' || c == '"' || c == '\r';
}

size_t text_escape_xml(struct buf *out, const char *text, size_t len, size_t room)
{
    size_t at = 0;
    while (at < len) {
        size_t plain = at;
        while (plain < len && !is_special_xml(text[plain]))
            plain++;
        size_t fits = text_cut(text + at, plain - at, room);
        buf_append(out, text + at, fits);
        room -= fits;
        if (fits < plain - at)
            return at + fits;
        at = plain;
        if (at == len)
            break;
        const char *entity = text[at] == '&'   ? "&amp;"
                             : text[at] == '<' ? "&lt;"
                             : text[at] == '>' ? "&gt;"
                             : text[at] == '"' ? "&quot;"
                                               : "&#13;"; // a bare one would be read back as a newline
        if (strlen(entity) > room)
            return at;
        buf_puts(out, entity);
        room -= strlen(entity);
        at++;
    }
    return at;
}

static bool is_plain_html(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || (c & 0x80);
}

void text_escape_html(struct buf *out, const char *text, size_t len, bool lines)
{
    CLEANUP(buf) struct buf visible = {0};
    buf_visible(&visible, text, len, "\n");
    for (size_t at = 0; at < visible.len; at++) {
        char c = visible.data[at];
        if (is_plain_html(c))
            buf_putc(out, c);
        else if (c == '\n')
            buf_putc(out, lines ? '\n' : ' ');
        else
            buf_printf(out, "&#%d;", c);
    }
}

static void escape_command(struct buf *out, const char *text, size_t len, const char *escaped)
{
    CLEANUP(buf) struct buf visible = {0};
    buf_visible(&visible, text, len, "\n");
    for (size_t at = 0; at < visible.len;) {
        size_t plain = strcspn(visible.data + at, escaped);
        buf_append(out, visible.data + at, plain);
        at += plain;
        if (at < visible.len)
            buf_printf(out, "%%%02X", (unsigned char)visible.data[at++]);
    }
}

void text_escape_command(struct buf *out, const char *text, size_t len)
{
    escape_command(out, text, len, "%\r\n");
}

void text_escape_property(struct buf *out, const char *text, size_t len)
{
    escape_command(out, text, len, "%\r\n:,");
}

void text_seconds(struct buf *out, double seconds)
{
    uint64_t thousandths = seconds > 0 && seconds < 1e15 ? (uint64_t)(seconds * 1000 + 0.5) : 0;
    buf_printf(out, "%ju.%03u", (uintmax_t)(thousandths / 1000), (unsigned)(thousandths % 1000));
}

void text_time(struct buf *out, long long seconds)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    if (!gmtime_r(&when, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099) {
        buf_puts(out, "1970-01-01T00:00:00Z");
        return;
    }
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
               tm.tm_min, tm.tm_sec);
}

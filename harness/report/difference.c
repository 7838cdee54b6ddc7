// SPDX-License-Identifier: Apache-2.0
#include "report/difference.h"

#include <string.h>

enum { ROWS_AT_MOST = 20, NAME_WIDTH = 48 };

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void put_visible(struct buf *out, const char *text)
{
    buf_visible(out, text, strlen(text), "");
}

static void put_padded(struct buf *out, const char *text, size_t width)
{
    CLEANUP(buf) struct buf shown = {0};
    put_visible(&shown, text);
    buf_puts(out, buf_text(&shown));
    for (size_t length = characters(buf_text(&shown)); length < width; length++)
        buf_putc(out, ' ');
}

static void put_style(struct buf *out, const struct term *term, enum term_style style)
{
    buf_puts(out, term_style(term, style));
}

static enum term_style style_of(const char *change)
{
    if (strcmp(change, "added") == 0)
        return TERM_GREEN;
    return strcmp(change, "within") == 0 || strcmp(change, "renamed") == 0 ? TERM_YELLOW : TERM_RED;
}

struct widths {
    size_t name, change;
};

static void widen(size_t *width, const char *text, size_t most)
{
    CLEANUP(buf) struct buf shown = {0};
    put_visible(&shown, text);
    size_t length = characters(buf_text(&shown));
    if (length > *width)
        *width = length < most ? length : most;
}

static struct widths measure(const struct difference *difference, size_t count)
{
    struct widths widths = {0};
    for (size_t i = 0; i < count; i++) {
        const struct difference_row *row = &difference->rows[i];
        widen(&widths.name, row->name, NAME_WIDTH);
        widen(&widths.change, row->change, NAME_WIDTH);
    }
    return widths;
}

static void put_row(struct buf *out, const struct difference_row *row, const struct widths *widths,
                    const struct term *term)
{
    buf_puts(out, "  ");
    put_padded(out, row->name, widths->name);
    buf_puts(out, "  ");
    put_style(out, term, style_of(row->change));
    put_padded(out, row->change, widths->change);
    put_style(out, term, TERM_PLAIN);
    buf_puts(out, "  ");
    put_visible(out, row->text ? row->text : "");
    if (row->was) {
        buf_puts(out, row->text && *row->text ? "  was " : "was ");
        put_visible(out, row->was);
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_putc(out, '\n');
}

// Foreign text of several lines, each line behind some spaces.
static void put_lines(struct buf *out, const char *text, const char *before)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        buf_puts(out, before);
        buf_visible(out, text, length, "");
        buf_putc(out, '\n');
        text += length + (text[length] == '\n');
    }
}

static const struct difference_row *worst_measured(const struct difference *difference, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (difference->rows[i].histogram && difference->rows[i].differing > 1 && difference->rows[i].max_ulp > 0)
            return &difference->rows[i];
    }
    return NULL;
}

static void put_list(struct buf *out, const char *title, const struct strings *list, size_t most)
{
    for (size_t i = 0; i < list->count && i < most; i++) {
        buf_printf(out, "  %s", title);
        put_visible(out, list->items[i]);
        buf_putc(out, '\n');
    }
    if (list->count > most)
        buf_printf(out, "  … and %zu more; --all shows them\n", list->count - most);
}

void report_difference(struct buf *out, const struct difference *difference, const struct term *term, bool all)
{
    static const enum term_style styles[] = {
        [SAME_BYTES] = TERM_GREEN, [SAME_CONTENT] = TERM_GREEN, [SAME_WITHIN] = TERM_YELLOW, [DIFFERENT] = TERM_RED};
    size_t most = all ? SIZE_MAX : ROWS_AT_MOST;
    size_t count = difference->count < most ? difference->count : most;
    put_style(out, term, styles[difference->sameness]);
    buf_puts(out, sameness_name(difference->sameness));
    put_style(out, term, TERM_PLAIN);
    if (difference->summary && *difference->summary) {
        buf_puts(out, ": ");
        put_visible(out, difference->summary);
    }
    buf_putc(out, '\n');
    struct widths widths = measure(difference, count);
    for (size_t i = 0; i < count; i++)
        put_row(out, &difference->rows[i], &widths, term);
    if (difference->count > count)
        buf_printf(out, "  … and %zu more; --all shows them\n", difference->count - count);
    const struct difference_row *measured = worst_measured(difference, count);
    if (measured) {
        buf_puts(out, "\n  ");
        put_visible(out, measured->name);
        buf_puts(out, ", elements by distance:\n");
        put_lines(out, measured->histogram, "    ");
    }
    put_list(out, "", &difference->facts, most);
    put_list(out, "left out: ", &difference->left_out, most);
    put_list(out, "note: ", &difference->notes, most);
}

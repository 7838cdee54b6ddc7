// SPDX-License-Identifier: Apache-2.0
#include "base/term.h"

#include "base/buf.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void term_init(struct term *term, FILE *file, enum term_color color)
{
    const char *kind = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool terminal = isatty(fileno(file)) && kind && *kind && strcmp(kind, "dumb") != 0;
    *term = (struct term){.file = file, .redraw = terminal, .width = terminal ? 80 : 0};
    term->color = color == TERM_ALWAYS || (color == TERM_AUTO && terminal && !(no_color && *no_color));
    struct winsize size;
    if (terminal && ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        term->width = size.ws_col;
}

const char *term_style(const struct term *term, enum term_style style)
{
    static const char *const sequences[] = {
        [TERM_PLAIN] = "\x1b[0m",  [TERM_BOLD] = "\x1b[1m",    [TERM_DIM] = "\x1b[2m",   [TERM_RED] = "\x1b[31m",
        [TERM_GREEN] = "\x1b[32m", [TERM_YELLOW] = "\x1b[33m", [TERM_CYAN] = "\x1b[36m",
    };
    return term->color ? sequences[style] : "";
}

// Columns that a character takes: none for those that combine with the one before, two for those of East Asian scripts
// and pictures (the blocks that are wide as a whole; a live line may rather end early than wrap).
static int columns_of(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        int columns;
    } ranges[] = {
        {0x0300, 0x036f, 0}, {0x1100, 0x115f, 2}, {0x200b, 0x200d, 0},   {0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2},
        {0x3041, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

// Bytes of `text` that fit into `width` columns. The text is well-formed.
static size_t fit(const char *text, size_t len, int width)
{
    size_t at = 0;
    for (int used = 0; at < len;) {
        uint32_t code;
        size_t size = str_utf8_next(text + at, len - at, &code);
        used += columns_of(code);
        if (size == 0 || used > width)
            break;
        at += size;
    }
    return at;
}

void term_live(struct term *term, const char *text)
{
    if (!term->redraw)
        return;
    CLEANUP(free) char *visible = str_visible(text, strlen(text));
    // The last column stays free: some terminals wrap as soon as it is filled.
    size_t len = fit(visible, strlen(visible), term->width - 1);
    fprintf(term->file, "\r%.*s\x1b[K", (int)len, visible);
    fflush(term->file);
    term->live = true;
}

void term_clear(struct term *term)
{
    if (!term->redraw || !term->live)
        return;
    fputs("\r\x1b[K", term->file);
    fflush(term->file);
    term->live = false;
}

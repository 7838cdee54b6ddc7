// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
#include "base/buf.h"
#include "base/term.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/ioctl.h>

// A pseudo-terminal of a given width: `term` writes to one end, the test reads the other.
struct screen {
    int reader;
    FILE *file;
};

static struct screen open_screen(unsigned short columns)
{
    struct screen screen = {.reader = posix_openpt(O_RDWR | O_NOCTTY)};
    ck_assert_int_ge(screen.reader, 0);
    ck_assert_int_eq(grantpt(screen.reader), 0);
    ck_assert_int_eq(unlockpt(screen.reader), 0);
    int writer = open(ptsname(screen.reader), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(writer, 0);
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    ck_assert_int_eq(ioctl(writer, TIOCSWINSZ, &size), 0);
    screen.file = fdopen(writer, "w");
    return screen;
}

static void close_screen(struct screen *screen)
{
    fclose(screen->file);
    close(screen->reader);
}

static void expect_screen(const struct screen *screen, const char *expected)
{
    char text[1000] = {0};
    size_t want = strlen(expected), got = 0;
    while (got < want && got < sizeof text - 1) {
        ssize_t more = read(screen->reader, text + got, sizeof text - 1 - got);
        ck_assert_int_gt(more, 0);
        got += (size_t)more;
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(a_file_is_no_terminal)
{
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    FILE *file = tmpfile();
    struct term term;
    term_init(&term, file, TERM_AUTO);
    ck_assert(!term.color && !term.redraw);
    ck_assert_int_eq(term.width, 0);
    ck_assert_str_eq(term_style(&term, TERM_RED), "");
    term_live(&term, "not shown");
    term_clear(&term);
    ck_assert_int_eq(ftell(file), 0);
    term_init(&term, file, TERM_ALWAYS);
    ck_assert(term.color && !term.redraw);
    ck_assert_str_eq(term_style(&term, TERM_RED), "\x1b[31m");
    fclose(file);
}
END_TEST

START_TEST(colour_depends_on_the_terminal_and_no_color)
{
    struct screen screen = open_screen(100);
    struct term term;
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    term_init(&term, screen.file, TERM_AUTO);
    ck_assert(term.color && term.redraw);
    ck_assert_int_eq(term.width, 100);
    setenv("NO_COLOR", "", 1);
    term_init(&term, screen.file, TERM_AUTO);
    ck_assert(term.color);
    setenv("NO_COLOR", "1", 1);
    term_init(&term, screen.file, TERM_AUTO);
    ck_assert(!term.color && term.redraw);
    term_init(&term, screen.file, TERM_ALWAYS);
    ck_assert(term.color);
    unsetenv("NO_COLOR");
    term_init(&term, screen.file, TERM_NEVER);
    ck_assert(!term.color);
    setenv("TERM", "dumb", 1);
    term_init(&term, screen.file, TERM_AUTO);
    ck_assert(!term.color && !term.redraw);
    unsetenv("TERM");
    term_init(&term, screen.file, TERM_AUTO);
    ck_assert(!term.color && !term.redraw);
    close_screen(&screen);
}
END_TEST

START_TEST(a_live_line_is_cut_to_the_width_in_characters)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"short", "\rshort\x1b[K"},
        {"exactly 9", "\rexactly 9\x1b[K"},
        {"ten chars!", "\rten chars\x1b[K"},
        {"éèêëéèêëéèêë", "\réèêëéèêëé\x1b[K"},
        {"日本語日本語", "\r日本語日\x1b[K"},
        {"e\u0301e\u0301e\u0301e\u0301e\u0301", "\re\u0301e\u0301e\u0301e\u0301e\u0301\x1b[K"},
        {"a\x1b[31mb", "\ra\\x1b[31m\x1b[K"},
        {"a\nb", "\ra\\nb\x1b[K"},
        {"", "\r\x1b[K"},
    };
    setenv("TERM", "xterm", 1);
    struct screen screen = open_screen(10);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct term term;
        term_init(&term, screen.file, TERM_AUTO);
        term_live(&term, rows[i].text);
        ck_assert(term.live);
        expect_screen(&screen, rows[i].shown);
    }
    close_screen(&screen);
}
END_TEST

START_TEST(a_live_line_is_cleared_once)
{
    setenv("TERM", "xterm", 1);
    struct screen screen = open_screen(10);
    struct term term;
    term_init(&term, screen.file, TERM_AUTO);
    term_clear(&term); // nothing is on the screen yet
    term_live(&term, "x");
    term_clear(&term);
    term_clear(&term);
    ck_assert(!term.live);
    fputs("end", screen.file);
    fflush(screen.file);
    expect_screen(&screen, "\rx\x1b[K\r\x1b[Kend");
    close_screen(&screen);
}
END_TEST

UNIT_MAIN("term", a_file_is_no_terminal, colour_depends_on_the_terminal_and_no_color,
          a_live_line_is_cut_to_the_width_in_characters, a_live_line_is_cleared_once)

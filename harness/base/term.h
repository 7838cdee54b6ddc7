// SPDX-License-Identifier: Apache-2.0
//
// What the terminal can do: colour, width, one line that is redrawn in place.
#ifndef REPRO_BASE_TERM_H
#define REPRO_BASE_TERM_H

#include <stdbool.h>
#include <stdio.h>

enum term_color { TERM_AUTO, TERM_ALWAYS, TERM_NEVER };

struct term {
    FILE *file;
    bool color;  // escape sequences for colour are welcome
    bool redraw; // a live line is welcome (a terminal, and not TERM=dumb)
    int width;   // columns, 80 when unknown; 0: not a terminal
    bool live;   // a live line is on the screen now
};

// `color` TERM_AUTO: colour on a terminal unless NO_COLOR is set (and not empty) or TERM is dumb.
void term_init(struct term *term, FILE *file, enum term_color color);

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_GREEN, TERM_YELLOW, TERM_CYAN };
// The escape sequence for the style, or "" without colour. Borrowed, static.
const char *term_style(const struct term *term, enum term_style style);

// Redraws the live line (cut to the width; control characters made visible); term_clear removes it. Both do nothing
// without `redraw`.
void term_live(struct term *term, const char *text);
void term_clear(struct term *term);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// A difference drawn for people: the verdict in a line, then a table of what moved, the worst first.
#ifndef REPRO_REPORT_DIFFERENCE_H
#define REPRO_REPORT_DIFFERENCE_H

#include "base/buf.h"
#include "base/term.h"
#include "core/difference.h"

// `all`: every row; else the worst 20, and how many more there are. The histogram of the worst row stands below them.
void report_difference(struct buf *out, const struct difference *difference, const struct term *term, bool all);

#endif

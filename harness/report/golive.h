// SPDX-License-Identifier: Apache-2.0
//
// The answers of `ready` (engine/ready.h), drawn as the tables that they are. In JUnit they are the suite "go-live",
// one case a question, of the class "go-live.NAME".
#ifndef REPRO_REPORT_GOLIVE_H
#define REPRO_REPORT_GOLIVE_H

#include "base/buf.h"
#include "base/term.h"
#include "core/result.h"

#define GOLIVE "go-live"

// "yes", "no", "not known", "error".
const char *golive_state(const struct check *check);
// The evidence without what golive_state says already. Borrowed.
const char *golive_evidence(const struct check *check);

// Each draws the answers of one or several suites, by suite. `quiet` leaves out all that bars nothing.
void golive_terminal(struct buf *out, const struct term *term, const struct check *const *checks, size_t count,
                     bool quiet);
void golive_totals(struct buf *out, const struct check *const *checks, size_t count); // "9 questions: 6 yes, …"
// HTML for GitHub's summary, one row a question; NULL: the row of headings.
void golive_row(struct buf *out, const struct check *check);

#endif

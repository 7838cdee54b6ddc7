// SPDX-License-Identifier: Apache-2.0
//
// A measured value with its interval beside what the suite allows. A limit is broken only when the whole interval is on
// the wrong side of it; an interval that reaches over the limit passes with a note that says so.
#ifndef REPRO_ENGINE_LIMIT_H
#define REPRO_ENGINE_LIMIT_H

#include "engine/verify.h"

struct limit {
    const char *name; // of the check: "predict.p99"
    const char *what; // begins the reason: "p99"
    double value;
    double low, high; // the interval; `high` is infinite where nothing bounds it; both equal the value: one measurement
    double allowed;
    bool at_least;               // allowed is the least that must be reached; else the most that may be
    char *(*show)(double value); // for people; the caller frees
    const char *how;             // what was measured: "600 questions at 100/s, asked by api"
};

enum limit_standing { LIMIT_KEPT, LIMIT_OPEN, LIMIT_BROKEN };
enum limit_standing limit_standing(const struct limit *limit);

// Adds the check. The pointer is valid until the next check is added.
struct check *limit_check(struct verification *v, const struct limit *limit);
// A limit that could not be measured.
void limit_skip(struct verification *v, const char *name, const char *why);

// For `show`.
char *limit_seconds(double seconds); // three digits: "0.412 ms", "20 ms", "1.25 s"
char *limit_rate(double per_second); // "1,600/s"
char *limit_bytes(double bytes);
char *limit_number(double number); // three digits
char *limit_count(double count);   // "10,000"

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Series: a loss curve or any table of numbers over steps, in CSV (with a header line) or JSON lines, compared point by
// point. Columns of text are left out. A point is a row; without a column x, rows count from 1.
#ifndef REPRO_COMPARE_SERIES_H
#define REPRO_COMPARE_SERIES_H

#include "base/err.h"
#include "core/suite.h"

#include <stdbool.h>
#include <stddef.h>

struct series {
    char **columns; // names, in the file's order
    size_t column_count;
    double *values; // [row_count][column_count], row-major; a missing cell is NaN
    size_t row_count;
    size_t x; // index of the column that numbers the points; SIZE_MAX: the row number
};
// `name` is what messages call the file (and whose ending decides: .jsonl or .ndjson is JSON lines, else CSV).
int series_read(struct series *out, const char *path, const char *name, const char *x, struct error *err);
int series_parse(struct series *out, const char *name, const char *text, size_t len, const char *x, struct error *err);
void series_free(struct series *series);

struct series_finding {
    bool equal;   // every point within the rule
    bool exact;   // every point the same double
    char *column; // where they part first (the smallest x, then the column's order); NULL when equal
    double x;     // the point's number
    double golden, value, allowed;
    size_t points, differing; // points compared, and out of the rule
    size_t golden_rows, rows;
    size_t
        better;   // values out of the tolerance in the direction that the rule calls better: within the rule, not exact
    double worst; // largest |new − golden| over finite pairs
    char
        *text; // one line: "loss parts at step 7: 0.412 against golden's 0.409 (allowed 1e-06); 14 of 20 points differ"
};
// Points are paired by x where both have it. A column or a point that only one has is a difference.
void series_compare(struct series_finding *out, const struct series *golden, const struct series *now,
                    const struct series_rule *rule);
void series_finding_free(struct series_finding *finding);

#endif

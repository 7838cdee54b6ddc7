// SPDX-License-Identifier: Apache-2.0
//
// What came of predictions, joined with them by id. Whichever side is given first is kept, the other one passes by:
// give the smaller one first, and memory is bounded by it. Of rows with the same id on one side the first counts.
#ifndef REPRO_DRIFT_OUTCOMES_H
#define REPRO_DRIFT_OUTCOMES_H

#include "artifact/table.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/drift_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outcomes_options {
    const struct drift_rules *rules; // outcomes.id and outcomes.actual (NULL: "id" and the target), and the measures
    const char *target;              // the schema's; may be NULL
    size_t width; // doubles of one prediction: 1 for a number or a class; else a probability for each class
    bool classes; // what came is a class, not a number
};

struct outcomes {
    // The pairs, once outcomes_finish was called: [count][width], [count], [count][column_count].
    const double *predicted;
    const double *actual;   // a number, or the index of a class
    const double *business; // NaN where there is none
    size_t count, width, column_count;
    const char *const *columns; // of the business, as measures name them (drift_measure.column), each once
    struct table_names classes; // "1.0" and "1" are one; indices are in the order in which they were first named

    // Everything that is no pair, counted.
    uint64_t predictions, rows; // that were given; rows of files
    uint64_t repeated_predictions,
        repeated_rows;                    // ids that came before, as far as that side is kept (or has a partner)
    uint64_t lone_predictions, lone_rows; // without a partner
    uint64_t pending;                     // rows whose outcome is not known yet: the cell is empty
    uint64_t broken;                      // rows without an id, that cannot be read, or whose outcome is no number

    struct outcomes_state *state; // of outcomes.c
};

int outcomes_begin(struct outcomes *out, const struct outcomes_options *options, struct error *err);
// The index of a class, by its name; added where it is new. SIZE_MAX over TABLE_NAMES_LIMIT.
size_t outcomes_class(struct outcomes *outcomes, const char *text, size_t len);
size_t outcomes_class_number(struct outcomes *outcomes, double value); // of a class that is written as a number
void outcomes_predict(struct outcomes *outcomes, const void *id, size_t len, const double *prediction);
// A file of outcomes, CSV or JSON lines; `name` is what messages call it. ERROR_USAGE where it has no such columns.
// May be called for several files.
int outcomes_read(struct outcomes *outcomes, const char *path, const char *name, struct error *err);
void outcomes_finish(struct outcomes *outcomes);
void outcomes_free(struct outcomes *outcomes);
DEFINE_CLEANUP_VALUE(outcomes)

// What is remarkable, for people, a line each.
struct strings;
void outcomes_tell(struct strings *out, const struct outcomes *outcomes);

#endif

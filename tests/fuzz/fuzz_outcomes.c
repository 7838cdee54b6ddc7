// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// A file of outcomes of any bytes, CSV or JSON lines, joined with predictions of known ids: numbers first, then classes
// given after the file. What was read must add up, and each pair must be one of both sides.
#include "base/str.h"
#include "drift/outcomes.h"
#include "scratch.h"

#include <math.h>

enum { IDS = 8 };
static const char *path; // of the input

static void predict(struct outcomes *outcomes, bool classes)
{
    for (int i = 0; i < IDS; i++) {
        char id[8];
        int len = snprintf(id, sizeof id, "%d", i);
        double prediction = classes ? (double)outcomes_class_number(outcomes, i % 3) : i / 2.0;
        outcomes_predict(outcomes, id, (size_t)len, &prediction);
    }
}

static void join(const struct drift_rules *rules, bool classes, bool file_first)
{
    const struct outcomes_options options = {.rules = rules, .target = "y", .width = 1, .classes = classes};
    struct error err = {0};
    struct outcomes outcomes;
    must(outcomes_begin(&outcomes, &options, &err) == 0);
    if (!file_first)
        predict(&outcomes, classes);
    if (outcomes_read(&outcomes, path, "outcomes", &err) < 0) {
        must(err.kind != ERROR_NONE);
        error_free(&err);
    }
    if (file_first)
        predict(&outcomes, classes);
    outcomes_finish(&outcomes);
    must(outcomes.predictions == IDS && outcomes.count <= IDS && outcomes.count <= outcomes.rows);
    must(outcomes.count + outcomes.lone_predictions + outcomes.repeated_predictions <= IDS);
    must(outcomes.broken + outcomes.pending <= outcomes.rows);
    for (size_t i = 0; i < outcomes.count; i++) {
        must(classes ? outcomes.actual[i] < (double)outcomes.classes.count : !isnan(outcomes.actual[i]));
        for (size_t c = 0; c < outcomes.column_count; c++)
            must(outcomes.columns[c] && !isinf(outcomes.business[i * outcomes.column_count + c]));
    }
    struct strings told = {0};
    outcomes_tell(&told, &outcomes);
    strings_free(&told);
    outcomes_free(&outcomes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct drift_measure late = {
        .name = (char *)"late", .column = (char *)"late", .lower_is_better = true, .min = NAN, .max = NAN};
    const struct drift_rules plain = {.given = true}, business = {.given = true,
                                                                  .outcomes = {.given = true,
                                                                               .id = (char *)"id",
                                                                               .actual = (char *)"y",
                                                                               .measures = &late,
                                                                               .measure_count = 1}};
    path = scratch_file("outcomes", data, size);
    join(&plain, false, false);
    join(&business, false, true);
    join(&business, true, false);
    return 0;
}

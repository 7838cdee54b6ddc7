// SPDX-License-Identifier: Apache-2.0
#include "engine/golden_quality.h"

#include "base/fs.h"
#include "base/number.h"
#include "core/schema.h"
#include "drift/outcomes.h"
#include "engine/measured.h"
#include "engine/predicted.h"
#include "fuzz/infer.h"

#include <math.h>
#include <string.h>

// Rows with what came of them, as far as both are known.
struct known {
    struct outcomes classes; // their indices alone
    double *predicted, *actual;
    size_t count;
    bool are_classes;
};

static double cell_value(struct known *known, const struct cell *cell)
{
    double number = NAN;
    switch (cell->kind) {
    case CELL_INTEGER:
    case CELL_BOOL:
        number = (double)cell->integer;
        break;
    case CELL_NUMBER:
        number = cell->number;
        break;
    case CELL_TEXT:
        if (known->are_classes)
            return (double)outcomes_class(&known->classes, cell->text, cell->len);
        number_parse(&number, cell->text, cell->len);
        return number;
    case CELL_ABSENT:
    case CELL_NULL:
    case CELL_RAW:
        return NAN;
    }
    return known->are_classes && isfinite(number) ? (double)outcomes_class_number(&known->classes, number) : number;
}

static void add(struct known *known, const struct answer *answer, const struct cell *came)
{
    struct cell said;
    char scratch[32];
    if (!answer || !predicted_cell(&said, scratch, answer))
        return;
    double predicted = cell_value(known, &said), actual = cell_value(known, came);
    if (!isfinite(predicted) || !isfinite(actual))
        return;
    known->predicted[known->count] = predicted;
    known->actual[known->count++] = actual;
}

static void measure_all(struct baseline *out, const struct drift_rules *rules, const struct known *known)
{
    const struct measured_pairs pairs = {
        .predicted = known->predicted, .actual = known->actual, .count = known->count, .classes = known->are_classes};
    for (size_t i = 0; i < rules->outcomes.measure_count; i++) {
        struct baseline_measure value;
        const char *why;
        if (measured(&value, &why, &rules->outcomes.measures[i], &pairs))
            baseline_measure(out, &value);
    }
}

// The same rows as the sample that was asked, which the target was left out of: rows are picked by where they stand.
static int read_targets(struct sample *out, size_t *target, const struct verification *v, size_t count,
                        struct error *err)
{
    const struct schema *schema = v->suite->schema;
    const char *actual = v->suite->drift.outcomes.actual ? v->suite->drift.outcomes.actual : schema->target;
    CLEANUP(free) char *path = fs_join(replay_source(v->replay, v->session), schema->from);
    const struct infer_options options = {.sample_count = count};
    if (infer_data(NULL, out, path, schema->from, &options, err) < 0)
        return -1;
    *target = 0;
    while (*target < out->rows.column_count && (!actual || strcmp(out->rows.columns[*target], actual) != 0))
        ++*target;
    return 0;
}

int golden_quality(struct baseline *out, const struct verification *v, const struct row_answers *answers, size_t count,
                   struct error *err)
{
    const struct drift_rules *rules = &v->suite->drift;
    const struct outcomes_options options = {.rules = rules, .target = v->suite->schema->target, .width = 1};
    struct sample sample = {0};
    struct known known = {.are_classes = out->prediction && out->prediction->type == COLUMN_CATEGORY};
    size_t target;
    if (rules->outcomes.measure_count == 0 || !out->prediction)
        return 0;
    int result = outcomes_begin(&known.classes, &options, err);
    if (result == 0)
        result = read_targets(&sample, &target, v, count, err);
    if (result == 0 && target < sample.rows.column_count && sample.rows.row_count == answers->rows) {
        known.predicted = mem_array(answers->rows + 1, sizeof *known.predicted);
        known.actual = mem_array(answers->rows + 1, sizeof *known.actual);
        for (size_t row = 0; row < answers->rows; row++)
            add(&known, row_answers_at(answers, row), &sample.rows.cells[row * sample.rows.column_count + target]);
        measure_all(out, rules, &known);
    }
    free(known.predicted);
    free(known.actual);
    outcomes_free(&known.classes);
    sample_free(&sample);
    return result;
}

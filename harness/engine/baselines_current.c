// SPDX-License-Identifier: Apache-2.0
//
// Whether a baseline still says what the suite's schema asks. Its columns were counted by the schema of its day: what
// was in range, and which categories were known. A schema that was corrected since counts otherwise, and live data that
// were counted by it must not be held against the old counts.
#include "engine/baselines.h"

#include "core/schema.h"

#include <math.h>
#include <string.h>

static bool has_category(const struct column *column, const char *value)
{
    for (size_t i = 0; i < column->category_count; i++) {
        if (strcmp(column->categories[i].value, value) == 0)
            return true;
    }
    return false;
}

static bool unseen_fit(const struct column_summary *was, const struct column *column)
{
    uint64_t unseen = 0;
    if (was->other > 0)
        return true; // not all of them are known
    for (size_t i = 0; i < was->category_count && column->category_count > 0; i++)
        unseen += has_category(column, was->categories[i].value) ? 0 : was->categories[i].count;
    return was->unseen == unseen;
}

// The share of the values that are ≤ x.
static double share_to(const struct column_summary *was, double x)
{
    double share = 0;
    for (size_t i = 0; i < was->point_count && was->points[i] <= x; i++)
        share = was->shares[i];
    return share;
}

static bool range_fits(const struct column_summary *was, const struct column *column)
{
    bool below = !isnan(column->min) && was->min < column->min, above = !isnan(column->max) && was->max > column->max;
    if (was->values == 0 || isnan(was->min) || isnan(was->max))
        return true;
    if ((was->out_of_range > 0) != (below || above))
        return false;
    double outside =
        (above ? 1 - share_to(was, column->max) : 0) + (below ? share_to(was, nextafter(column->min, -INFINITY)) : 0);
    return fabs(outside - (double)was->out_of_range / (double)was->values) <= 2 * was->error + 1e-9;
}

static bool column_fits(const struct column_summary *was, const struct column *column)
{
    if (was->type != column->type || strcmp(was->name, column->name) != 0)
        return false;
    if (column->type == COLUMN_CATEGORY)
        return unseen_fit(was, column);
    return (column->type != COLUMN_NUMBER && column->type != COLUMN_INTEGER) || range_fits(was, column);
}

bool baselines_fit(const struct baseline *baseline, const struct suite *suite)
{
    const struct schema *schema = suite->schema;
    bool same = baseline->column_count == schema->count && strcmp(baseline->reference, baselines_reference(suite)) == 0;
    for (size_t i = 0; same && i < schema->count; i++)
        same = column_fits(&baseline->columns[i], &schema->columns[i]);
    return same;
}

bool baselines_differ(const struct baseline *a, const struct baseline *b)
{
    bool differ = a->column_count != b->column_count || strcmp(a->reference, b->reference) != 0;
    for (size_t i = 0; !differ && i < a->column_count; i++) {
        const struct column_summary *x = &a->columns[i], *y = &b->columns[i];
        differ = x->type != y->type || strcmp(x->name, y->name) != 0 || x->values != y->values ||
                 x->unseen != y->unseen || x->out_of_range != y->out_of_range;
    }
    return differ;
}

// What golden's model said of the rows is the same, however their columns are counted.
static void take_answers(struct baseline *out, struct baseline *from)
{
    out->prediction = steal(&from->prediction);
    out->kind = steal(&from->kind);
    out->recorded = steal(&from->recorded);
    out->recorded_count = out->recorded_capacity = from->recorded_count;
    out->measures = steal(&from->measures);
    out->measure_count = out->measure_capacity = from->measure_count;
    from->recorded_count = from->measure_count = 0;
}

int baselines_current(struct baseline **out, bool *changed, const struct baselines_place *place, struct error *err)
{
    CLEANUP(baseline) struct baseline *there = NULL;
    CLEANUP(baseline) struct baseline *made = NULL;
    *changed = false;
    if (baselines_load(&there, place->root, place->golden, err) < 0)
        return -1;
    if (there && baselines_fit(there, place->suite)) {
        *out = steal(&there);
        return 0;
    }
    if (baselines_summarise(&made, place->suite, place->folder, place->golden, err) < 0)
        return there ? error_context(err, "suite.json has changed since golden's baseline was made") : -1;
    *changed = there && baselines_differ(there, made);
    if (there)
        take_answers(made, there);
    *out = steal(&made);
    return 0;
}

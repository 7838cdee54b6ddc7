// SPDX-License-Identifier: Apache-2.0
//
// What a column was, in few numbers: all its different values, or 513 quantiles of them.
#include "drift/profile.h"

#include "base/str.h"
#include "drift/profile_parts.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STEPS = BASELINE_POINTS - 1 };

const double *profile_numbers(const struct profile *profile, size_t column, size_t *count)
{
    const struct total *total = &profile->totals[column];
    *count = profile->options.exact ? total->number_count : 0;
    return *count > 0 ? total->numbers : NULL;
}

struct weighted *profile_weighted(const struct profile *profile, size_t column, size_t *count, double *error)
{
    const struct total *total = &profile->totals[column];
    if (!profile->options.exact) {
        *error = sketch_error(&total->sketch);
        return sketch_items(&total->sketch, count);
    }
    struct weighted *items = mem_array(total->number_count + 1, sizeof *items);
    size_t at = 0;
    for (size_t i = 0; i < total->number_count; i++) {
        if (at == 0 || items[at - 1].value != total->numbers[i])
            items[at++] = (struct weighted){.value = total->numbers[i]};
        items[at - 1].weight++;
    }
    *count = at;
    *error = 0;
    return items;
}

// ---- Numbers

// The values in ascending order, each once, however they are kept.
struct cursor {
    const double *numbers;
    const struct weighted *items;
    size_t at, count;
};

static bool next_value(struct cursor *cursor, struct weighted *out)
{
    if (cursor->at == cursor->count)
        return false;
    if (cursor->items) {
        *out = cursor->items[cursor->at++];
        return true;
    }
    size_t from = cursor->at++;
    while (cursor->at < cursor->count && cursor->numbers[cursor->at] == cursor->numbers[from])
        cursor->at++;
    *out = (struct weighted){cursor->numbers[from], cursor->at - from};
    return true;
}

static bool is_few(struct cursor cursor)
{
    struct weighted value;
    for (size_t different = 0; next_value(&cursor, &value); different++) {
        if (different == BASELINE_POINTS)
            return false;
    }
    return true;
}

// The rank, from 1 on, of which the value is the quantile of so many steps.
static uint64_t rank_of(uint64_t step, uint64_t count)
{
    uint64_t rank = count / STEPS * step + (count % STEPS * step + STEPS - 1) / STEPS;
    return rank > 0 ? rank : 1;
}

static void add_point(struct column_summary *out, double value, double share)
{
    out->points[out->point_count] = value;
    out->shares[out->point_count++] = share;
}

// Every value where they are few, else each at which the next quantile is reached.
static void fill_points(struct column_summary *out, struct cursor cursor, uint64_t count)
{
    bool few = is_few(cursor);
    uint64_t step = 0, below = 0;
    struct weighted value;
    out->points = mem_array(BASELINE_POINTS + 2, sizeof *out->points);
    out->shares = mem_array(BASELINE_POINTS + 2, sizeof *out->shares);
    while (next_value(&cursor, &value)) {
        below += value.weight;
        if (!few && below < rank_of(step, count))
            continue;
        while (step <= STEPS && below >= rank_of(step, count))
            step++;
        add_point(out, value.value, (double)below / (double)count);
    }
    out->error += few ? 0 : 1.0 / STEPS;
}

// A sketch may have lost the least value or the greatest: they are put back, for one value at least was there.
static void mend_ends(struct column_summary *out, double count)
{
    size_t last = out->point_count - 1;
    if (out->points[last] < out->max) {
        if (out->point_count == BASELINE_POINTS)
            last--;
        out->point_count = last + 1;
        out->shares[last] = out->shares[last] < 1 - 1 / count ? out->shares[last] : 1 - 1 / count;
        add_point(out, out->max, 1);
    }
    if (out->points[0] > out->min && out->point_count < BASELINE_POINTS) {
        memmove(out->points + 1, out->points, out->point_count * sizeof *out->points);
        memmove(out->shares + 1, out->shares, out->point_count * sizeof *out->shares);
        out->point_count++;
        out->shares[0] = 1 / count;
    }
    out->points[0] = out->min;
    size_t kept = 0; // shares ascend
    for (size_t i = 0; i < out->point_count; i++) {
        bool last_one = i + 1 == out->point_count;
        while (kept > 0 && last_one && out->shares[kept - 1] >= 1)
            kept--;
        if (kept > 0 && out->shares[i] <= out->shares[kept - 1])
            continue;
        out->points[kept] = out->points[i];
        out->shares[kept++] = out->shares[i];
    }
    out->point_count = kept;
}

static void fill_numbers(struct column_summary *out, const struct profile *profile, size_t column)
{
    const struct total *total = &profile->totals[column];
    const struct moments *moments = &total->moments;
    if (moments->count == 0)
        return;
    out->min = moments->min;
    out->max = moments->max;
    out->mean = isfinite(moments->mean) ? moments->mean : moments->min / 2 + moments->max / 2;
    double variance = moments->squares / (double)moments->count;
    out->sigma = isfinite(variance) ? sqrt(variance) : DBL_MAX;
    struct cursor cursor = {.numbers = total->numbers, .count = total->number_count};
    CLEANUP(free) struct weighted *items = NULL;
    if (!profile->options.exact) {
        items = sketch_items(&total->sketch, &cursor.count);
        cursor.items = items;
        out->error = sketch_error(&total->sketch);
    }
    fill_points(out, cursor, moments->count);
    mend_ends(out, (double)moments->count);
}

// ---- Categories

static int by_times(const void *a, const void *b)
{
    const struct category_count *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->value, y->value);
}

static void fill_categories(struct column_summary *out, const struct counts *counts)
{
    out->categories = mem_array(counts->count + 1, sizeof *out->categories);
    out->category_count = counts->count;
    for (size_t i = 0; i < counts->count; i++) {
        out->categories[i] = (struct category_count){str_dup(counts->items[i].text), counts->items[i].times};
        out->singles += counts->items[i].times == 1;
    }
    if (counts->count > 1)
        qsort(out->categories, counts->count, sizeof *out->categories, by_times);
    out->other = counts->other;
}

void profile_summary(struct column_summary *out, const struct profile *profile, size_t column)
{
    const struct total *total = &profile->totals[column];
    const struct column *from = &profile->schema->columns[column];
    *out = (struct column_summary){.name = str_dup(from->name),
                                   .type = from->type,
                                   .rows = profile->rows,
                                   .missing = total->counts.missing,
                                   .nan = total->counts.nan,
                                   .infinite = total->counts.infinite,
                                   .wrong_type = total->counts.wrong_type,
                                   .unseen = total->counts.unseen,
                                   .out_of_range = total->counts.out_of_range,
                                   .values = total->counts.values,
                                   .min = NAN,
                                   .max = NAN,
                                   .mean = NAN,
                                   .sigma = NAN};
    enum plan_kind kind = profile->plans[column].kind;
    if (kind == PLAN_CATEGORY || kind == PLAN_BOOLEAN)
        fill_categories(out, &total->categories);
    else
        fill_numbers(out, profile, column);
}

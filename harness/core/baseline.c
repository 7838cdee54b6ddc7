// SPDX-License-Identifier: Apache-2.0
//
// baseline.json in memory, and its writer.
#include "core/baseline.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

#define LINE_WIDTH 110

void column_summary_free(struct column_summary *summary)
{
    free(summary->name);
    free(summary->points);
    free(summary->shares);
    for (size_t i = 0; i < summary->category_count; i++)
        free(summary->categories[i].value);
    free(summary->categories);
    *summary = (struct column_summary){0};
}

struct baseline *baseline_new(void)
{
    return mem_alloc(sizeof(struct baseline));
}

void baseline_free(struct baseline *baseline)
{
    if (!baseline)
        return;
    free(baseline->reference);
    free(baseline->kind);
    for (size_t i = 0; i < baseline->column_count; i++)
        column_summary_free(&baseline->columns[i]);
    free(baseline->columns);
    if (baseline->prediction)
        column_summary_free(baseline->prediction);
    free(baseline->prediction);
    for (size_t i = 0; i < baseline->recorded_count; i++) {
        free(baseline->recorded[i].input);
        free(baseline->recorded[i].output);
    }
    free(baseline->recorded);
    for (size_t i = 0; i < baseline->measure_count; i++)
        free(baseline->measures[i].name);
    free(baseline->measures);
    free(baseline);
}

struct column_summary *baseline_add(struct baseline *baseline, const char *column)
{
    baseline->columns =
        mem_grow(baseline->columns, baseline->column_count, &baseline->column_capacity, sizeof *baseline->columns);
    struct column_summary *summary = &baseline->columns[baseline->column_count++];
    *summary = (struct column_summary){.name = str_dup(column), .min = NAN, .max = NAN, .mean = NAN, .sigma = NAN};
    return summary;
}

const struct column_summary *baseline_find(const struct baseline *baseline, const char *column)
{
    for (size_t i = 0; i < baseline->column_count; i++) {
        if (strcmp(baseline->columns[i].name, column) == 0)
            return &baseline->columns[i];
    }
    return NULL;
}

void baseline_record(struct baseline *baseline, const char *input, const char *output)
{
    baseline->recorded = mem_grow(baseline->recorded, baseline->recorded_count, &baseline->recorded_capacity,
                                  sizeof *baseline->recorded);
    baseline->recorded[baseline->recorded_count++] = (struct recorded){str_dup(input), str_dup(output)};
}

void baseline_measure(struct baseline *baseline, const struct baseline_measure *measure)
{
    baseline->measures =
        mem_grow(baseline->measures, baseline->measure_count, &baseline->measure_capacity, sizeof *baseline->measures);
    struct baseline_measure *copy = &baseline->measures[baseline->measure_count++];
    *copy = *measure;
    copy->name = str_dup(measure->name);
}

const struct baseline_measure *baseline_find_measure(const struct baseline *baseline, const char *name)
{
    for (size_t i = 0; i < baseline->measure_count; i++) {
        if (strcmp(baseline->measures[i].name, name) == 0)
            return &baseline->measures[i];
    }
    return NULL;
}

// ---- Writing

static void put_digest(struct json_writer *w, const char *key, const struct digest *digest)
{
    char hex[65];
    digest_hex(hex, digest);
    json_put_string(w, key, hex);
}

// Lists stand on the lines of their keys, which are broken where they become long.
static void wrap(struct json_writer *w)
{
    const char *text = buf_text(w->out), *line = memrchr(text, '\n', w->out->len);
    w->compact = w->fresh || w->out->len - (size_t)(line + 1 - text) < LINE_WIDTH;
}

static void put_doubles(struct json_writer *w, const char *key, const double *values, size_t count)
{
    json_begin_array(w, key);
    for (size_t i = 0; i < count; i++) {
        wrap(w);
        json_put_double(w, NULL, values[i]);
    }
    w->compact = true;
    json_end_array(w);
    w->compact = false;
}

static void put_numbers(struct json_writer *w, const struct column_summary *summary)
{
    json_begin_object(w, "numbers");
    json_put_double(w, "min", summary->min);
    json_put_double(w, "max", summary->max);
    json_put_double(w, "mean", summary->mean);
    json_put_double(w, "sigma", summary->sigma);
    json_put_double(w, "error", summary->error);
    put_doubles(w, "points", summary->points, summary->point_count);
    put_doubles(w, "shares", summary->shares, summary->point_count);
    json_end_object(w);
}

static void put_categories(struct json_writer *w, const struct column_summary *summary)
{
    json_begin_object(w, "categories");
    for (size_t i = 0; i < summary->category_count; i++) {
        wrap(w);
        json_put_u64(w, summary->categories[i].value, summary->categories[i].count);
    }
    w->compact = true;
    json_end_object(w);
    w->compact = false;
    json_put_u64(w, "other", summary->other);
    json_put_u64(w, "singles", summary->singles);
}

static void put_column(struct json_writer *w, const char *key, const struct column_summary *summary)
{
    json_begin_object(w, key);
    json_put_string(w, "name", summary->name);
    json_put_string(w, "type", column_type_name(summary->type));
    json_put_u64(w, "rows", summary->rows);
    json_put_u64(w, "missing", summary->missing);
    json_put_u64(w, "nan", summary->nan);
    json_put_u64(w, "infinite", summary->infinite);
    json_put_u64(w, "wrong_type", summary->wrong_type);
    json_put_u64(w, "values", summary->values);
    json_put_u64(w, "unseen", summary->unseen);
    json_put_u64(w, "out_of_range", summary->out_of_range);
    if (summary->point_count > 0)
        put_numbers(w, summary);
    if (summary->category_count > 0 || summary->other > 0)
        put_categories(w, summary);
    json_end_object(w);
}

static void put_measures(struct json_writer *w, const struct baseline *baseline)
{
    json_begin_array(w, "measures");
    for (size_t i = 0; i < baseline->measure_count; i++) {
        const struct baseline_measure *measure = &baseline->measures[i];
        json_begin_object(w, NULL);
        w->compact = true;
        json_put_string(w, "name", measure->name);
        json_put_double(w, "value", measure->value);
        json_put_double(w, "low", measure->low);
        json_put_double(w, "high", measure->high);
        json_put_u64(w, "rows", measure->rows);
        json_end_object(w);
        w->compact = false;
    }
    json_end_array(w);
}

static void put_recorded(struct json_writer *w, const struct baseline *baseline)
{
    json_begin_array(w, "recorded");
    for (size_t i = 0; i < baseline->recorded_count; i++) {
        json_begin_object(w, NULL);
        w->compact = true;
        json_put_string(w, "input", baseline->recorded[i].input);
        json_put_string(w, "output", baseline->recorded[i].output);
        json_end_object(w);
        w->compact = false;
    }
    json_end_array(w);
}

void baseline_write(struct buf *out, const struct baseline *baseline)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", BASELINE_FORMAT);
    put_digest(&w, "golden", &baseline->golden);
    json_put_string(&w, "reference", baseline->reference ? baseline->reference : "");
    put_digest(&w, "data", &baseline->data);
    json_put_u64(&w, "rows", baseline->rows);
    if (baseline->kind)
        json_put_string(&w, "kind", baseline->kind);
    put_measures(&w, baseline);
    json_begin_array(&w, "columns");
    for (size_t i = 0; i < baseline->column_count; i++)
        put_column(&w, NULL, &baseline->columns[i]);
    json_end_array(&w);
    if (baseline->prediction)
        put_column(&w, "prediction", baseline->prediction);
    put_recorded(&w, baseline);
    json_end_object(&w);
    json_finish(&w);
}

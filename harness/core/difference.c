// SPDX-License-Identifier: Apache-2.0
#include "core/difference.h"

const char *sameness_name(enum sameness sameness)
{
    static const char *const names[] = {[SAME_BYTES] = "bytes equal",
                                        [SAME_CONTENT] = "content equal",
                                        [SAME_WITHIN] = "within tolerance",
                                        [DIFFERENT] = "different"};
    return names[sameness];
}

struct difference *difference_new(const char *a, const char *b)
{
    struct difference *difference = mem_alloc(sizeof *difference);
    difference->a = str_dup(a);
    difference->b = str_dup(b);
    return difference;
}

static void free_row(struct difference_row *row)
{
    char *const texts[] = {row->name, row->was,       row->change,     row->dtype,     row->shape,
                           row->text, row->histogram, row->max_ulp_at, row->max_abs_at};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
}

void difference_free(struct difference *difference)
{
    if (!difference)
        return;
    for (size_t i = 0; i < difference->count; i++)
        free_row(&difference->rows[i]);
    free(difference->rows);
    free(difference->a);
    free(difference->b);
    free(difference->summary);
    strings_free(&difference->facts);
    strings_free(&difference->left_out);
    strings_free(&difference->notes);
    free(difference);
}

struct difference_row *difference_add(struct difference *difference, const char *name, const char *change)
{
    difference->rows = mem_grow(difference->rows, difference->count, &difference->capacity, sizeof *difference->rows);
    struct difference_row *row = &difference->rows[difference->count++];
    *row = (struct difference_row){.name = str_dup(name), .change = str_dup(change)};
    return row;
}

static void put_optional(struct json_writer *w, const char *key, const char *text)
{
    if (text)
        json_put_string(w, key, text);
}

static void put_measured(struct json_writer *w, const struct difference_row *row)
{
    json_put_u64(w, "elements", row->count);
    json_put_u64(w, "differing", row->differing);
    json_put_u64(w, "outside", row->outside);
    json_put_u64(w, "max_ulp", row->max_ulp);
    put_optional(w, "max_ulp_at", row->max_ulp_at);
    json_put_double(w, "mean_ulp", row->mean_ulp);
    json_put_double(w, "max_abs", row->max_abs);
    put_optional(w, "max_abs_at", row->max_abs_at);
    json_put_double(w, "was", row->was_at);
    json_put_double(w, "is", row->is_at);
    json_put_double(w, "max_rel", row->max_rel);
    json_put_double(w, "cosine", row->cosine);
    json_put_u64(w, "nan_appeared", row->nan_appeared);
    json_put_u64(w, "nan_vanished", row->nan_vanished);
    json_put_u64(w, "inf_appeared", row->inf_appeared);
    json_put_u64(w, "inf_vanished", row->inf_vanished);
}

static void put_row(struct json_writer *w, const struct difference_row *row)
{
    json_begin_object(w, NULL);
    json_put_string(w, "name", row->name);
    put_optional(w, "was_name", row->was);
    json_put_string(w, "change", row->change);
    put_optional(w, "dtype", row->dtype);
    put_optional(w, "shape", row->shape);
    put_optional(w, "text", row->text);
    if (row->measured)
        put_measured(w, row);
    json_end_object(w);
}

static void put_list(struct json_writer *w, const char *key, const struct strings *list)
{
    json_begin_array(w, key);
    for (size_t i = 0; i < list->count; i++)
        json_put_string(w, NULL, list->items[i]);
    json_end_array(w);
}

void difference_write(struct buf *out, const struct difference *difference)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_int(&w, "format", DIFFERENCE_FORMAT);
    json_put_string(&w, "a", difference->a);
    json_put_string(&w, "b", difference->b);
    json_put_string(&w, "verdict", sameness_name(difference->sameness));
    put_optional(&w, "summary", difference->summary);
    json_put_u64(&w, "values", difference->values);
    json_begin_array(&w, "rows");
    for (size_t i = 0; i < difference->count; i++)
        put_row(&w, &difference->rows[i]);
    json_end_array(&w);
    put_list(&w, "facts", &difference->facts);
    put_list(&w, "left_out", &difference->left_out);
    put_list(&w, "notes", &difference->notes);
    json_end_object(&w);
    json_finish(&w);
}

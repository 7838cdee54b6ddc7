// SPDX-License-Identifier: Apache-2.0
//
// The key "schema" of suite.json, for a person to read and correct: a column takes one line where it fits, else one
// line for each of its keys; long lists are broken.
#include "base/json.h"
#include "core/schema.h"

#include <math.h>
#include <string.h>

#define LINE_WIDTH 110

static size_t line_length(const struct json_writer *w)
{
    const char *text = buf_text(w->out), *line = memrchr(text, '\n', w->out->len);
    return line ? w->out->len - (size_t)(line + 1 - text) : w->out->len;
}

// Inside a list on one line: before the next item, of about `len` bytes, the line is broken where it has become long.
// The item is then written with the newline in front of it.
static void wrap(struct json_writer *w, size_t len)
{
    w->compact = w->fresh || line_length(w) + len < LINE_WIDTH;
}

// Opens a list on the line of its key and returns how the writer was.
static bool begin_list(struct json_writer *w, const char *key, bool object)
{
    bool compact = w->compact;
    (object ? json_begin_object : json_begin_array)(w, key);
    w->compact = true;
    return compact;
}

static void end_list(struct json_writer *w, bool object, bool compact)
{
    w->compact = true;
    (object ? json_end_object : json_end_array)(w);
    w->compact = compact;
}

static void put_texts(struct json_writer *w, const char *key, const struct strings *list)
{
    if (list->count == 0)
        return;
    bool compact = begin_list(w, key, false);
    for (size_t i = 0; i < list->count; i++) {
        wrap(w, strlen(list->items[i]) + 4);
        json_put_string(w, NULL, list->items[i]);
    }
    end_list(w, false, compact);
}

static void put_number(struct json_writer *w, const char *key, double value)
{
    if (isfinite(value))
        json_put_double(w, key, value);
}

static void put_quantiles(struct json_writer *w, const struct column *column)
{
    if (!column->has_quantiles)
        return;
    bool compact = begin_list(w, "quantiles", false);
    for (size_t i = 0; i < SCHEMA_QUANTILES; i++)
        json_put_double(w, NULL, column->quantiles[i]);
    end_list(w, false, compact);
}

static void put_categories(struct json_writer *w, const struct column *column)
{
    if (column->category_count == 0)
        return;
    bool compact = begin_list(w, "categories", true);
    for (size_t i = 0; i < column->category_count; i++) {
        wrap(w, strlen(column->categories[i].value) + 12);
        json_put_double(w, column->categories[i].value, column->categories[i].share);
    }
    end_list(w, true, compact);
}

static void put_column(struct json_writer *w, const struct column *column)
{
    json_put_string(w, "type", column_type_name(column->type));
    if (column->nullable)
        json_put_bool(w, "nullable", true);
    if (column->missing > 0)
        json_put_double(w, "missing", column->missing);
    put_texts(w, "missing_as", &column->spelt);
    put_number(w, "min", column->min);
    put_number(w, "max", column->max);
    put_quantiles(w, column);
    put_categories(w, column);
    if (column->format)
        json_put_string(w, "format", column->format);
    if (column->longest > 0)
        json_put_u64(w, "longest", column->longest);
    put_texts(w, "samples", &column->samples);
    if (column->monotone != 0)
        json_put_string(w, "monotone", column->monotone > 0 ? "increasing" : "decreasing");
    if (column->invariant)
        json_put_bool(w, "invariant", true);
}

static void write_column(struct json_writer *w, const struct column *column)
{
    const struct json_writer before = *w;
    size_t len = w->out->len, lines = 0;
    bool compact = begin_list(w, column->name, true);
    put_column(w, column);
    end_list(w, true, compact);
    for (const char *at = w->out->data + len; (at = strchr(at, '\n')); at++)
        lines++;
    if (lines <= 1 && line_length(w) <= LINE_WIDTH + 10)
        return;
    *w = before; // too long for one line: once more, with a line for each key
    w->out->len = len;
    w->out->data[len] = '\0';
    json_begin_object(w, column->name);
    put_column(w, column);
    json_end_object(w);
}

static void write_output(struct json_writer *w, const struct schema *schema)
{
    bool compact = begin_list(w, "output", true);
    if (schema->output.type != OUTPUT_UNKNOWN)
        json_put_string(w, "type", output_type_name(schema->output.type));
    if (schema->output.field)
        json_put_string(w, "field", schema->output.field);
    put_number(w, "min", schema->output.min);
    put_number(w, "max", schema->output.max);
    put_texts(w, "classes", &schema->output.classes);
    end_list(w, true, compact);
}

void schema_write(struct json_writer *w, const char *key, const struct schema *schema)
{
    json_begin_object(w, key);
    if (schema->from)
        json_put_string(w, "from", schema->from);
    if (schema->target)
        json_put_string(w, "target", schema->target);
    json_begin_object(w, "columns");
    for (size_t i = 0; i < schema->count; i++)
        write_column(w, &schema->columns[i]);
    json_end_object(w);
    write_output(w, schema);
    json_end_object(w);
}

// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the key "schema".
#include "core/schema.h"
#include "core/suite_read.h"

#include <string.h>

// ---- Keys

static const struct json_field number_field = {.name = "", .types = DOC_NUMBER};

static const struct json_field column_fields[] = {
    {.name = "type", .types = DOC_STRING, .required = true},
    {.name = "nullable", .types = DOC_BOOL},
    {.name = "missing", .types = DOC_NUMBER},
    {.name = "missing_as", .types = DOC_ARRAY, .items = &document_text},
    {.name = "min", .types = DOC_NUMBER},
    {.name = "max", .types = DOC_NUMBER},
    {.name = "quantiles", .types = DOC_ARRAY, .items = &number_field},
    {.name = "categories", .types = DOC_OBJECT | DOC_ARRAY, .values = &number_field, .items = &document_text},
    {.name = "format", .types = DOC_STRING},
    {.name = "longest", .types = DOC_NUMBER},
    {.name = "samples", .types = DOC_ARRAY, .items = &document_text},
    {.name = "monotone", .types = DOC_STRING},
    {.name = "invariant", .types = DOC_BOOL},
    {0},
};
static const struct json_field column_field = {.name = "", .types = DOC_OBJECT, .fields = column_fields};

static const struct json_field output_fields[] = {
    {.name = "type", .types = DOC_STRING},
    {.name = "field", .types = DOC_STRING},
    {.name = "min", .types = DOC_NUMBER},
    {.name = "max", .types = DOC_NUMBER},
    {.name = "classes", .types = DOC_ARRAY, .items = &document_text},
    {0},
};

const struct json_field schema_fields[] = {
    {.name = "from", .types = DOC_STRING},
    {.name = "target", .types = DOC_STRING},
    {.name = "columns", .types = DOC_OBJECT, .values = &column_field},
    {.name = "output", .types = DOC_OBJECT, .fields = output_fields},
    {0},
};

// What a type of column can have beside what all have. Anything else would have no effect, silently.
enum { HAS_RANGE = 1, HAS_CATEGORIES = 2, HAS_FORMAT = 4, HAS_LONGEST = 8, HAS_SAMPLES = 16, HAS_ORDER = 32 };
static const unsigned has[] = {
    [COLUMN_INTEGER] = HAS_RANGE | HAS_ORDER,
    [COLUMN_NUMBER] = HAS_RANGE | HAS_ORDER,
    [COLUMN_BOOLEAN] = HAS_CATEGORIES | HAS_ORDER,
    [COLUMN_CATEGORY] = HAS_CATEGORIES,
    [COLUMN_TEXT] = HAS_LONGEST | HAS_SAMPLES,
    [COLUMN_DATE] = HAS_RANGE | HAS_FORMAT | HAS_SAMPLES | HAS_ORDER,
    [COLUMN_IDENTIFIER] = HAS_RANGE | HAS_LONGEST | HAS_SAMPLES,
};
static const struct {
    const char *key;
    unsigned needs;
} needs[] = {{"min", HAS_RANGE},     {"max", HAS_RANGE},       {"quantiles", HAS_RANGE}, {"categories", HAS_CATEGORIES},
             {"format", HAS_FORMAT}, {"longest", HAS_LONGEST}, {"samples", HAS_SAMPLES}, {"monotone", HAS_ORDER}};

// ---- Values

static const struct json_value *number_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_NUMBER);
}

static void read_range(const struct document *doc, double *min, double *max, const struct json_value *object)
{
    document_number(doc, min, number_of(object, "min"));
    document_number(doc, max, number_of(object, "max"));
    if (*min > *max)
        json_problem(doc->json, number_of(object, "max"), doc->err, "is below \"min\"");
}

static void read_share(const struct document *doc, double *out, const struct json_value *value)
{
    if (!value)
        return;
    *out = json_number(value);
    if (!(*out >= 0 && *out <= 1))
        json_problem(doc->json, value, doc->err, "expected a share of the rows, 0 to 1");
}

static void read_quantiles(const struct document *doc, struct column *column, const struct json_value *array)
{
    if (!array)
        return;
    if (json_count(array) != SCHEMA_QUANTILES) {
        json_problem(doc->json, array, doc->err,
                     "expected %d numbers: the quantiles 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95 and 0.99",
                     SCHEMA_QUANTILES);
        return;
    }
    for (size_t i = 0; i < SCHEMA_QUANTILES; i++) {
        const struct json_value *item = json_at(array, i);
        if (!document_is(item, DOC_NUMBER))
            return;
        document_number(doc, &column->quantiles[i], item);
        if (i > 0 && column->quantiles[i] < column->quantiles[i - 1])
            json_problem(doc->json, item, doc->err, "is below the quantile before it");
    }
    column->has_quantiles = true;
}

struct placed {
    struct category category;
    size_t place;
};

static int by_share(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->category.share != y->category.share)
        return x->category.share > y->category.share ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

// {"basic": 0.7, "pro": 0.3}, or just their names: then all are as frequent.
static void read_categories(const struct document *doc, struct column *column, const struct json_value *value)
{
    size_t count = value ? json_count(value) : 0, kept = 0;
    CLEANUP(free) struct placed *placed = mem_array(count + 1, sizeof *placed);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(value, i);
        double share = 1.0 / (double)count;
        if (json_type(value) == JSON_OBJECT && document_is(item, DOC_NUMBER))
            read_share(doc, &share, item);
        const char *text = json_type(value) == JSON_OBJECT ? json_key(item) : json_string(item);
        placed[kept] = (struct placed){{str_dup(text), share}, kept};
        kept++;
    }
    if (document_is(value, DOC_ARRAY))
        document_unique(doc, value, '\0');
    qsort(placed, kept, sizeof *placed, by_share);
    column->categories = kept ? mem_array(kept, sizeof *column->categories) : NULL;
    column->category_count = kept;
    for (size_t i = 0; i < kept; i++)
        column->categories[i] = placed[i].category;
}

static void refuse_what_has_no_effect(const struct document *doc, enum column_type type,
                                      const struct json_value *object)
{
    for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
        const struct json_value *value = json_get(object, needs[i].key);
        if (value && !(has[type] & needs[i].needs))
            json_problem(doc->json, value, doc->err, "has no effect on a column of type \"%s\"",
                         column_type_name(type));
    }
}

static void read_column(const struct document *doc, struct column *column, const struct json_value *object)
{
    static const char *const directions[] = {"increasing", "decreasing"};
    const char *types[COLUMN_IDENTIFIER + 1];
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        types[i] = column_type_name((enum column_type)i);
    int type = document_word(doc, text_of(object, "type"), types, ARRAY_LEN(types), -1);
    column->type = type < 0 ? COLUMN_TEXT : (enum column_type)type;
    if (type >= 0)
        refuse_what_has_no_effect(doc, column->type, object);

    const struct json_value *nullable = document_get(object, "nullable", DOC_BOOL);
    const struct json_value *invariant = document_get(object, "invariant", DOC_BOOL);
    column->nullable = nullable && json_bool(nullable);
    column->invariant = invariant && json_bool(invariant);
    read_share(doc, &column->missing, number_of(object, "missing"));
    document_strings(doc, &column->spelt, array_of(object, "missing_as"), document_any);
    document_unique(doc, array_of(object, "missing_as"), '\0');
    read_range(doc, &column->min, &column->max, object);
    read_quantiles(doc, column, array_of(object, "quantiles"));
    read_categories(doc, column, document_get(object, "categories", DOC_OBJECT | DOC_ARRAY));
    column->format = document_string(doc, text_of(object, "format"), document_filled);
    uint64_t longest = 0;
    document_count(doc, &longest, number_of(object, "longest"));
    column->longest = (size_t)longest;
    document_strings(doc, &column->samples, array_of(object, "samples"), document_any);
    const struct json_value *monotone = text_of(object, "monotone");
    int direction = document_word(doc, monotone, directions, ARRAY_LEN(directions), -1);
    column->monotone = direction < 0 ? 0 : direction == 0 ? 1 : -1;
    if (direction >= 0 && column->invariant)
        json_problem(doc->json, monotone, doc->err, "an invariant column moves no answer in any direction");
}

static void read_output(const struct document *doc, struct schema *schema, const struct json_value *object)
{
    static const char *const names[] = {"unknown", "number", "class", "probabilities"};
    int type = document_word(doc, text_of(object, "type"), names, ARRAY_LEN(names), OUTPUT_UNKNOWN);
    schema->output.type = (enum output_type)type;
    schema->output.field = document_string(doc, text_of(object, "field"), document_filled);
    read_range(doc, &schema->output.min, &schema->output.max, object);
    const struct json_value *classes = array_of(object, "classes");
    document_strings(doc, &schema->output.classes, classes, document_any);
    document_unique(doc, classes, '\0');
    if (classes && type == OUTPUT_NUMBER)
        json_problem(doc->json, classes, doc->err, "has no effect on an output of type \"number\"");
}

struct schema *schema_read(const struct document *doc, const struct json_value *object)
{
    CLEANUP(schema) struct schema *schema = schema_new();
    schema->from = document_string(doc, text_of(object, "from"), document_inside);
    schema->target = document_string(doc, text_of(object, "target"), document_filled);
    const struct json_value *columns = object_of(object, "columns");
    size_t count = columns ? json_count(columns) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(columns, i);
        read_column(doc, schema_add(schema, json_key(item)), item);
        if (schema->target && strcmp(schema->target, json_key(item)) == 0)
            json_problem(doc->json, item, doc->err, "is the target, which no question holds; remove it here");
    }
    read_output(doc, schema, object_of(object, "output"));
    return steal(&schema);
}

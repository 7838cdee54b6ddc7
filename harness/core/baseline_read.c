// SPDX-License-Identifier: Apache-2.0
//
// baseline.json: the table of its keys, and the reader. It lies beside a golden, and comes from whoever opened the pull
// request: what it says must at least agree with itself.
#include "core/baseline.h"

#include "base/str.h"
#include "core/document.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define BASELINE_MAX_SIZE ((size_t)128 << 20)

// ---- Keys. schemas/baseline.schema.json says the same; a test holds the two against each other.

enum { DOC_REAL = DOC_NUMBER | DOC_STRING }; // a string for NaN, ±Infinity, and over 2^53

static const struct json_field real = {.name = "", .types = DOC_REAL};

static const struct json_field number_fields[] = {
    {.name = "min", .types = DOC_REAL, .required = true},
    {.name = "max", .types = DOC_REAL, .required = true},
    {.name = "mean", .types = DOC_REAL, .required = true},
    {.name = "sigma", .types = DOC_REAL, .required = true},
    {.name = "error", .types = DOC_REAL, .required = true},
    {.name = "points", .types = DOC_ARRAY, .required = true, .items = &real},
    {.name = "shares", .types = DOC_ARRAY, .required = true, .items = &real},
    {0},
};

static const struct json_field column_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true},
    {.name = "type", .types = DOC_STRING, .required = true},
    {.name = "rows", .types = DOC_REAL, .required = true},
    {.name = "missing", .types = DOC_REAL, .required = true},
    {.name = "nan", .types = DOC_REAL, .required = true},
    {.name = "infinite", .types = DOC_REAL, .required = true},
    {.name = "wrong_type", .types = DOC_REAL, .required = true},
    {.name = "values", .types = DOC_REAL, .required = true},
    {.name = "unseen", .types = DOC_REAL, .required = true},
    {.name = "out_of_range", .types = DOC_REAL, .required = true},
    {.name = "numbers", .types = DOC_OBJECT, .fields = number_fields},
    {.name = "categories", .types = DOC_OBJECT, .values = &real},
    {.name = "other", .types = DOC_REAL},
    {.name = "singles", .types = DOC_REAL},
    {0},
};
static const struct json_field column_row = {.name = "", .types = DOC_OBJECT, .fields = column_fields};

static const struct json_field recorded_fields[] = {
    {.name = "input", .types = DOC_STRING, .required = true},
    {.name = "output", .types = DOC_STRING, .required = true},
    {0},
};
static const struct json_field recorded_row = {.name = "", .types = DOC_OBJECT, .fields = recorded_fields};

static const struct json_field measure_fields[] = {
    {.name = "name", .types = DOC_STRING, .required = true}, {.name = "value", .types = DOC_REAL, .required = true},
    {.name = "low", .types = DOC_REAL, .required = true},    {.name = "high", .types = DOC_REAL, .required = true},
    {.name = "rows", .types = DOC_REAL, .required = true},   {0},
};
static const struct json_field measure_row = {.name = "", .types = DOC_OBJECT, .fields = measure_fields};

static const struct json_field fields[] = {
    {.name = "format", .types = DOC_NUMBER, .required = true},
    {.name = "golden", .types = DOC_STRING, .required = true},
    {.name = "reference", .types = DOC_STRING, .required = true},
    {.name = "data", .types = DOC_STRING, .required = true},
    {.name = "rows", .types = DOC_REAL, .required = true},
    {.name = "kind", .types = DOC_STRING},
    {.name = "measures", .types = DOC_ARRAY, .required = true, .items = &measure_row},
    {.name = "columns", .types = DOC_ARRAY, .required = true, .items = &column_row},
    {.name = "prediction", .types = DOC_OBJECT, .fields = column_fields},
    {.name = "recorded", .types = DOC_ARRAY, .required = true, .items = &recorded_row},
    {0},
};

const struct json_field *baseline_fields(void)
{
    return fields;
}

// ---- Reading

static const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

static uint64_t read_count(const struct document *doc, const struct json_value *object, const char *key)
{
    uint64_t count = 0;
    document_count(doc, &count, document_get(object, key, DOC_REAL));
    return count;
}

static double read_real(const struct document *doc, const struct json_value *object, const char *key)
{
    double number = NAN;
    document_number(doc, &number, document_get(object, key, DOC_REAL));
    return number;
}

static void read_digest(const struct document *doc, struct digest *out, const struct json_value *object,
                        const char *key)
{
    const struct json_value *value = text_of(object, key);
    if (value && digest_from_hex(out, json_string(value)) < 0)
        json_problem(doc->json, value, doc->err, "expected 64 hexadecimal digits in lower case");
}

// Finite numbers, each greater than the one before; *count tells how many.
static double *read_ascending(const struct document *doc, size_t *count, const struct json_value *object,
                              const char *key)
{
    const struct json_value *array = document_get(object, key, DOC_ARRAY);
    size_t all = array ? json_count(array) : 0;
    double *values = mem_array(all + 1, sizeof *values);
    *count = 0;
    if (array && (all == 0 || all > BASELINE_POINTS)) {
        json_problem(doc->json, array, doc->err, "expected 1 to %d numbers", BASELINE_POINTS);
        all = 0;
    }
    for (size_t i = 0; i < all; i++) {
        const struct json_value *item = json_at(array, i);
        double number = NAN;
        document_number(doc, &number, item);
        if (!isfinite(number))
            json_problem(doc->json, item, doc->err, "expected a finite number");
        else if (i > 0 && !(number > values[i - 1]))
            json_problem(doc->json, item, doc->err, "expected a number greater than the one before");
        values[i] = number;
    }
    *count = all;
    return values;
}

static void read_numbers(const struct document *doc, struct column_summary *out, const struct json_value *object)
{
    size_t shares;
    out->min = read_real(doc, object, "min");
    out->max = read_real(doc, object, "max");
    out->mean = read_real(doc, object, "mean");
    out->sigma = read_real(doc, object, "sigma");
    out->error = read_real(doc, object, "error");
    out->points = read_ascending(doc, &out->point_count, object, "points");
    out->shares = read_ascending(doc, &shares, object, "shares");
    if (!document_is_good(doc))
        return;
    if (shares != out->point_count)
        json_problem(doc->json, object, doc->err, "there are %zu points and %zu shares", out->point_count, shares);
    else if (!(out->shares[0] > 0) || out->shares[shares - 1] != 1)
        json_problem(doc->json, object, doc->err, "shares are more than 0, and the last of them is 1");
    else if (out->min != out->points[0] || out->max != out->points[shares - 1])
        json_problem(doc->json, object, doc->err, "the first and the last of the points are \"min\" and \"max\"");
    else if (!isfinite(out->mean) || !isfinite(out->sigma) || out->sigma < 0 || !(out->error >= 0 && out->error <= 1))
        json_problem(doc->json, object, doc->err,
                     "expected a finite \"mean\", a \"sigma\" of at least 0 and an \"error\" from 0 to 1");
}

// Most frequent first, in byte order where the counts are equal; no more than there are values.
static void read_categories(const struct document *doc, struct column_summary *out, const struct json_value *object,
                            const struct json_value *map)
{
    size_t count = map ? json_count(map) : 0;
    out->categories = mem_array(count + 1, sizeof *out->categories);
    out->category_count = count;
    uint64_t sum = out->other = read_count(doc, object, "other"), singles = 0;
    out->singles = read_count(doc, object, "singles");
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(map, i);
        struct category_count *category = &out->categories[i];
        category->value = str_dup(json_key(item));
        document_count(doc, &category->count, item);
        singles += category->count == 1;
        bool over = __builtin_add_overflow(sum, category->count, &sum);
        if (over || category->count == 0)
            json_problem(doc->json, item, doc->err, "expected how often it came");
        else if (i > 0 && (category[-1].count < category->count ||
                           (category[-1].count == category->count && strcmp(category[-1].value, category->value) > 0)))
            json_problem(doc->json, item, doc->err, "the most frequent come first, then byte order counts");
    }
    if (document_is_good(doc) && sum != out->values)
        json_problem(doc->json, object, doc->err, "the categories came %" PRIu64 " times, the values are %" PRIu64, sum,
                     out->values);
    if (document_is_good(doc) && singles != out->singles)
        json_problem(doc->json, object, doc->err, "%" PRIu64 " categories came once, not %" PRIu64, singles,
                     out->singles);
}

static void require_counts(const struct document *doc, const struct column_summary *out,
                           const struct json_value *object)
{
    const uint64_t parts[] = {out->nan, out->infinite, out->wrong_type, out->values};
    uint64_t sum = out->missing;
    bool over = false;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        over = __builtin_add_overflow(sum, parts[i], &sum) || over;
    if (over || sum != out->rows)
        json_problem(doc->json, object, doc->err,
                     "the rows are missing, nan, infinite, of a wrong type, or values: "
                     "these do not add up");
    else if (out->unseen > out->values || out->out_of_range > out->values)
        json_problem(doc->json, object, doc->err, "more values are unseen or out of range than there are");
}

static void read_column(const struct document *doc, struct column_summary *out, const struct json_value *object)
{
    const char *types[COLUMN_IDENTIFIER + 1];
    for (int i = 0; i <= COLUMN_IDENTIFIER; i++)
        types[i] = column_type_name((enum column_type)i);
    out->type =
        (enum column_type)document_word(doc, text_of(object, "type"), types, ARRAY_LEN(types), COLUMN_IDENTIFIER);
    out->rows = read_count(doc, object, "rows");
    out->missing = read_count(doc, object, "missing");
    out->nan = read_count(doc, object, "nan");
    out->infinite = read_count(doc, object, "infinite");
    out->wrong_type = read_count(doc, object, "wrong_type");
    out->values = read_count(doc, object, "values");
    out->unseen = read_count(doc, object, "unseen");
    out->out_of_range = read_count(doc, object, "out_of_range");
    require_counts(doc, out, object);
    bool named = out->type == COLUMN_CATEGORY || out->type == COLUMN_BOOLEAN;
    const struct json_value *numbers = document_get(object, "numbers", DOC_OBJECT);
    const struct json_value *categories = document_get(object, "categories", DOC_OBJECT);
    if ((numbers != NULL) != (out->values > 0 && !named && out->type != COLUMN_IDENTIFIER))
        json_problem(doc->json, object, doc->err, "\"numbers\" goes with values that are numbers, dates or texts");
    if ((categories != NULL) != (out->values > 0 && named) ||
        (categories != NULL) != (document_get(object, "other", DOC_REAL) != NULL) ||
        (categories != NULL) != (document_get(object, "singles", DOC_REAL) != NULL))
        json_problem(doc->json, object, doc->err,
                     "\"categories\", \"other\" and \"singles\" go with values that are categories or booleans");
    if (numbers)
        read_numbers(doc, out, numbers);
    if (categories)
        read_categories(doc, out, object, categories);
}

static const char *name_of(const struct json_value *object)
{
    const struct json_value *name = text_of(object, "name");
    return name ? json_string(name) : "";
}

static void read_columns(const struct document *doc, struct baseline *baseline, const struct json_value *root)
{
    const struct json_value *columns = document_get(root, "columns", DOC_ARRAY);
    struct strings names CLEANUP(strings) = {0};
    for (size_t i = 0, count = columns ? json_count(columns) : 0; i < count; i++) {
        const struct json_value *item = json_at(columns, i);
        strings_add(&names, name_of(item));
        read_column(doc, baseline_add(baseline, name_of(item)), item);
    }
    strings_sort(&names);
    for (size_t i = 1; i < names.count; i++) {
        if (strcmp(names.items[i - 1], names.items[i]) == 0)
            json_problem(doc->json, columns, doc->err, "the column '%s' is here twice", names.items[i]);
    }
    const struct json_value *prediction = document_get(root, "prediction", DOC_OBJECT);
    if (!prediction)
        return;
    baseline->prediction = mem_alloc(sizeof *baseline->prediction);
    *baseline->prediction = (struct column_summary){
        .name = str_dup(name_of(prediction)), .min = NAN, .max = NAN, .mean = NAN, .sigma = NAN};
    read_column(doc, baseline->prediction, prediction);
}

static void require_json(const struct document *doc, const struct json_value *value, bool object)
{
    CLEANUP(error) struct error inner = {0};
    CLEANUP(json) struct json *json = NULL;
    const char *text = value ? json_string(value) : NULL;
    if (!text)
        return;
    if (json_parse(&json, "", text, strlen(text), NULL, &inner) < 0 ||
        (object && json_type(json_root(json)) != JSON_OBJECT))
        json_problem(doc->json, value, doc->err, "expected the text of a JSON %s", object ? "object" : "value");
}

static void read_recorded(const struct document *doc, struct baseline *baseline, const struct json_value *root)
{
    const struct json_value *rows = document_get(root, "recorded", DOC_ARRAY);
    for (size_t i = 0, count = rows ? json_count(rows) : 0; i < count; i++) {
        const struct json_value *item = json_at(rows, i), *input = text_of(item, "input");
        const struct json_value *output = text_of(item, "output");
        require_json(doc, input, true);
        require_json(doc, output, false);
        if (input && output)
            baseline_record(baseline, json_string(input), json_string(output));
    }
    if (baseline->recorded_count > 0 && !baseline->kind)
        json_problem(doc->json, rows, doc->err, "rows are recorded, but \"kind\" does not say how the model was asked");
}

static void read_measures(const struct document *doc, struct baseline *baseline, const struct json_value *root)
{
    const struct json_value *measures = document_get(root, "measures", DOC_ARRAY);
    for (size_t i = 0, count = measures ? json_count(measures) : 0; i < count; i++) {
        const struct json_value *item = json_at(measures, i);
        CLEANUP(free) char *name = str_dup(name_of(item));
        const struct baseline_measure measure = {name, read_real(doc, item, "value"), read_real(doc, item, "low"),
                                                 read_real(doc, item, "high"), read_count(doc, item, "rows")};
        if (measure.low > measure.high)
            json_problem(doc->json, item, doc->err, "\"low\" is more than \"high\"");
        baseline_measure(baseline, &measure);
    }
}

int baseline_parse(struct baseline **out, const char *path, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.max_size = BASELINE_MAX_SIZE};
    if (json_parse(&json, path, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_format(&doc, BASELINE_FORMAT, "baseline") < 0 || document_check(&doc, fields) < 0)
        return -1;
    static const char *const kinds[] = {"batch", "stream", "api"};
    const struct json_value *root = json_root(json), *kind = text_of(root, "kind");
    CLEANUP(baseline) struct baseline *baseline = baseline_new();
    read_digest(&doc, &baseline->golden, root, "golden");
    read_digest(&doc, &baseline->data, root, "data");
    baseline->reference = document_string(&doc, text_of(root, "reference"), document_any);
    baseline->rows = read_count(&doc, root, "rows");
    baseline->kind = kind ? str_dup(kinds[document_word(&doc, kind, kinds, ARRAY_LEN(kinds), 0)]) : NULL;
    read_measures(&doc, baseline, root);
    read_columns(&doc, baseline, root);
    read_recorded(&doc, baseline, root);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&baseline);
    return 0;
}

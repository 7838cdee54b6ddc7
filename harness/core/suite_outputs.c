// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the keys "artifacts" and "metrics".
#include "core/suite_read.h"

static const struct json_field allowance_fields[] = {
    {.name = "compare", .types = DOC_STRING},
    {.name = "max_ulp", .types = DOC_QUANTITY},
    {.name = "abs", .types = DOC_NUMBER},
    {.name = "rel", .types = DOC_NUMBER},
    {0},
};
static const struct json_field allowance = {.name = "", .types = DOC_OBJECT, .fields = allowance_fields};

static const struct json_field artifact_fields[] = {
    {.name = "compare", .types = DOC_STRING},
    {.name = "max_ulp", .types = DOC_QUANTITY},
    {.name = "abs", .types = DOC_NUMBER},
    {.name = "rel", .types = DOC_NUMBER},
    {.name = "tensors", .types = DOC_OBJECT, .values = &allowance},
    {0},
};
const struct json_field suite_artifact_field = {.name = "", .types = DOC_OBJECT, .fields = artifact_fields};

static const struct json_field tolerance_fields[] = {
    {.name = "abs", .types = DOC_NUMBER},
    {.name = "rel", .types = DOC_NUMBER},
    {.name = "better", .types = DOC_STRING},
    {0},
};
static const struct json_field tolerance = {.name = "", .types = DOC_OBJECT, .fields = tolerance_fields};

static const struct json_field series_fields[] = {
    {.name = "x", .types = DOC_STRING},
    {.name = "abs", .types = DOC_NUMBER},
    {.name = "rel", .types = DOC_NUMBER},
    {0},
};
static const struct json_field series = {.name = "", .types = DOC_OBJECT, .fields = series_fields};

const struct json_field suite_metric_fields[] = {
    {.name = "from", .types = DOC_ARRAY, .items = &document_text},
    {.name = "tolerance", .types = DOC_OBJECT, .values = &tolerance},
    {.name = "series", .types = DOC_OBJECT, .values = &series},
    {0},
};

static void read_allowance(const struct document *doc, struct tensor_allowance *out, const struct json_value *value)
{
    out->line = json_line(value);
    document_count(doc, &out->max_ulp, quantity_of(value, "max_ulp"));
    document_amount(doc, &out->abs, document_get(value, "abs", DOC_NUMBER));
    document_amount(doc, &out->rel, document_get(value, "rel", DOC_NUMBER));
}

// Tensors of one artifact that are held to a rule of their own, by name.
static void read_tensors(const struct document *doc, struct artifact_rule *rule, const struct json_value *tensors)
{
    static const char *const words[] = {"tensors", "close"};
    size_t count = tensors ? json_count(tensors) : 0;
    rule->tensors = count ? mem_array(count, sizeof *rule->tensors) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(tensors, i);
        struct tensor_allowance *own = &rule->tensors[rule->tensor_count++];
        document_filled(doc, item, json_key(item));
        own->pattern = str_dup(json_key(item));
        own->close = document_word(doc, text_of(item, "compare"), words, ARRAY_LEN(words), 0) == 1;
        read_allowance(doc, own, item);
    }
}

static void read_artifact(const struct document *doc, struct artifact_rule *rule, const struct json_value *value)
{
    static const char *const words[] = {
        [COMPARE_BYTES] = "bytes", [COMPARE_TENSORS] = "tensors", [COMPARE_CLOSE] = "close", [COMPARE_NONE] = "none"};
    rule->line = json_line(value);
    rule->compare =
        (enum artifact_compare)document_word(doc, text_of(value, "compare"), words, ARRAY_LEN(words), COMPARE_BYTES);
    read_allowance(doc, &rule->allowance, value);
    rule->allowance.close = rule->compare == COMPARE_CLOSE;
    read_tensors(doc, rule, object_of(value, "tensors"));
    bool allows = rule->allowance.max_ulp > 0 || rule->allowance.abs > 0 || rule->allowance.rel > 0;
    if ((allows || rule->tensor_count > 0) && (rule->compare == COMPARE_BYTES || rule->compare == COMPARE_NONE))
        json_problem(doc->json, value, doc->err, "an allowance needs \"compare\": \"tensors\" or \"close\"");
}

void suite_read_artifacts(const struct document *doc, struct suite *suite, const struct json_value *artifacts)
{
    suite->artifacts_given = artifacts != NULL;
    size_t count = artifacts ? json_count(artifacts) : 0;
    suite->artifacts = count ? mem_array(count, sizeof *suite->artifacts) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(artifacts, i);
        const char *path = json_type(artifacts) == JSON_OBJECT ? json_key(item)
                           : document_is(item, DOC_STRING)     ? json_string(item)
                                                               : NULL;
        if (!path)
            continue;
        document_inside(doc, item, path);
        struct artifact_rule *rule = &suite->artifacts[suite->artifact_count++];
        rule->path = str_dup(path);
        read_artifact(doc, rule, item);
    }
    if (document_is(artifacts, DOC_ARRAY))
        document_unique(doc, artifacts, '\0');
}

static void read_tolerance(const struct document *doc, struct tolerance *out, const struct json_value *value)
{
    static const char *const words[] = {"higher", "lower"};
    out->line = json_line(value);
    document_amount(doc, &out->abs, document_get(value, "abs", DOC_NUMBER));
    document_amount(doc, &out->rel, document_get(value, "rel", DOC_NUMBER));
    int word = document_word(doc, text_of(value, "better"), words, ARRAY_LEN(words), -1);
    out->better = word < 0 ? BETTER_NEITHER : word == 0 ? BETTER_HIGHER : BETTER_LOWER;
}

static void read_series(const struct document *doc, struct series_rule *out, const struct json_value *value)
{
    document_inside(doc, value, json_key(value));
    out->path = str_dup(json_key(value));
    out->x = document_string(doc, text_of(value, "x"), document_filled);
    read_tolerance(doc, &out->tolerance, value);
}

void suite_read_metrics(const struct document *doc, struct suite *suite, const struct json_value *metrics)
{
    const struct json_value *from = array_of(metrics, "from");
    document_strings(doc, &suite->metrics.from, from, document_inside);
    document_unique(doc, from, '\0');

    const struct json_value *tolerances = object_of(metrics, "tolerance");
    size_t count = tolerances ? json_count(tolerances) : 0;
    suite->metrics.tolerances = count ? mem_array(count, sizeof *suite->metrics.tolerances) : NULL;
    suite->metrics.tolerance_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = json_at(tolerances, i);
        document_filled(doc, value, json_key(value));
        suite->metrics.tolerances[i].pattern = str_dup(json_key(value));
        read_tolerance(doc, &suite->metrics.tolerances[i], value);
    }
    if (count > 0 && suite->metrics.from.count == 0)
        json_problem(doc->json, tolerances, doc->err, "has no effect: metrics.from names no file to read metrics from");

    const struct json_value *rules = object_of(metrics, "series");
    count = rules ? json_count(rules) : 0;
    suite->metrics.series = count ? mem_array(count, sizeof *suite->metrics.series) : NULL;
    suite->metrics.series_count = count;
    for (size_t i = 0; i < count; i++)
        read_series(doc, &suite->metrics.series[i], json_at(rules, i));
}

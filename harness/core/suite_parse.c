// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the table of its keys, and the reader.
#include "core/document.h"
#include "core/schema.h"
#include "core/suite_read.h"

#include <string.h>

enum { KEEP_AT_MOST = 100 };

// ---- Keys. schemas/suite.schema.json says the same; a test holds the two against each other.

static const struct json_field question_number = {.name = "", .types = DOC_NUMBER};

static const struct json_field train_limit_fields[] = {
    {.name = "wall", .types = DOC_QUANTITY},
    {.name = "cpu", .types = DOC_QUANTITY},
    {.name = "memory", .types = DOC_QUANTITY},
    {0},
};

static const struct json_field limit_fields[] = {
    {.name = "train", .types = DOC_OBJECT, .fields = train_limit_fields},
    {.name = "predict", .types = DOC_OBJECT, .fields = limit_predict_fields},
    {.name = "price", .types = DOC_OBJECT, .fields = limit_price_fields},
    {.name = "artifact", .types = DOC_QUANTITY},
    {.name = "bundle", .types = DOC_QUANTITY},
    {0},
};

static const struct json_field ready_fields[] = {
    {.name = "age", .types = DOC_QUANTITY},
    {.name = "require", .types = DOC_ARRAY, .items = &question_number},
    {0},
};

static const struct json_field fields[] = {
    {.name = "$schema", .types = DOC_STRING}, // for editors
    {.name = "suite", .types = DOC_STRING},
    {.name = "class", .types = DOC_STRING},
    {.name = "environment", .types = DOC_STRING},
    {.name = "train", .types = DOC_OBJECT, .required = true, .fields = suite_train_fields},
    {.name = "inputs", .types = DOC_OBJECT, .fields = suite_input_fields},
    {.name = "artifacts", .types = DOC_OBJECT | DOC_ARRAY, .values = &suite_artifact_field, .items = &document_text},
    {.name = "metrics", .types = DOC_OBJECT, .fields = suite_metric_fields},
    {.name = "class_packages", .types = DOC_ARRAY, .items = &document_text},
    {.name = "model", .types = DOC_OBJECT, .fields = suite_model_fields},
    {.name = "schema", .types = DOC_OBJECT, .fields = schema_fields},
    {.name = "fuzz", .types = DOC_OBJECT, .fields = fuzz_rules_fields},
    {.name = "limits", .types = DOC_OBJECT, .fields = limit_fields},
    {.name = "drift", .types = DOC_OBJECT, .fields = drift_rules_fields},
    {.name = "log", .types = DOC_OBJECT, .fields = log_rules_fields},
    {.name = "fallback", .types = DOC_COMMAND, .items = &document_text},
    {.name = "keep", .types = DOC_NUMBER},
    {.name = "ready", .types = DOC_OBJECT, .fields = ready_fields},
    {0},
};

const struct json_field *suite_fields(void)
{
    return fields;
}

static void read_limits(const struct document *doc, struct suite *suite, const struct json_value *limits)
{
    const struct json_value *train = object_of(limits, "train");
    document_duration(doc, &suite->limits.train_wall, quantity_of(train, "wall"));
    document_duration(doc, &suite->limits.train_cpu, quantity_of(train, "cpu"));
    const struct json_value *sizes[] = {quantity_of(train, "memory"), quantity_of(limits, "artifact")};
    uint64_t *const slots[] = {&suite->limits.train_memory, &suite->limits.artifact};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t before = doc->err->problem_count;
        document_size(doc, slots[i], sizes[i]);
        // 0 stands for "no limit" in memory, which is said by leaving the key out.
        if (sizes[i] && *slots[i] == 0 && doc->err->problem_count == before)
            json_problem(doc->json, sizes[i], doc->err, "expected a size above 0");
    }
    suite->limits.bundle = (uint64_t)1 << 20;
    document_size(doc, &suite->limits.bundle, quantity_of(limits, "bundle"));
    limit_rules_read(doc, &suite->predict, limits);
}

static void read_keep(const struct document *doc, struct suite *suite, const struct json_value *keep)
{
    suite->keep = 3;
    document_count(doc, &suite->keep, keep);
    if (keep && suite->keep > KEEP_AT_MOST)
        json_problem(doc->json, keep, doc->err, "expected at most %d goldens", KEEP_AT_MOST);
}

static void read_ready(const struct document *doc, struct suite *suite, const struct json_value *ready)
{
    const struct json_value *require = array_of(ready, "require");
    suite->ready.age = 30 * 86400.0;
    document_duration(doc, &suite->ready.age, quantity_of(ready, "age"));
    for (size_t i = 0, count = require ? json_count(require) : 0; i < count; i++) {
        const struct json_value *item = json_at(require, i);
        uint64_t question = 0;
        if (!document_is(item, DOC_NUMBER))
            continue;
        document_count(doc, &question, item);
        if (question < 1 || question > 9)
            json_problem(doc->json, item, doc->err, "expected a question from 1 to 9");
        else
            suite->ready.require |= 1u << question;
    }
}

static void read_class(const struct document *doc, struct suite *suite, const struct json_value *root)
{
    static const char *const classes[] = {"any"}, *const changes[] = {"warn", "fail"};
    const struct json_value *class_name = text_of(root, "class");
    if (document_word(doc, class_name, classes, ARRAY_LEN(classes), -1) == 0)
        suite->class_name = str_dup("any");
    document_strings(doc, &suite->class_packages, array_of(root, "class_packages"), document_package);
    document_unique(doc, array_of(root, "class_packages"), '\0');
    int change = document_word(doc, text_of(root, "environment"), changes, ARRAY_LEN(changes), 0);
    suite->environment = change == 1 ? ON_CHANGE_FAIL : ON_CHANGE_WARN;
}

// A check may not pass for want of anything to check.
static void require_something_to_compare(const struct document *doc, const struct suite *suite,
                                         const struct json_value *artifacts)
{
    size_t compared = suite->metrics.from.count + suite->metrics.series_count;
    for (size_t i = 0; i < suite->artifact_count; i++)
        compared += suite->artifacts[i].compare != COMPARE_NONE;
    if (artifacts && compared == 0)
        json_problem(doc->json, artifacts, doc->err,
                     "nothing would be compared: name an artifact or a metric, or leave \"artifacts\" out to compare "
                     "every file that the run writes");
}

int suite_parse(struct suite **out, const char *name, const char *path, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    struct document doc = {.err = err, .before = err->problem_count};
    const struct json_options options = {.comments = true, .max_size = SUITE_MAX_SIZE};
    if (json_parse(&json, path, text, len, &options, err) < 0)
        return -1;
    doc.json = json;
    if (document_check(&doc, fields) < 0)
        return -1;

    const struct json_value *root = json_root(json), *said = text_of(root, "suite");
    CLEANUP(suite) struct suite *suite = mem_alloc(sizeof *suite);
    suite->name = str_dup(name);
    suite->path = str_dup(path);
    if (said && strcmp(json_string(said), name) != 0)
        json_problem(json, said, err, "is '%s', but the folder is called '%s'", json_string(said), name);
    read_class(&doc, suite, root);
    suite_read_train(&doc, suite, object_of(root, "train"));
    suite_read_inputs(&doc, suite, object_of(root, "inputs"));
    const struct json_value *artifacts = document_get(root, "artifacts", DOC_OBJECT | DOC_ARRAY);
    suite_read_artifacts(&doc, suite, artifacts);
    suite_read_metrics(&doc, suite, object_of(root, "metrics"));
    read_limits(&doc, suite, object_of(root, "limits"));
    suite_read_model(&doc, suite, object_of(root, "model"));
    const struct json_value *schema = object_of(root, "schema");
    suite->schema = schema ? schema_read(&doc, schema) : NULL;
    fuzz_rules_read(&doc, &suite->fuzz, object_of(root, "fuzz"));
    suite_read_fallback(&doc, suite, root);
    drift_rules_read(&doc, &suite->drift, object_of(root, "drift"));
    log_rules_read(&doc, &suite->log, object_of(root, "log"));
    read_keep(&doc, suite, document_get(root, "keep", DOC_NUMBER));
    read_ready(&doc, suite, object_of(root, "ready"));
    require_something_to_compare(&doc, suite, artifacts);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&suite);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the table of its keys, and the reader.
#include "core/document.h"
#include "core/suite.h"

#include <string.h>

// ---- Keys. schemas/suite.schema.json says the same; a test holds the two against each other.

enum { DOC_QUANTITY = DOC_STRING | DOC_NUMBER, DOC_COMMAND = DOC_ARRAY | DOC_STRING };

static const struct json_field train_fields[] = {
    {.name = "command", .types = DOC_COMMAND, .required = true, .items = &document_text},
    {.name = "directory", .types = DOC_STRING},
    {.name = "timeout", .types = DOC_QUANTITY},
    {.name = "network", .types = DOC_BOOL},
    {.name = "env", .types = DOC_OBJECT, .values = &document_text},
    {.name = "pass_env", .types = DOC_ARRAY, .items = &document_text},
    {.name = "pin", .types = DOC_ARRAY, .items = &document_text},
    {0},
};

static const struct json_field input_fields[] = {
    {.name = "code", .types = DOC_ARRAY, .items = &document_text},
    {.name = "data", .types = DOC_ARRAY, .items = &document_text},
    {.name = "settings", .types = DOC_ARRAY, .items = &document_text},
    {.name = "external", .types = DOC_OBJECT, .values = &document_text},
    {0},
};

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
static const struct json_field artifact = {.name = "", .types = DOC_OBJECT, .fields = artifact_fields};

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

static const struct json_field metric_fields[] = {
    {.name = "from", .types = DOC_ARRAY, .items = &document_text},
    {.name = "tolerance", .types = DOC_OBJECT, .values = &tolerance},
    {.name = "series", .types = DOC_OBJECT, .values = &series},
    {0},
};

static const struct json_field api_fields[] = {
    {.name = "command", .types = DOC_COMMAND, .required = true, .items = &document_text},
    {.name = "protocol", .types = DOC_STRING},
    {.name = "ready", .types = DOC_STRING},
    {0},
};

static const struct json_field model_fields[] = {
    {.name = "batch", .types = DOC_COMMAND, .items = &document_text},
    {.name = "stream", .types = DOC_COMMAND, .items = &document_text},
    {.name = "api", .types = DOC_OBJECT, .fields = api_fields},
    {0},
};

static const struct json_field schema_fields[] = {
    {.name = "from", .types = DOC_STRING},
    {.name = "target", .types = DOC_STRING},
    {.name = "columns", .types = DOC_OBJECT},
    {.name = "output", .types = DOC_OBJECT},
    {0},
};

static const struct json_field fuzz_fields[] = {
    {.name = "cases", .types = DOC_NUMBER},
    {.name = "timeout", .types = DOC_QUANTITY},
    {.name = "expect", .types = DOC_OBJECT},
    {0},
};

static const struct json_field train_limit_fields[] = {
    {.name = "wall", .types = DOC_QUANTITY},
    {.name = "memory", .types = DOC_QUANTITY},
    {0},
};

static const struct json_field predict_limit_fields[] = {
    {.name = "p99", .types = DOC_QUANTITY},
    {0},
};

static const struct json_field limit_fields[] = {
    {.name = "train", .types = DOC_OBJECT, .fields = train_limit_fields},
    {.name = "predict", .types = DOC_OBJECT, .fields = predict_limit_fields},
    {.name = "artifact", .types = DOC_QUANTITY},
    {.name = "bundle", .types = DOC_QUANTITY},
    {0},
};

static const struct json_field drift_fields[] = {
    {.name = "reference", .types = DOC_STRING},
    {.name = "columns", .types = DOC_OBJECT},
    {0},
};

static const struct json_field fields[] = {
    {.name = "$schema", .types = DOC_STRING}, // for editors
    {.name = "suite", .types = DOC_STRING},
    {.name = "class", .types = DOC_STRING},
    {.name = "environment", .types = DOC_STRING},
    {.name = "train", .types = DOC_OBJECT, .required = true, .fields = train_fields},
    {.name = "inputs", .types = DOC_OBJECT, .fields = input_fields},
    {.name = "artifacts", .types = DOC_OBJECT | DOC_ARRAY, .values = &artifact, .items = &document_text},
    {.name = "metrics", .types = DOC_OBJECT, .fields = metric_fields},
    {.name = "class_packages", .types = DOC_ARRAY, .items = &document_text},
    {.name = "model", .types = DOC_OBJECT, .fields = model_fields},
    {.name = "schema", .types = DOC_OBJECT, .fields = schema_fields},
    {.name = "fuzz", .types = DOC_OBJECT, .fields = fuzz_fields},
    {.name = "limits", .types = DOC_OBJECT, .fields = limit_fields},
    {.name = "drift", .types = DOC_OBJECT, .fields = drift_fields},
    {.name = "fallback", .types = DOC_COMMAND, .items = &document_text},
    {0},
};

const struct json_field *suite_fields(void)
{
    return fields;
}

// ---- Values

static const struct json_value *object_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_OBJECT);
}

static const struct json_value *array_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_ARRAY);
}

static const struct json_value *quantity_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_QUANTITY);
}

static const struct json_value *text_of(const struct json_value *object, const char *key)
{
    return document_get(object, key, DOC_STRING);
}

struct seen {
    const char *text;
    size_t len; // of the part that must not come twice
    const struct json_value *item;
};

static int by_text(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    if (order == 0)
        order = (x->len > y->len) - (x->len < y->len);
    return order ? order : (json_line(x->item) > json_line(y->item)) - (json_line(x->item) < json_line(y->item));
}

// Reports each text of an array that came before, looking only as far as `end` (a character; NUL: the whole).
static void refuse_twice(const struct document *doc, const struct json_value *array, char end)
{
    size_t count = array ? json_count(array) : 0, kept = 0;
    CLEANUP(free) struct seen *seen = mem_array(count + 1, sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(array, i);
        if (!document_is(item, DOC_STRING))
            continue;
        const char *text = json_string(item), *cut = strchr(text, end);
        seen[kept++] = (struct seen){text, cut ? (size_t)(cut - text) : strlen(text), item};
    }
    qsort(seen, kept, sizeof *seen, by_text);
    for (size_t i = 1; i < kept; i++) {
        if (seen[i].len == seen[i - 1].len && memcmp(seen[i].text, seen[i - 1].text, seen[i].len) == 0)
            json_problem(doc->json, seen[i].item, doc->err, "'%.*s' is here twice", (int)seen[i].len, seen[i].text);
    }
}

static void read_train(const struct document *doc, struct suite *suite, const struct json_value *train)
{
    document_command(doc, &suite->train.command, document_get(train, "command", DOC_COMMAND));
    char *directory = document_string(doc, text_of(train, "directory"), document_folder);
    suite->train.directory = directory ? directory : str_dup(".");
    suite->train.timeout = 600;
    document_duration(doc, &suite->train.timeout, quantity_of(train, "timeout"));
    const struct json_value *network = document_get(train, "network", DOC_BOOL);
    suite->train.network = network && json_bool(network);
    const struct json_value *env = object_of(train, "env"), *pass_env = array_of(train, "pass_env");
    document_pairs(doc, &suite->train.env, env, document_env_name, document_any);
    document_strings(doc, &suite->train.pass_env, pass_env, document_env_name);
    refuse_twice(doc, pass_env, '\0');
    for (size_t i = 0, count = env && pass_env ? json_count(pass_env) : 0; i < count; i++) {
        const struct json_value *name = json_at(pass_env, i);
        if (document_is(name, DOC_STRING) && json_get(env, json_string(name)))
            json_problem(doc->json, name, doc->err, "'%s' is set in train.env, too; keep one of the two",
                         json_string(name));
    }
    document_strings(doc, &suite->train.pins, array_of(train, "pin"), document_pin);
    refuse_twice(doc, array_of(train, "pin"), ':');
}

// A pattern that can only name what is never taken for an input would select nothing, silently.
static void input_pattern(const struct document *doc, const struct json_value *where, const char *text)
{
    static const char *const never[] = {".git", ".repro", "golden"};
    document_inside(doc, where, text);
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        size_t len = strlen(never[i]);
        if (str_starts(text, never[i]) && (text[len] == '/' || text[len] == '\0'))
            json_problem(doc->json, where, doc->err, "what is below '%s' is never an input", never[i]);
    }
}

static void read_inputs(const struct document *doc, struct suite *suite, const struct json_value *inputs)
{
    document_strings(doc, &suite->inputs.code, array_of(inputs, "code"), input_pattern);
    document_strings(doc, &suite->inputs.data, array_of(inputs, "data"), input_pattern);
    document_strings(doc, &suite->inputs.settings, array_of(inputs, "settings"), input_pattern);
    document_pairs(doc, &suite->inputs.external, object_of(inputs, "external"), document_env_name, document_absolute);
}

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

static void read_artifacts(const struct document *doc, struct suite *suite, const struct json_value *artifacts)
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
        refuse_twice(doc, artifacts, '\0');
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

static void read_metrics(const struct document *doc, struct suite *suite, const struct json_value *metrics)
{
    const struct json_value *from = array_of(metrics, "from");
    document_strings(doc, &suite->metrics.from, from, document_inside);
    refuse_twice(doc, from, '\0');

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

static void read_limits(const struct document *doc, struct suite *suite, const struct json_value *limits)
{
    const struct json_value *train = object_of(limits, "train");
    document_duration(doc, &suite->limits.train_wall, quantity_of(train, "wall"));
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
    double p99;
    document_duration(doc, &p99, quantity_of(object_of(limits, "predict"), "p99"));
}

// Parts that no stage runs yet: wrong values are told now, so that the document need not change when the stage comes.
static void read_deferred(const struct document *doc, struct suite *suite, const struct json_value *root)
{
    static const char *const keys[] = {"model", "schema", "fuzz", "limits.predict", "drift", "fallback"};
    const struct json_value *parts[] = {object_of(root, "model"), object_of(root, "schema"),
                                        object_of(root, "fuzz"),  object_of(object_of(root, "limits"), "predict"),
                                        object_of(root, "drift"), document_get(root, "fallback", DOC_COMMAND)};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (parts[i])
            strings_add(&suite->deferred, keys[i]);
    }

    struct strings argv CLEANUP(strings) = {0};
    document_command(doc, &argv, document_get(parts[0], "batch", DOC_COMMAND));
    document_command(doc, &argv, document_get(parts[0], "stream", DOC_COMMAND));
    document_command(doc, &argv, document_get(object_of(parts[0], "api"), "command", DOC_COMMAND));
    document_command(doc, &argv, parts[5]);
    CLEANUP(free) char *from = document_string(doc, text_of(parts[1], "from"), document_inside);
    CLEANUP(free) char *reference = document_string(doc, text_of(parts[4], "reference"), document_inside);
    uint64_t cases;
    document_count(doc, &cases, document_get(parts[2], "cases", DOC_NUMBER));
    double timeout;
    document_duration(doc, &timeout, quantity_of(parts[2], "timeout"));
}

static void read_class(const struct document *doc, struct suite *suite, const struct json_value *root)
{
    static const char *const classes[] = {"any"}, *const changes[] = {"warn", "fail"};
    const struct json_value *class_name = text_of(root, "class");
    if (document_word(doc, class_name, classes, ARRAY_LEN(classes), -1) == 0)
        suite->class_name = str_dup("any");
    document_strings(doc, &suite->class_packages, array_of(root, "class_packages"), document_package);
    refuse_twice(doc, array_of(root, "class_packages"), '\0');
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
    read_train(&doc, suite, object_of(root, "train"));
    read_inputs(&doc, suite, object_of(root, "inputs"));
    const struct json_value *artifacts = document_get(root, "artifacts", DOC_OBJECT | DOC_ARRAY);
    read_artifacts(&doc, suite, artifacts);
    read_metrics(&doc, suite, object_of(root, "metrics"));
    read_limits(&doc, suite, object_of(root, "limits"));
    read_deferred(&doc, suite, root);
    require_something_to_compare(&doc, suite, artifacts);
    if (!document_is_good(&doc))
        return -1;
    *out = steal(&suite);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// suite.json: the keys "train" and "inputs".
#include "core/suite_read.h"

#include <string.h>

const struct json_field suite_train_fields[] = {
    {.name = "command", .types = DOC_COMMAND, .required = true, .items = &document_text},
    {.name = "directory", .types = DOC_STRING},
    {.name = "timeout", .types = DOC_QUANTITY},
    {.name = "network", .types = DOC_BOOL},
    {.name = "env", .types = DOC_OBJECT, .values = &document_text},
    {.name = "pass_env", .types = DOC_ARRAY, .items = &document_text},
    {.name = "pin", .types = DOC_ARRAY, .items = &document_text},
    {0},
};

const struct json_field suite_input_fields[] = {
    {.name = "code", .types = DOC_ARRAY, .items = &document_text},
    {.name = "data", .types = DOC_ARRAY, .items = &document_text},
    {.name = "settings", .types = DOC_ARRAY, .items = &document_text},
    {.name = "external", .types = DOC_OBJECT, .values = &document_text},
    {0},
};

void suite_read_train(const struct document *doc, struct suite *suite, const struct json_value *train)
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
    document_unique(doc, pass_env, '\0');
    for (size_t i = 0, count = env && pass_env ? json_count(pass_env) : 0; i < count; i++) {
        const struct json_value *name = json_at(pass_env, i);
        if (document_is(name, DOC_STRING) && json_get(env, json_string(name)))
            json_problem(doc->json, name, doc->err, "'%s' is set in train.env, too; keep one of the two",
                         json_string(name));
    }
    document_strings(doc, &suite->train.pins, array_of(train, "pin"), document_pin);
    document_unique(doc, array_of(train, "pin"), ':');
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

void suite_read_inputs(const struct document *doc, struct suite *suite, const struct json_value *inputs)
{
    document_strings(doc, &suite->inputs.code, array_of(inputs, "code"), input_pattern);
    document_strings(doc, &suite->inputs.data, array_of(inputs, "data"), input_pattern);
    document_strings(doc, &suite->inputs.settings, array_of(inputs, "settings"), input_pattern);
    document_pairs(doc, &suite->inputs.external, object_of(inputs, "external"), document_env_name, document_absolute);
}

// SPDX-License-Identifier: Apache-2.0
//
// What a model says of itself: the signature in an MLmodel file, a model description of the Open Inference Protocol.
#include "base/json.h"
#include "base/str.h"
#include "fuzz/infer.h"

#include <string.h>

// ---- The little of YAML that an MLmodel file needs: "signature:" with "inputs: '…'" indented below it

// Behind `key` at the beginning of a line (blanks before it allowed when `indented`), from `at` up to the next line
// that is not indented. NULL where there is none.
static const char *find_key(const char *at, const char *end, const char *key, bool indented)
{
    size_t len = strlen(key);
    while (at < end) {
        const char *word = at;
        while (word < end && *word == ' ')
            word++;
        if (indented && word == at && *at != '\n' && *at != '\r')
            return NULL;
        if ((word > at) == indented && (size_t)(end - word) >= len && memcmp(word, key, len) == 0)
            return word + len;
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    return NULL;
}

// A line that is broken inside quotes goes on behind one blank.
static const char *fold(struct buf *out, const char *at, const char *end, bool joined)
{
    while (!joined && out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r'))
        at++;
    if (!joined)
        buf_putc(out, ' ');
    return at;
}

static int read_single(struct buf *out, const char *at, const char *end)
{
    while (at < end) {
        if (*at == '\'' && (at + 1 == end || at[1] != '\''))
            return 0;
        if (*at == '\n') {
            at = fold(out, at, end, false);
            continue;
        }
        at += *at == '\'';
        buf_putc(out, *at++);
    }
    return -1;
}

// The escapes that JSON has, too, stay as they are for its reader, but for those of what makes up JSON itself.
static int read_double(struct buf *out, const char *at, const char *end)
{
    while (at < end && *at != '"') {
        if (*at == '\n') {
            at = fold(out, at, end, false);
        } else if (*at == '\\' && at + 1 < end) {
            at++;
            if (*at == '\n' || *at == '\r') {
                at = fold(out, at, end, true);
                continue;
            }
            if (*at != '"' && *at != '\\' && *at != ' ' && *at != '/')
                buf_putc(out, '\\');
            buf_putc(out, *at++);
        } else {
            buf_putc(out, *at++);
        }
    }
    return at < end ? 0 : -1;
}

// The JSON text that a key of the signature holds; *found is false where there is no such key, or nothing in it.
static int read_scalar(struct buf *out, bool *found, const char *signature, const char *end, const char *key)
{
    const char *at = find_key(signature, end, key, true);
    while (at && at < end && (*at == ' ' || *at == '\n' || *at == '\r'))
        at++;
    *found = at && at < end && (*at == '\'' || *at == '"');
    if (!*found)
        return 0;
    return *at == '\'' ? read_single(out, at + 1, end) : read_double(out, at + 1, end);
}

// ---- Types

struct named_type {
    const char *name;
    enum column_type type;
};

static const struct named_type mlflow_types[] = {
    {"boolean", COLUMN_BOOLEAN}, {"integer", COLUMN_INTEGER}, {"long", COLUMN_INTEGER}, {"float", COLUMN_NUMBER},
    {"double", COLUMN_NUMBER},   {"string", COLUMN_TEXT},     {"binary", COLUMN_TEXT},  {"datetime", COLUMN_DATE},
    {"array", COLUMN_TEXT},      {"object", COLUMN_TEXT},     {"map", COLUMN_TEXT},     {NULL, COLUMN_TEXT}};

static const struct named_type oip_types[] = {
    {"BOOL", COLUMN_BOOLEAN},   {"UINT8", COLUMN_INTEGER}, {"UINT16", COLUMN_INTEGER}, {"UINT32", COLUMN_INTEGER},
    {"UINT64", COLUMN_INTEGER}, {"INT8", COLUMN_INTEGER},  {"INT16", COLUMN_INTEGER},  {"INT32", COLUMN_INTEGER},
    {"INT64", COLUMN_INTEGER},  {"FP16", COLUMN_NUMBER},   {"FP32", COLUMN_NUMBER},    {"FP64", COLUMN_NUMBER},
    {"BF16", COLUMN_NUMBER},    {"BYTES", COLUMN_TEXT},    {NULL, COLUMN_TEXT}};

static const char *text_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = object && json_type(object) == JSON_OBJECT ? json_get(object, key) : NULL;
    return value && json_type(value) == JSON_STRING ? json_string(value) : NULL;
}

static const struct named_type *find_type(const struct named_type *types, const char *name)
{
    for (; types->name; types++) {
        if (name && strcmp(types->name, name) == 0)
            return types;
    }
    return NULL;
}

// Adds a column for each item of an array of objects with a name and, under `key`, a type.
static int add_columns(struct schema *schema, const struct json *json, const struct json_value *list,
                       const struct named_type *types, const char *key, struct error *err)
{
    if (!list || json_type(list) != JSON_ARRAY || json_count(list) == 0)
        return error_problem(err, json_name(json), 0, "names no inputs");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *item = json_at(list, i);
        const char *name = text_of(item, "name"), *type_name = text_of(item, key);
        const struct named_type *type = find_type(types, type_name);
        if (type_name && strcmp(type_name, "tensor") == 0)
            return json_problem(json, item, err, "is a tensor; only inputs with a name each make columns");
        if (!name)
            return json_problem(json, item, err, "has no name");
        if (!type)
            return json_problem(json, item, err, "'%s' has no %s that is known", name, key);
        if (schema_find(schema, name))
            return json_problem(json, item, err, "'%s' is here twice", name);
        schema_add(schema, name)->type = type->type;
    }
    return 0;
}

// A whole number may as well be the number of a class; a text is one.
static void guess_output(struct schema *schema, const struct json_value *list, const struct named_type *types,
                         const char *key)
{
    if (!list || json_type(list) != JSON_ARRAY || json_count(list) != 1)
        return;
    const struct named_type *type = find_type(types, text_of(json_at(list, 0), key));
    if (type && type->type == COLUMN_NUMBER)
        schema->output.type = OUTPUT_NUMBER;
    else if (type && type->type == COLUMN_TEXT)
        schema->output.type = OUTPUT_CLASS;
}

// ---- MLmodel

static void set_optional(struct schema *schema, const struct json_value *list)
{
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json_value *required = json_get(json_at(list, i), "required");
        const struct json_value *optional = json_get(json_at(list, i), "optional");
        schema->columns[i].nullable = (required && json_type(required) == JSON_BOOL && !json_bool(required)) ||
                                      (optional && json_type(optional) == JSON_BOOL && json_bool(optional));
    }
}

static int parse_scalar(struct json **out, const char *name, const char *signature, const char *end, const char *key,
                        struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    bool found;
    *out = NULL;
    if (read_scalar(&text, &found, signature, end, key) < 0)
        return error_problem(err, name, 0, "signature: the quotes of '%s' are never closed", key);
    return found ? json_parse(out, name, buf_text(&text), text.len, NULL, err) : 0;
}

int infer_mlmodel(struct schema **out, const char *name, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    const char *end = text + len, *signature = find_key(text, end, "signature:", false);
    if (!signature)
        return error_problem(err, name, 0, "has no signature; log the model with one (infer_signature)");
    const char *newline = memchr(signature, '\n', (size_t)(end - signature));
    signature = newline ? newline + 1 : end;
    CLEANUP(json) struct json *inputs = NULL;
    CLEANUP(json) struct json *outputs = NULL;
    CLEANUP(schema) struct schema *schema = schema_new();
    if (parse_scalar(&inputs, name, signature, end, "inputs:", err) < 0 ||
        parse_scalar(&outputs, name, signature, end, "outputs:", err) < 0)
        return -1;
    if (!inputs)
        return error_problem(err, name, 0, "the signature names no inputs");
    if (add_columns(schema, inputs, json_root(inputs), mlflow_types, "type", err) < 0)
        return -1;
    set_optional(schema, json_root(inputs));
    if (outputs)
        guess_output(schema, json_root(outputs), mlflow_types, "type");
    *out = steal(&schema);
    return 0;
}

// ---- Open Inference Protocol

// [-1], [1], [-1, 1]: one value a row.
static bool is_one_value(const struct json_value *shape)
{
    if (!shape || json_type(shape) != JSON_ARRAY)
        return true;
    for (size_t i = 1; i < json_count(shape); i++) {
        if (json_number(json_at(shape, i)) != 1)
            return false;
    }
    return true;
}

int infer_oip(struct schema **out, const char *name, const char *text, size_t len, struct error *err)
{
    *out = NULL;
    CLEANUP(json) struct json *json = NULL;
    CLEANUP(schema) struct schema *schema = schema_new();
    if (json_parse(&json, name, text, len, NULL, err) < 0)
        return -1;
    const struct json_value *root = json_root(json);
    if (json_type(root) != JSON_OBJECT)
        return error_problem(err, name, 1, "expected an object that describes a model");
    const struct json_value *inputs = json_get(root, "inputs");
    if (add_columns(schema, json, inputs, oip_types, "datatype", err) < 0)
        return -1;
    for (size_t i = 0; i < json_count(inputs); i++) {
        if (!is_one_value(json_get(json_at(inputs, i), "shape")))
            return json_problem(json, json_at(inputs, i), err,
                                "'%s' is a tensor of several values a row; only one value a row makes a column",
                                schema->columns[i].name);
    }
    guess_output(schema, json_get(root, "outputs"), oip_types, "datatype");
    *out = steal(&schema);
    return 0;
}

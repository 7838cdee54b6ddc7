// SPDX-License-Identifier: Apache-2.0
//
// Holds a JSON Schema against the field table of the code that reads the document, deeply and in both directions: the
// same keys, the same types, the same keys required, and a description for each key, which is what an editor shows.
// Understands what our schemas use: type, properties, required, additionalProperties, items, anyOf, $ref to #/$defs/.
#ifndef REPRO_TESTS_SCHEMA_H
#define REPRO_TESTS_SCHEMA_H

#include "base/json.h"
#include "base/str.h"
#include "unit.h"

// What one place of the schema says, with its $ref and its anyOf branches followed.
struct shape {
    unsigned types;
    bool described, closed;
    const struct json_value *properties, *required, *values, *items;
};

static inline unsigned shape_type(const char *name)
{
    const struct {
        const char *name;
        enum json_type type;
    } types[] = {{"boolean", JSON_BOOL},
                 {"number", JSON_NUMBER},
                 {"string", JSON_STRING},
                 {"array", JSON_ARRAY},
                 {"object", JSON_OBJECT}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(types[i].name, name) == 0)
            return 1u << types[i].type;
    }
    ck_abort_msg("the schema has a type '%s' that this test does not know", name);
    return 0;
}

static inline void shape_collect(struct shape *shape, const struct json_value *root, const struct json_value *node)
{
    static const char prefix[] = "#/$defs/";
    const struct json_value *part = json_get(node, "type");
    if (part)
        shape->types |= shape_type(json_string(part));
    shape->described = shape->described || json_get(node, "description");
    if ((part = json_get(node, "properties")))
        shape->properties = part;
    if ((part = json_get(node, "required")))
        shape->required = part;
    if ((part = json_get(node, "items")))
        shape->items = part;
    if ((part = json_get(node, "additionalProperties")) && json_type(part) == JSON_BOOL)
        shape->closed = !json_bool(part);
    else if (part)
        shape->values = part;
    if ((part = json_get(node, "$ref"))) {
        ck_assert(str_starts(json_string(part), prefix));
        const struct json_value *target = json_get(json_get(root, "$defs"), json_string(part) + strlen(prefix));
        ck_assert_msg(target != NULL, "%s leads nowhere", json_string(part));
        shape_collect(shape, root, target);
    }
    if ((part = json_get(node, "anyOf"))) {
        for (size_t i = 0; i < json_count(part); i++)
            shape_collect(shape, root, json_at(part, i));
    }
}

static inline bool shape_requires(const struct shape *shape, const char *key)
{
    for (size_t i = 0; shape->required && i < json_count(shape->required); i++) {
        if (strcmp(json_string(json_at(shape->required, i)), key) == 0)
            return true;
    }
    return false;
}

static inline void schema_match(const struct json_value *root, const struct json_value *node,
                                const struct json_field *row, const char *path)
{
    struct shape shape = {0};
    shape_collect(&shape, root, node);
    ck_assert_msg(shape.types == row->types, "%s: the schema has types %x, the table %x", path, shape.types,
                  row->types);
    ck_assert_msg(!shape.values == !row->values, "%s: free keys in one of schema and table", path);
    ck_assert_msg(!shape.items == !row->items, "%s: items in one of schema and table", path);
    ck_assert_msg(!shape.properties == !row->fields, "%s: fixed keys in one of schema and table", path);
    ck_assert_msg(shape.closed == (row->fields != NULL), "%s: additionalProperties must be false", path);
    if (row->values) {
        CLEANUP(free) char *below = str_printf("%s.*", path);
        schema_match(root, shape.values, row->values, below);
    }
    if (row->items) {
        CLEANUP(free) char *below = str_printf("%s[]", path);
        schema_match(root, shape.items, row->items, below);
    }
    size_t known = 0;
    for (const struct json_field *field = row->fields; field && field->name; field++, known++) {
        CLEANUP(free) char *below = str_printf("%s.%s", path, field->name);
        const struct json_value *property = json_get(shape.properties, field->name);
        ck_assert_msg(property != NULL, "%s: not in the schema", below);
        ck_assert_msg(shape_requires(&shape, field->name) == field->required, "%s: required in one alone", below);
        struct shape inner = {0};
        shape_collect(&inner, root, property);
        ck_assert_msg(inner.described, "%s: no description", below);
        schema_match(root, property, field, below);
    }
    size_t said = shape.properties ? json_count(shape.properties) : 0;
    for (size_t i = 0; i < said; i++) {
        const char *key = json_key(json_at(shape.properties, i));
        bool found = false;
        for (const struct json_field *field = row->fields; field->name; field++)
            found = found || strcmp(field->name, key) == 0;
        ck_assert_msg(found, "%s.%s: in the schema, not in the table", path, key);
    }
    ck_assert_uint_eq(said, known);
    for (size_t i = 0; shape.required && i < json_count(shape.required); i++)
        ck_assert(json_get(shape.properties, json_string(json_at(shape.required, i))) != NULL);
}

// `name` is a file of harness/core/schemas/.
static inline void schema_match_file(const char *name, const struct json_field *fields)
{
    struct error err = {0};
    CLEANUP(json) struct json *json = NULL;
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(free) char *path = str_printf("%s/harness/core/schemas/%s", source, name);
    ck_ok(json_load(&json, path, name, NULL, &err), &err);
    const struct json_field whole = {.name = "", .types = 1u << JSON_OBJECT, .fields = fields};
    schema_match(json_root(json), json_root(json), &whole, "");
}

#endif

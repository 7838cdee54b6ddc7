// SPDX-License-Identifier: Apache-2.0
//
// An object against the table of its keys.
#include "base/json.h"
#include "base/str.h"

enum { MAX_PROBLEMS = 100, MAX_LISTED = 12 };

struct checking {
    const struct json *json;
    struct error *err;
    size_t problems;
};

// Reports "path: text", as long as there are not too many to be read.
static void report(struct checking *check, long line, const char *path, const char *text)
{
    if (check->problems++ < MAX_PROBLEMS)
        error_problem(check->err, json_name(check->json), line, "%s%s%s", path, *path ? ": " : "", text);
}

static const struct json_field *find_field(const struct json_field *fields, const char *name)
{
    for (; fields->name; fields++)
        if (str_equal(fields->name, name))
            return fields;
    return NULL;
}

static void report_unknown(struct checking *check, const struct json_value *value, const struct json_field *fields)
{
    CLEANUP(free) const char **names = NULL;
    size_t count = 0, capacity = 0;
    for (const struct json_field *field = fields; field->name; field++) {
        names = mem_grow(names, count, &capacity, sizeof *names);
        names[count++] = field->name;
    }
    CLEANUP(buf) struct buf text = {0};
    buf_printf(&text, "unknown key '%s'", json_key(value));
    const char *nearest = str_nearest(json_key(value), names, count);
    if (nearest)
        buf_printf(&text, "; did you mean '%s'?", nearest);
    for (size_t i = 0; !nearest && i < count && count <= MAX_LISTED; i++)
        buf_printf(&text, "%s'%s'", i == 0 ? "; expected one of " : ", ", names[i]);
    CLEANUP(free) char *path = json_path(value);
    report(check, json_key_line(value), path, text.data);
}

static void report_type(struct checking *check, const struct json_value *value, unsigned types)
{
    CLEANUP(buf) struct buf text = {0};
    buf_puts(&text, "expected ");
    unsigned left = types;
    for (unsigned type = 0; type <= JSON_OBJECT; type++) {
        if (!(left & 1u << type))
            continue;
        left &= ~(1u << type);
        const char *join = left == types - (1u << type) ? "" : left & ((2u << JSON_OBJECT) - 1) ? ", " : " or ";
        buf_printf(&text, "%s%s", join, json_type_name((enum json_type)type));
    }
    buf_printf(&text, ", found %s", json_type_name(json_type(value)));
    CLEANUP(free) char *path = json_path(value);
    report(check, json_line(value), path, text.data);
}

static void report_missing(struct checking *check, const struct json_value *object, const char *name)
{
    CLEANUP(free) char *path = json_path(object);
    CLEANUP(free) char *whole = str_printf("%s%s%s", path, *path ? "." : "", name);
    report(check, json_line(object), whole, "this key is required");
}

static void check_object(struct checking *check, const struct json_value *object, const struct json_field *fields);

// A value against its row. The recursion is as deep as the table, not as the document.
static void check_value(struct checking *check, const struct json_value *value, const struct json_field *row)
{
    enum json_type type = json_type(value);
    if (row->types && !(row->types & 1u << type)) {
        report_type(check, value, row->types);
        return;
    }
    if (type == JSON_OBJECT && row->fields) {
        check_object(check, value, row->fields);
        return;
    }
    const struct json_field *each = type == JSON_OBJECT ? row->values : type == JSON_ARRAY ? row->items : NULL;
    for (size_t i = 0; each && i < json_count(value); i++)
        check_value(check, json_at(value, i), each);
}

static void check_object(struct checking *check, const struct json_value *object, const struct json_field *fields)
{
    for (const struct json_field *field = fields; field->name; field++)
        if (field->required && !json_get(object, field->name))
            report_missing(check, object, field->name);
    for (size_t i = 0; i < json_count(object); i++) {
        const struct json_value *value = json_at(object, i);
        const struct json_field *field = find_field(fields, json_key(value));
        if (field)
            check_value(check, value, field);
        else
            report_unknown(check, value, fields);
    }
}

size_t json_check_fields(const struct json *json, const struct json_value *object, const struct json_field *fields,
                         struct error *err)
{
    struct checking check = {json, err, 0};
    if (json_type(object) == JSON_OBJECT)
        check_object(&check, object, fields);
    else
        report_type(&check, object, 1u << JSON_OBJECT);
    if (check.problems > MAX_PROBLEMS)
        error_problem(err, json_name(json), 0, "%zu more problems", check.problems - MAX_PROBLEMS);
    return check.problems;
}

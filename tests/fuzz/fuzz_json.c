// SPDX-License-Identifier: Apache-2.0
// Links: repro_base
//
// Any bytes: the reader gives a tree or at least one problem. A tree is written and read again, and must come out as
// the same bytes; its lines must lie within the text.
#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>

static void write_value(struct json_writer *w, const struct json_value *value)
{
    const char *key = json_key(value);
    enum json_type type = json_type(value);
    if (type == JSON_NULL)
        json_put_null(w, key);
    else if (type == JSON_BOOL)
        json_put_bool(w, key, json_bool(value));
    else if (type == JSON_NUMBER)
        json_put_double(w, key, json_number(value));
    else if (type == JSON_STRING)
        json_put_string(w, key, json_string(value));
    else if (type == JSON_ARRAY)
        json_begin_array(w, key);
    else
        json_begin_object(w, key);
    for (size_t i = 0; i < json_count(value); i++)
        write_value(w, json_at(value, i));
    if (type == JSON_ARRAY)
        json_end_array(w);
    else if (type == JSON_OBJECT)
        json_end_object(w);
}

static void write_document(struct buf *out, const struct json *json)
{
    struct json_writer w;
    json_writer_init(&w, out);
    write_value(&w, json_root(json));
    json_finish(&w);
}

static void check_value(const struct json_value *value, long lines)
{
    if (json_line(value) < 1 || json_line(value) > lines || json_key_line(value) > json_line(value))
        abort();
    for (size_t i = 0; i < json_count(value); i++) {
        const struct json_value *child = json_at(value, i);
        if (json_line(child) < json_line(value))
            abort();
        if (json_type(value) == JSON_OBJECT && json_get(value, json_key(child)) != child)
            abort();
        check_value(child, lines);
    }
    free(json_path(value));
}

static void check_round_trip(const struct json *json)
{
    CLEANUP(buf) struct buf first = {0};
    CLEANUP(buf) struct buf second = {0};
    struct error err = {0};
    CLEANUP(json) struct json *again = NULL;
    // Indented text is larger than what it came from: by two spaces a level for each value.
    struct json_options options = {.max_size = (size_t)1 << 30};
    write_document(&first, json);
    if (json_parse(&again, "again", first.data, first.len, &options, &err) < 0)
        abort();
    write_document(&second, again);
    if (first.len != second.len || __builtin_memcmp(first.data, second.data, first.len) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct json_field inner[] = {{.name = "command", .types = 1u << JSON_ARRAY, .required = true}, {0}};
    static const struct json_field fields[] = {
        {.name = "train", .types = 1u << JSON_OBJECT, .required = true, .fields = inner},
        {.name = "suite", .required = true},
        {0},
    };
    long lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    for (int comments = 0; comments < 2; comments++) {
        struct json_options options = {.comments = comments};
        struct error err = {0};
        struct json *json = NULL;
        int rc = json_parse(&json, "fuzz", (const char *)data, size, &options, &err);
        if ((rc == 0) != (json != NULL) || (rc < 0) != (err.problem_count > 0))
            abort();
        if (rc == 0) {
            check_value(json_root(json), lines);
            check_round_trip(json);
            if (json_check_fields(json, json_root(json), fields, &err) != err.problem_count && err.problem_count < 100)
                abort();
        }
        free(error_text(&err));
        error_free(&err);
        json_free(json);
    }
    return 0;
}

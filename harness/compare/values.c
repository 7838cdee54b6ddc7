// SPDX-License-Identifier: Apache-2.0
#include "compare/values.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#include <string.h>

void values_add(struct value_list *list, char *name, double number, long line)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (struct value){name, number, line};
}

void value_list_free(struct value_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct value_list){0};
}

static bool ends_word(char c)
{
    return strchr(",:[]{} \t\r\n", c) != NULL && c != '\0';
}

// The length of a bare NaN, Infinity or -Infinity at `at`, else 0.
static size_t bare_word(const char *text, size_t len, size_t at)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    if (at > 0 && !ends_word(text[at - 1]))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t size = strlen(words[i]);
        if (len - at >= size && !memcmp(text + at, words[i], size) && (at + size == len || ends_word(text[at + size])))
            return size;
    }
    return 0;
}

// Python writes NaN and infinities as bare words, which JSON does not have: here they get quotes. Lines stay as they
// are, and the text grows by two bytes for each word of at least three.
static void quote_bare_words(struct buf *out, const char *text, size_t len)
{
    size_t from = 0;
    bool string = false;
    for (size_t i = 0; i < len; i++) {
        if (string) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                string = false;
        } else if (text[i] == '"') {
            string = true;
        } else if (text[i] == 'N' || text[i] == 'I' || text[i] == '-') {
            size_t size = bare_word(text, len, i);
            if (size == 0)
                continue;
            buf_append(out, text + from, i - from);
            buf_putc(out, '"');
            buf_append(out, text + i, size);
            buf_putc(out, '"');
            from = i + size;
            i += size - 1;
        }
    }
    buf_append(out, text + from, len - from);
}

struct flattening {
    struct value_list *out;
    const struct json *json;
    struct buf path;
    long lines;
    struct error *err;
};

static int flatten(struct flattening *f, const struct json_value *value);

static int flatten_members(struct flattening *f, const struct json_value *parent)
{
    size_t len = f->path.len, count = json_count(parent);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = json_at(parent, i);
        const char *key = json_key(value);
        if (key && !*key)
            return json_problem(f->json, value, f->err, "a key without a name");
        if (len > 0)
            buf_putc(&f->path, '.');
        if (key)
            buf_puts(&f->path, key);
        else
            buf_printf(&f->path, "%zu", i);
        // Names add up: without a bound, one long key around many numbers would multiply.
        if (f->path.len > VALUES_LONGEST_NAME)
            return json_problem(f->json, value, f->err, "a name of more than %d bytes", VALUES_LONGEST_NAME);
        int status = flatten(f, value);
        f->path.len = len;
        if (f->path.data)
            f->path.data[len] = '\0';
        if (status < 0)
            return -1;
    }
    return 0;
}

static int flatten(struct flattening *f, const struct json_value *value)
{
    double number = 0;
    switch (json_type(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return flatten_members(f, value);
    case JSON_BOOL:
        number = json_bool(value);
        break;
    case JSON_NUMBER:
        number = json_number(value);
        break;
    case JSON_STRING: {
        const char *text = json_string(value);
        if (strcmp(text, "NaN") && strcmp(text, "Infinity") && strcmp(text, "-Infinity"))
            return 0;
        if (json_read_double(&number, value) < 0)
            return 0;
        break;
    }
    case JSON_NULL:
        return 0;
    }
    if (f->out->count == VALUES_MOST)
        return json_problem(f->json, value, f->err, "more than %d numbers: this is data, not metrics", VALUES_MOST);
    values_add(f->out, str_dup(buf_text(&f->path)), number, f->lines + json_line(value));
    return 0;
}

// Moves the problems of a part of a file to where the part stands in it.
static void shift_problems(struct error *err, const struct error *part, long lines)
{
    for (size_t i = 0; i < part->problem_count; i++) {
        const struct problem *problem = &part->problems[i];
        error_problem(err, problem->file, problem->line > 0 ? problem->line + lines : 0, "%s", problem->text);
    }
    if (part->message)
        error_set(err, part->kind, "%s", part->message);
}

int values_parse_json(struct value_list *out, const char *name, const char *text, size_t len, long lines,
                      struct error *err)
{
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        text += 3, len -= 3;
    CLEANUP(buf) struct buf quoted = {0};
    quote_bare_words(&quoted, text, len);
    struct error part = {0};
    CLEANUP(json) struct json *json = NULL;
    struct flattening f = {.out = out, .lines = lines, .err = &part};
    int status = json_parse(&json, name, buf_text(&quoted), quoted.len, NULL, &part);
    if (status == 0) {
        const struct json_value *root = json_root(json);
        f.json = json;
        if (json_type(root) == JSON_OBJECT || json_type(root) == JSON_ARRAY)
            status = flatten(&f, root);
        else
            status = json_problem(json, root, &part, "expected an object of metrics, found %s",
                                  json_type_name(json_type(root)));
    }
    if (status < 0)
        shift_problems(err, &part, lines);
    buf_free(&f.path);
    error_free(&part);
    return status;
}

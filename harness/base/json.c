// SPDX-License-Identifier: Apache-2.0
//
// The tree. cJSON knows neither lines nor parents and finds the n-th item by counting, so every one of its nodes gets a
// value of ours: all in one array, in document order, as the scanner noted them.
#include "base/json.h"

#include "base/fs.h"
#include "base/json_scan.h"
#include "base/str.h"

#include <cJSON.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

enum { DEFAULT_DEPTH = 64, MAX_DEPTH = CJSON_NESTING_LIMIT, MAX_VALUES = 2000000, MAX_PROBLEMS = 100 };
#define DEFAULT_SIZE ((size_t)16 << 20)

struct json_value {
    enum json_type type;
    bool boolean;
    long line, key_line;
    double number;
    const char *key;  // of a member of an object
    const char *text; // of a string
    const struct json_value *parent;
    size_t index;                       // within the parent
    const struct json_value **children; // in document order
    const struct json_value **by_key;   // of an object, sorted
    size_t count;
};

struct json {
    char *name;
    cJSON *tree; // owns all texts
    struct json_value *values;
    size_t count;
    const struct json_value **slots; // the children of all values
    size_t slot_count;
};

// cJSON spells the type of a node as one bit of many.
static enum json_type type_of(const cJSON *item)
{
    return cJSON_IsObject(item)   ? JSON_OBJECT
           : cJSON_IsArray(item)  ? JSON_ARRAY
           : cJSON_IsString(item) ? JSON_STRING
           : cJSON_IsNumber(item) ? JSON_NUMBER
           : cJSON_IsBool(item)   ? JSON_BOOL
                                  : JSON_NULL;
}

static int compare_keys(const void *a, const void *b)
{
    const struct json_value *x = *(const struct json_value *const *)a, *y = *(const struct json_value *const *)b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static const struct json_value **take_slots(struct json *json, size_t count)
{
    const struct json_value **slots = json->slots + json->slot_count;
    json->slot_count += count;
    return slots;
}

// Joins a node of cJSON and all below it with the values that follow in the array. The scanner has bounded the depth.
static struct json_value *join(struct json *json, const struct json_notes *notes, const cJSON *item)
{
    const struct json_note *note = &notes->items[json->count];
    struct json_value *value = &json->values[json->count++];
    *value = (struct json_value){.type = type_of(item),
                                 .boolean = cJSON_IsTrue(item),
                                 .line = note->line,
                                 .key_line = note->key_line,
                                 .number = note->number,
                                 .key = item->string};
    value->text = value->type == JSON_STRING ? item->valuestring : "";
    for (const cJSON *child = item->child; child; child = child->next)
        value->count++;
    value->children = take_slots(json, value->count);
    size_t index = 0;
    for (const cJSON *child = item->child; child; child = child->next, index++) {
        struct json_value *below = join(json, notes, child);
        below->parent = value;
        below->index = index;
        value->children[index] = below;
    }
    if (value->type == JSON_OBJECT && value->count) {
        value->by_key = take_slots(json, value->count);
        memcpy(value->by_key, value->children, value->count * sizeof(const void *));
        qsort(value->by_key, value->count, sizeof(const void *), compare_keys);
    }
    return value;
}

static int compare_places(const void *a, const void *b)
{
    const struct json_value *x = *(const struct json_value *const *)a, *y = *(const struct json_value *const *)b;
    return (x > y) - (x < y);
}

// The earlier member with the same key: its left neighbour among the sorted ones.
static const struct json_value *twin_of(const struct json_value *const *by_key, size_t i)
{
    return i > 0 && strcmp(by_key[i - 1]->key, by_key[i]->key) == 0 ? by_key[i - 1] : NULL;
}

static int report_duplicates(const struct json *json, const struct json_value **found, size_t count, struct error *err)
{
    qsort(found, count, sizeof(const void *), compare_places);
    for (size_t i = 0; i < count && i < MAX_PROBLEMS; i++) {
        const struct json_value *value = found[i];
        long first = 0;
        for (size_t k = 0; k < value->parent->count; k++) {
            const struct json_value *twin = twin_of(value->parent->by_key, k);
            if (twin && value->parent->by_key[k] == value)
                first = twin->key_line;
        }
        CLEANUP(free) char *path = json_path(value);
        error_problem(err, json->name, value->key_line, "%s: duplicate key; line %ld has it, too", path, first);
    }
    if (count > MAX_PROBLEMS)
        error_problem(err, json->name, 0, "%zu more duplicate keys", count - MAX_PROBLEMS);
    return -1;
}

// Duplicates are looked for in the tree, where "a" and "\u0061" are the same key.
static int check_duplicates(const struct json *json, struct error *err)
{
    const struct json_value **found = NULL;
    size_t count = 0, capacity = 0;
    for (size_t v = 0; v < json->count; v++) {
        const struct json_value *object = &json->values[v];
        for (size_t i = 0; object->by_key && i < object->count; i++) {
            if (!twin_of(object->by_key, i))
                continue;
            found = mem_grow(found, count, &capacity, sizeof(const void *));
            found[count++] = object->by_key[i];
        }
    }
    int rc = count ? report_duplicates(json, found, count, err) : 0;
    free(found);
    return rc;
}

static int build(struct json *json, char *text, size_t len, const struct json_scan *scan, struct error *err)
{
    struct json_notes notes = {0};
    int rc = json_scan(&notes, text, len, scan, err);
    if (rc == 0) {
        json->tree = cJSON_ParseWithLengthOpts(text, len + 1, NULL, true);
        if (!json->tree)
            rc = error_set(err, ERROR_MACHINE, "cannot build the tree of '%s'", json->name);
    }
    if (rc == 0) {
        json->values = mem_array(notes.count, sizeof *json->values);
        json->slots = mem_array(notes.count * 2, sizeof(const void *));
        join(json, &notes, json->tree);
        rc = check_duplicates(json, err);
    }
    free(notes.items);
    return rc;
}

// NOLINTNEXTLINE(readability-function-size): a text and its length, its name, and how to read it
int json_parse(struct json **out, const char *name, const char *text, size_t len, const struct json_options *options,
               struct error *err)
{
    static const struct json_options defaults = {0};
    if (!options)
        options = &defaults;
    size_t max_size = options->max_size ? options->max_size : DEFAULT_SIZE;
    if (len > max_size) {
        CLEANUP(free) char *limit = str_human_size(max_size);
        return error_problem(err, name, 0, "the document is too large: more than %s", limit);
    }
    size_t max_depth = options->max_depth ? options->max_depth : DEFAULT_DEPTH;
    struct json_scan scan = {.name = name,
                             .comments = options->comments,
                             .max_depth = max_depth < MAX_DEPTH ? max_depth : MAX_DEPTH,
                             .max_values = MAX_VALUES};
    CLEANUP(json) struct json *json = mem_alloc(sizeof *json);
    json->name = str_dup(name);
    CLEANUP(free) char *copy = str_ndup(text, len);
    if (build(json, copy, len, &scan, err) < 0)
        return -1;
    *out = steal(&json);
    return 0;
}

int json_load(struct json **out, const char *path, const char *name, const struct json_options *options,
              struct error *err)
{
    CLEANUP(buf) struct buf text = {0};
    if (fs_read(&text, path, options && options->max_size ? options->max_size : DEFAULT_SIZE, err) < 0)
        return -1;
    return json_parse(out, name, buf_text(&text), text.len, options, err);
}

void json_free(struct json *json)
{
    if (!json)
        return;
    cJSON_Delete(json->tree);
    free(json->values);
    free(json->slots);
    free(json->name);
    free(json);
}

const char *json_name(const struct json *json)
{
    return json->name;
}

const struct json_value *json_root(const struct json *json)
{
    return json->values;
}

enum json_type json_type(const struct json_value *value)
{
    return value->type;
}

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
    return names[type];
}

bool json_bool(const struct json_value *value)
{
    return value->boolean;
}

double json_number(const struct json_value *value)
{
    return value->number;
}

const char *json_string(const struct json_value *value)
{
    return value->text;
}

size_t json_count(const struct json_value *value)
{
    return value->count;
}

const struct json_value *json_at(const struct json_value *value, size_t index)
{
    return index < value->count ? value->children[index] : NULL;
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
    size_t low = 0, high = object->by_key ? object->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(key, object->by_key[middle]->key);
        if (order == 0)
            return object->by_key[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *json_key(const struct json_value *value)
{
    return value->key;
}

long json_line(const struct json_value *value)
{
    return value->line;
}

long json_key_line(const struct json_value *value)
{
    return value->key_line;
}

static bool is_plain(const char *key)
{
    return *key && key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == 0;
}

static void append_path(struct buf *out, const struct json_value *value)
{
    if (!value->parent)
        return;
    append_path(out, value->parent);
    if (!value->key) {
        buf_printf(out, "[%zu]", value->index);
    } else if (is_plain(value->key)) {
        if (out->len)
            buf_putc(out, '.');
        buf_puts(out, value->key);
    } else {
        buf_putc(out, '[');
        buf_json_quote(out, value->key, strlen(value->key));
        buf_putc(out, ']');
    }
}

char *json_path(const struct json_value *value)
{
    struct buf path = {0};
    append_path(&path, value);
    return buf_take(&path);
}

int(json_problem)(const struct json *json, const struct json_value *value, struct error *err, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *path = json_path(value);
    if (*path)
        buf_printf(&text, "%s: ", path);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return error_problem(err, json->name, value->line, "%s", text.data);
}

int json_read_double(double *out, const struct json_value *value)
{
    if (value->type == JSON_NUMBER) {
        *out = value->number;
        return 0;
    }
    if (value->type != JSON_STRING)
        return -1;
    const char *text = value->text;
    if (strcmp(text, "NaN") == 0)
        *out = NAN;
    else if (strcmp(text, "Infinity") == 0)
        *out = INFINITY;
    else if (strcmp(text, "-Infinity") == 0)
        *out = -INFINITY;
    else
        return str_read_double(out, text, strlen(text)) == 0 && isfinite(*out) ? 0 : -1;
    return 0;
}

int json_read_u64(uint64_t *out, const struct json_value *value)
{
    if (value->type == JSON_NUMBER) {
        // Over 2^53, the double is no longer the number that stands in the document.
        if (!(value->number >= 0 && value->number <= 9007199254740992.0) || value->number != floor(value->number))
            return -1;
        *out = (uint64_t)value->number;
        return 0;
    }
    const char *text = value->text;
    if (value->type != JSON_STRING || !*text || (text[0] == '0' && text[1]))
        return -1;
    uint64_t number = 0;
    for (; *text; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return -1;
    *out = number;
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/document.h"

#include "base/buf.h"
#include "base/fs.h"

#include <math.h>
#include <string.h>

#define PROBLEM_LIMIT  100 // more than that, nobody reads
#define PATH_LIMIT     4095
#define DURATION_LIMIT (366.0 * 24 * 3600)
#define EXACT_LIMIT    9007199254740992.0 // 2^53: beyond it a JSON number is not one whole number any more

const struct json_field document_text = {.name = "", .types = DOC_STRING};

int document_check(const struct document *doc, const struct json_field *fields)
{
    json_check_fields(doc->json, json_root(doc->json), fields, doc->err);
    return json_type(json_root(doc->json)) == JSON_OBJECT ? 0 : -1;
}

int document_format(const struct document *doc, int known, const char *noun)
{
    const struct json_value *value = document_get(json_root(doc->json), "format", DOC_NUMBER);
    double format = value ? json_number(value) : known; // absent, or of another type: document_check reports it
    if (format > known)
        return error_problem(doc->err, json_name(doc->json), json_line(value),
                             "this %s was written by a newer repro (format %.15g); update repro", noun, format);
    if (!(format >= 1) || format != floor(format))
        json_problem(doc->json, value, doc->err, "there is no such format; the newest is %d", known);
    return 0;
}

struct ordered {
    struct problem problem;
    size_t index;
};

// What has no line of its own ("12 more problems") comes last.
static int by_line(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    unsigned long p = (unsigned long)x->problem.line - 1, q = (unsigned long)y->problem.line - 1;
    if (p != q)
        return p < q ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

// Forgets all problems from `from` on. error_problem needs no more room for what comes than it had already.
static void cut_problems(struct error *err, size_t from)
{
    for (size_t i = from; i < err->problem_count; i++) {
        free(err->problems[i].file);
        free(err->problems[i].text);
    }
    err->problem_count = from;
}

bool document_is_good(const struct document *doc)
{
    struct error *err = doc->err;
    size_t count = err->problem_count - doc->before;
    if (count == 0)
        return true;
    struct problem *problems = err->problems + doc->before;
    CLEANUP(free) struct ordered *order = mem_array(count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (struct ordered){problems[i], i};
    qsort(order, count, sizeof *order, by_line);
    for (size_t i = 0; i < count; i++)
        problems[i] = order[i].problem;
    if (count > PROBLEM_LIMIT) {
        cut_problems(err, doc->before + PROBLEM_LIMIT);
        error_problem(err, json_name(doc->json), 0, "%zu more problems", count - PROBLEM_LIMIT);
    }
    return false;
}

bool document_is(const struct json_value *value, unsigned types)
{
    return value && (types & (1u << json_type(value)));
}

const struct json_value *document_get(const struct json_value *object, const char *key, unsigned types)
{
    if (!document_is(object, DOC_OBJECT))
        return NULL;
    const struct json_value *value = json_get(object, key);
    return document_is(value, types) ? value : NULL;
}

void document_any(const struct document *doc, const struct json_value *where, const char *text)
{
    (void)doc, (void)where, (void)text;
}

void document_filled(const struct document *doc, const struct json_value *where, const char *text)
{
    if (text[strspn(text, " \t\r\n")] == '\0')
        json_problem(doc->json, where, doc->err, "is empty");
}

void document_inside(const struct document *doc, const struct json_value *where, const char *text)
{
    if (*text == '\0')
        json_problem(doc->json, where, doc->err, "is empty; expected a path inside the project");
    else if (strlen(text) > PATH_LIMIT)
        json_problem(doc->json, where, doc->err, "the path is longer than %d bytes", PATH_LIMIT);
    else if (str_starts(text, "./") && fs_is_inside(text + 2))
        json_problem(doc->json, where, doc->err, "write '%s' without the './'", text + 2);
    else if (!fs_is_inside(text))
        json_problem(doc->json, where, doc->err,
                     "'%s' is not a path inside the project (relative to its root, no '.', '..' or '//')", text);
}

void document_folder(const struct document *doc, const struct json_value *where, const char *text)
{
    if (strcmp(text, ".") != 0)
        document_inside(doc, where, text);
}

void document_absolute(const struct document *doc, const struct json_value *where, const char *text)
{
    if (text[0] != '/' || (text[1] != '\0' && !fs_is_inside(text + 1)) || strlen(text) > PATH_LIMIT)
        json_problem(doc->json, where, doc->err, "expected an absolute path without '.', '..' or '//'");
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

void document_env_name(const struct document *doc, const struct json_value *where, const char *text)
{
    if (*text == '\0' || strchr(DIGITS, *text) || text[strspn(text, LETTERS DIGITS "_")] != '\0')
        json_problem(doc->json, where, doc->err,
                     "'%s' is not a name for an environment variable (letters, digits and '_', no digit first)", text);
}

void document_pin(const struct document *doc, const struct json_value *where, const char *text)
{
    const char *level = text + strspn(text, LETTERS DIGITS "_-");
    bool good = level != text;
    if (good && *level == ':') {
        level++;
        size_t len = strspn(level, LETTERS DIGITS "_-.");
        good = len > 0;
        level += len;
    }
    if (!good || *level != '\0')
        json_problem(doc->json, where, doc->err,
                     "'%s' is not a pin; expected NAME or NAME:LEVEL, such as \"hashseed\" or \"isa:avx2\"", text);
}

void document_package(const struct document *doc, const struct json_value *where, const char *text)
{
    if (*text == '\0' || !strchr(LETTERS DIGITS, *text) || text[strspn(text, LETTERS DIGITS "._-")] != '\0')
        json_problem(doc->json, where, doc->err, "'%s' is not the name of a package", text);
}

char *document_string(const struct document *doc, const struct json_value *value, document_rule rule)
{
    if (!document_is(value, DOC_STRING))
        return NULL;
    rule(doc, value, json_string(value));
    return str_dup(json_string(value));
}

void document_strings(const struct document *doc, struct strings *out, const struct json_value *array,
                      document_rule rule)
{
    size_t count = document_is(array, DOC_ARRAY) ? json_count(array) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(array, i);
        if (!document_is(item, DOC_STRING))
            continue;
        rule(doc, item, json_string(item));
        strings_add(out, json_string(item));
    }
}

struct text_seen {
    const char *text;
    size_t len; // of the part that must not come twice
    const struct json_value *item;
};

static int by_text(const void *a, const void *b)
{
    const struct text_seen *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    if (order == 0)
        order = (x->len > y->len) - (x->len < y->len);
    return order ? order : (json_line(x->item) > json_line(y->item)) - (json_line(x->item) < json_line(y->item));
}

void document_unique(const struct document *doc, const struct json_value *array, char end)
{
    size_t count = array ? json_count(array) : 0, kept = 0;
    CLEANUP(free) struct text_seen *seen = mem_array(count + 1, sizeof *seen);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(array, i);
        if (!document_is(item, DOC_STRING))
            continue;
        const char *text = json_string(item), *cut = strchr(text, end);
        seen[kept++] = (struct text_seen){text, cut ? (size_t)(cut - text) : strlen(text), item};
    }
    qsort(seen, kept, sizeof *seen, by_text);
    for (size_t i = 1; i < kept; i++) {
        if (seen[i].len == seen[i - 1].len && memcmp(seen[i].text, seen[i - 1].text, seen[i].len) == 0)
            json_problem(doc->json, seen[i].item, doc->err, "'%.*s' is here twice", (int)seen[i].len, seen[i].text);
    }
}

// pairs_set without its search: the scanner has refused equal keys, and a hostile object may have very many.
static void append_pair(struct pairs *out, const char *name, const char *value)
{
    out->items = mem_grow(out->items, out->count, &out->capacity, sizeof *out->items);
    out->items[out->count++] = (struct pair){str_dup(name), str_dup(value)};
}

void document_pairs(const struct document *doc, struct pairs *out, const struct json_value *object, document_rule name,
                    document_rule value)
{
    size_t count = document_is(object, DOC_OBJECT) ? json_count(object) : 0;
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = json_at(object, i);
        if (!document_is(item, DOC_STRING))
            continue;
        name(doc, item, json_key(item));
        value(doc, item, json_string(item));
        append_pair(out, json_key(item), json_string(item));
    }
}

void document_command(const struct document *doc, struct strings *out, const struct json_value *value)
{
    if (document_is(value, DOC_STRING)) {
        document_filled(doc, value, json_string(value));
        strings_add(out, "sh");
        strings_add(out, "-c");
        strings_add(out, json_string(value));
    } else if (document_is(value, DOC_ARRAY)) {
        document_strings(doc, out, value, document_any);
        if (json_count(value) == 0)
            json_problem(doc->json, value, doc->err, "is empty; expected the program and its arguments");
        else if (document_is(json_at(value, 0), DOC_STRING) && *json_string(json_at(value, 0)) == '\0')
            json_problem(doc->json, json_at(value, 0), doc->err, "the program's name is empty");
    }
}

void document_amount(const struct document *doc, double *out, const struct json_value *value)
{
    if (!document_is(value, DOC_NUMBER))
        return;
    double number = json_number(value);
    if (!isfinite(number) || number < 0)
        json_problem(doc->json, value, doc->err, "expected a number ≥ 0");
    else
        *out = number;
}

void document_duration(const struct document *doc, double *out, const struct json_value *value)
{
    double seconds = -1;
    if (document_is(value, DOC_NUMBER))
        seconds = json_number(value);
    else if (!document_is(value, DOC_STRING))
        return;
    else if (str_duration(&seconds, json_string(value)) < 0)
        seconds = -1;
    if (!(seconds > 0 && seconds <= DURATION_LIMIT))
        json_problem(doc->json, value, doc->err,
                     "expected a duration above 0, at most a year, such as \"250ms\", \"10m\", \"1h30m\", or seconds");
    else
        *out = seconds;
}

static bool whole_number(uint64_t *out, const struct json_value *value)
{
    double number = json_number(value);
    if (!(number >= 0 && number <= EXACT_LIMIT) || number != floor(number))
        return false;
    *out = (uint64_t)number;
    return true;
}

void document_size(const struct document *doc, uint64_t *out, const struct json_value *value)
{
    if (!document_is(value, DOC_NUMBER | DOC_STRING))
        return;
    uint64_t bytes = 0;
    bool good =
        json_type(value) == JSON_NUMBER ? whole_number(&bytes, value) : str_size(&bytes, json_string(value)) == 0;
    if (!good)
        json_problem(doc->json, value, doc->err, "expected a size such as \"64KiB\", \"2GiB\", or a number of bytes");
    else
        *out = bytes;
}

void document_count(const struct document *doc, uint64_t *out, const struct json_value *value)
{
    if (!document_is(value, DOC_NUMBER | DOC_STRING))
        return;
    uint64_t number = 0;
    if (json_read_u64(&number, value) < 0)
        json_problem(doc->json, value, doc->err, "expected a whole number ≥ 0");
    else
        *out = number;
}

void document_number(const struct document *doc, double *out, const struct json_value *value)
{
    if (!document_is(value, DOC_NUMBER | DOC_STRING))
        return;
    double number = 0;
    if (json_read_double(&number, value) < 0)
        json_problem(doc->json, value, doc->err, "expected a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    else
        *out = number;
}

int document_word(const struct document *doc, const struct json_value *value, const char *const *words, size_t count,
                  int fallback)
{
    if (!document_is(value, DOC_STRING))
        return fallback;
    const char *text = json_string(value);
    struct buf expected CLEANUP(buf) = {0};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return (int)i;
        buf_printf(&expected, "%s\"%s\"", i == 0 ? "" : i + 1 < count ? ", " : " or ", words[i]);
    }
    const char *nearest = str_nearest(text, words, count);
    if (nearest)
        json_problem(doc->json, value, doc->err, "'%s' is unknown; did you mean \"%s\"? (%s)", text, nearest,
                     buf_text(&expected));
    else
        json_problem(doc->json, value, doc->err, "'%s' is unknown; expected %s", text, buf_text(&expected));
    return fallback;
}

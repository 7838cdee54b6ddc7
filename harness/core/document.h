// SPDX-License-Identifier: Apache-2.0
//
// What reading the three documents has in common: the shape held against a table of keys, then each value against what
// it must obey. Every fault becomes a problem with its line and key path, and reading goes on, so that a document is
// told all its faults at once: a getter gives NULL (or leaves its result alone) where a value is absent or of a type
// that the check of the shape has reported already.
#ifndef REPRO_CORE_DOCUMENT_H
#define REPRO_CORE_DOCUMENT_H

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct document {
    const struct json *json;
    struct error *err;
    size_t before; // problems that `err` held before this document
};

// Types for the rows of a field table.
enum {
    DOC_BOOL = 1u << JSON_BOOL,
    DOC_NUMBER = 1u << JSON_NUMBER,
    DOC_STRING = 1u << JSON_STRING,
    DOC_ARRAY = 1u << JSON_ARRAY,
    DOC_OBJECT = 1u << JSON_OBJECT,
};
extern const struct json_field document_text; // for `values` and `items`: a string

// Checks the whole document against the table, free-keyed maps and arrays included. −1 when the root is no object and
// nothing can be read from it.
int document_check(const struct document *doc, const struct json_field *fields);
// Looks at the key "format" first of all: −1 for a format newer than `known`, whose other keys mean nothing to us.
// `noun` is what the document is to the user ("golden").
int document_format(const struct document *doc, int known, const char *noun);
// True when the document has had no problem so far. The problems are put in the order of their lines,
// and told up to a hundred.
bool document_is_good(const struct document *doc);

// The value of a key when `object` is one, has it, and it is of one of the types; else NULL.
const struct json_value *document_get(const struct json_value *object, const char *key, unsigned types);
bool document_is(const struct json_value *value, unsigned types); // NULL is of no type

// What a text in the document must obey; a breach is reported as a problem of `where`.
typedef void (*document_rule)(const struct document *doc, const struct json_value *where, const char *text);
void document_filled(const struct document *doc, const struct json_value *where, const char *text);
void document_inside(const struct document *doc, const struct json_value *where, const char *text);
void document_folder(const struct document *doc, const struct json_value *where, const char *text); // or "."
void document_absolute(const struct document *doc, const struct json_value *where, const char *text);
void document_env_name(const struct document *doc, const struct json_value *where, const char *text);
void document_pin(const struct document *doc, const struct json_value *where, const char *text);
void document_package(const struct document *doc, const struct json_value *where, const char *text);
void document_any(const struct document *doc, const struct json_value *where, const char *text); // anything goes

// Appends the strings of an array, each held against the rule. `array` may be NULL.
void document_strings(const struct document *doc, struct strings *out, const struct json_value *array,
                      document_rule rule);
// Reports each text of an array that came before, looking only as far as `end` (a character; NUL: the whole). `array`
// may be NULL.
void document_unique(const struct document *doc, const struct json_value *array, char end);
// Appends the string values of an object. `object` may be NULL.
void document_pairs(const struct document *doc, struct pairs *out, const struct json_value *object, document_rule name,
                    document_rule value);
// A copy of the text held against the rule, NULL when there is none. The caller frees.
char *document_string(const struct document *doc, const struct json_value *value, document_rule rule);
// Appends argv: an array, or one string that a shell is to run.
void document_command(const struct document *doc, struct strings *out, const struct json_value *value);

// Numbers: `out` is written only when the value is there and good.
void document_amount(const struct document *doc, double *out, const struct json_value *value);   // finite and ≥ 0
void document_duration(const struct document *doc, double *out, const struct json_value *value); // > 0, ≤ a year
void document_size(const struct document *doc, uint64_t *out, const struct json_value *value);   // bytes; "2GiB"
void document_count(const struct document *doc, uint64_t *out, const struct json_value *value);  // whole and ≥ 0
void document_number(const struct document *doc, double *out, const struct json_value *value);   // NaN and ±Inf too
// The index of the text in `words`; `fallback` when the value is NULL or not one of them (a problem then).
int document_word(const struct document *doc, const struct json_value *value, const char *const *words, size_t count,
                  int fallback);

#endif

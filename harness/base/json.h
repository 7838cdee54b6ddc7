// SPDX-License-Identifier: Apache-2.0
//
// JSON, strictly. Reading: a scanner of ours checks UTF-8, the grammar of RFC 8259, duplicate keys, depth and size, and
// notes the line of every value; only then cJSON builds the tree. Writing: a streaming writer of ours, two-space
// indent, numbers in the shortest form that reads back as the same double. Integers over 2^53 are written as strings
// (doubles as numbers, since they lose nothing); NaN and ±Infinity as the strings "NaN", "Infinity", "-Infinity".
#ifndef REPRO_BASE_JSON_H
#define REPRO_BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;       // a parsed document; owns all its values
struct json_value; // one value; borrowed from its document

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_options {
    bool comments;    // allow // and /* */ (suite.json)
    size_t max_size;  // bytes; 0 means 16 MiB
    size_t max_depth; // 0 means 64; at most 1000
};

// `name` is what messages call the document. Every fault is reported as a problem with its line: where the grammar
// breaks, one, with its column; all duplicate keys. `options` may be NULL. A document has at most 2,000,000 values.
// json_load refuses folders, FIFOs and devices (ERROR_USAGE); what cannot be read is ERROR_MACHINE.
int json_parse(struct json **out, const char *name, const char *text, size_t len, const struct json_options *options,
               struct error *err);
int json_load(struct json **out, const char *path, const char *name, const struct json_options *options,
              struct error *err);
void json_free(struct json *json);
DEFINE_CLEANUP(json)

const char *json_name(const struct json *json);
const struct json_value *json_root(const struct json *json);

enum json_type json_type(const struct json_value *value);
const char *json_type_name(enum json_type type); // "an object", "a string", …
// Of a value of another type, these are false, 0, "" and 0.
bool json_bool(const struct json_value *value);
double json_number(const struct json_value *value);
const char *json_string(const struct json_value *value); // UTF-8 without NUL: the scanner refuses \u0000
size_t json_count(const struct json_value *value);       // of an array or object
const struct json_value *json_at(const struct json_value *value, size_t index); // NULL beyond the end; constant time
const struct json_value *json_get(const struct json_value *object, const char *key); // NULL when absent; case matters
const char *json_key(const struct json_value *value); // its name in the enclosing object; NULL elsewhere
long json_line(const struct json_value *value);       // where the value begins
long json_key_line(const struct json_value *value);   // where its key begins; of a value without one, json_line
// "metrics.tolerance.accuracy.abs", "a[2].b", "tolerance[\"loss.*\"].rel"; "" for the root. The caller frees.
char *json_path(const struct json_value *value);

// Reports a problem about `value` as "file:line: path: message". Always returns −1.
int json_problem(const struct json *json, const struct json_value *value, struct error *err, const char *format, ...)
    PRINTF_LIKE(4, 5);
#ifdef __clang_analyzer__ // see base/err.h
#define json_problem(...) ((void)json_problem(__VA_ARGS__), -1)
#endif

// The keys that an object may have, and their types: one table serves the reader, the hint for a misspelt key and the
// test that holds the JSON Schema against the code. A table ends with a NULL name.
struct json_field {
    const char *name;
    unsigned types; // bits: 1u << JSON_STRING | …; 0: any
    bool required;
    const struct json_field *fields; // for an object with fixed keys; NULL for anything else
    // One row (its name means nothing) for each value of an object whose keys are free, and for each item of an array.
    // NULL: anything goes.
    const struct json_field *values;
    const struct json_field *items;
};
// Checks an object against its table, deeply; every unknown key (with the nearest known one offered), wrong type and
// missing key becomes a problem. Returns the number of problems found.
size_t json_check_fields(const struct json *json, const struct json_value *object, const struct json_field *fields,
                         struct error *err);

// Streaming writer. Keys are written in the order given; callers sort where order means nothing.
struct json_writer {
    struct buf *out;
    int depth;
    bool fresh;   // nothing written yet in the current object or array
    bool compact; // on one line, as a person would write it
};
void json_writer_init(struct json_writer *w, struct buf *out);
void json_begin_object(struct json_writer *w, const char *key); // key NULL inside an array or at the top
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w, const char *key);
void json_end_array(struct json_writer *w);
// Invalid UTF-8 is replaced by U+FFFD; a NULL text is null.
void json_put_string(struct json_writer *w, const char *key, const char *text);
void json_put_double(struct json_writer *w, const char *key, double value);
void json_put_int(struct json_writer *w, const char *key, int64_t value);
void json_put_u64(struct json_writer *w, const char *key, uint64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_null(struct json_writer *w, const char *key);
void json_finish(struct json_writer *w); // the final newline

// Appends `text` as a JSON string, quotes and all.
void buf_json_quote(struct buf *buf, const char *text, size_t len);

// Reads a number back that may have been written as a string (over 2^53, NaN, ±Infinity). −1 when it is neither.
int json_read_double(double *out, const struct json_value *value);
int json_read_u64(uint64_t *out, const struct json_value *value);

#endif

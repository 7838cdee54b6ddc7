// SPDX-License-Identifier: Apache-2.0
//
// A schema: the columns that a model is asked with, and what its answers look like. Inferred from the training data by
// fuzz/infer.h, written into suite.json ("schema") for a person to correct, read from there.
#ifndef REPRO_CORE_SCHEMA_H
#define REPRO_CORE_SCHEMA_H

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct document;

enum column_type {
    COLUMN_INTEGER,
    COLUMN_NUMBER,
    COLUMN_BOOLEAN,
    COLUMN_CATEGORY,
    COLUMN_TEXT,
    COLUMN_DATE,       // date, time or both; `format`
    COLUMN_IDENTIFIER, // different in (nearly) every row: carries no meaning
};
const char *column_type_name(enum column_type type); // "integer", …

struct category {
    char *value;
    double share; // of the rows that are not missing, 0 to 1
};

#define SCHEMA_QUANTILES 9 // at 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99

struct column {
    char *name;
    enum column_type type;
    bool nullable;
    double missing;       // share of the rows, 0 to 1
    struct strings spelt; // how missing is spelt besides null and "": "NA", "?"
    double min, max;      // of numbers; NaN when not known
    double quantiles[SCHEMA_QUANTILES];
    bool has_quantiles;
    struct category *categories; // of COLUMN_CATEGORY and COLUMN_BOOLEAN, most frequent first
    size_t category_count;
    char *format;           // of COLUMN_DATE, as strptime has it: "%Y-%m-%d", or "epoch s", "epoch ms"
    size_t longest;         // bytes, of COLUMN_TEXT
    struct strings samples; // of COLUMN_TEXT, COLUMN_DATE and COLUMN_IDENTIFIER: some values
    int monotone;           // +1: a larger value may not lower the answer; −1: may not raise it; 0: nothing is said
    bool invariant;         // another value may not change the answer
};

enum output_type { OUTPUT_UNKNOWN, OUTPUT_NUMBER, OUTPUT_CLASS, OUTPUT_PROBABILITIES };
const char *output_type_name(enum output_type type); // "unknown", "number", "class", "probabilities"

struct schema {
    char *from;   // the data that it was inferred from, relative to the project; NULL
    char *target; // the column that is left out; NULL
    struct column *columns;
    size_t count, capacity;
    struct {
        enum output_type type;
        char *field;     // of an answer that is an object: the key that holds the prediction; NULL: the only one
        double min, max; // allowed; NaN: not limited
        struct strings classes;
    } output;
};

struct schema *schema_new(void);
void schema_free(struct schema *schema);
DEFINE_CLEANUP(schema)
struct column *schema_add(struct schema *schema, const char *name); // zeroed but for name, min and max (NaN)
const struct column *schema_find(const struct schema *schema, const char *name);

// The object "schema" of suite.json. Reports every fault as a problem of the document.
struct schema *schema_read(const struct document *doc, const struct json_value *object);
// Writes it under the key.
void schema_write(struct json_writer *w, const char *key, const struct schema *schema);
extern const struct json_field schema_fields[];

#endif

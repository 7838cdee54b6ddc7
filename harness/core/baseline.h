// SPDX-License-Identifier: Apache-2.0
//
// A baseline: what live data are held against, kept beside a golden as golden/NAME/CLASS/baseline.json. The training
// columns summarised once, and rows of them with what the model answered when it was recorded. Deterministic.
#ifndef REPRO_CORE_BASELINE_H
#define REPRO_CORE_BASELINE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/digest.h"
#include "core/schema.h"

#include <stddef.h>
#include <stdint.h>

#define BASELINE_FORMAT 1
#define BASELINE_POINTS 513 // of a numeric column, at most: the distance of two is 1/512 of the rows

// How the values of one column are spread.
//
// Of numbers (dates: seconds since 1970; texts: their length in bytes): `points` in ascending order, each with the
// share of the values that are ≤ it; the first is the least value, the last the greatest, whose share is 1. Read as
// steps: the share of the values ≤ x is that of the greatest point ≤ x, and `error` says how much more it may be in
// truth, or less. Where there are few enough different values (BASELINE_POINTS) each is a point and the error that of
// the sketch, which is 0 of small data; else they are quantiles, and the distance of two (1/512) is added. Of
// categories and booleans ("true", "false"): values with their counts, most frequent first, in byte order where they
// came equally often. Of identifiers: neither.
struct column_summary {
    char *name;
    enum column_type type;
    uint64_t rows; // of which:
    uint64_t missing, nan, infinite, wrong_type;
    uint64_t values;               // the rest: numbers, categories, texts
    uint64_t unseen, out_of_range; // of `values`: held against the schema that the rows were read for
    double min, max, mean, sigma;  // of the numbers (σ: divided by their count); NaN without any
    double *points;
    double *shares;
    size_t point_count;
    double error;
    struct category_count {
        char *value;
        uint64_t count;
    } * categories;
    size_t category_count;
    uint64_t other;   // values beyond the categories that are kept (10,000 at most)
    uint64_t singles; // categories, of those that are kept, that came once
};
void column_summary_free(struct column_summary *summary);

// A row as the model was asked, and what it answered.
struct recorded {
    char *input;  // a JSON object, compact
    char *output; // a JSON value, compact: the prediction alone
};

// How well the model did on data that were kept from it, as the golden's metrics or the recorded rows tell.
struct baseline_measure {
    char *name;
    double value, low, high; // 95 %
    uint64_t rows;
};

struct baseline {
    struct digest golden; // golden_identity of the golden that it belongs to
    char *reference;      // the data that were summarised, relative to the project
    struct digest data;   // SHA-256 of them
    uint64_t rows;
    struct column_summary *columns; // in the schema's order
    size_t column_count, column_capacity;
    struct column_summary *prediction; // of the recorded outputs; NULL: the model was not asked
    char *kind;                        // how it was asked: "stream", "api", "batch"; NULL likewise
    struct recorded *recorded;
    size_t recorded_count, recorded_capacity;
    struct baseline_measure *measures;
    size_t measure_count, measure_capacity;
};

struct baseline *baseline_new(void);
void baseline_free(struct baseline *baseline);
DEFINE_CLEANUP(baseline)
struct column_summary *baseline_add(struct baseline *baseline, const char *column); // zeroed but for the name; NaN
const struct column_summary *baseline_find(const struct baseline *baseline, const char *column);
void baseline_record(struct baseline *baseline, const char *input, const char *output);
void baseline_measure(struct baseline *baseline, const struct baseline_measure *measure); // the name is copied
const struct baseline_measure *baseline_find_measure(const struct baseline *baseline, const char *name); // or NULL

void baseline_write(struct buf *out, const struct baseline *baseline);
// Strict: what was written reads back to the same bytes; points ascend, shares too, counts add up.
int baseline_parse(struct baseline **out, const char *path, const char *text, size_t len, struct error *err);
const struct json_field *baseline_fields(void);

#endif

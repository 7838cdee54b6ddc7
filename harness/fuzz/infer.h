// SPDX-License-Identifier: Apache-2.0
//
// A schema from data: CSV (RFC 4180; also with BOM, CRLF, ';' or tab) or JSON lines, in one pass on all CPUs; and a
// seeded sample of its rows, which cases start from. Or from what a model says of itself.
#ifndef REPRO_FUZZ_INFER_H
#define REPRO_FUZZ_INFER_H

#include "base/arena.h"
#include "base/err.h"
#include "core/row.h"
#include "core/schema.h"

// Clean rows of the training data without the target, in the schema's order of columns, as typed cells.
struct sample {
    struct rows rows;
    struct cell *cells; // what rows.cells points at
    const char **columns;
    struct arena texts;
    uint64_t seen; // rows in the data
};
void sample_free(struct sample *sample);

struct infer_options {
    const char *target;  // column that is left out; NULL
    size_t sample_count; // rows kept; 0: 1000
    uint64_t seed;       // of the sample
    size_t threads;      // 0: all CPUs
    size_t part_size;    // bytes that are worth a job of their own; 0: 1 MiB
};
// `name` is what messages call the file (".jsonl" and ".ndjson" are JSON lines, and so is what begins with '{'). Either
// of `schema` and `sample` may be NULL. The result does not depend on the number of threads. ERROR_USAGE with line
// numbers for rows that do not fit; a file without a row is one.
//
// A column has at most 1,000 categories. Counts, ranges and categories are of all rows; quantiles are exact up to
// 32,768 rows, beyond that of so many picked ones. With more than 32 columns less is kept of each, and a sample has at
// most a million cells (but 100 rows). Dates have formats of strptime, and Python's %f. Empty cells and words for
// missing are null in the sample.
int infer_data(struct schema **schema, struct sample *sample, const char *path, const char *name,
               const struct infer_options *options, struct error *err);
// Fits a sample to a schema that a person may have edited: the columns by name, the order of the schema. ERROR_USAGE
// where the data do not have a column, or hold what the schema forbids ("a schema that does not fit the data").
int sample_fit(struct sample *sample, const struct schema *schema, struct error *err);
// Types and names from an MLflow MLmodel file (YAML: the signature, whose value is JSON), or from an Open Inference
// Protocol model description (JSON). Ranges and categories stay unknown.
int infer_mlmodel(struct schema **out, const char *name, const char *text, size_t len, struct error *err);
int infer_oip(struct schema **out, const char *name, const char *text, size_t len, struct error *err);

#endif

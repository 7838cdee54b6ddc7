// SPDX-License-Identifier: Apache-2.0
// Links: repro_drift
//
// A log of predictions of any bytes: read whole, then its last entries. What is read must add up.
#include "core/drift_rules.h"
#include "drift/prediction_log.h"
#include "scratch.h"

static const char *path; // of the input

static uint64_t look(const struct prediction_log_options *options)
{
    struct error err = {0};
    struct prediction_log *log = NULL;
    struct prediction entry;
    struct piece row, output;
    bool more = prediction_log_open(&log, path, options, &err) == 0;
    must(more);
    while (more && prediction_log_next(&more, &entry, log, &err) == 0 && more) {
        struct prediction_rows rows = prediction_rows(&entry);
        while (prediction_rows_next(&rows, &row, &output))
            must(row.len == 0 || (row.kind == PIECE_OBJECT && row.text >= entry.line.text));
    }
    must(err.kind == ERROR_NONE);
    const struct prediction_counts *counts = prediction_log_counts(log);
    must(counts->lines ==
         counts->entries + counts->repeated + counts->early + counts->unfinished + prediction_counts_broken(counts));
    uint64_t entries = counts->entries;
    struct strings told = {0};
    prediction_counts_tell(&told, counts);
    strings_free(&told);
    prediction_log_free(log);
    error_free(&err);
    return entries;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct log_rules plain = {.time = (char *)"time",
                                    .id = (char *)"id",
                                    .model = (char *)"model",
                                    .input = (char *)"input",
                                    .output = (char *)"output",
                                    .latency = (char *)"latency",
                                    .error = (char *)"error",
                                    .latency_unit = 1e-3};
    struct log_rules deep = plain;
    deep.id = (char *)"request.id";
    deep.input = (char *)".";
    path = scratch_file("log.jsonl", data, size);
    uint64_t entries = look(&(struct prediction_log_options){.rules = &plain});
    look(&(struct prediction_log_options){.rules = &deep, .has_since = true, .since = 1.7e9});
    uint64_t last = look(&(struct prediction_log_options){.rules = &plain, .last = 2});
    must(last == (entries < 2 ? entries : 2));
    return 0;
}

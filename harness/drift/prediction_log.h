// SPDX-License-Identifier: Apache-2.0
//
// A log of predictions, read in one pass, rotated files and all (drift/log_files.h), in memory that does not grow with
// it. What is no entry (drift/prediction.h) is passed over and counted; so is one whose id came before
// (drift/seen_ids.h says how far back that is known).
#ifndef REPRO_DRIFT_PREDICTION_LOG_H
#define REPRO_DRIFT_PREDICTION_LOG_H

#include "base/err.h"
#include "base/mem.h"
#include "drift/prediction.h"

struct log_rules;
struct prediction_log;

struct prediction_log_options {
    const struct log_rules *rules;
    const char *folder; // NULL: any path; else the path is beneath it, where others write (drift/log_files.h)
    bool has_since;
    double since;                 // entries of this time or later
    bool repetitions, incomplete; // give those, too; they are counted as no entries all the same
    uint64_t last;                // the last so many of them; 0: all. Repetitions are then known from among these only
};

// ERROR_USAGE where there is no such log.
int prediction_log_open(struct prediction_log **out, const char *path, const struct prediction_log_options *options,
                        struct error *err);
int prediction_log_next(bool *more, struct prediction *out, struct prediction_log *log, struct error *err);
const struct prediction_counts *prediction_log_counts(const struct prediction_log *log); // of what was read so far
void prediction_log_free(struct prediction_log *log);
DEFINE_CLEANUP(prediction_log)

#endif

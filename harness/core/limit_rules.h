// SPDX-License-Identifier: Apache-2.0
//
// What a suite allows its model to take when it is asked, and what that costs: the objects "predict" and "price" of
// "limits" in suite.json. Zero everywhere: not limited, not declared.
#ifndef REPRO_CORE_LIMIT_RULES_H
#define REPRO_CORE_LIMIT_RULES_H

#include "base/json.h"

#include <stdbool.h>
#include <stdint.h>

struct document;

struct limit_rules {
    bool given;             // the suite has the object "predict"
    double rate;            // questions a second at which the latencies hold; 0: 100 where a latency is limited
    double seconds;         // how long each rate is kept up; 0: 2 s
    double p50, p99, p999;  // seconds: latency at `rate`
    double highest_rate;    // questions a second that must be reached within the latencies
    double cold_start;      // seconds from start to the first answer
    uint64_t memory;        // bytes, resident, of the process tree, after `after` questions
    uint64_t after;         // 0: 10,000 where memory is limited
    double rows_per_second; // of batch: at least
    double growth;          // of batch: time grows with rows^growth at most
    struct {
        bool given;
        char *currency;             // "EUR"; NULL: none is named
        double cpu_hour;            // money for one CPU for an hour
        double gb_hour;             // for 10^9 bytes of memory for an hour
        double training;            // at most, for one training
        double million_predictions; // at most
    } price;
};

// `limits` is the object "limits"; NULL: nothing is said. Every fault is a problem of the document.
void limit_rules_read(const struct document *doc, struct limit_rules *out, const struct json_value *limits);
void limit_rules_free(struct limit_rules *rules);
extern const struct json_field limit_predict_fields[], limit_price_fields[];

#endif

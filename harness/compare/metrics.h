// SPDX-License-Identifier: Apache-2.0
//
// Metrics: read from files, compared with golden's under the suite's tolerances.
#ifndef REPRO_COMPARE_METRICS_H
#define REPRO_COMPARE_METRICS_H

#include "base/err.h"
#include "core/manifest.h"
#include "core/suite.h"

// Reads the numbers of one file and adds them to `out`. By name: .json (nested objects give dotted names, arrays get
// indices: "auc.0"; true/false are 1/0; strings other than "NaN", "Infinity", "-Infinity" are left out; NaN and
// Infinity as bare words, as Python writes them, are accepted here), .csv (the last row: column → value), anything
// else: lines NAME=VALUE (blank lines and # comments allowed). `name` is what messages call the file. A file without
// any number is an error; a name that comes twice too.
int metrics_read(struct metric_list *out, const char *path, const char *name, struct error *err);
int metrics_parse(struct metric_list *out, const char *name, const char *text, size_t len, struct error *err);

enum metric_verdict {
    METRIC_EQUAL,   // the same double (NaN equals NaN, −0 equals 0)
    METRIC_WITHIN,  // within the tolerance (half an ulp of each number is granted on top, unless equality is asked for)
    METRIC_BETTER,  // out of the tolerance, in the direction that the suite calls better: a note
    METRIC_OUTSIDE, // a failure
    METRIC_APPEARED,   // not in golden
    METRIC_VANISHED,   // not in the new run
    METRIC_BECAME_NAN, // or infinite, where golden is finite (or the reverse): always a failure
};
struct metric_finding {
    const char *name; // borrowed from the lists
    enum metric_verdict verdict;
    double golden, value;         // NaN where there is none
    double allowed;               // abs + rel·|golden|
    const struct tolerance *rule; // NULL when equality was asked for
};
struct metric_findings {
    struct metric_finding *items;
    size_t count;
};
// One finding for each name in either list, in byte order.
void metrics_compare(struct metric_findings *out, const struct metric_list *golden, const struct metric_list *now,
                     const struct suite *suite);
void metric_findings_free(struct metric_findings *findings);

enum metric_verdict metric_judge(double golden, double value, const struct tolerance *rule, double *allowed);
// "accuracy 0.9512 is 0.0021 below golden's 0.9533 (allowed 0.001)". The caller frees.
char *metric_describe(const struct metric_finding *finding);

#endif

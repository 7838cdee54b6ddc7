// SPDX-License-Identifier: Apache-2.0
//
// How a suite is watched once it is live: the objects "drift" and "log" of suite.json.
#ifndef REPRO_CORE_DRIFT_RULES_H
#define REPRO_CORE_DRIFT_RULES_H

#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct document;

// What to do about live data that are not what the model was trained on; the graver the later.
enum advice { ADVICE_NONE, ADVICE_WATCH, ADVICE_RETRAIN, ADVICE_PAUSE, ADVICE_ROLL_BACK };
const char *advice_name(enum advice advice); // "none", "watch", "retrain", "pause", "roll back"

// What a finding is about.
enum drift_area {
    DRIFT_INPUT,       // what arrives: missing, NaN, Inf, unseen, out of range, of another type
    DRIFT_COLUMNS,     // how the columns are spread
    DRIFT_PREDICTIONS, // how the answers are spread
    DRIFT_OUTCOMES,    // what came of them
    DRIFT_AREAS,
};
const char *drift_area_name(enum drift_area area); // "input", "columns", "predictions", "outcomes"

// Kinds of rates of one column; each is a check.
enum drift_rate { RATE_MISSING, RATE_NAN, RATE_INFINITE, RATE_UNSEEN, RATE_OUT_OF_RANGE, RATE_TYPE, DRIFT_RATES };
const char *drift_rate_name(enum drift_rate rate); // "missing", "nan", "infinite", "unseen", "out_of_range", "type"

enum drift_statistic {
    STATISTIC_KS,          // sup|F−G|
    STATISTIC_PSI,         // population stability index
    STATISTIC_CHI2,        // χ² of homogeneity
    STATISTIC_JS,          // Jensen–Shannon distance, base 2
    STATISTIC_WASSERSTEIN, // W₁ over the reference's standard deviation
    DRIFT_STATISTICS,
};
const char *drift_statistic_name(enum drift_statistic statistic); // "ks", "psi", "chi2", "js", "wasserstein"

// What the suite says of one column; NaN where it says nothing.
struct drift_column_rule {
    char *pattern; // its name, a glob allowed; the first entry that matches counts
    bool ignore;
    double rates[DRIFT_RATES];           // share that is allowed, instead of what the reference shows
    double statistics[DRIFT_STATISTICS]; // value that is allowed, instead of what resamples show
    double least;                        // see drift_rules.least
    enum advice advice;                  // ADVICE_NONE: that of its area
    long line;
};

// What came of the predictions, and how well the model did: "accuracy", "auc", "log_loss", "calibration", "rmse",
// "mae", or a number that the suite names, whose mean is taken ("column").
struct drift_measure {
    char *name;
    char *column;         // of the outcomes; NULL: one of the names above
    bool lower_is_better; // of one of the names above: as it is
    double min, max;      // NaN: held against golden's own interval
    long line;
};

struct drift_rules {
    bool given;
    char *reference;     // path relative to the project; NULL: schema.from
    double false_alarms; // share of the looks at data without drift that may raise the alarm; 0: 0.05
    uint64_t window;     // rows of one look, for the drill and what is promised; 0: 10,000
    double least; // the smallest move that counts: W₁/σ of numbers, JS distance of categories and rates; NaN: 0.1
    struct drift_column_rule *columns;
    size_t column_count;
    struct {
        bool given;
        char *id, *actual; // columns of the outcomes; "id" and the schema's target where not given
        struct drift_measure *measures;
        size_t measure_count;
    } outcomes;
    enum advice advice[DRIFT_AREAS]; // ADVICE_NONE: pause (input), retrain (columns, predictions), roll back (outcomes)
    bool roll_back;                  // "on_alarm": "roll back": it is done by itself
};

// Where the server writes its predictions, and which field is which. A dotted name reaches into objects.
struct log_rules {
    bool given;
    char *path;                                                 // relative to the project, where the model runs
    char *time, *id, *model, *input, *output, *latency, *error; // names; never NULL when given: the defaults are filled
                                                                // in ("time", "id", "model", "input", …)
    double latency_unit;                                        // seconds: 1, 1e-3 ("latency_unit": "ms") or 1e-6
    char *header;    // of a request: where its id stands; NULL: in `id_column`. X-Request-Id for an api
    char *id_column; // key of a row that holds its id; NULL: in `header`. The field `id` for stream and batch
};

// Either may be NULL: nothing is said. Every fault is a problem of the document.
void drift_rules_read(const struct document *doc, struct drift_rules *out, const struct json_value *drift);
void log_rules_read(const struct document *doc, struct log_rules *out, const struct json_value *log);
void drift_rules_free(struct drift_rules *rules);
void log_rules_free(struct log_rules *rules);
// The rule of a column, or NULL.
const struct drift_column_rule *drift_rules_column(const struct drift_rules *rules, const char *column);
// The smallest move that counts, of findings that such a rule is about (NULL: none is); 0.1 where nothing is said.
double drift_rules_least(const struct drift_rules *rules, const struct drift_column_rule *rule);
enum advice drift_rules_advice(const struct drift_rules *rules, enum drift_area area, const char *column);
extern const struct json_field drift_rules_fields[], log_rules_fields[];

#endif

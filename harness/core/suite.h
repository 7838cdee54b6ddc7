// SPDX-License-Identifier: Apache-2.0
//
// A suite: one training job under test, as suites/NAME/suite.json describes it. Every path in the document is relative
// to the project's root, except those that the command itself uses, which are relative to `train.directory`.
#ifndef REPRO_CORE_SUITE_H
#define REPRO_CORE_SUITE_H

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "core/drift_rules.h"
#include "core/fuzz_rules.h"
#include "core/limit_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How far a number may be from golden's. A tolerance that is all zero asks for equality.
enum better { BETTER_NEITHER, BETTER_HIGHER, BETTER_LOWER };
struct tolerance {
    char *pattern;      // metric name, glob allowed; the first entry that matches counts
    double abs;         // ≥ 0
    double rel;         // ≥ 0; |new − golden| ≤ abs + rel·|golden|
    enum better better; // a change in this direction is a note, not a failure
    long line;          // in suite.json, 0 when unknown
};

struct series_rule {
    char *path;                 // a CSV or JSON-lines file, e.g. history.csv
    char *x;                    // the column that numbers the points; NULL: the row number
    struct tolerance tolerance; // for every other column; pattern is NULL
};

enum artifact_compare { COMPARE_BYTES, COMPARE_TENSORS, COMPARE_CLOSE, COMPARE_NONE };
// How far the elements of a tensor may be from golden's. All zero asks for equality.
struct tensor_allowance {
    char *pattern; // the tensor's name, glob allowed; the first entry that matches counts. NULL of the artifact's own
    uint64_t max_ulp;
    double abs, rel; // ≥ 0
    bool close;      // abs and rel of torch.testing.assert_close for its dtype
    long line;
};
struct artifact_rule {
    char *path; // glob allowed; a pattern ending in '/' means the whole folder
    enum artifact_compare compare;
    struct tensor_allowance allowance; // of the tensors that no entry of `tensors` names
    struct tensor_allowance *tensors;
    size_t tensor_count;
    long line;
};

enum on_change { ON_CHANGE_WARN, ON_CHANGE_FAIL };

#define SUITE_MAX_SIZE ((size_t)1 << 20) // bytes of suite.json

struct schema; // core/schema.h

struct suite {
    char *name;
    char *path; // of suite.json, relative to the project's root

    struct {
        struct strings command; // argv; a command given as one string becomes {"sh", "-c", string}
        char *directory;        // where it runs, relative to the root; "." when not given
        double timeout;         // seconds; 600 when not given
        bool network;
        struct pairs env;
        struct strings pass_env;
        struct strings pins; // rows of run/knobs: "hashseed", "threads", "isa:avx2", …
    } train;

    struct {
        struct strings code, data, settings; // globs
        struct pairs external;               // name → absolute path
    } inputs;

    struct artifact_rule *artifacts; // empty: every file that the run wrote is one, or none when artifacts_given
    size_t artifact_count;
    bool artifacts_given; // the document has the key: with no rule in it, metrics alone are compared

    struct {
        struct strings from; // files that hold metrics: .json, .csv, NAME=VALUE lines
        struct tolerance *tolerances;
        size_t tolerance_count;
        struct series_rule *series;
        size_t series_count;
    } metrics;

    char *class_name; // "any", or NULL: the machine's numerical class
    struct strings class_packages;
    enum on_change environment;

    struct {
        double train_wall;     // seconds; 0: no limit
        double train_cpu;      // seconds, of the process tree; 0: no limit
        uint64_t train_memory; // bytes; 0: no limit
        uint64_t artifact;     // bytes for one artifact; 0: no limit
        uint64_t bundle;       // bytes of a bundle kept in golden/; 1 MiB when not given
    } limits;

    // How the trained model is asked. Each command is empty when the suite has none.
    struct {
        struct strings batch;  // with {input} and {output}
        struct strings stream; // JSON lines
        struct {
            struct strings command; // with {port}
            char *protocol;         // "mlflow", "oip", "tfserving", "json" (when not given); NULL without an api
            char *ready;            // NULL: the protocol's
            char *name;             // of the model in URLs; NULL
        } api;
    } model;
    struct schema *schema; // NULL: the suite has none
    struct fuzz_rules fuzz;
    struct strings fallback; // a command with {input} and {output}: rules that answer where the model must not

    struct limit_rules predict; // limits of the model that is asked, and prices
    struct drift_rules drift;
    struct log_rules log;
    uint64_t keep; // earlier goldens that are kept beside the current one; 3 when not given

    // What `ready` asks of the evidence.
    struct {
        double age;       // seconds after which evidence is stale; 30 days when not given
        unsigned require; // bits 1u << N of the questions 1 to 9 that must be answered with yes; 0: none is a gate
    } ready;
};

// Reads and checks the document. On failure `err` holds every problem, each with file, line and key path.
// `name` is the folder's name and must equal the key "suite". `path` is what messages call the file.
int suite_parse(struct suite **out, const char *name, const char *path, const char *text, size_t len,
                struct error *err);
// Reads suites/NAME/suite.json below `root`. Missing, a folder, empty, too large, … is ERROR_USAGE.
int suite_load(struct suite **out, const char *root, const char *name, struct error *err);
void suite_free(struct suite *suite);
DEFINE_CLEANUP(suite)

// The rule for a metric, or NULL: equality is asked for.
const struct tolerance *suite_tolerance(const struct suite *suite, const char *metric);
// The rule for an artifact path, or NULL when the suite does not declare it.
const struct artifact_rule *suite_artifact(const struct suite *suite, const char *path);

// True when the suite says how its model is asked.
bool suite_has_model(const struct suite *suite);

// What holds for a tensor of an artifact.
const struct tensor_allowance *suite_allowance(const struct artifact_rule *rule, const char *tensor);

// The table of keys, for the test that holds schemas/suite.schema.json against it.
const struct json_field *suite_fields(void);

// True for a name that can be a folder: [A-Za-z0-9][A-Za-z0-9._-]*, at most 100 characters.
bool suite_name_is_valid(const char *name);

#endif

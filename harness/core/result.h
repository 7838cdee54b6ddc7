// SPDX-License-Identifier: Apache-2.0
//
// A result: all checks of one invocation. Every report is drawn from it and from nothing else.
#ifndef REPRO_CORE_RESULT_H
#define REPRO_CORE_RESULT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_FORMAT 1

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_ERROR };
const char *verdict_name(enum verdict verdict); // "pass", "fail", "skip", "error"

// In the order in which they are reported.
enum stage {
    STAGE_DOCUMENT, // a bad document or command line: the run never began
    STAGE_GOLDEN,
    STAGE_CODE,
    STAGE_INPUTS,
    STAGE_ENVIRONMENT,
    STAGE_REPLAY,
    STAGE_ARTIFACTS,
    STAGE_METRICS,
    STAGE_FUZZ,
    STAGE_PARITY,
    STAGE_LIMITS,
    STAGE_LOG, // the log of predictions
    STAGE_DRIFT,
    STAGE_ROLLBACK,
    STAGE_READY, // of the verb `ready` alone: the questions of going live, answered
};
#define STAGE_COUNT 15
const char *stage_name(enum stage stage);
int stage_from_name(enum stage *out, const char *name); // −1 when unknown

enum note_level { NOTE_NOTICE, NOTE_WARNING };
struct note {
    enum note_level level;
    char *text;
};

// One assertion. `reason` is one line that says it all; it is never empty for a verdict other than pass.
struct check {
    char *suite; // "" for a check about the invocation itself
    enum stage stage;
    char *name; // unique within suite and stage: "model.safetensors", "accuracy", "wall"
    enum verdict verdict;
    enum error_kind fault; // of VERDICT_ERROR: decides between exit status 2 and 3
    char *reason;
    char *detail; // further lines (a table, the last lines of stderr); NULL or text with newlines
    char *cause;  // as far as known; NULL otherwise
    char *repeat; // the command that repeats it; NULL for a pass
    char *file;   // for annotations, relative to the repository; NULL when no line of a file is to blame. Never opened
    long line;
    bool advisory; // gates nothing: its failure is told, and does not fail the invocation
    double seconds;
    struct note *notes;
    size_t note_count;
};

struct suite_summary {
    char *name;
    double seconds;    // all of verify for this suite
    double train_wall; // the training alone, 0 when it did not run
    double train_cpu;
    uint64_t peak_memory; // bytes, of the process tree
    char *run_folder;     // relative to the project, where the logs are; NULL when nothing ran
};

struct result {
    char *command;   // as typed: "repro verify churn"
    char *version;   // of repro
    int64_t started; // seconds since 1970
    double seconds;
    struct pairs properties; // "isolation", "class", "workspace", "commit", …
    struct suite_summary *suites;
    size_t suite_count;
    struct check *checks;
    size_t check_count, check_capacity;
};

// `started` is now, `version` is this repro's.
struct result *result_new(const char *command);
void result_free(struct result *result);
DEFINE_CLEANUP(result)

// A new check, owned by the result; the pointer is valid until the next check is added. `name` and `suite` are copied.
struct check *result_add(struct result *result, const char *suite, enum stage stage, const char *name,
                         enum verdict verdict);
void check_reason(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3); // line ends become spaces
void check_detail(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3); // appends
void check_note(struct check *check, enum note_level level, const char *format, ...) PRINTF_LIKE(3, 4);
// One check of VERDICT_ERROR for each problem or message of the error: NAME, "NAME 2", "NAME 3", … An error that is not
// set gives one check, too: something went wrong that nobody can name.
void result_add_error(struct result *result, const char *suite, enum stage stage, const char *name,
                      const struct error *err);
// The summary of a suite, made when there is none yet.
struct suite_summary *result_suite(struct result *result, const char *name);
// Moves all of `from`, which is empty afterwards, to the end of `to`. For suites that were verified side by side and
// for shards: the times become those of the span that both cover, a property whose values differ becomes "a, b".
void result_merge(struct result *to, struct result *from);
// By suite, then stage, keeping the order in which the checks of one stage were added.
void result_sort(struct result *result);

size_t result_count(const struct result *result, const char *suite, enum verdict verdict); // suite NULL: all
// The exit status of the invocation. What the user must look at first wins:
//   130  somebody pressed Ctrl-C (an error whose fault is ERROR_STOPPED)
//   3    something could not run (ERROR_MACHINE, ERROR_NONE): no verdict about the model can be trusted
//   2    usage or a bad document (ERROR_USAGE)
//   1    a check failed
//   3    nothing was checked: no check at all, or skipped ones only. An empty gate must not read as an open one
//   0    at least one check passed or was advisory, and none did otherwise but be skipped
// An advisory check that failed or was skipped gates nothing, but it is no empty gate either.
int result_exit_status(const struct result *result);

// The document, as JSON; with totals and the exit status, for those who only look. What was written reads back to the
// same bytes. The reader is strict: it merges shards that came from elsewhere.
void result_write(struct buf *out, const struct result *result);
int result_parse(struct result **out, const char *path, const char *text, size_t len, struct error *err);
const struct json_field *result_fields(void);

#endif

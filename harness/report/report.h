// SPDX-License-Identifier: Apache-2.0
//
// Reports: a result drawn for a reader. Each format is one file and one row of the table; all are pure functions of the
// result.
#ifndef REPRO_REPORT_REPORT_H
#define REPRO_REPORT_REPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/term.h"
#include "core/result.h"

// JUnit XML. Flat <testsuites>/<testsuite>, one suite element a suite; see junit.c for what the readers need.
void report_junit(struct buf *out, const struct result *result);

// The result document itself (core/result.h), so that every format has a row.
void report_json(struct buf *out, const struct result *result);

// Workflow commands for GitHub Actions: ::error / ::warning / ::notice annotations (at most 9 of a kind, then "N
// more").
void report_github(struct buf *out, const struct result *result);
// Markdown for GITHUB_STEP_SUMMARY, always under 1 MiB.
void report_github_summary(struct buf *out, const struct result *result);
// Appends the summary to the file named by GITHUB_STEP_SUMMARY and the outputs (verdict, passed, failed, skipped,
// errors, …) to the one named by GITHUB_OUTPUT, where they are set (values passed in; NULL: not set).
int report_github_files(const struct result *result, const char *summary_path, const char *output_path,
                        struct error *err);
// Text that came from training, wrapped so that it cannot be read as workflow commands: ::group::TITLE,
// ::stop-commands::TOKEN …
void report_github_log(struct buf *out, const char *title, const char *text, const char *token);

// For people: a line a check, then the failures with reason, detail, cause and the command that repeats them, then the
// totals. Text from outside has its control characters made visible.
struct terminal_options {
    bool quiet;   // failures and totals only
    bool verbose; // details of passing checks and notes too
};
void report_terminal(struct buf *out, const struct result *result, const struct term *term,
                     const struct terminal_options *options);

struct report_format {
    const char *name; // "junit", "json", "github"
    void (*write)(struct buf *out, const struct result *result);
    const char *summary;
};
const struct report_format *report_find(const char *name); // NULL when unknown
size_t report_count(void);
const struct report_format *report_at(size_t index);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// How a command ends: reports written where they were asked for, faults said on stderr, an exit status.
#ifndef REPRO_CLI_OUTPUT_H
#define REPRO_CLI_OUTPUT_H

#include "base/err.h"
#include "core/result.h"

struct cli_args;
struct session;

// Shows the result on the terminal, keeps it in the run folder (session may be NULL), writes every report that the
// command line asks for. The exit status: the result's, or 3 where a report could not be written.
int output_result(const struct cli_args *args, const struct session *session, struct result *result);

// A fault before or instead of a result: "repro: …" on stderr. The exit status for its kind.
int output_fault(const struct error *err);

// The fault as a result, for a command that owes a report on every exit status.
int output_fault_result(const struct cli_args *args, const struct session *session, const struct error *err);

// A command line that is wrong, for a command that is known.
int output_refuse(const struct cli_args *args);

// Prints one line on stdout: `before` as it is, and the text, which comes from a document, a file's name or a program,
// with whatever a terminal would obey made visible.
void output_line(const char *before, const char *text);

// Prints `out` to stdout; the exit status.
int output_text(const struct buf *out);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The trace of one execution: whether there is one, and where its log goes. Part of run.c.
#ifndef REPRO_RUN_RUN_TRACE_H
#define REPRO_RUN_RUN_TRACE_H

#include "run/run.h"

// The level for this run. An error where one was asked for by name and cannot be had; elsewhere OFF, with the reason in
// `trace_note`.
int run_trace_choose(enum trace_level *out, struct run *run, const struct run_options *options, struct error *err);
// Notes under which paths the run sees its work folder.
void run_trace_place(struct run *run, const struct run_options *options, const char *seen_work);
// Takes the log over and writes it into the run's folder.
int run_trace_close(struct run *run, struct trace *trace, const struct run_options *options, struct error *err);

#endif

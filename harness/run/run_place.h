// SPDX-License-Identifier: Apache-2.0
//
// The place in which a run ran, made once more: for a service that goes on where training ended. Part of run.c.
#ifndef REPRO_RUN_RUN_PLACE_H
#define REPRO_RUN_RUN_PLACE_H

#include "base/err.h"
#include "base/str.h"
#include "run/run.h"

struct sandbox;

// `layer` is a folder with `upper`, `work` and `beneath` in it: what is written goes there, on top of what training
// left. It is used where the workspace is an overlay; elsewhere the workspace itself is written to.
int run_place(struct sandbox **out, struct pairs *env, struct run *run, const struct run_options *options,
              const char *layer, struct error *err);

#endif

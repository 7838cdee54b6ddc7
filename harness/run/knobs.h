// SPDX-License-Identifier: Apache-2.0
//
// Knobs: one thing in the environment that can change a result. One const table says for each how to pin it, and what
// to tell the user (later also how to vary it). A pin in suite.json is "NAME" or "NAME:LEVEL" ("isa:avx2",
// "threads:4").
#ifndef REPRO_RUN_KNOBS_H
#define REPRO_RUN_KNOBS_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

struct knob {
    const char *name;
    const char *const *levels; // NULL-terminated list of levels that may follow the colon; NULL: none
    const char *summary;       // one line for --help and doctor
    const char *remedy;        // what to write in suite.json, or in the code
};

size_t knob_count(void);
const struct knob *knob_at(size_t index);

// Sets the environment variables of the pins in `env`. An unknown pin or level is an error that offers the nearest.
int knobs_pin(struct pairs *env, const struct strings *pins, struct error *err);
// The instruction-set level that the pins ask for ("default", "avx2", "avx512"), or NULL. Borrowed from `pins`.
const char *knobs_isa(const struct strings *pins);

#endif

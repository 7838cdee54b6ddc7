// SPDX-License-Identifier: Apache-2.0
//
// What a file is likely to be, from its name, its size and its first lines. Guesses are written into suite.json for a
// person to correct; nothing that decides a verdict comes from here.
#ifndef REPRO_ENGINE_GUESS_H
#define REPRO_ENGINE_GUESS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum input_kind { INPUT_NONE, INPUT_CODE, INPUT_DATA, INPUT_SETTINGS };
enum input_kind guess_input(const char *path, uint64_t size);

enum output_kind { OUTPUT_ARTIFACT, OUTPUT_METRICS, OUTPUT_SERIES, OUTPUT_LOG };
// `path` is relative; `file` is where it can be read. For a series, *x (the caller frees) is the column that numbers
// the points, or NULL when none does.
enum output_kind guess_output(const char *path, const char *file, char **x);

// Python packages that a numerical class depends on and that the source text imports (torch, numpy, scikit-learn, …),
// as distribution names; appended, sorted, each once.
void guess_packages(struct strings *out, const char *text);

#endif

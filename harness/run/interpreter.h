// SPDX-License-Identifier: Apache-2.0
//
// The interpreter that a command starts, if it starts one, and the packages that it has.
#ifndef REPRO_RUN_INTERPRETER_H
#define REPRO_RUN_INTERPRETER_H

#include "base/str.h"

// Sets "interpreter" ("python 3.11.2") when the command starts one, and "package:NAME" for each of the packages that a
// Python has. Starts nothing when there is neither an interpreter nor a package to ask for.
void interpreter_facts(struct pairs *out, const struct pairs *env, const struct strings *argv,
                       const struct strings *packages);

// The word of a command that names the program: behind `env`, `exec`, NAME=VALUE, within `sh -c`. NULL when that cannot
// be told. The caller frees.
char *interpreter_word(const struct strings *argv);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The numerical classes of this machine, for doctor: what it has, what pins make of it, and whether the goldens fit.
#ifndef REPRO_ENGINE_CLASSES_H
#define REPRO_ENGINE_CLASSES_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

// "x86_64-avx512-intel: …" with the reason, and "isa:default gives x86_64-default, …" (NULL where no pin changes it).
// `facts` are those of facts_collect. The caller frees both.
int classes_of_machine(char **text, char **pinned, const struct pairs *facts, struct error *err);

// The class in which the suite's golden would be looked for here; *fits tells whether there is one (or none of any
// class yet), *remedy what to do where there is not. The caller frees both.
int classes_of_suite(char **text, bool *fits, char **remedy, const char *root, const char *suite,
                     char *const *variables, struct error *err);

#endif

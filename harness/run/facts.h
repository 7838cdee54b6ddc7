// SPDX-License-Identifier: Apache-2.0
//
// Facts about the environment of a run, for the manifest: what a person would ask for when two machines disagree.
#ifndef REPRO_RUN_FACTS_H
#define REPRO_RUN_FACTS_H

#include "base/err.h"
#include "base/str.h"
#include "core/suite.h"

// Adds, sorted by name: "machine" (x86_64), "os" (ID and VERSION_ID of os-release: "debian 12"), "libc" ("glibc 2.36"),
// "interpreter" for a command that starts one ("python 3.11.2", from the program that PATH finds), "package:NAME" for
// each of the suite's class_packages (version from the Python distribution's metadata; "absent" when it is not there).
// No kernel version, no host name, no path.
int facts_collect(struct pairs *out, const struct suite *suite, char *const *caller_environ, struct error *err);

// The numerical class of this machine for this suite: "any" when the suite says so; else
// "ARCH-ISA[-VENDOR][+PACKAGE-VERSION…]", e.g. "x86_64-avx2+torch-1.13.1": architecture, effective instruction set
// (cpuid or HWCAP, lowered by the pin isa:LEVEL), vendor only where no pin levels it (of Intel's MKL, when the suite
// names it among its class_packages, only isa:default does), versions of class_packages. Fit for a folder's name.
// run/class.h reads it back.
int facts_class(char **out, const struct suite *suite, const struct pairs *facts, struct error *err);

#endif

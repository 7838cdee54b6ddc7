// SPDX-License-Identifier: Apache-2.0
//
// Names of numerical classes, "ARCH-ISA[-VENDOR][+PACKAGE-VERSION…]" as facts_class gives them: how far two are apart,
// and what would make them one.
#ifndef REPRO_RUN_CLASS_H
#define REPRO_RUN_CLASS_H

#include "base/str.h"

#include <stdbool.h>

struct numerical_class {
    char *arch;            // "x86_64"; "any" for the class of that name
    char *isa;             // "avx2"; "" when the name has none
    char *vendor;          // "intel"; "" where a pin levels it, or where it does not matter
    struct pairs packages; // name → version, sorted by name
};

// Any text can be parsed: what does not look like a class is an architecture without more. A version may itself have a
// '+' ("1.13.1+cpu"), so only NAME-DIGIT… and NAME-absent begin another package.
void class_parse(struct numerical_class *out, const char *name);
void class_free(struct numerical_class *parts);
static inline void cleanup_class(struct numerical_class *parts)
{
    class_free(parts);
}

// 0 for the same name. What weighs more: another architecture, then each package of another version, then each step
// between the instruction sets, then another vendor.
unsigned class_distance(const char *a, const char *b);

// What would make the class of a golden and that of this machine one: the pin for the lower of the two instruction
// sets, where one levels them; the packages to install; or that nothing does. A clause for a report, without a full
// stop:
// `"pin": ["isa:avx2"] in suite.json would make them one`. "" for the same name. The caller frees.
char *class_advice(const char *golden, const char *mine);

// The level of the pin "isa:LEVEL" under which machines of both instruction sets compute alike; NULL where there is
// none.
const char *class_common_pin(const char *isa, const char *other);

#endif

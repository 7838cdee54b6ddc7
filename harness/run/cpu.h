// SPDX-License-Identifier: Apache-2.0
//
// The instruction set of this CPU, in the steps in which maths libraries choose their kernels.
#ifndef REPRO_RUN_CPU_H
#define REPRO_RUN_CPU_H

#include "base/str.h"

enum cpu_level { CPU_BASE, CPU_V2, CPU_AVX2, CPU_AVX512 };

// On x86-64; CPU_BASE elsewhere.
enum cpu_level cpu_level(void);
// "base", "v2", "avx2", "avx512"; on arm64 "neon" or "sve".
const char *cpu_name(void);
// "intel", "amd", or NULL where it does not matter or is not known.
const char *cpu_vendor(void);
// Adds NumPy's names for the groups of instructions above `level` that this CPU has, in the spelling of every version
// (from 2.4 X86_V3 stands for AVX2 and what came with it, X86_V4 for AVX-512). NumPy warns of a name that it was not
// built with, and refuses one that belongs to its baseline.
void cpu_numpy_above(struct strings *out, enum cpu_level level);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// Counts drawn at random, in a time that does not grow with how many are counted.
#ifndef REPRO_DRIFT_SAMPLING_H
#define REPRO_DRIFT_SAMPLING_H

#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

// How many of n succeed, each with probability p: W. Hörmann's transformed rejection "BTRS" (1993) where n·p is at
// least 10, inversion below.
uint64_t sampling_binomial(struct rng *rng, uint64_t n, double p);

// n things into `count` cells with these probabilities (their sum is taken for 1).
void sampling_multinomial(double *counts, struct rng *rng, uint64_t n, const double *probabilities, size_t count);

#endif

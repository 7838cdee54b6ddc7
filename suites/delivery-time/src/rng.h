// SPDX-License-Identifier: Apache-2.0
//
// PCG-XSH-RR 64/32 (O'Neill 2014). Integer maths of fixed width: the same seed gives the same numbers on every machine.
#ifndef DELIVERY_RNG_H
#define DELIVERY_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

void rng_seed(struct rng *rng, uint64_t seed);
uint32_t rng_next(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t bound); // each number below `bound` equally likely; bound > 0
double rng_unit(struct rng *rng);                    // [0, 1) in steps of 2^-32

#endif

// SPDX-License-Identifier: Apache-2.0
//
// A small seeded generator (PCG-XSH-RR 64/32, O'Neill 2014): the same seed gives the same numbers on every machine.
// For names of temporary files and tokens that an opponent must not guess, use rng_token.
#ifndef REPRO_BASE_RNG_H
#define REPRO_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
    uint64_t stream;
};

void rng_seed(struct rng *rng, uint64_t seed);
uint32_t rng_u32(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t bound); // unbiased; bound > 0
double rng_unit(struct rng *rng);                    // [0, 1), 53 bits

// Fills `out` with len−1 characters of [a-z0-9] from the kernel's generator, and a NUL.
void rng_token(char *out, size_t len);

#endif

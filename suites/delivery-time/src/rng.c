// SPDX-License-Identifier: Apache-2.0
#include "rng.h"

static const uint64_t MULTIPLIER = 6364136223846793005u, INCREMENT = 1442695040888963407u;

void rng_seed(struct rng *rng, uint64_t seed)
{
    rng->state = seed + INCREMENT;
    rng_next(rng);
}

uint32_t rng_next(struct rng *rng)
{
    uint64_t old = rng->state;
    rng->state = old * MULTIPLIER + INCREMENT;
    uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27), turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

uint32_t rng_below(struct rng *rng, uint32_t bound)
{
    // The lowest 2^32 mod bound values are drawn again: without them every remainder has equally many sources.
    uint32_t surplus = -bound % bound, drawn;
    do
        drawn = rng_next(rng);
    while (drawn < surplus);
    return drawn % bound;
}

double rng_unit(struct rng *rng)
{
    return rng_next(rng) / 4294967296.0;
}

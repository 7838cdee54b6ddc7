// SPDX-License-Identifier: Apache-2.0
//
// A case is the sequence of choices that made it. The sequence is drawn from a seed, or given: edit it and generate
// again, and the result is valid by construction. 0 is the simplest choice, and shorter is simpler than longer; so
// shrinking is a search for the least sequence in shortlex order (length, then lexicographic).
#ifndef REPRO_FUZZ_CHOICES_H
#define REPRO_FUZZ_CHOICES_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choice {
    uint64_t value; // < bound
    uint64_t bound;
};
struct span {           // choices that belong together, e.g. one mutation, one cell; spans nest
    size_t first, last; // [first, last)
    unsigned kind;
};

struct choices {
    struct choice *items;
    size_t count, capacity;
    struct span *spans;
    size_t span_count, span_capacity;
    // While replaying: what was given. Past its end every choice is 0; a value that is not below the bound of its
    // choice becomes the bound minus one.
    const uint64_t *given;
    size_t given_count;
    struct rng *rng; // while drawing; NULL while replaying
};

void choices_draw(struct choices *choices, struct rng *rng);                        // begins a drawn sequence
void choices_replay(struct choices *choices, const uint64_t *values, size_t count); // begins a given one
uint64_t choose(struct choices *choices, uint64_t bound);                           // 0 ≤ … < bound; bound ≥ 1
void choices_begin(struct choices *choices, unsigned kind);
void choices_end(struct choices *choices);
void choices_free(struct choices *choices);

// < 0, 0, > 0 by shortlex.
int choices_compare(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count);

#endif

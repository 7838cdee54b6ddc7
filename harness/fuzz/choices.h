// SPDX-License-Identifier: Apache-2.0
//
// A case is the sequence of choices that made it. The sequence is drawn from a seed, or given: edit it and generate
// again, and the result is valid by construction. 0 is the simplest choice, and shorter is simpler than longer; so
// shrinking is a search for the least sequence in shortlex order (length, then lexicographic).
#ifndef REPRO_FUZZ_CHOICES_H
#define REPRO_FUZZ_CHOICES_H

#include "base/mem.h"
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
    struct rng *rng; // while drawing (past the end of what was given); NULL while replaying
    size_t *open;    // spans that have begun and not ended
    size_t open_count, open_capacity;
};

void choices_draw(struct choices *choices, struct rng *rng);                        // begins a drawn sequence
void choices_replay(struct choices *choices, const uint64_t *values, size_t count); // begins a given one; borrowed
// Begins one whose first choices are given and whose others are drawn: to look around a case that was of interest.
void choices_extend(struct choices *choices, const uint64_t *values, size_t count, struct rng *rng);
uint64_t choose(struct choices *choices, uint64_t bound); // 0 ≤ … < bound; bound ≥ 1
// One of a sorted list of numbers, with equal chances; its value is the number itself, so that it keeps its meaning
// when the list changes. What was given and is not in the list becomes the next smaller one that is, or the first.
uint64_t choose_of(struct choices *choices, const uint32_t *list, size_t count); // count ≥ 1
void choices_begin(struct choices *choices, unsigned kind);
void choices_end(struct choices *choices);
void choices_free(struct choices *choices);
DEFINE_CLEANUP_VALUE(choices)

// < 0, 0, > 0 by shortlex.
int choices_compare(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count);

#endif

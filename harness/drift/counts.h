// SPDX-License-Identifier: Apache-2.0
//
// How often each text came: all different ones up to a bound, in the order in which they came first; the rest is
// counted together.
#ifndef REPRO_DRIFT_COUNTS_H
#define REPRO_DRIFT_COUNTS_H

#include "base/arena.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct counts { // all-zero is empty, without a bound
    struct counts_item {
        const char *text; // with a NUL behind it
        size_t len;
        uint64_t hash, times;
    } * items;
    size_t count, capacity;
    size_t limit;    // of `count`; 0: none
    uint64_t other;  // what came beyond it
    uint32_t *slots; // index + 1; 0: free
    size_t mask;
    struct arena texts;
};

void counts_add(struct counts *counts, const char *text, size_t len, uint64_t times);
// As if all of `from` had come after all of `to`.
void counts_merge(struct counts *to, const struct counts *from);
void counts_clear(struct counts *counts); // keeps the memory
void counts_free(struct counts *counts);
DEFINE_CLEANUP_VALUE(counts)

#endif

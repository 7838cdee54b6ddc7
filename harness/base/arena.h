// SPDX-License-Identifier: Apache-2.0
//
// Many small strings that live and die together: a list of 100,000 paths costs a few allocations instead of 100,000.
// All-zero is empty.
#ifndef REPRO_BASE_ARENA_H
#define REPRO_BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks; // the one that is being filled first
};

char *arena_copy(struct arena *arena, const char *text);               // lives as long as the arena
char *arena_bytes(struct arena *arena, const void *bytes, size_t len); // a copy of any bytes, with a NUL behind them
void *arena_room(struct arena *arena, size_t size);                    // aligned for any object; not zeroed
// Forgets everything but keeps the memory: what fits into what was used before allocates nothing.
void arena_clear(struct arena *arena);
void arena_adopt(struct arena *to, struct arena *from); // takes everything over; `from` is empty then
void arena_free(struct arena *arena);

#endif

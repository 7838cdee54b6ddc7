// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include "base/mem.h"

#include <string.h>

// Small lists stay small; large ones end up with blocks of this size.
enum { FIRST_BLOCK = 512, LARGEST_BLOCK = 256 << 10 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t needed)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    size = size < needed ? needed : size;
    struct arena_block *block = mem_realloc(NULL, sizeof *block + size); // not zeroed: every byte is written first
    *block = (struct arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

char *arena_copy(struct arena *arena, const char *text)
{
    size_t len = strlen(text) + 1;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < len)
        block = add_block(arena, len);
    char *copy = block->bytes + block->used;
    memcpy(copy, text, len);
    block->used += len;
    return copy;
}

void arena_adopt(struct arena *to, struct arena *from)
{
    struct arena_block **end = &to->blocks;
    while (*end)
        end = &(*end)->next;
    *end = from->blocks;
    from->blocks = NULL;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

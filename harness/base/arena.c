// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include "base/mem.h"

#include <stddef.h>
#include <string.h>

// Small lists stay small; large ones end up with blocks of this size.
enum { FIRST_BLOCK = 512, LARGEST_BLOCK = 256 << 10 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
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

// `size` bytes that begin at a multiple of `align`, a power of two.
static char *take(struct arena *arena, size_t size, size_t align)
{
    struct arena_block *block = arena->blocks;
    size_t at = block ? (block->used + align - 1) & ~(align - 1) : 0;
    if (!block || at > block->size || block->size - at < size) {
        block = add_block(arena, size);
        at = 0;
    }
    block->used = at + size;
    return block->bytes + at;
}

char *arena_copy(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(take(arena, size, 1), text, size);
}

char *arena_bytes(struct arena *arena, const void *bytes, size_t len)
{
    size_t size;
    if (__builtin_add_overflow(len, 1, &size))
        abort();
    char *copy = take(arena, size, 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

void *arena_room(struct arena *arena, size_t size)
{
    return take(arena, size, _Alignof(max_align_t));
}

void arena_clear(struct arena *arena)
{
    size_t total = 0;
    for (const struct arena_block *block = arena->blocks; block; block = block->next)
        total += block->size;
    if (arena->blocks && arena->blocks->next) { // one block that would have held it all takes their place
        arena_free(arena);
        add_block(arena, total);
    }
    if (arena->blocks)
        arena->blocks->used = 0;
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

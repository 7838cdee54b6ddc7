// SPDX-License-Identifier: Apache-2.0
#include "base/mem.h"

#include <stdint.h>
#include <string.h>

void *mem_alloc(size_t size)
{
    void *bytes = calloc(1, size ? size : 1);
    if (!bytes)
        abort();
    return bytes;
}

void *mem_array(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        abort();
    return mem_alloc(total);
}

void *mem_realloc(void *old, size_t size)
{
    void *bytes = realloc(old, size ? size : 1);
    if (!bytes)
        abort();
    return bytes;
}

void *mem_copy(const void *bytes, size_t size)
{
    void *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    if (size)
        memcpy(copy, bytes, size);
    return copy;
}

void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    size_t larger, total;
    if (__builtin_add_overflow(count, count / 2 + 8, &larger) || __builtin_mul_overflow(larger, item_size, &total))
        abort();
    char *grown = mem_realloc(items, total);
    memset(grown + count * item_size, 0, total - count * item_size);
    *capacity = larger;
    return grown;
}

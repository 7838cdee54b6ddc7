// SPDX-License-Identifier: Apache-2.0
#include "store/items.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>

void items_free(struct items *items)
{
    free(items->list);
    arena_free(&items->names);
}

// The first eight bytes of the path as a number that sorts as they do.
static uint64_t sort_key(const char *name, unsigned char type)
{
    uint64_t key = 0;
    size_t length = strnlen(name, sizeof key);
    for (size_t i = 0; i < sizeof key; i++) {
        unsigned char byte = i < length ? (unsigned char)name[i] : i == length && type == DT_DIR ? '/' : 0;
        key = key << 8 | byte;
    }
    return key;
}

void items_add(struct items *items, const char *name, unsigned char type)
{
    items->list = mem_grow(items->list, items->count, &items->capacity, sizeof *items->list);
    items->list[items->count++] =
        (struct item){.key = sort_key(name, type), .name = arena_copy(&items->names, name), .type = type};
}

static int by_path(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    const unsigned char *p = (const unsigned char *)a->name, *q = (const unsigned char *)b->name;
    for (; *p && *p == *q; p++, q++)
        ;
    int x = *p ? *p : a->type == DT_DIR ? '/' : 0;
    int y = *q ? *q : b->type == DT_DIR ? '/' : 0;
    return x - y;
}

// One pass of a radix sort, from `from` to `to`, by the byte of the key at `shift`. False when that byte tells nothing
// apart.
static bool sort_by_byte(struct item *to, const struct item *from, size_t count, unsigned shift)
{
    size_t starts[257] = {0};
    for (size_t i = 0; i < count; i++)
        starts[(from[i].key >> shift & 0xff) + 1]++;
    if (starts[(from[0].key >> shift & 0xff) + 1] == count)
        return false;
    for (size_t b = 1; b < 257; b++)
        starts[b] += starts[b - 1];
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].key >> shift & 0xff]++] = from[i];
    return true;
}

// A folder of 100,000 files is sorted several times faster by its keys than by comparing names.
void items_sort(struct items *items)
{
    if (items->count < 2)
        return;
    struct item *other = mem_array(items->count, sizeof *other);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (sort_by_byte(other, items->list, items->count, shift)) {
            struct item *sorted = other;
            other = items->list;
            items->list = sorted;
        }
    }
    free(other);
    items->capacity = items->count;
    for (size_t i = 0, end; i < items->count; i = end) {
        for (end = i + 1; end < items->count && items->list[end].key == items->list[i].key; end++)
            ;
        if (end - i > 1)
            qsort(items->list + i, end - i, sizeof *items->list, by_path);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "artifact/table.h"

#include <string.h>

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xe7037ed1a0b428db);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const char *text, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, text, size);
    return value;
}

// The same on machines of one byte order; it decides which slot a value lies in, never what comes out.
uint64_t table_hash(const char *text, size_t len)
{
    uint64_t hash = len;
    if (len < 4) {
        for (size_t i = 0; i < len; i++)
            hash = hash << 8 | (unsigned char)text[i];
        return mix(hash, len);
    }
    if (len < 8)
        return mix(load(text, 4) << 32 | load(text + len - 4, 4), hash);
    size_t at = 0;
    for (; at + 8 < len; at += 8)
        hash = mix(load(text + at, 8), hash);
    return mix(load(text + len - 8, 8), hash);
}

static bool is_name(const struct table_name *name, const char *text, size_t len)
{
    return name->len == len && memcmp(name->text, text, len) == 0;
}

static void grow_slots(struct table_names *names)
{
    size_t size = names->slots ? (names->mask + 1) * 2 : 64;
    free(names->slots);
    names->slots = mem_array(size, sizeof *names->slots);
    names->mask = size - 1;
    for (size_t i = 0; i < names->count; i++) {
        size_t slot = names->items[i].hash & names->mask;
        while (names->slots[slot])
            slot = (slot + 1) & names->mask;
        names->slots[slot] = (uint32_t)i + 1;
    }
}

size_t table_names_find(struct table_names *names, const char *text, size_t len, size_t hint, bool add)
{
    if (hint < names->count && is_name(&names->items[hint], text, len))
        return hint;
    uint64_t hash = table_hash(text, len);
    size_t slot = 0;
    if (names->slots) {
        for (slot = hash & names->mask; names->slots[slot]; slot = (slot + 1) & names->mask) {
            if (is_name(&names->items[names->slots[slot] - 1], text, len))
                return names->slots[slot] - 1;
        }
    }
    if (!add || names->count == TABLE_NAMES_LIMIT)
        return SIZE_MAX;
    names->items = mem_grow(names->items, names->count, &names->capacity, sizeof *names->items);
    names->items[names->count++] = (struct table_name){arena_bytes(&names->texts, text, len), len, hash};
    if (names->count * 2 > names->mask)
        grow_slots(names);
    else
        names->slots[slot] = (uint32_t)names->count;
    return names->count - 1;
}

void table_names_free(struct table_names *names)
{
    free(names->items);
    free(names->slots);
    arena_free(&names->texts);
    *names = (struct table_names){0};
}

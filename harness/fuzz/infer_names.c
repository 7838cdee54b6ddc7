// SPDX-License-Identifier: Apache-2.0
#include "fuzz/infer_parts.h"

#include <string.h>

static bool is_name(const struct name *name, const char *text, size_t len)
{
    return name->len == len && memcmp(name->text, text, len) == 0;
}

static void grow_slots(struct names *names)
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

size_t infer_names_find(struct names *names, const char *text, size_t len, size_t hint, bool add)
{
    if (hint < names->count && is_name(&names->items[hint], text, len))
        return hint;
    uint64_t hash = infer_hash(text, len);
    size_t slot = 0;
    if (names->slots) {
        for (slot = hash & names->mask; names->slots[slot]; slot = (slot + 1) & names->mask) {
            if (is_name(&names->items[names->slots[slot] - 1], text, len))
                return names->slots[slot] - 1;
        }
    }
    if (!add || names->count == NAMES_LIMIT)
        return SIZE_MAX;
    names->items = mem_grow(names->items, names->count, &names->capacity, sizeof *names->items);
    names->items[names->count++] = (struct name){arena_bytes(&names->texts, text, len), len, hash};
    if (names->count * 2 > names->mask)
        grow_slots(names);
    else
        names->slots[slot] = (uint32_t)names->count;
    return names->count - 1;
}

void infer_names_free(struct names *names)
{
    free(names->items);
    free(names->slots);
    arena_free(&names->texts);
    *names = (struct names){0};
}

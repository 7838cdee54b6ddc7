// SPDX-License-Identifier: Apache-2.0
#include "drift/counts.h"

#include "artifact/table.h"

#include <string.h>

enum { FIRST_SLOTS = 64 };

static size_t find_slot(const struct counts *counts, uint64_t hash, const char *text, size_t len)
{
    for (size_t slot = hash & counts->mask;; slot = (slot + 1) & counts->mask) {
        uint32_t index = counts->slots[slot];
        if (index == 0)
            return slot;
        const struct counts_item *item = &counts->items[index - 1];
        if (item->hash == hash && item->len == len && memcmp(item->text, text, len) == 0)
            return slot;
    }
}

static void grow_slots(struct counts *counts)
{
    size_t size = counts->slots ? (counts->mask + 1) * 2 : FIRST_SLOTS;
    free(counts->slots);
    counts->slots = mem_array(size, sizeof *counts->slots);
    counts->mask = size - 1;
    for (size_t i = 0; i < counts->count; i++) {
        size_t slot = counts->items[i].hash & counts->mask;
        while (counts->slots[slot])
            slot = (slot + 1) & counts->mask;
        counts->slots[slot] = (uint32_t)i + 1;
    }
}

static void add_hashed(struct counts *counts, const struct counts_item *add)
{
    if ((counts->count + 1) * 2 > counts->mask)
        grow_slots(counts);
    size_t slot = find_slot(counts, add->hash, add->text, add->len);
    if (counts->slots[slot]) {
        counts->items[counts->slots[slot] - 1].times += add->times;
    } else if ((counts->limit && counts->count == counts->limit) || counts->count == UINT32_MAX - 1) {
        counts->other += add->times;
    } else {
        counts->items = mem_grow(counts->items, counts->count, &counts->capacity, sizeof *counts->items);
        struct counts_item *item = &counts->items[counts->count++];
        *item = *add;
        item->text = arena_bytes(&counts->texts, add->text, add->len);
        counts->slots[slot] = (uint32_t)counts->count;
    }
}

void counts_add(struct counts *counts, const char *text, size_t len, uint64_t times)
{
    add_hashed(counts, &(struct counts_item){text, len, table_hash(text, len), times});
}

void counts_merge(struct counts *to, const struct counts *from)
{
    for (size_t i = 0; i < from->count; i++)
        add_hashed(to, &from->items[i]);
    to->other += from->other;
}

void counts_clear(struct counts *counts)
{
    if (counts->slots && counts->count > 0)
        memset(counts->slots, 0, (counts->mask + 1) * sizeof *counts->slots);
    counts->count = 0;
    counts->other = 0;
    arena_clear(&counts->texts);
}

void counts_free(struct counts *counts)
{
    free(counts->items);
    free(counts->slots);
    arena_free(&counts->texts);
    *counts = (struct counts){0};
}

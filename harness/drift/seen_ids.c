// SPDX-License-Identifier: Apache-2.0
#include "drift/seen_ids.h"

#include <string.h>

enum { FIRST_SLOTS = 256 };

// Every bit of the input moves about half of those of the result, so that the lowest ones can choose a slot.
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

uint64_t seen_ids_hash(const void *id, size_t len)
{
    const unsigned char *at = id;
    uint64_t hash = mix(len + 0x9e3779b97f4a7c15u), word;
    for (; len >= sizeof word; len -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = mix(hash ^ word) + 0x9e3779b97f4a7c15u;
    }
    word = 0;
    if (len > 0)
        memcpy(&word, at, len);
    hash = mix(hash ^ word);
    return hash ? hash : 1;
}

static uint64_t *slot_of(const struct seen_generation *generation, uint64_t hash)
{
    size_t mask = generation->slot_count - 1, at = hash & mask;
    while (generation->slots[at] != 0 && generation->slots[at] != hash)
        at = (at + 1) & mask;
    return &generation->slots[at];
}

static bool has(const struct seen_generation *generation, uint64_t hash)
{
    return generation->slot_count > 0 && *slot_of(generation, hash) == hash;
}

static void widen(struct seen_generation *generation)
{
    struct seen_generation wider = {.slot_count = generation->slot_count ? generation->slot_count * 2 : FIRST_SLOTS,
                                    .count = generation->count};
    wider.slots = mem_array(wider.slot_count, sizeof *wider.slots);
    for (size_t i = 0; i < generation->slot_count; i++) {
        if (generation->slots[i] != 0)
            *slot_of(&wider, generation->slots[i]) = generation->slots[i];
    }
    free(generation->slots);
    *generation = wider;
}

bool seen_ids_add(struct seen_ids *seen, const void *id, size_t len)
{
    uint64_t hash = seen_ids_hash(id, len);
    if (has(&seen->now, hash) || has(&seen->before, hash))
        return true;
    if (seen->now.count == SEEN_IDS_REACH) {
        free(seen->before.slots);
        seen->before = seen->now;
        seen->now = (struct seen_generation){0};
    }
    if (seen->now.count * 2 >= seen->now.slot_count)
        widen(&seen->now);
    *slot_of(&seen->now, hash) = hash;
    seen->now.count++;
    return false;
}

void seen_ids_free(struct seen_ids *seen)
{
    free(seen->now.slots);
    free(seen->before.slots);
    *seen = (struct seen_ids){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "drift/sketch.h"

#include "drift/sorted.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

void sketch_init(struct sketch *sketch, size_t k)
{
    assert(k > 0 && k % 2 == 0);
    *sketch = (struct sketch){.k = k};
}

void sketch_free(struct sketch *sketch)
{
    for (size_t i = 0; i < SKETCH_LEVELS; i++)
        free(sketch->levels[i].items);
    free(sketch->room[0]);
    free(sketch->room[1]);
    *sketch = (struct sketch){0};
}

static double *room_for(struct sketch *sketch, int which, size_t count)
{
    if (sketch->room_size[which] < count) {
        free(sketch->room[which]);
        sketch->room[which] = mem_array(count, sizeof(double));
        sketch->room_size[which] = count;
    }
    return sketch->room[which];
}

static void keep(struct sketch *sketch, size_t level, const double *items, size_t count)
{
    struct sketch_level *to = &sketch->levels[level];
    if (!to->items && count > 0)
        to->items = mem_array(sketch->k, sizeof *to->items);
    if (count > 0)
        memmove(to->items, items, count * sizeof *items);
    to->count = count;
}

// Half of the items, which are an even number, go up; *count tells how many.
static void halve(struct sketch *sketch, size_t level, double *items, size_t *count)
{
    uint64_t bit = UINT64_C(1) << level;
    size_t half = *count / 2, first = sketch->turns & bit ? 0 : 1;
    *(first ? &sketch->under : &sketch->over) += half > 0 ? bit : 0;
    sketch->turns ^= half > 0 ? bit : 0;
    for (size_t i = 0; i < half; i++)
        items[i] = items[2 * i + first];
    *count = half;
}

// An ascending run of items that each stand for 2^level values; level > 0.
static void add_run(struct sketch *sketch, size_t level, const double *run, size_t count)
{
    for (int which = 0; count > 0; level++, which = !which) {
        struct sketch_level *here = &sketch->levels[level];
        assert(level + 1 < SKETCH_LEVELS);
        size_t all = here->count + count;
        double *merged = room_for(sketch, which, all);
        sorted_merge(merged, here->items, here->count, run, count);
        if (all < sketch->k) {
            keep(sketch, level, merged, all);
            return;
        }
        // One that has no other stays.
        keep(sketch, level, merged + all - 1, all % 2);
        all -= all % 2;
        halve(sketch, level, merged, &all);
        run = merged;
        count = all;
    }
}

// Level 0 is full.
static void settle(struct sketch *sketch)
{
    struct sketch_level *first = &sketch->levels[0];
    size_t count = first->count;
    sorted_doubles(first->items, room_for(sketch, 0, count), count);
    halve(sketch, 0, first->items, &count);
    first->count = 0;
    add_run(sketch, 1, first->items, count);
}

void sketch_add(struct sketch *sketch, const double *values, size_t count)
{
    struct sketch_level *first = &sketch->levels[0];
    sketch->count += count;
    if (!first->items && count > 0)
        first->items = mem_array(sketch->k, sizeof *first->items);
    while (count > 0) {
        size_t left = sketch->k - first->count, some = count < left ? count : left;
        memcpy(first->items + first->count, values, some * sizeof *values);
        first->count += some;
        values += some;
        count -= some;
        if (first->count == sketch->k)
            settle(sketch);
    }
}

void sketch_merge(struct sketch *to, const struct sketch *from)
{
    uint64_t count = to->count + from->count;
    to->under += from->under;
    to->over += from->over;
    sketch_add(to, from->levels[0].items, from->levels[0].count);
    for (size_t i = 1; i < SKETCH_LEVELS; i++)
        add_run(to, i, from->levels[i].items, from->levels[i].count);
    to->count = count;
}

double sketch_error(const struct sketch *sketch)
{
    uint64_t most = sketch->under > sketch->over ? sketch->under : sketch->over;
    return sketch->count > 0 ? (double)most / (double)sketch->count : 0;
}

// Puts the items of a level between those of the levels before it; *count grows, and both lists have room for it.
static void interleave(struct weighted *out, size_t *count, const struct weighted *before, const double *items,
                       size_t item_count, uint64_t weight)
{
    size_t at = 0, a = 0, b = 0, all = *count;
    while (a < all || b < item_count) {
        bool mine = b < item_count && (a == all || items[b] < before[a].value);
        const struct weighted next = mine ? (struct weighted){items[b], weight} : before[a];
        b += mine;
        a += !mine;
        if (at > 0 && out[at - 1].value == next.value)
            out[at - 1].weight += next.weight;
        else
            out[at++] = next;
    }
    *count = at;
}

struct weighted *sketch_items(const struct sketch *sketch, size_t *count)
{
    size_t all = 1;
    for (size_t i = 0; i < SKETCH_LEVELS; i++)
        all += sketch->levels[i].count;
    struct weighted *items = mem_array(all, sizeof *items), *other = mem_array(all, sizeof *other);
    CLEANUP(free) double *first = mem_array(sketch->levels[0].count * 2 + 1, sizeof *first);
    if (sketch->levels[0].count > 0)
        memcpy(first, sketch->levels[0].items, sketch->levels[0].count * sizeof *first);
    sorted_doubles(first, first + sketch->levels[0].count, sketch->levels[0].count);
    *count = 0;
    for (size_t i = 0; i < SKETCH_LEVELS; i++) {
        if (sketch->levels[i].count == 0)
            continue;
        interleave(other, count, items, i ? sketch->levels[i].items : first, sketch->levels[i].count, UINT64_C(1) << i);
        struct weighted *swap = items;
        items = other;
        other = swap;
    }
    free(other);
    return items;
}

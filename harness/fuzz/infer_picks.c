// SPDX-License-Identifier: Apache-2.0
//
// A sample of the rows that does not depend on who reads which of them: each row has a hash, made of the seed and of
// the place where it begins, and those with the least hashes are kept (bottom-k sampling).
#include "fuzz/infer_parts.h"

#include <string.h>

static uint64_t hash_place(uint64_t seed, uint64_t at)
{
    uint64_t x = seed * 0x9e3779b97f4a7c15 + at + 0x632be59bd9b4e019;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9; // the finaliser of SplitMix64
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static bool is_less(const struct pick *a, const struct pick *b)
{
    return a->hash != b->hash ? a->hash < b->hash : a->at < b->at;
}

static void swap(struct pick *a, struct pick *b)
{
    struct pick c = *a;
    *a = *b;
    *b = c;
}

// Hoare's selection: the `keep` least come first. Hashes are in no order, so the middle is as good as any.
void picks_cut(struct picks *picks, size_t keep)
{
    if (picks->count <= keep)
        return;
    size_t low = 0, high = picks->count;
    while (high - low > 1 && keep > 0) {
        swap(&picks->items[low + (high - low) / 2], &picks->items[high - 1]);
        size_t edge = low;
        for (size_t i = low; i < high - 1; i++) {
            if (is_less(&picks->items[i], &picks->items[high - 1]))
                swap(&picks->items[i], &picks->items[edge++]);
        }
        swap(&picks->items[edge], &picks->items[high - 1]);
        if (edge == keep)
            break;
        if (edge < keep)
            low = edge + 1;
        else
            high = edge;
    }
    picks->count = keep;
    uint64_t most = 0;
    for (size_t i = 0; i < keep; i++)
        most = picks->items[i].hash > most ? picks->items[i].hash : most;
    picks->bound = most + 1; // equal hashes still come in, and are told apart by their place
}

void picks_add(struct picks *picks, const struct source *source, size_t at)
{
    uint64_t hash = hash_place(source->seed, at);
    if (picks->bound && hash >= picks->bound)
        return;
    picks->items = mem_grow(picks->items, picks->count, &picks->capacity, sizeof *picks->items);
    picks->items[picks->count++] = (struct pick){hash, at};
    if (picks->count >= source->pick_count * 2)
        picks_cut(picks, source->pick_count);
}

void picks_merge(struct picks *to, struct picks *from, const struct source *source)
{
    for (size_t i = 0; i < from->count; i++) {
        to->items = mem_grow(to->items, to->count, &to->capacity, sizeof *to->items);
        to->items[to->count++] = from->items[i];
    }
    picks_cut(to, source->pick_count);
    picks_free(from);
}

void picks_free(struct picks *picks)
{
    free(picks->items);
    *picks = (struct picks){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "fuzz/choices.h"

#include <assert.h>

static void begin(struct choices *choices, const uint64_t *values, size_t count, struct rng *rng)
{
    choices->count = choices->span_count = choices->open_count = 0;
    choices->given = values;
    choices->given_count = count;
    choices->rng = rng;
}

void choices_draw(struct choices *choices, struct rng *rng)
{
    begin(choices, NULL, 0, rng);
}

void choices_replay(struct choices *choices, const uint64_t *values, size_t count)
{
    begin(choices, values, count, NULL);
}

void choices_extend(struct choices *choices, const uint64_t *values, size_t count, struct rng *rng)
{
    begin(choices, values, count, rng);
}

static uint64_t draw(struct rng *rng, uint64_t bound)
{
    if (bound == 1)
        return 0;
    if (bound <= UINT32_MAX)
        return rng_below(rng, (uint32_t)bound);
    // The first 2^64 mod bound numbers would come up once too often.
    uint64_t unfair = -bound % bound;
    for (;;) {
        uint64_t high = rng_u32(rng), drawn = high << 32 | rng_u32(rng);
        if (drawn >= unfair)
            return drawn % bound;
    }
}

static uint64_t record(struct choices *choices, uint64_t value, uint64_t bound)
{
    choices->items = mem_grow(choices->items, choices->count, &choices->capacity, sizeof *choices->items);
    choices->items[choices->count++] = (struct choice){.value = value, .bound = bound};
    return value;
}

static bool is_given(const struct choices *choices)
{
    return choices->count < choices->given_count;
}

uint64_t choose(struct choices *choices, uint64_t bound)
{
    assert(bound >= 1);
    uint64_t value = 0;
    if (is_given(choices)) {
        value = choices->given[choices->count];
        value = value < bound ? value : bound - 1;
    } else if (choices->rng) {
        value = draw(choices->rng, bound);
    }
    return record(choices, value, bound);
}

uint64_t choose_of(struct choices *choices, const uint32_t *list, size_t count)
{
    assert(count >= 1);
    size_t at = 0;
    if (is_given(choices)) {
        uint64_t value = choices->given[choices->count];
        size_t low = 0, high = count; // the first that is larger than the value
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (list[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        at = low ? low - 1 : 0;
    } else if (choices->rng) {
        at = (size_t)draw(choices->rng, count);
    }
    return record(choices, list[at], (uint64_t)list[count - 1] + 1);
}

void choices_begin(struct choices *choices, unsigned kind)
{
    choices->spans = mem_grow(choices->spans, choices->span_count, &choices->span_capacity, sizeof *choices->spans);
    choices->open = mem_grow(choices->open, choices->open_count, &choices->open_capacity, sizeof *choices->open);
    choices->open[choices->open_count++] = choices->span_count;
    choices->spans[choices->span_count++] =
        (struct span){.first = choices->count, .last = choices->count, .kind = kind};
}

void choices_end(struct choices *choices)
{
    assert(choices->open_count > 0);
    choices->spans[choices->open[--choices->open_count]].last = choices->count;
}

void choices_free(struct choices *choices)
{
    free(choices->items);
    free(choices->spans);
    free(choices->open);
    *choices = (struct choices){0};
}

int choices_compare(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count)
{
    if (a_count != b_count)
        return a_count < b_count ? -1 : 1;
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

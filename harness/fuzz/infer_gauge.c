// SPDX-License-Identifier: Apache-2.0
//
// What a column has shown: this is what every cell of the file goes through.
#include "fuzz/infer_parts.h"

#include <math.h>
#include <string.h>

// ---- Different values

enum { FIRST_SLOTS = 16, LONGEST_VALUE = 256 };

static void distinct_drop(struct distinct *set)
{
    free(set->slots);
    arena_free(&set->texts);
    *set = (struct distinct){.full = true};
}

static struct value *find_slot(const struct distinct *set, uint64_t hash, const char *text, size_t len)
{
    for (size_t i = hash & set->mask;; i = (i + 1) & set->mask) {
        struct value *slot = &set->slots[i];
        if (slot->len == SIZE_MAX || (slot->hash == hash && slot->len == len && memcmp(slot->text, text, len) == 0))
            return slot;
    }
}

static void distinct_grow(struct distinct *set)
{
    struct distinct old = *set;
    size_t size = old.slots ? (old.mask + 1) * 2 : FIRST_SLOTS;
    set->slots = mem_array(size, sizeof *set->slots);
    set->mask = size - 1;
    for (size_t i = 0; i < size; i++)
        set->slots[i].len = SIZE_MAX;
    for (size_t i = 0; old.slots && i <= old.mask; i++) {
        const struct value *value = &old.slots[i];
        if (value->len != SIZE_MAX)
            *find_slot(set, value->hash, value->text, value->len) = *value;
    }
    free(old.slots);
}

static void distinct_add(struct distinct *set, const struct value *value, size_t limit)
{
    if (!set->slots)
        distinct_grow(set);
    struct value *slot = find_slot(set, value->hash, value->text, value->len);
    if (slot->len != SIZE_MAX) {
        slot->count += value->count;
        return;
    }
    if (set->count == limit) {
        distinct_drop(set);
        return;
    }
    *slot = *value;
    slot->text = arena_bytes(&set->texts, value->text, value->len);
    if (++set->count * 2 > set->mask)
        distinct_grow(set);
}

static void count_value(struct gauge *gauge, const struct table_token *token, const struct source *source)
{
    if (gauge->distinct.full)
        return;
    // What holds a NUL cannot stand in a document.
    if (token->len > LONGEST_VALUE || (source->file.json && memchr(token->text, '\0', token->len))) {
        distinct_drop(&gauge->distinct);
        return;
    }
    const struct value value = {table_hash(token->text, token->len), 1, token->text, token->len};
    distinct_add(&gauge->distinct, &value, source->distinct_limit);
}

// ---- A cell

static void add_number(struct gauge *gauge, double number)
{
    if (!isfinite(number))
        return;
    if (!gauge->ranged) {
        gauge->min = gauge->max = number;
        gauge->ranged = true;
    }
    gauge->min = number < gauge->min ? number : gauge->min;
    gauge->max = number > gauge->max ? number : gauge->max;
}

static void add_integer(struct gauge *gauge, const char *text, size_t len)
{
    bool first = gauge->integers++ == 0;
    gauge->narrowest = first || len < gauge->narrowest ? len : gauge->narrowest;
    gauge->widest = len > gauge->widest ? len : gauge->widest;
    gauge->zeros = gauge->zeros || (len > 1 && text[0] == '0');
}

static void add_text(struct gauge *gauge, const struct table_token *token)
{
    gauge->texts++;
    gauge->spaces = gauge->spaces || memchr(token->text, ' ', token->len) != NULL;
    gauge->refuted = date_refuted(gauge->refuted, token->text, token->len);
}

static void add_missing(struct gauge *gauge, int word)
{
    gauge->missing++;
    if (word >= 0)
        gauge->spelt |= (uint32_t)1 << word;
}

static bool count_number(struct gauge *gauge, const struct table_token *token)
{
    int64_t integer;
    double number;
    enum table_number_kind kind = table_number(&integer, &number, token->text, token->len);
    if (kind == NUMBER_NOT)
        return false;
    if (kind == NUMBER_INTEGER)
        add_integer(gauge, token->text, token->len);
    else
        gauge->fractions++;
    add_number(gauge, number);
    return true;
}

// CSV has but text: what reads as a number is one, unless the column as a whole says otherwise (infer_types.c).
static void add_cell(struct gauge *gauge, const struct table_token *token)
{
    int word;
    if (token->len == 0)
        add_missing(gauge, -1);
    else if (count_number(gauge, token))
        return;
    else if ((word = table_missing_word(token->text, token->len)) >= 0)
        add_missing(gauge, word);
    else
        add_text(gauge, token);
}

void gauge_add(struct gauge *gauge, const struct table_token *token, const struct source *source)
{
    uint64_t missing = gauge->missing;
    switch (token->kind) {
    case TOKEN_ABSENT:
        return;
    case TOKEN_CELL:
        add_cell(gauge, token);
        break;
    case TOKEN_STRING:
        if (token->len == 0)
            add_missing(gauge, -1);
        else
            add_text(gauge, token);
        break;
    case TOKEN_NUMBER:
        if (!count_number(gauge, token))
            add_missing(gauge, table_missing_word(token->text, token->len)); // NaN
        break;
    case TOKEN_NULL:
        add_missing(gauge, -1);
        break;
    case TOKEN_BOOL:
        gauge->booleans++;
        break;
    case TOKEN_RAW:
        gauge->raws++;
        distinct_drop(&gauge->distinct);
        break;
    }
    if (gauge->missing != missing)
        return;
    gauge->longest = token->len > gauge->longest ? token->len : gauge->longest;
    count_value(gauge, token, source);
}

static void merge_distinct(struct distinct *to, struct distinct *from, size_t limit)
{
    if (to->full || from->full) {
        distinct_drop(to);
        return;
    }
    for (size_t i = 0; from->slots && i <= from->mask && !to->full; i++) {
        if (from->slots[i].len != SIZE_MAX)
            distinct_add(to, &from->slots[i], limit);
    }
}

void gauge_merge(struct gauge *to, struct gauge *from, const struct source *source)
{
    if (from->ranged) {
        add_number(to, from->min);
        add_number(to, from->max);
    }
    if (from->integers > 0) {
        to->narrowest = to->integers == 0 || from->narrowest < to->narrowest ? from->narrowest : to->narrowest;
        to->widest = from->widest > to->widest ? from->widest : to->widest;
    }
    to->missing += from->missing;
    to->integers += from->integers;
    to->fractions += from->fractions;
    to->booleans += from->booleans;
    to->texts += from->texts;
    to->raws += from->raws;
    to->refuted |= from->refuted;
    to->spelt |= from->spelt;
    to->longest = from->longest > to->longest ? from->longest : to->longest;
    to->zeros = to->zeros || from->zeros;
    to->spaces = to->spaces || from->spaces;
    merge_distinct(&to->distinct, &from->distinct, source->distinct_limit);
    gauge_free(from);
}

void gauge_free(struct gauge *gauge)
{
    free(gauge->distinct.slots);
    arena_free(&gauge->distinct.texts);
    *gauge = (struct gauge){0};
}

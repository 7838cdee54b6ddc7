// SPDX-License-Identifier: Apache-2.0
//
// Two lists of values, both sorted by name, are walked side by side. What is only in one of them may be the other's
// under another name: such values are found by a digest of their shape and a few of their elements, then held against
// each other in full.
#include "compare/contents.h"

#include "base/pool.h"
#include "base/str.h"

#include <string.h>

// A tensor of fewer elements is compared on one thread beside others; a larger one gets all threads to itself.
#define LARGE ((uint64_t)256 << 10)
// Not worth starting a thread for.
#define LITTLE ((uint64_t)64 << 10)
// What has so little in it says nothing when it comes up elsewhere.
#define TELLING_ELEMENTS 2
#define TELLING_BYTES    32
// A hostile file can have any number of values that only a full comparison tells apart.
#define MAX_TRIES 8

const char *value_change_name(enum value_change change)
{
    static const char *const names[] = {"same",    "within",  "differs",  "added",
                                        "removed", "renamed", "reshaped", "retyped"};
    return names[change];
}

static const struct contents_rule *rule_for(const char *name, const struct contents_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_glob(rules[i].pattern, name))
            return &rules[i];
    }
    return NULL;
}

// --- one value against another of the same name ---

static bool same_shape(const struct tensor *a, const struct tensor *b)
{
    return a->rank == b->rank && !memcmp(a->shape, b->shape, a->rank * sizeof a->shape[0]);
}

static bool same_type(const struct tensor *a, const struct tensor *b)
{
    return a->dtype == b->dtype && str_equal(a->type_name, b->type_name) &&
           (a->dtype != DTYPE_BLOCK || (a->block_bytes == b->block_bytes && a->block_elements == b->block_elements));
}

// Can they be subtracted from each other?
static bool comparable(const struct tensor *a, const struct tensor *b)
{
    return a->count == b->count && a->dtype != DTYPE_BLOCK && b->dtype != DTYPE_BLOCK &&
           dtype_is_complex(a->dtype) == dtype_is_complex(b->dtype);
}

static void measure(struct value_finding *finding, const struct tensor *golden, const struct tensor *now,
                    size_t threads)
{
    static const struct tensor_rule equality;
    tensor_compare(&finding->difference, golden, now, finding->rule ? &finding->rule->tensor : &equality, threads);
    finding->measured = true;
}

static void judge(struct value_finding *finding)
{
    const struct tensor_difference *d = &finding->difference;
    finding->change = d->outside ? VALUE_DIFFERS : d->bits_differ ? VALUE_WITHIN : VALUE_SAME;
}

static void compare_tensors(struct value_finding *finding, size_t threads)
{
    const struct tensor *golden = &finding->golden->tensor, *now = &finding->now->tensor;
    if (!same_type(golden, now)) {
        finding->change = VALUE_RETYPED;
        if (same_shape(golden, now) && comparable(golden, now))
            measure(finding, golden, now, threads);
    } else if (!same_shape(golden, now)) {
        finding->change = VALUE_RESHAPED;
        if (comparable(golden, now))
            measure(finding, golden, now, threads);
    } else if (tensor_same(golden, now)) {
        finding->change = VALUE_SAME;
    } else {
        measure(finding, golden, now, threads);
        judge(finding);
    }
}

// A number as a tensor without dimensions. Points into the value; the value is this machine's, not a file's.
static void number_tensor(struct tensor *tensor, const struct value *value)
{
    *tensor = (struct tensor){.dtype = DTYPE_F64, .count = 1, .data = (const unsigned char *)&value->number};
    tensor->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static void compare_numbers(struct value_finding *finding)
{
    struct tensor golden, now;
    finding->change = VALUE_SAME;
    if (!memcmp(&finding->golden->number, &finding->now->number, sizeof(double)))
        return;
    number_tensor(&golden, finding->golden);
    number_tensor(&now, finding->now);
    measure(finding, &golden, &now, 1);
    judge(finding);
}

static void compare_kinds(struct value_finding *finding)
{
    const struct value *golden = finding->golden, *now = finding->now;
    struct tensor number;
    finding->change = VALUE_RETYPED;
    if (golden->kind == VALUE_NUMBER && now->kind == VALUE_TENSOR) {
        number_tensor(&number, golden);
        if (comparable(&number, &now->tensor))
            measure(finding, &number, &now->tensor, 1);
    } else if (golden->kind == VALUE_TENSOR && now->kind == VALUE_NUMBER) {
        number_tensor(&number, now);
        if (comparable(&golden->tensor, &number))
            measure(finding, &golden->tensor, &number, 1);
    }
}

static bool same_bytes(const struct value *a, const struct value *b)
{
    return a->size == b->size && (a->size == 0 || !memcmp(a->bytes, b->bytes, a->size));
}

static void compare_values(struct value_finding *finding, size_t threads)
{
    const struct value *golden = finding->golden, *now = finding->now;
    if (golden->kind != now->kind)
        compare_kinds(finding);
    else if (golden->kind == VALUE_TENSOR)
        compare_tensors(finding, threads);
    else if (golden->kind == VALUE_NUMBER)
        compare_numbers(finding);
    else
        finding->change = same_bytes(golden, now) ? VALUE_SAME : VALUE_DIFFERS;
}

// --- renamed ---

struct lone {
    uint64_t digest;
    size_t finding;
};

static uint64_t mix(uint64_t digest, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
    return digest;
}

// Of the kind, the type, the shape and some elements: equal for equal values, and seldom for others.
static uint64_t digest_of(const struct value *value)
{
    uint64_t digest = mix(UINT64_C(0xcbf29ce484222325), &value->kind, sizeof value->kind);
    if (value->kind != VALUE_TENSOR) {
        digest = mix(digest, &value->size, sizeof value->size);
        return mix(digest, value->bytes, value->size < 256 ? value->size : 256);
    }
    const struct tensor *tensor = &value->tensor;
    digest = mix(digest, &tensor->dtype, sizeof tensor->dtype);
    digest = mix(digest, tensor->shape, tensor->rank * sizeof tensor->shape[0]);
    bool blocks = tensor->dtype == DTYPE_BLOCK;
    uint64_t units = blocks ? tensor->count / tensor->block_elements : tensor->count;
    size_t size = blocks ? tensor->block_bytes : dtype_size(tensor->dtype);
    CLEANUP(free) unsigned char *unit = mem_alloc(size);
    for (uint64_t i = 0; i < 16 && units > 0; i++) {
        tensor_gather(unit, tensor, units / 16 * i + units % 16 * i / 16, 1);
        digest = mix(digest, unit, size);
    }
    return digest;
}

static bool is_telling(const struct value *value)
{
    if (value->kind == VALUE_TENSOR)
        return value->tensor.count >= TELLING_ELEMENTS;
    return value->kind != VALUE_NUMBER && value->size >= TELLING_BYTES;
}

static bool same_value(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind != VALUE_TENSOR)
        return same_bytes(a, b);
    return same_type(&a->tensor, &b->tensor) && same_shape(&a->tensor, &b->tensor) &&
           tensor_same(&a->tensor, &b->tensor);
}

static int by_digest(const void *a, const void *b)
{
    const struct lone *one = a, *other = b;
    if (one->digest != other->digest)
        return one->digest < other->digest ? -1 : 1;
    return (one->finding > other->finding) - (one->finding < other->finding);
}

static size_t list_lone(struct lone *list, const struct contents_difference *difference, enum value_change change)
{
    size_t count = 0;
    for (size_t i = 0; i < difference->count; i++) {
        const struct value_finding *finding = &difference->items[i];
        const struct value *value = finding->now ? finding->now : finding->golden;
        if (finding->change == change && is_telling(value))
            list[count++] = (struct lone){digest_of(value), i};
    }
    if (count)
        qsort(list, count, sizeof *list, by_digest);
    return count;
}

// Findings that became part of another one (the removed half of a renamed value) are left with neither side.
static void find_renamed(struct contents_difference *difference)
{
    struct value_finding *items = difference->items;
    CLEANUP(free) struct lone *removed = mem_array(difference->count, sizeof *removed);
    CLEANUP(free) struct lone *added = mem_array(difference->count, sizeof *added);
    size_t gone = list_lone(removed, difference, VALUE_REMOVED);
    size_t come = gone ? list_lone(added, difference, VALUE_ADDED) : 0;
    for (size_t i = 0, j = 0; i < gone; i++) {
        struct value_finding *was = &items[removed[i].finding];
        while (j < come && added[j].digest < removed[i].digest)
            j++;
        for (size_t k = j, tries = 0; k < come && added[k].digest == removed[i].digest && tries < MAX_TRIES; k++) {
            struct value_finding *is = &items[added[k].finding];
            if (is->change != VALUE_ADDED)
                continue;
            tries++;
            if (!same_value(was->golden, is->now))
                continue;
            is->change = VALUE_RENAMED;
            is->golden = was->golden;
            is->was = was->name;
            was->golden = NULL;
            break;
        }
        // Candidates that found their counterpart are not looked at again.
        while (j < come && items[added[j].finding].change != VALUE_ADDED)
            j++;
    }
}

static void drop_merged(struct contents_difference *difference)
{
    size_t kept = 0;
    for (size_t i = 0; i < difference->count; i++) {
        if (difference->items[i].golden || difference->items[i].now)
            difference->items[kept++] = difference->items[i];
    }
    difference->count = kept;
}

// --- all of them ---

static void pair_values(struct contents_difference *out, const struct contents *golden, const struct contents *now,
                        const struct contents_rule *rules, size_t rule_count)
{
    out->items = mem_array(golden->count + now->count, sizeof *out->items);
    for (size_t i = 0, j = 0; i < golden->count || j < now->count;) {
        struct value_finding *finding = &out->items[out->count++];
        int order = i == golden->count ? 1 : j == now->count ? -1 : strcmp(golden->items[i].name, now->items[j].name);
        finding->golden = order <= 0 ? &golden->items[i++] : NULL;
        finding->now = order >= 0 ? &now->items[j++] : NULL;
        finding->name = finding->now ? finding->now->name : finding->golden->name;
        finding->change = order < 0 ? VALUE_REMOVED : order > 0 ? VALUE_ADDED : VALUE_SAME;
        finding->rule = rule_for(finding->name, rules, rule_count);
    }
}

static bool is_large(const struct value_finding *finding)
{
    return finding->golden && finding->now && finding->now->kind == VALUE_TENSOR && finding->now->tensor.count >= LARGE;
}

static void compare_small(size_t index, void *context)
{
    struct value_finding *finding = &((struct value_finding *)context)[index];
    if (finding->golden && finding->now && !is_large(finding))
        compare_values(finding, 1);
}

static void conclude(struct contents_difference *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const struct value_finding *finding = &out->items[i];
        out->by_change[finding->change]++;
        if (finding->now && finding->now->kind == VALUE_TENSOR)
            out->elements += finding->now->tensor.count;
    }
    if (out->by_change[VALUE_SAME] == out->count)
        out->verdict = CONTENTS_EQUAL;
    else if (out->by_change[VALUE_SAME] + out->by_change[VALUE_WITHIN] == out->count)
        out->verdict = CONTENTS_WITHIN;
    else
        out->verdict = CONTENTS_DIFFERENT;
}

void contents_compare(struct contents_difference *out, const struct contents *golden, const struct contents *now,
                      const struct contents_rule *rules, size_t rule_count)
{
    *out = (struct contents_difference){0};
    pair_values(out, golden, now, rules, rule_count);
    uint64_t small = 0;
    for (size_t i = 0; i < out->count; i++) {
        const struct value_finding *finding = &out->items[i];
        if (finding->golden && finding->now && !is_large(finding))
            small += finding->now->kind == VALUE_TENSOR ? finding->now->tensor.count : 1 + finding->now->size;
    }
    pool_run(small < LITTLE ? 1 : 0, out->count, compare_small, out->items);
    for (size_t i = 0; i < out->count; i++) {
        if (is_large(&out->items[i]))
            compare_values(&out->items[i], 0);
    }
    find_renamed(out);
    drop_merged(out);
    conclude(out);
}

void contents_difference_free(struct contents_difference *difference)
{
    free(difference->items);
    *difference = (struct contents_difference){0};
}

// --- the worst first ---

static int rank_of(enum value_change change)
{
    static const int ranks[] = {[VALUE_ADDED] = 0,   [VALUE_REMOVED] = 1, [VALUE_RETYPED] = 2, [VALUE_RESHAPED] = 3,
                                [VALUE_DIFFERS] = 4, [VALUE_WITHIN] = 5,  [VALUE_RENAMED] = 6, [VALUE_SAME] = 7};
    return ranks[change];
}

// A number that became NaN is worse than any distance; so is a text, which has none.
static uint64_t badness(const struct value_finding *finding)
{
    const struct tensor_difference *d = &finding->difference;
    return !finding->measured || d->histogram[TENSOR_HISTOGRAM - 1] ? UINT64_MAX : d->max_ulp;
}

static int by_badness(const void *a, const void *b, void *context)
{
    const struct value_finding *items = context;
    const struct value_finding *one = &items[*(const size_t *)a], *other = &items[*(const size_t *)b];
    if (one->change != other->change)
        return rank_of(one->change) - rank_of(other->change);
    uint64_t bad = badness(one), worse = badness(other);
    if (bad != worse)
        return bad > worse ? -1 : 1;
    return strcmp(one->name, other->name);
}

size_t *contents_worst(size_t *count, const struct contents_difference *difference)
{
    size_t *order = mem_array(difference->count, sizeof *order);
    *count = 0;
    for (size_t i = 0; i < difference->count; i++) {
        if (difference->items[i].change != VALUE_SAME)
            order[(*count)++] = i;
    }
    if (*count)
        qsort_r(order, *count, sizeof *order, by_badness, difference->items);
    return order;
}

// SPDX-License-Identifier: Apache-2.0
// Links: repro_compare
//
// Two tensors out of bytes: type, shape, strides, byte order, rule, then the elements.
//
//   0 dtype   1 flags (bit 0: golden big-endian, 1: transposed, 2: now of another dtype, 3: rank 0, 4: first stride 0)
//   2 rows    3 columns    4 dtype of now    5 max_ulp, 6 rel, 7 abs as powers of two    8 offset of now    9 …
//   elements
#include "base/mem.h"
#include "compare/contents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

static bool make(struct tensor *tensor, enum dtype dtype, const uint8_t *head, const uint8_t *bytes, size_t size)
{
    CLEANUP(error) struct error err = {0};
    *tensor = (struct tensor){.dtype = dtype, .rank = head[1] & 8 ? 0 : 2, .shape = {head[2], head[3]}};
    if (dtype == DTYPE_BLOCK) {
        tensor->type_name = "Q4_0";
        tensor->block_bytes = 18;
        tensor->block_elements = 32;
        tensor->rank = 1;
        tensor->shape[0] = (uint64_t)head[2] * 32;
    }
    return tensor_set_contiguous(tensor, bytes, size, &err) == 0;
}

// Another way to walk the same bytes.
static bool bend(struct tensor *tensor, const uint8_t *head, const uint8_t *bytes, size_t size)
{
    CLEANUP(error) struct error err = {0};
    if (tensor->dtype == DTYPE_BLOCK)
        return true;
    tensor->big_endian = head[1] & 1;
    if (head[1] & 2)
        tensor_fortran_strides(tensor);
    if (head[1] & 16 && tensor->rank)
        tensor->strides[0] = 0;
    return tensor_set_strided(tensor, bytes, size, 0, &err) == 0;
}

static void check_sums(const struct tensor_difference *d, const struct tensor *tensor)
{
    uint64_t sum = 0, parts = dtype_is_complex(tensor->dtype) ? 2 : 1;
    for (size_t k = 0; k < TENSOR_HISTOGRAM; k++)
        sum += d->histogram[k];
    CHECK(sum == d->count * parts);
    CHECK(d->outside <= d->differing && d->differing <= d->bits_differ && d->bits_differ <= d->count);
    CHECK(d->nan_payload <= d->bits_differ - d->differing);
    CHECK(d->nan_appeared + d->nan_vanished <= d->differing);
    CHECK(d->max_ulp_at <= d->count && d->max_abs_at <= d->count * 32 && d->max_rel_at <= d->count);
    CHECK(d->mean_ulp >= 0 && d->mean_ulp <= (double)d->max_ulp);
    CHECK(isnan(d->cosine) || (d->cosine >= -1 && d->cosine <= 1));
    CHECK(d->max_abs >= 0 && d->max_rel >= 0);
    size_t bucket = d->max_ulp ? 64 - (size_t)__builtin_clzll(d->max_ulp) : 0;
    for (size_t k = bucket + 1; k < TENSOR_HISTOGRAM - 1; k++)
        CHECK(d->histogram[k] == 0);
    CHECK(bucket == 0 || d->histogram[bucket] > 0);
}

// Golden and the new one in each other's place.
static void check_turned(const struct tensor_difference *d, const struct tensor_difference *turned)
{
    CHECK(d->differing == turned->differing && d->bits_differ == turned->bits_differ);
    CHECK(d->max_ulp == turned->max_ulp && d->max_ulp_at == turned->max_ulp_at);
    CHECK(d->max_abs == turned->max_abs && d->max_abs_at == turned->max_abs_at);
    CHECK(!memcmp(d->histogram, turned->histogram, sizeof d->histogram));
    CHECK(d->nan_appeared == turned->nan_vanished && d->inf_appeared == turned->inf_vanished);
    CHECK(d->mean_ulp == turned->mean_ulp);
}

static void check_words(const struct tensor_difference *d, const struct tensor *tensor, const struct tensor_rule *rule)
{
    CLEANUP(free) char *line = tensor_describe(d, tensor);
    CLEANUP(free) char *detail = tensor_detail(d, tensor, rule);
    CLEANUP(free) char *bars = tensor_histogram_text(d);
    CHECK(*line && *detail &&
          (*bars != '\0') == (d->histogram[0] != d->count * (dtype_is_complex(tensor->dtype) ? 2 : 1)));
}

static void check_contents(const struct tensor *a, const struct tensor *b, const struct tensor_rule *tensor_rule)
{
    struct value x[] = {{.name = "a", .kind = VALUE_TENSOR, .tensor = *a},
                        {.name = "b", .kind = VALUE_TENSOR, .tensor = *b}};
    struct value y[] = {{.name = "a", .kind = VALUE_TENSOR, .tensor = *b},
                        {.name = "c", .kind = VALUE_TENSOR, .tensor = *b}};
    struct contents golden = {.items = x, .count = 2}, now = {.items = y, .count = 2};
    const struct contents_rule rule = {"*", *tensor_rule};
    CLEANUP(contents_difference) struct contents_difference d;
    contents_compare(&d, &golden, &now, &rule, 1);
    CLEANUP(free) char *text = contents_describe(&d);
    CHECK(*text && d.count >= 2 && d.count <= 3);
    for (size_t i = 0; i < d.count; i++) {
        CLEANUP(free) char *line = value_describe(&d.items[i]);
        CHECK(*line);
    }
    size_t count;
    CLEANUP(free) size_t *worst = contents_worst(&count, &d);
    CHECK(count + d.by_change[VALUE_SAME] == d.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 9)
        return 0;
    const uint8_t *head = data, *bytes = data + 9;
    size_t left = size - 9, offset = head[8] < left ? head[8] : 0;
    enum dtype dtype = head[0] % (DTYPE_BLOCK + 1), other = head[1] & 4 ? head[4] % DTYPE_BLOCK : dtype;
    struct tensor a, b, c;
    const struct tensor_rule rule = {head[5] < 64 ? UINT64_C(1) << head[5] >> 1 : UINT64_MAX, ldexp(1, -(int)head[7]),
                                     ldexp(1, -(int)head[6]), head[5] & 128};
    if (!make(&a, dtype, head, bytes, left) || !make(&b, other, head, bytes + offset, left - offset))
        return 0;
    c = a;
    if (!bend(&a, head, bytes, left))
        return 0;
    check_contents(&a, &b, &rule);
    struct tensor_difference d, turned;
    struct tensor_summary summary;
    tensor_summarise(&summary, &a, 2);
    CHECK(summary.nan + summary.inf <= a.count * 2 && summary.min <= summary.max);
    tensor_compare(&d, &a, &a, &rule, 1);
    CHECK(d.bits_differ == 0 && d.differing == 0 && d.max_ulp == 0 && d.max_abs == 0 && tensor_same(&a, &a));
    bool numeric = dtype != DTYPE_BLOCK && other != DTYPE_BLOCK;
    if (dtype != other && !(numeric && dtype_is_complex(dtype) == dtype_is_complex(other)))
        return 0;
    tensor_compare(&d, &a, &b, &rule, 1);
    tensor_compare(&turned, &b, &a, &rule, 2);
    if (dtype == other) {
        check_sums(&d, &a);
        CHECK(tensor_same(&a, &b) == (d.bits_differ == 0));
        tensor_compare(&turned, &a, &c, &rule, 1);
        CHECK(tensor_same(&a, &c) == (turned.bits_differ == 0));
        tensor_compare(&turned, &b, &a, &rule, 2);
    }
    check_turned(&d, &turned);
    check_words(&d, &a, &rule);
    return 0;
}

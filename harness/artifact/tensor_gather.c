// SPDX-License-Identifier: Apache-2.0
//
// A tensor in canonical form. Neighbouring dimensions that lie in memory as one are walked as one, so that a slice of
// a large tensor is copied in runs as long as there are.
#include "artifact/tensor.h"
#include "base/mem.h"

#include <string.h>

#define PIECE ((size_t)64 << 10)

// The dimensions that are left after merging, the last one first.
struct walk {
    size_t rank;
    uint64_t shape[TENSOR_MAX_RANK];
    int64_t strides[TENSOR_MAX_RANK];
};

static void plan(struct walk *walk, const struct tensor *tensor)
{
    walk->rank = 0;
    for (size_t i = tensor->rank; i-- > 0;) {
        size_t last = walk->rank - 1;
        int64_t span;
        if (tensor->shape[i] == 1)
            continue;
        if (walk->rank > 0 && !__builtin_mul_overflow(walk->strides[last], walk->shape[last], &span) &&
            tensor->strides[i] == span) {
            walk->shape[last] *= tensor->shape[i];
            continue;
        }
        walk->shape[walk->rank] = tensor->shape[i];
        walk->strides[walk->rank++] = tensor->strides[i];
    }
    if (walk->rank == 0) {
        walk->rank = 1;
        walk->shape[0] = 1;
        walk->strides[0] = (int64_t)dtype_size(tensor->dtype);
    }
}

// Copies `count` elements of `size` bytes that lie `stride` apart. A constant size makes each a single move.
static void copy_run(unsigned char *out, const unsigned char *from, uint64_t count, int64_t stride, size_t size)
{
    if (stride == (int64_t)size) {
        memcpy(out, from, count * size);
        return;
    }
#define COPY_SIZE(n)                                                                                                   \
    case n:                                                                                                            \
        for (uint64_t i = 0; i < count; i++)                                                                           \
            memcpy(out + i * (n), from + (int64_t)i * stride, n);                                                      \
        break
    switch (size) {
        COPY_SIZE(1);
        COPY_SIZE(2);
        COPY_SIZE(4);
        COPY_SIZE(8);
        COPY_SIZE(16);
    }
#undef COPY_SIZE
}

static void swap_bytes(unsigned char *bytes, size_t len, size_t unit)
{
    for (size_t at = 0; at < len; at += unit) {
        if (unit == 2) {
            uint16_t value;
            memcpy(&value, bytes + at, 2);
            value = __builtin_bswap16(value);
            memcpy(bytes + at, &value, 2);
        } else if (unit == 4) {
            uint32_t value;
            memcpy(&value, bytes + at, 4);
            value = __builtin_bswap32(value);
            memcpy(bytes + at, &value, 4);
        } else {
            uint64_t value;
            memcpy(&value, bytes + at, 8);
            value = __builtin_bswap64(value);
            memcpy(bytes + at, &value, 8);
        }
    }
}

static void gather(unsigned char *out, const struct tensor *tensor, const struct walk *walk, uint64_t first,
                   uint64_t count)
{
    size_t size = dtype_size(tensor->dtype), unit = dtype_is_complex(tensor->dtype) ? size / 2 : size;
    uint64_t index[TENSOR_MAX_RANK];
    for (size_t i = 0; i < walk->rank; i++) {
        index[i] = first % walk->shape[i];
        first /= walk->shape[i];
    }
    unsigned char *to = out;
    for (uint64_t left = count; left > 0;) {
        int64_t offset = 0;
        for (size_t i = 0; i < walk->rank; i++)
            offset += (int64_t)index[i] * walk->strides[i];
        uint64_t run = walk->shape[0] - index[0];
        run = run < left ? run : left;
        copy_run(to, tensor->data + offset, run, walk->strides[0], size);
        to += run * size;
        left -= run;
        index[0] += run;
        for (size_t i = 0; i + 1 < walk->rank && index[i] == walk->shape[i]; i++) {
            index[i] = 0;
            index[i + 1]++;
        }
    }
    if (tensor->big_endian && unit > 1)
        swap_bytes(out, count * size, unit);
    for (uint64_t i = 0; tensor->dtype == DTYPE_BOOL && i < count; i++)
        out[i] = out[i] != 0;
}

void tensor_gather(void *out, const struct tensor *tensor, uint64_t first, uint64_t count)
{
    if (count == 0)
        return;
    if (tensor->dtype == DTYPE_BLOCK) {
        memcpy(out, tensor->data + first * tensor->block_bytes, count * tensor->block_bytes);
        return;
    }
    struct walk walk;
    plan(&walk, tensor);
    gather(out, tensor, &walk, first, count);
}

int tensor_canonical(const struct tensor *tensor, tensor_sink sink, void *context)
{
    if (tensor->count == 0)
        return 0;
    bool in_place =
        tensor->dtype == DTYPE_BLOCK ||
        (tensor->dtype != DTYPE_BOOL && (!tensor->big_endian || dtype_size(tensor->dtype) == 1) &&
         (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ || dtype_size(tensor->dtype) == 1) && tensor_is_contiguous(tensor));
    if (in_place)
        return sink(tensor->data, tensor_bytes(tensor), context);
    struct walk walk;
    plan(&walk, tensor);
    CLEANUP(free) unsigned char *piece = mem_realloc(NULL, PIECE);
    size_t size = dtype_size(tensor->dtype);
    for (uint64_t at = 0, count; at < tensor->count; at += count) {
        count = tensor->count - at < PIECE / size ? tensor->count - at : PIECE / size;
        gather(piece, tensor, &walk, at, count);
        int stopped = sink(piece, count * size, context);
        if (stopped != 0)
            return stopped;
    }
    return 0;
}

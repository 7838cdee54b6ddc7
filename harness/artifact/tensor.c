// SPDX-License-Identifier: Apache-2.0
#include "artifact/tensor.h"

#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

// A view may show the same bytes many times over (a stride of 0): beyond this it is refused, since whoever walks it
// would never come back.
#define MOST_REPEATED ((uint64_t)1 << 30)

static const struct {
    const char *name;
    unsigned char size;
} dtypes[] = {
    [DTYPE_BOOL] = {"bool", 1},
    [DTYPE_U8] = {"u8", 1},
    [DTYPE_I8] = {"i8", 1},
    [DTYPE_U16] = {"u16", 2},
    [DTYPE_I16] = {"i16", 2},
    [DTYPE_U32] = {"u32", 4},
    [DTYPE_I32] = {"i32", 4},
    [DTYPE_U64] = {"u64", 8},
    [DTYPE_I64] = {"i64", 8},
    [DTYPE_F8_E4M3] = {"f8_e4m3", 1},
    [DTYPE_F8_E5M2] = {"f8_e5m2", 1},
    [DTYPE_F8_E4M3FNUZ] = {"f8_e4m3fnuz", 1},
    [DTYPE_F8_E5M2FNUZ] = {"f8_e5m2fnuz", 1},
    [DTYPE_F8_E8M0] = {"f8_e8m0", 1},
    [DTYPE_F16] = {"f16", 2},
    [DTYPE_BF16] = {"bf16", 2},
    [DTYPE_F32] = {"f32", 4},
    [DTYPE_F64] = {"f64", 8},
    [DTYPE_C64] = {"c64", 8},
    [DTYPE_C128] = {"c128", 16},
    [DTYPE_BLOCK] = {"block", 0},
};

const char *dtype_name(enum dtype dtype)
{
    return dtypes[dtype].name;
}

size_t dtype_size(enum dtype dtype)
{
    return dtypes[dtype].size;
}

bool dtype_is_float(enum dtype dtype)
{
    return dtype >= DTYPE_F8_E4M3 && dtype <= DTYPE_F64;
}

bool dtype_is_complex(enum dtype dtype)
{
    return dtype == DTYPE_C64 || dtype == DTYPE_C128;
}

static int too_large(const struct tensor *tensor, struct error *err)
{
    CLEANUP(free) char *shape = tensor_shape_text(tensor);
    return error_set(err, ERROR_USAGE, "shape %s is too large", shape);
}

// The bytes of the whole tensor without gaps; −1 where no memory could hold them.
static int measure(struct tensor *tensor, uint64_t *bytes, struct error *err)
{
    assert(tensor->rank <= TENSOR_MAX_RANK);
    bool empty = false;
    for (size_t i = 0; i < tensor->rank; i++)
        empty = empty || tensor->shape[i] == 0;
    tensor->count = !empty;
    for (size_t i = 0; i < tensor->rank && !empty; i++) {
        if (__builtin_mul_overflow(tensor->count, tensor->shape[i], &tensor->count))
            return too_large(tensor, err);
    }
    uint64_t units = tensor->count, size = dtype_size(tensor->dtype);
    if (tensor->dtype == DTYPE_BLOCK) {
        assert(tensor->block_bytes > 0 && tensor->block_elements > 0);
        if (tensor->count % tensor->block_elements != 0)
            return error_set(err, ERROR_USAGE, "%llu elements do not fill blocks of %u",
                             (unsigned long long)tensor->count, tensor->block_elements);
        units = tensor->count / tensor->block_elements;
        size = tensor->block_bytes;
    }
    if (__builtin_mul_overflow(units, size, bytes) || *bytes > INT64_MAX)
        return too_large(tensor, err);
    return 0;
}

int tensor_set_contiguous(struct tensor *tensor, const unsigned char *data, uint64_t available, struct error *err)
{
    uint64_t bytes;
    if (measure(tensor, &bytes, err) != 0)
        return -1;
    if (bytes > available)
        return error_set(err, ERROR_USAGE, "needs %llu bytes, there are %llu", (unsigned long long)bytes,
                         (unsigned long long)available);
    tensor->data = data;
    int64_t stride = (int64_t)dtype_size(tensor->dtype);
    for (size_t i = tensor->rank; i-- > 0;) {
        tensor->strides[i] = tensor->count ? stride : 0;
        stride *= tensor->count ? (int64_t)tensor->shape[i] : 0;
    }
    return 0;
}

int tensor_set_strided(struct tensor *tensor, const unsigned char *base, uint64_t available, uint64_t offset,
                       struct error *err)
{
    uint64_t bytes;
    if (tensor->dtype == DTYPE_BLOCK)
        return error_set(err, ERROR_USAGE, "blocks cannot have strides");
    if (measure(tensor, &bytes, err) != 0)
        return -1;
    tensor->data = base;
    if (tensor->count == 0)
        return 0;
    if (offset > available || available > INT64_MAX)
        return error_set(err, ERROR_USAGE, "begins at byte %llu of %llu", (unsigned long long)offset,
                         (unsigned long long)available);
    int64_t low = (int64_t)offset, high = (int64_t)offset;
    bool reachable = true;
    for (size_t i = 0; i < tensor->rank; i++) {
        int64_t reach, *end = tensor->strides[i] < 0 ? &low : &high;
        reachable = reachable && !__builtin_mul_overflow(tensor->strides[i], tensor->shape[i] - 1, &reach) &&
                    !__builtin_add_overflow(*end, reach, end);
    }
    if (!reachable || low < 0 || high > (int64_t)available || available - (uint64_t)high < dtype_size(tensor->dtype))
        return error_set(err, ERROR_USAGE, "its strides lead out of the %llu bytes that there are",
                         (unsigned long long)available);
    if (bytes > available && bytes > MOST_REPEATED)
        return error_set(err, ERROR_USAGE, "shows %llu bytes as %llu", (unsigned long long)available,
                         (unsigned long long)bytes);
    tensor->data = base + offset;
    return 0;
}

void tensor_fortran_strides(struct tensor *tensor)
{
    // Of shapes that are too large this is nonsense, which tensor_set_strided refuses by the shape.
    uint64_t stride = dtype_size(tensor->dtype);
    for (size_t i = 0; i < tensor->rank; i++) {
        tensor->strides[i] = (int64_t)stride;
        stride *= tensor->shape[i];
    }
}

bool tensor_is_contiguous(const struct tensor *tensor)
{
    size_t size = dtype_size(tensor->dtype);
    bool foreign = tensor->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    if (tensor->dtype == DTYPE_BLOCK || tensor->count == 0)
        return true;
    if (foreign && size > 1)
        return false;
    int64_t stride = (int64_t)size;
    for (size_t i = tensor->rank; i-- > 0;) {
        if (tensor->shape[i] > 1 && tensor->strides[i] != stride)
            return false;
        stride *= (int64_t)tensor->shape[i];
    }
    return true;
}

uint64_t tensor_bytes(const struct tensor *tensor)
{
    if (tensor->dtype == DTYPE_BLOCK)
        return tensor->count / tensor->block_elements * tensor->block_bytes;
    return tensor->count * dtype_size(tensor->dtype);
}

static char *list_text(const uint64_t *numbers, size_t count)
{
    CLEANUP(buf) struct buf text = {0};
    buf_putc(&text, '[');
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%llu", i ? "," : "", (unsigned long long)numbers[i]);
    buf_putc(&text, ']');
    return buf_take(&text);
}

char *tensor_shape_text(const struct tensor *tensor)
{
    return list_text(tensor->shape, tensor->rank);
}

char *tensor_index_text(const struct tensor *tensor, uint64_t element)
{
    uint64_t index[TENSOR_MAX_RANK] = {0};
    for (size_t i = tensor->rank; i-- > 0 && tensor->shape[i] > 0;) {
        index[i] = element % tensor->shape[i];
        element /= tensor->shape[i];
    }
    return list_text(index, tensor->rank);
}

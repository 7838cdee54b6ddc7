// SPDX-License-Identifier: Apache-2.0
#include "artifact/npy_array.h"

#include "artifact/contents.h"

#include <string.h>

// The array's own dimensions, then the field's.
static int shape_field(struct tensor *tensor, const struct npy_array *array, const struct npy_field *field,
                       struct error *err)
{
    const struct npy_header *header = array->header;
    if (header->rank + field->rank > TENSOR_MAX_RANK)
        return error_set(err, ERROR_USAGE, "more than %d dimensions", TENSOR_MAX_RANK);
    tensor->rank = header->rank + field->rank;
    memcpy(tensor->shape, header->shape, header->rank * sizeof *tensor->shape);
    memcpy(tensor->shape + header->rank, field->shape, field->rank * sizeof *tensor->shape);
    memcpy(tensor->strides + header->rank, field->strides, field->rank * sizeof *tensor->strides);
    uint64_t stride = header->item_size; // of an empty array any number will do
    for (size_t i = 0; i < header->rank; i++) {
        size_t dimension = header->fortran ? i : header->rank - 1 - i;
        tensor->strides[dimension] = (int64_t)stride;
        stride *= header->shape[dimension];
    }
    return 0;
}

// Elements that no tensor has become blocks, which lie one after another: in place, or gathered as elements of the
// next smaller size that tensors do have.
static int set_blocks(struct tensor *tensor, const struct npy_array *array, const struct npy_field *field,
                      struct error *err)
{
    struct tensor blocks = *tensor, pieces = *tensor;
    bool turned = field->big_endian && field->unit > 1;
    blocks.dtype = DTYPE_BLOCK;
    blocks.block_bytes = (uint32_t)field->size;
    blocks.block_elements = 1;
    pieces.dtype = turned && field->unit == 4 ? DTYPE_U32 : DTYPE_U8;
    pieces.big_endian = turned;
    uint64_t unit = dtype_size(pieces.dtype);
    if (pieces.rank == TENSOR_MAX_RANK)
        return error_set(err, ERROR_USAGE, "more than %d dimensions", TENSOR_MAX_RANK - 1);
    pieces.shape[pieces.rank] = field->size / unit;
    pieces.strides[pieces.rank++] = (int64_t)unit;
    if (tensor_set_strided(&pieces, array->data, array->size, field->offset, err) != 0)
        return -1;
    const unsigned char *bytes = pieces.data;
    if (!tensor_is_contiguous(&pieces)) {
        unsigned char *gathered = mem_realloc(NULL, pieces.count * unit);
        tensor_gather(gathered, &pieces, 0, pieces.count);
        bytes = contents_keep(array->contents, gathered, pieces.count * unit);
    }
    *tensor = blocks;
    return tensor_set_contiguous(tensor, bytes, pieces.count * unit, err);
}

static int add_field(const struct npy_array *array, const struct npy_field *field, const char *prefix, const char *name,
                     struct error *err)
{
    struct tensor tensor = {.dtype = field->dtype, .big_endian = field->big_endian};
    if (shape_field(&tensor, array, field, err) != 0)
        return -1;
    bool named = field->kind == NPY_OPAQUE || field->code[0] == 'M' || field->code[0] == 'm';
    if (field->size == 0) { // U0: nothing but a shape
        CLEANUP(free) char *shape = tensor_shape_text(&tensor);
        char *text = str_printf("%s %s", field->code, shape);
        const unsigned char *kept = contents_keep(array->contents, text, strlen(text));
        struct value *nothing = contents_add(array->contents, prefix, name, VALUE_TEXT, err);
        if (!nothing)
            return -1;
        nothing->bytes = kept;
        nothing->size = strlen(text);
        return 0;
    }
    int set = field->kind == NPY_OPAQUE ? set_blocks(&tensor, array, field, err)
                                        : tensor_set_strided(&tensor, array->data, array->size, field->offset, err);
    struct value *value = set == 0 ? contents_add(array->contents, prefix, name, VALUE_TENSOR, err) : NULL;
    if (!value)
        return *field->name ? error_context(err, "field '%s'", field->name) : -1;
    value->tensor = tensor;
    value->tensor.type_name = named ? arena_copy(&array->contents->texts, field->code) : NULL;
    return 0;
}

int npy_array_add(const struct npy_array *array, const char *prefix, const char *name, struct error *err)
{
    for (size_t i = 0; i < array->header->count; i++) {
        const struct npy_field *field = &array->header->fields[i];
        const char *dot = *name && *field->name ? "." : "";
        CLEANUP(free) char *joined = str_printf("%s%s%s", name, dot, field->name);
        if (add_field(array, field, prefix, joined, err) != 0)
            return -1;
    }
    return 0;
}

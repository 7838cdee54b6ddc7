// SPDX-License-Identifier: Apache-2.0
//
// numpy's .npy (numpy/lib/format.py):
//
//   0   93 'NUMPY'
//   6   u8 major, u8 minor version: 1.0, 2.0 or 3.0
//   8   u16 (version 1) or u32 length of the header, little-endian
//   …   the header (artifact/npy_header.h), Latin-1 or, in version 3, UTF-8
//   …   the array, in C or Fortran order; a pickle when there are Python objects in it
//
// Arrays that were saved into one file one after another are "0", "1", …; a single one has no name. A structured array
// is a tensor for each of its fields. Texts and raw bytes are tensors of blocks.
#include "artifact/contents.h"
#include "artifact/npy_header.h"
#include "artifact/readers.h"

#include <string.h>

#define MAX_HEADER ((uint64_t)1 << 20)

struct npy {
    struct contents *contents;
    struct npy_header header;
    const unsigned char *data;
    uint64_t size; // bytes of the array
    struct error *err;
};

static void cleanup_npy(struct npy *npy)
{
    npy_header_free(&npy->header);
}

// Finds the array that begins at `bytes`. *used: how many bytes it takes.
static int open_array(struct npy *npy, const unsigned char *bytes, size_t len, size_t *used)
{
    if (len < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return error_set(npy->err, ERROR_USAGE, len < 10 ? "it ends within its first 10 bytes" : "it is no array");
    unsigned version = bytes[6];
    if (version < 1 || version > 3)
        return error_set(npy->err, ERROR_USAGE, "its version %u is not known", version);
    size_t begin = version == 1 ? 10 : 12;
    uint64_t header = bytes[8] | (uint64_t)bytes[9] << 8;
    if (version > 1 && len >= begin)
        header |= (uint64_t)bytes[10] << 16 | (uint64_t)bytes[11] << 24;
    if (len < begin || header > len - begin || header > MAX_HEADER)
        return error_set(npy->err, ERROR_USAGE, "its header of %llu bytes does not fit", (unsigned long long)header);
    struct npy_header *parsed = &npy->header;
    if (npy_header_parse(parsed, (const char *)bytes + begin, (size_t)header, version < 3, npy->err) != 0)
        return -1;
    npy->data = bytes + begin + header;
    uint64_t left = len - begin - header;
    npy->size = parsed->item_size;
    bool fits = true, empty = false;
    for (size_t i = 0; i < parsed->rank; i++)
        empty = empty || parsed->shape[i] == 0;
    for (size_t i = 0; i < parsed->rank && fits; i++)
        fits = empty || !__builtin_mul_overflow(npy->size, parsed->shape[i], &npy->size);
    npy->size = parsed->objects ? left : empty ? 0 : npy->size;
    if (!fits || npy->size > left)
        return error_set(npy->err, ERROR_USAGE, "the array does not fit into the %llu bytes that follow its header",
                         (unsigned long long)left);
    *used = begin + (size_t)header + (size_t)npy->size;
    return 0;
}

// The array's own dimensions, then the field's.
static int shape_field(const struct npy *npy, const struct npy_field *field, struct tensor *tensor)
{
    const struct npy_header *header = &npy->header;
    if (header->rank + field->rank > TENSOR_MAX_RANK)
        return error_set(npy->err, ERROR_USAGE, "more than %d dimensions", TENSOR_MAX_RANK);
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
static int set_blocks(const struct npy *npy, const struct npy_field *field, struct tensor *tensor)
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
        return error_set(npy->err, ERROR_USAGE, "more than %d dimensions", TENSOR_MAX_RANK - 1);
    pieces.shape[pieces.rank] = field->size / unit;
    pieces.strides[pieces.rank++] = (int64_t)unit;
    if (tensor_set_strided(&pieces, npy->data, npy->size, field->offset, npy->err) != 0)
        return -1;
    const unsigned char *bytes = pieces.data;
    if (!tensor_is_contiguous(&pieces)) {
        unsigned char *gathered = mem_realloc(NULL, pieces.count * unit);
        tensor_gather(gathered, &pieces, 0, pieces.count);
        bytes = contents_keep(npy->contents, gathered, pieces.count * unit);
    }
    *tensor = blocks;
    return tensor_set_contiguous(tensor, bytes, pieces.count * unit, npy->err);
}

static int add_field(const struct npy *npy, const struct npy_field *field, const char *prefix)
{
    struct tensor tensor = {.dtype = field->dtype, .big_endian = field->big_endian};
    if (shape_field(npy, field, &tensor) != 0)
        return -1;
    bool named = field->kind == NPY_OPAQUE || field->code[0] == 'M' || field->code[0] == 'm';
    if (field->size == 0) { // U0: nothing but a shape
        CLEANUP(free) char *shape = tensor_shape_text(&tensor);
        char *text = str_printf("%s %s", field->code, shape);
        struct value *nothing = contents_add(npy->contents, prefix, field->name, VALUE_TEXT, npy->err);
        if (nothing)
            nothing->size = strlen(text);
        const unsigned char *kept = contents_keep(npy->contents, text, strlen(text));
        if (nothing)
            nothing->bytes = kept;
        return nothing ? 0 : -1;
    }
    int set = field->kind == NPY_OPAQUE ? set_blocks(npy, field, &tensor)
                                        : tensor_set_strided(&tensor, npy->data, npy->size, field->offset, npy->err);
    struct value *value = set == 0 ? contents_add(npy->contents, prefix, field->name, VALUE_TENSOR, npy->err) : NULL;
    if (!value)
        return *field->name ? error_context(npy->err, "field '%s'", field->name) : -1;
    value->tensor = tensor;
    value->tensor.type_name = named ? arena_copy(&npy->contents->texts, field->code) : NULL;
    return 0;
}

static int add_array(const struct npy *npy, const char *prefix)
{
    const struct npy_header *header = &npy->header;
    if (header->objects) {
        contents_note(npy->contents, "an array of Python objects is compared byte for byte");
        struct value *value = contents_add(npy->contents, prefix, "", VALUE_BYTES, npy->err);
        if (!value)
            return -1;
        value->bytes = npy->data;
        value->size = npy->size;
        return 0;
    }
    for (size_t i = 0; i < header->count; i++) {
        if (add_field(npy, &header->fields[i], prefix) != 0)
            return -1;
    }
    return 0;
}

int npy_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    size_t at = 0, used = 0;
    for (size_t i = 0; i == 0 || at < file->len; i++, at += used) {
        __attribute__((cleanup(cleanup_npy))) struct npy npy = {.contents = out, .err = err};
        if (open_array(&npy, file->bytes + at, file->len - at, &used) != 0)
            return i == 0 ? -1 : error_context(err, "behind %zu bytes", at);
        CLEANUP(free) char *index = str_printf("%zu", i);
        bool alone = i == 0 && used == file->len;
        if (add_array(&npy, alone ? prefix : contents_name(out, prefix, index)) != 0)
            return -1;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "artifact/pickle_numpy.h"

#include "base/str.h"

#include <string.h>

// A dtype may be shared by many fields, and each of them is a field of its own in the end.
enum { MAX_DEPTH = 8, MAX_FIELDS = 4096 };

static bool read_dtype(struct npy_header *out, uint64_t *size, const struct pickle *pickle, uint32_t dtype, int depth);

// A text, or bytes, as a string; NULL for anything else. The caller frees.
static char *read_string(const struct pickle *pickle, uint32_t index)
{
    // Bytes of protocols up to 2; what is meant here is ASCII in any of them.
    if (pickle_is_call(pickle, index, "_codecs.encode"))
        index = pickle_item(pickle, pickle_node(pickle, index)->args, 0);
    const struct pickle_node *node = pickle_node(pickle, index);
    bool text = node->kind == PICKLE_TEXT || node->kind == PICKLE_BYTES;
    return text && node->len < 4096 ? str_visible((const char *)node->bytes, (size_t)node->len) : NULL;
}

// "[D]", "[25s]" from the metadata of a date: ({}, (b'D', 1, 1, 1)). "" where there is none.
static char *read_unit(const struct pickle *pickle, uint32_t metadata)
{
    uint32_t unit = pickle_item(pickle, metadata, 1);
    uint64_t times = 1;
    CLEANUP(free) char *name = read_string(pickle, pickle_item(pickle, unit, 0));
    if (!name || strlen(name) > 8 || strcmp(name, "generic") == 0)
        return str_dup("");
    pickle_size(pickle, pickle_item(pickle, unit, 1), &times);
    return times == 1 ? str_printf("[%s]", name) : str_printf("[%llu%s]", (unsigned long long)times, name);
}

static bool read_plain(struct npy_header *out, uint64_t *size, const struct pickle *pickle, const char *code,
                       uint32_t state)
{
    struct npy_field *field = npy_header_add(out);
    bool object = code[0] == 'O', date = strcmp(code, "M8") == 0 || strcmp(code, "m8") == 0;
    const char *order = pickle_is_text(pickle, pickle_item(pickle, state, 1), ">") ? ">" : "<";
    CLEANUP(free) char *unit = date ? read_unit(pickle, pickle_item(pickle, state, 8)) : str_dup("");
    CLEANUP(free) char *whole = str_printf("%s%s%s", order, object ? "O" : code, unit);
    out->objects = out->objects || object;
    if (npy_field_set(field, whole))
        return false;
    *size = field->size;
    return true;
}

// As a rule they come in the same order.
static uint32_t find_field(const struct pickle *pickle, uint32_t fields, uint32_t index, const char *name)
{
    const struct pickle_node *dict = pickle_node(pickle, fields);
    if (dict->kind == PICKLE_DICT && dict->count / 2 > index && pickle_is_text(pickle, dict->items[2 * index], name))
        return dict->items[2 * index + 1];
    return pickle_get(pickle, fields, name);
}

// Each name of the tuple leads to (dtype, offset) or (dtype, offset, title) in the dict.
static bool read_fields(struct npy_header *out, const struct pickle *pickle, uint32_t names, uint32_t fields, int depth)
{
    uint32_t count = pickle_node(pickle, names)->count;
    if (count > MAX_FIELDS)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        CLEANUP(free) char *name = read_string(pickle, pickle_item(pickle, names, i));
        uint32_t entry = name ? find_field(pickle, fields, i, name) : 0;
        struct npy_field outer = {.name = name};
        uint64_t size = 0;
        size_t first = out->count;
        if (!entry || !pickle_size(pickle, pickle_item(pickle, entry, 1), &outer.offset) || outer.offset > INT32_MAX ||
            !read_dtype(out, &size, pickle, pickle_item(pickle, entry, 0), depth + 1) ||
            npy_header_enclose(out, first, &outer, &size))
            return false;
    }
    return true;
}

static bool read_subarray(struct npy_header *out, uint64_t *size, const struct pickle *pickle, uint32_t subarray,
                          int depth)
{
    struct npy_field outer = {.name = (char[]){""}};
    uint32_t shape = pickle_item(pickle, subarray, 1);
    const struct pickle_node *tuple = pickle_node(pickle, shape);
    if (tuple->kind == PICKLE_TUPLE && tuple->count <= TENSOR_MAX_RANK) {
        outer.rank = tuple->count;
        for (uint32_t i = 0; i < tuple->count; i++) {
            if (!pickle_size(pickle, tuple->items[i], &outer.shape[i]))
                return false;
        }
    } else {
        outer.rank = 1;
        if (!pickle_size(pickle, shape, &outer.shape[0]))
            return false;
    }
    size_t first = out->count;
    return read_dtype(out, size, pickle, pickle_item(pickle, subarray, 0), depth + 1) &&
           !npy_header_enclose(out, first, &outer, size);
}

static bool read_dtype(struct npy_header *out, uint64_t *size, const struct pickle *pickle, uint32_t dtype, int depth)
{
    if (depth > MAX_DEPTH || out->count > MAX_FIELDS || !pickle_is_call(pickle, dtype, "numpy.dtype"))
        return false;
    const struct pickle_node *node = pickle_node(pickle, dtype), *state = pickle_node(pickle, node->state);
    CLEANUP(free) char *code = read_string(pickle, pickle_item(pickle, node->args, 0));
    if (!code || strlen(code) < 2)
        return false;
    if (!node->state)
        return read_plain(out, size, pickle, code, 0);
    if (state->kind != PICKLE_TUPLE || state->count < 8)
        return false;
    uint32_t subarray = pickle_item(pickle, node->state, 2), names = pickle_item(pickle, node->state, 3);
    if (pickle_node(pickle, subarray)->kind == PICKLE_TUPLE)
        return read_subarray(out, size, pickle, subarray, depth);
    if (pickle_node(pickle, names)->kind != PICKLE_TUPLE)
        return read_plain(out, size, pickle, code, node->state);
    return pickle_size(pickle, pickle_item(pickle, node->state, 5), size) && *size <= INT32_MAX &&
           read_fields(out, pickle, names, pickle_item(pickle, node->state, 4), depth);
}

bool pickle_dtype(struct npy_header *out, const struct pickle *pickle, uint32_t dtype)
{
    if (!read_dtype(out, &out->item_size, pickle, dtype, 0))
        return false;
    // Offsets are the file's word: a field may not end behind its element.
    for (size_t i = 0; i < out->count; i++) {
        const struct npy_field *field = &out->fields[i];
        uint64_t end = field->offset + field->size; // both are below 2^32
        for (size_t k = 0; k < field->rank; k++)
            end += field->shape[k] ? (field->shape[k] - 1) * (uint64_t)field->strides[k] : 0;
        if (end > out->item_size)
            return false;
    }
    return true;
}

bool pickle_shape(struct npy_header *out, uint64_t *bytes, const struct pickle *pickle, uint32_t shape)
{
    const struct pickle_node *tuple = pickle_node(pickle, shape);
    if ((tuple->kind != PICKLE_TUPLE && tuple->kind != PICKLE_LIST) || tuple->count > TENSOR_MAX_RANK)
        return false;
    bool empty = false;
    out->rank = tuple->count;
    for (size_t i = 0; i < out->rank; i++) {
        if (!pickle_size(pickle, tuple->items[i], &out->shape[i]))
            return false;
        empty = empty || out->shape[i] == 0;
    }
    *bytes = empty ? 0 : out->item_size;
    for (size_t i = 0; i < out->rank && !empty; i++) {
        if (__builtin_mul_overflow(*bytes, out->shape[i], bytes) || *bytes > INT64_MAX)
            return false;
    }
    return true;
}

// SPDX-License-Identifier: Apache-2.0
//
// numpy's arrays in a pickle:
//
//   _reconstruct(ndarray, (0,), b'b')  with the state (1, shape, dtype, Fortran order?, bytes or a list of objects)
//   _frombuffer(bytes, dtype, shape, 'C' or 'F')                   since protocol 5
//   scalar(dtype, bytes)
//   joblib's NumpyArrayWrapper         with a dict: subclass, shape, order, dtype; the bytes follow in the file
#include "artifact/pickle_numpy.h"

#include "artifact/npy_array.h"
#include "artifact/pickle_walk.h"

#include <string.h>

// Copies that arrays of texts may need, as often as they are met.
#define MAX_COPIED ((uint64_t)1 << 30)

struct array {
    uint32_t shape, dtype;
    bool fortran;
    uint32_t data; // bytes, or a list of objects
};

static int emit_objects(struct pickle_walker *w, const struct array *array, const struct npy_header *header)
{
    uint64_t count = 1;
    for (size_t i = 0; i < header->rank; i++) {
        if (__builtin_mul_overflow(count, header->shape[i], &count))
            return PICKLE_GENERIC;
    }
    const struct pickle_node *list = pickle_node(w->pickle, array->data);
    if (list->kind == PICKLE_INTS || list->kind == PICKLE_FLOATS)
        return pickle_walk_node(w, array->data);
    if (list->kind != PICKLE_LIST || list->count != count)
        return PICKLE_GENERIC;
    if (header->rank == 0)
        return pickle_walk_node(w, pickle_item(w->pickle, array->data, 0));
    if (count == 0)
        return pickle_emit_text(w, "[]", 2);
    return pickle_walk_items(w, array->data);
}

static int emit_array(struct pickle_walker *w, const struct array *array)
{
    CLEANUP(npy_header) struct npy_header header = {.fortran = array->fortran};
    uint64_t needed = 0, len = 0;
    const unsigned char *bytes = NULL;
    bool known = pickle_dtype(&header, w->pickle, array->dtype);
    w->visits += header.count;
    if (!known || !pickle_shape(&header, &needed, w->pickle, array->shape))
        return PICKLE_GENERIC;
    if (header.objects)
        return header.count == 1 ? emit_objects(w, array, &header) : PICKLE_GENERIC;
    if (!pickle_bytes(w->pickle, array->data, &bytes, &len))
        return w->pickle->why ? 1 : PICKLE_GENERIC;
    if (len < needed) {
        error_set(w->err, ERROR_USAGE, "the array needs %llu bytes, there are %llu", (unsigned long long)needed,
                  (unsigned long long)len);
        return pickle_context(w);
    }
    for (size_t i = 0; i < header.count; i++)
        w->copied += header.fields[i].kind == NPY_OPAQUE ? needed : 0;
    if (w->copied > MAX_COPIED && w->copied > needed)
        return pickle_puzzle(w->pickle, "its arrays of texts take more than %d MiB", (int)(MAX_COPIED >> 20));
    const struct npy_array values = {w->contents, &header, bytes, len};
    return npy_array_add(&values, w->prefix, buf_text(&w->path), w->err) ? pickle_context(w) : 0;
}

static bool is_true(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *node = pickle_node(w->pickle, index);
    return (node->kind == PICKLE_BOOL || node->kind == PICKLE_INT) && node->integer != 0;
}

static int walk_reconstruct(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index), *state = pickle_node(w->pickle, object->state);
    // Without a version in front, in the pickles of old.
    uint32_t first = state->count == 5, tuple = object->state;
    uint32_t class = pickle_item(w->pickle, object->args, 0);
    if (state->kind != PICKLE_TUPLE || state->count - first != 4 || object->list || object->dict)
        return PICKLE_GENERIC;
    const struct array array = {
        .shape = pickle_item(w->pickle, tuple, first),
        .dtype = pickle_item(w->pickle, tuple, first + 1),
        .fortran = is_true(w, pickle_item(w->pickle, tuple, first + 2)),
        .data = pickle_item(w->pickle, tuple, first + 3),
    };
    if (!pickle_is_global(w->pickle, class, "numpy.ndarray"))
        return PICKLE_GENERIC;
    return emit_array(w, &array);
}

static int walk_frombuffer(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    const struct array array = {
        .shape = pickle_item(w->pickle, object->args, 2),
        .dtype = pickle_item(w->pickle, object->args, 1),
        .fortran = pickle_is_text(w->pickle, pickle_item(w->pickle, object->args, 3), "F"),
        .data = pickle_item(w->pickle, object->args, 0),
    };
    return object->state || object->list || object->dict ? PICKLE_GENERIC : emit_array(w, &array);
}

static int walk_scalar(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    uint32_t dtype = pickle_item(w->pickle, object->args, 0), data = pickle_item(w->pickle, object->args, 1);
    CLEANUP(npy_header) struct npy_header header = {0};
    const unsigned char *bytes = NULL;
    uint64_t len = 0;
    if (object->state || object->list || object->dict || !pickle_dtype(&header, w->pickle, dtype) || header.objects)
        return PICKLE_GENERIC;
    if (!pickle_bytes(w->pickle, data, &bytes, &len) || len < header.item_size)
        return w->pickle->why ? 1 : PICKLE_GENERIC;
    const struct npy_array value = {w->contents, &header, bytes, len};
    return npy_array_add(&value, w->prefix, buf_text(&w->path), w->err) ? pickle_context(w) : 0;
}

// A dtype by itself, as models keep those that they were fitted on.
static int walk_dtype(struct pickle_walker *w, uint32_t index)
{
    CLEANUP(npy_header) struct npy_header header = {0};
    if (!pickle_dtype(&header, w->pickle, index) || header.count != 1 || *header.fields[0].name ||
        header.fields[0].rank)
        return PICKLE_GENERIC;
    const char *order = header.fields[0].big_endian ? ">" : "";
    return pickle_emit_printed(w, "<dtype %s%s>", order, header.fields[0].code);
}

static int walk_joblib(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    uint32_t state = object->state, raw = object->raw;
    if (!raw)
        return PICKLE_GENERIC;
    if (pickle_node(w->pickle, raw)->kind != PICKLE_BYTES)
        return pickle_walk_node(w, raw);
    const struct array array = {
        .shape = pickle_get(w->pickle, state, "shape"),
        .dtype = pickle_get(w->pickle, state, "dtype"),
        .fortran = pickle_is_text(w->pickle, pickle_get(w->pickle, state, "order"), "F"),
        .data = raw,
    };
    return emit_array(w, &array);
}

const struct pickle_special pickle_numpy[] = {
    {"numpy.core.multiarray._reconstruct", walk_reconstruct},
    {"numpy.core.numeric._frombuffer", walk_frombuffer},
    {"numpy.core.multiarray.scalar", walk_scalar},
    {"numpy.dtype", walk_dtype},
    {"joblib.numpy_pickle.NumpyArrayWrapper", walk_joblib},
    {NULL, NULL},
};

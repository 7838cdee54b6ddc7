// SPDX-License-Identifier: Apache-2.0
//
// torch's tensors in a pickle: a view of a storage, whose bytes stand elsewhere.
//
//   _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])
//   _rebuild_tensor_v3(…, hooks, dtype[, metadata])     where the storage has no type of its own
//   _rebuild_parameter(tensor, requires_grad, hooks), …_with_state(…, state)
//   _rebuild_qtensor(storage, offset, size, stride, (scheme, scale, zero point) or …, requires_grad, hooks)
//   storage   a persistent id: ('storage', torch.FloatStorage, key, device, elements[, view])
//
// offset and stride count elements.
#include "artifact/pickle_torch.h"

#include "artifact/pickle_walk.h"
#include "artifact/pytorch_legacy.h"

#include <string.h>

static const struct {
    const char *storage, *dtype; // of module torch
    enum dtype type;
} types[] = {
    {"FloatStorage", "float32", DTYPE_F32},
    {"DoubleStorage", "float64", DTYPE_F64},
    {"HalfStorage", "float16", DTYPE_F16},
    {"BFloat16Storage", "bfloat16", DTYPE_BF16},
    {"LongStorage", "int64", DTYPE_I64},
    {"IntStorage", "int32", DTYPE_I32},
    {"ShortStorage", "int16", DTYPE_I16},
    {"CharStorage", "int8", DTYPE_I8},
    {"ByteStorage", "uint8", DTYPE_U8},
    {"BoolStorage", "bool", DTYPE_BOOL},
    {"ComplexFloatStorage", "complex64", DTYPE_C64},
    {"ComplexDoubleStorage", "complex128", DTYPE_C128},
    {"QInt8Storage", "qint8", DTYPE_I8},
    {"QUInt8Storage", "quint8", DTYPE_U8},
    {"QInt32Storage", "qint32", DTYPE_I32},
    {"QUInt4x2Storage", "quint4x2", DTYPE_U8},
    {"QUInt2x4Storage", "quint2x4", DTYPE_U8},
    {"UInt16Storage", "uint16", DTYPE_U16},
    {"UInt32Storage", "uint32", DTYPE_U32},
    {"UInt64Storage", "uint64", DTYPE_U64},
    {"Float8_e4m3fnStorage", "float8_e4m3fn", DTYPE_F8_E4M3},
    {"Float8_e5m2Storage", "float8_e5m2", DTYPE_F8_E5M2},
    {"Float8_e4m3fnuzStorage", "float8_e4m3fnuz", DTYPE_F8_E4M3FNUZ},
    {"Float8_e5m2fnuzStorage", "float8_e5m2fnuz", DTYPE_F8_E5M2FNUZ},
    {"Float8_e8m0fnuStorage", "float8_e8m0fnu", DTYPE_F8_E8M0},
    {"UntypedStorage", "bits8", DTYPE_U8},
};

// The last part of "torch.FloatStorage", "torch.cuda.FloatStorage", "torch.storage.UntypedStorage".
static bool find_type(enum dtype *out, const struct pickle *pickle, uint32_t global, bool storage)
{
    const struct pickle_node *node = pickle_node(pickle, global);
    if (node->kind != PICKLE_GLOBAL || node->len < 6 || memcmp(node->bytes, "torch.", 6) != 0)
        return false;
    const unsigned char *dot = memrchr(node->bytes, '.', (size_t)node->len);
    size_t len = (size_t)(node->bytes + node->len - dot - 1);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const char *name = storage ? types[i].storage : types[i].dtype;
        if (strlen(name) == len && memcmp(name, dot + 1, len) == 0) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

bool pickle_torch_storage(struct pickle_storage *out, const struct pickle *pickle, uint32_t persistent)
{
    const struct pickle_node *node = pickle_node(pickle, persistent);
    *out = (struct pickle_storage){0};
    if (node->kind != PICKLE_PERSISTENT || !pickle_is_text(pickle, pickle_item(pickle, node->callable, 0), "storage"))
        return false;
    out->key = pickle_item(pickle, node->callable, 2);
    bool view = pickle_node(pickle, pickle_item(pickle, node->callable, 5))->kind == PICKLE_TUPLE; // torch before 0.4
    return !view && pickle_node(pickle, out->key)->kind == PICKLE_TEXT &&
           find_type(&out->dtype, pickle, pickle_item(pickle, node->callable, 1), true) &&
           pickle_size(pickle, pickle_item(pickle, node->callable, 4), &out->elements);
}

// A storage and its bytes. 0, −1, or PICKLE_GENERIC: it is none.
static int open_storage(struct pickle_walker *w, uint32_t index, struct pickle_storage *out)
{
    uint32_t args = pickle_node(w->pickle, index)->args;
    if (pickle_is_call(w->pickle, index, "torch.storage._load_from_bytes")) {
        const unsigned char *bytes = NULL;
        uint64_t len = 0;
        if (!pickle_bytes(w->pickle, pickle_item(w->pickle, args, 0), &bytes, &len))
            return w->pickle->why ? 1 : PICKLE_GENERIC;
        w->visits += len / 256; // it is parsed again wherever it is met
        return pytorch_legacy_storage(out, bytes, (size_t)len) ? 0 : PICKLE_GENERIC;
    }
    if (!w->storages || !pickle_torch_storage(out, w->pickle, index))
        return PICKLE_GENERIC;
    const struct pickle_node *key = pickle_node(w->pickle, out->key);
    out->big_endian = w->storages->big_endian;
    if (w->storages->find(w->storages, key->bytes, (size_t)key->len, &out->bytes, &out->size))
        return 0;
    error_set(w->err, ERROR_USAGE, "its storage '%.*s' is missing", key->len > 64 ? 64 : (int)key->len,
              (const char *)key->bytes);
    return pickle_context(w);
}

// Fills rank, shape and strides. False: not what a tensor has.
static bool read_view(struct tensor *out, const struct pickle *pickle, uint32_t sizes, uint32_t strides)
{
    if (pickle_is_call(pickle, sizes, "torch.Size"))
        sizes = pickle_item(pickle, pickle_node(pickle, sizes)->args, 0);
    const struct pickle_node *shape = pickle_node(pickle, sizes), *steps = pickle_node(pickle, strides);
    if (shape->kind != PICKLE_TUPLE || steps->kind != PICKLE_TUPLE || shape->count != steps->count ||
        shape->count > TENSOR_MAX_RANK)
        return false;
    out->rank = shape->count;
    int64_t size = (int64_t)dtype_size(out->dtype);
    for (size_t i = 0; i < out->rank; i++) {
        const struct pickle_node *step = pickle_node(pickle, steps->items[i]);
        if (!pickle_size(pickle, shape->items[i], &out->shape[i]) || step->kind != PICKLE_INT ||
            __builtin_mul_overflow(step->integer, size, &out->strides[i]))
            return false;
    }
    return true;
}

static int emit_view(struct pickle_walker *w, const struct pickle_storage *storage, const struct tensor *view,
                     uint64_t offset)
{
    struct value *value = pickle_emit(w, VALUE_TENSOR);
    if (!value)
        return pickle_failed(w);
    value->tensor = *view;
    value->tensor.big_endian = storage->big_endian;
    if (tensor_set_strided(&value->tensor, storage->bytes, storage->size, offset, w->err) == 0)
        return 0;
    return pickle_context(w);
}

// What a hook would do, and whether gradients are kept, is no part of a model's content.
static int walk_rest(struct pickle_walker *w, uint32_t args, uint32_t first)
{
    uint32_t count = pickle_node(w->pickle, args)->count;
    for (uint32_t i = first; i < count; i++) {
        uint32_t node = pickle_item(w->pickle, args, i);
        enum pickle_kind kind = pickle_node(w->pickle, node)->kind;
        const struct pickle_node *object = pickle_node(w->pickle, node);
        bool hooks = pickle_is_call(w->pickle, node, "collections.OrderedDict") && !object->dict && !object->state;
        if (kind == PICKLE_NONE || hooks || (kind == PICKLE_DICT && object->count == 0))
            continue;
        if (kind == PICKLE_BOOL) {
            contents_leave_out(w->contents, "requires_grad of tensors");
            continue;
        }
        int rc = pickle_walk_at(w, "<more>", node);
        if (rc)
            return rc;
    }
    return 0;
}

static int walk_view(struct pickle_walker *w, uint32_t index, uint32_t dtype, uint32_t rest)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    uint32_t args = object->args, state = object->state;
    struct pickle_storage storage = {0};
    if (object->list || object->dict)
        return PICKLE_GENERIC;
    int rc = open_storage(w, pickle_item(w->pickle, args, 0), &storage);
    if (rc)
        return rc;
    struct tensor view = {.dtype = storage.dtype};
    uint64_t offset = 0;
    if (dtype && !find_type(&view.dtype, w->pickle, pickle_item(w->pickle, args, dtype), false))
        return PICKLE_GENERIC;
    if (!pickle_size(w->pickle, pickle_item(w->pickle, args, 1), &offset) ||
        __builtin_mul_overflow(offset, (uint64_t)dtype_size(view.dtype), &offset) ||
        !read_view(&view, w->pickle, pickle_item(w->pickle, args, 2), pickle_item(w->pickle, args, 3))) {
        error_set(w->err, ERROR_USAGE, "a tensor of no possible size");
        return pickle_context(w);
    }
    rc = emit_view(w, &storage, &view, offset);
    if (!rc)
        rc = walk_rest(w, args, rest);
    return rc || !state ? rc : pickle_walk_at(w, "<state>", state);
}

static int walk_tensor(struct pickle_walker *w, uint32_t index)
{
    return walk_view(w, index, 0, 4);
}

static int walk_tensor_v3(struct pickle_walker *w, uint32_t index)
{
    return walk_view(w, index, 6, 7);
}

static int walk_qtensor(struct pickle_walker *w, uint32_t index)
{
    uint32_t quantizer = pickle_item(w->pickle, pickle_node(w->pickle, index)->args, 4);
    int rc = walk_view(w, index, 0, 5);
    return rc ? rc : pickle_walk_at(w, "<quantizer>", quantizer);
}

static int walk_parameter(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    uint32_t args = object->args, state = object->state;
    if (object->list || object->dict || pickle_node(w->pickle, args)->count < 2)
        return PICKLE_GENERIC;
    int rc = pickle_walk_node(w, pickle_item(w->pickle, args, 0));
    if (!rc)
        rc = walk_rest(w, args, 1);
    return rc || !state ? rc : pickle_walk_at(w, "<state>", state);
}

// _rebuild_from_type_v2(function, class, arguments, state): a subclass, or a tensor with attributes.
static int walk_from_type(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node object = *pickle_node(w->pickle, index);
    uint32_t class = pickle_item(w->pickle, object.args, 1), args = pickle_item(w->pickle, object.args, 2);
    uint32_t function = pickle_item(w->pickle, object.args, 0), state = pickle_item(w->pickle, object.args, 3);
    bool tensor = pickle_is_global(w->pickle, class, "torch.Tensor") ||
                  pickle_is_global(w->pickle, class, "torch._tensor.Tensor") ||
                  pickle_is_global(w->pickle, class, "torch.nn.parameter.Parameter");
    if (!tensor || object.state || object.list || object.dict ||
        !pickle_is_global(w->pickle, function, "torch._utils._rebuild_tensor_v2"))
        return PICKLE_GENERIC;
    // As the call that it stands for, for as long as it is walked.
    w->pickle->nodes[index].args = args;
    int rc = walk_tensor(w, index);
    w->pickle->nodes[index].args = object.args;
    return rc ? rc : pickle_walk_at(w, "<state>", state);
}

static int walk_first(struct pickle_walker *w, uint32_t index)
{
    const struct pickle_node *object = pickle_node(w->pickle, index);
    if (object->state || object->list || object->dict || pickle_node(w->pickle, object->args)->count != 1)
        return PICKLE_GENERIC;
    return pickle_walk_node(w, pickle_item(w->pickle, object->args, 0));
}

// A storage that is kept by itself.
static int walk_storage(struct pickle_walker *w, uint32_t index)
{
    struct pickle_storage storage = {0};
    int rc = open_storage(w, index, &storage);
    if (rc)
        return rc;
    struct tensor all = {.dtype = storage.dtype, .rank = 1};
    all.strides[0] = (int64_t)dtype_size(storage.dtype);
    all.shape[0] = storage.size / dtype_size(storage.dtype);
    return emit_view(w, &storage, &all, 0);
}

int pickle_walk_persistent(struct pickle_walker *w, uint32_t index)
{
    return walk_storage(w, index);
}

const struct pickle_special pickle_torch[] = {
    {"torch._utils._rebuild_tensor_v2", walk_tensor},
    {"torch._utils._rebuild_tensor", walk_tensor},
    {"torch._utils._rebuild_tensor_v3", walk_tensor_v3},
    {"torch._utils._rebuild_parameter", walk_parameter},
    {"torch._utils._rebuild_parameter_with_state", walk_parameter},
    {"torch._utils._rebuild_qtensor", walk_qtensor},
    {"torch._tensor._rebuild_from_type_v2", walk_from_type},
    {"torch.storage._load_from_bytes", walk_storage},
    {"torch.Size", walk_first},
    {"torch.device", walk_first},
    {NULL, NULL},
};

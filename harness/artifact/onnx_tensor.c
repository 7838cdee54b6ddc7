// SPDX-License-Identifier: Apache-2.0
//
// TensorProto (onnx/onnx.proto of ONNX), by field number:
//
//   1 dims, i64 each            4 float_data    FLOAT, COMPLEX64 (real and imaginary parts in turn)
//   2 data_type                 5 int32_data    one varint an element: INT32, INT16, INT8, UINT16, UINT8, BOOL, and the
//   3 segment (never used)                      bits of FLOAT16, BFLOAT16, FLOAT8*; for types of 4 bits, one a byte
//   8 name                      6 string_data   7 int64_data   INT64
//   9 raw_data: little-endian  10 double_data   DOUBLE, COMPLEX128
//  12 doc_string               11 uint64_data   UINT32, UINT64
//  13 external_data: pairs 1 key, 2 value: location (a path beside the model), offset, length, checksum
//  14 data_location: 1 is external
//
// Types of 4 bits are packed by two, the first in the low half of its byte.
#include "artifact/onnx_tensor.h"

#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/protobuf.h"
#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

enum { F_DIMS = 1, F_TYPE, F_SEGMENT, F_FLOATS, F_INT32S, F_STRINGS, F_INT64S, F_NAME, F_RAW, F_DOUBLES, F_UINT64S };
enum { F_EXTERNAL = 13, F_LOCATION = 14 };

static const struct type {
    const char *name;
    enum dtype dtype;
    uint32_t field; // of the typed data; 0: there is no such type
    bool halves;    // two elements a byte
    bool is_signed;
} types[] = {
    [1] = {"FLOAT", DTYPE_F32, F_FLOATS, false, false},
    [2] = {"UINT8", DTYPE_U8, F_INT32S, false, false},
    [3] = {"INT8", DTYPE_I8, F_INT32S, false, true},
    [4] = {"UINT16", DTYPE_U16, F_INT32S, false, false},
    [5] = {"INT16", DTYPE_I16, F_INT32S, false, true},
    [6] = {"INT32", DTYPE_I32, F_INT32S, false, true},
    [7] = {"INT64", DTYPE_I64, F_INT64S, false, false},
    [8] = {"STRING", DTYPE_BLOCK, F_STRINGS, false, false},
    [9] = {"BOOL", DTYPE_BOOL, F_INT32S, false, false},
    [10] = {"FLOAT16", DTYPE_F16, F_INT32S, false, false},
    [11] = {"DOUBLE", DTYPE_F64, F_DOUBLES, false, false},
    [12] = {"UINT32", DTYPE_U32, F_UINT64S, false, false},
    [13] = {"UINT64", DTYPE_U64, F_UINT64S, false, false},
    [14] = {"COMPLEX64", DTYPE_C64, F_FLOATS, false, false},
    [15] = {"COMPLEX128", DTYPE_C128, F_DOUBLES, false, false},
    [16] = {"BFLOAT16", DTYPE_BF16, F_INT32S, false, false},
    [17] = {"FLOAT8E4M3FN", DTYPE_F8_E4M3, F_INT32S, false, false},
    [18] = {"FLOAT8E4M3FNUZ", DTYPE_F8_E4M3FNUZ, F_INT32S, false, false},
    [19] = {"FLOAT8E5M2", DTYPE_F8_E5M2, F_INT32S, false, false},
    [20] = {"FLOAT8E5M2FNUZ", DTYPE_F8_E5M2FNUZ, F_INT32S, false, false},
    [21] = {"UINT4", DTYPE_BLOCK, F_INT32S, true, false},
    [22] = {"INT4", DTYPE_BLOCK, F_INT32S, true, true},
    [23] = {"FLOAT4E2M1", DTYPE_BLOCK, F_INT32S, true, false},
    [24] = {"FLOAT8E8M0", DTYPE_F8_E8M0, F_INT32S, false, false},
};

const char *onnx_type_name(uint64_t type)
{
    return type < ARRAY_LEN(types) ? types[type].name : NULL;
}

struct reading {
    struct onnx_target *target;
    const char *name; // of the value
    struct tensor tensor;
    const struct type *type;
    uint32_t field;             // of the data; 0: none was seen
    const unsigned char *bytes; // of raw data, and of typed data that stands in one piece as raw data would
    size_t len;
    struct buf typed, lines; // of typed data otherwise; of strings
    size_t strings;
    bool external;
    char *location; // of external data
    uint64_t offset, length;
    bool has_length;
    size_t extra; // bytes beyond the last element
    struct error *err;
};

static int fail(struct reading *r, const char *what)
{
    return error_set(r->err, ERROR_USAGE, "tensor '%s': %s", r->name, what);
}

static int add_dim(struct reading *r, uint64_t dim)
{
    if (r->tensor.rank == TENSOR_MAX_RANK)
        return fail(r, "more than 32 dimensions");
    if ((int64_t)dim < 0)
        return fail(r, "a negative dimension");
    r->tensor.shape[r->tensor.rank++] = dim;
    return 0;
}

// --- typed data ---

// One element of the fields that hold varints, in as many bytes as the tensor's type has.
static int add_integer(struct reading *r, uint64_t bits)
{
    size_t size = r->type->halves ? 1 : dtype_size(r->type->dtype);
    bool is_signed = r->type->is_signed && !r->type->halves;
    int64_t limit = size < 8 ? (int64_t)1 << (8 * size - is_signed) : 0;
    int64_t value = (int64_t)bits;
    if (limit && (value >= limit || value < (is_signed ? -limit : 0)))
        return fail(r, "an element that its type cannot hold");
    for (size_t i = 0; i < size; i++)
        buf_putc(&r->typed, (char)(bits >> 8 * i));
    return 0;
}

static int add_varints(struct reading *r, const struct protobuf_field *field,
                       int (*add)(struct reading *r, uint64_t varint))
{
    if (field->wire == PROTOBUF_VARINT)
        return add(r, field->varint);
    if (field->wire != PROTOBUF_BYTES)
        return fail(r, "a field of the wrong wire type");
    struct protobuf packed = {field->bytes, field->bytes + field->len, r->target->file->bytes};
    while (packed.at < packed.end) {
        uint64_t varint;
        if (protobuf_varint(&varint, &packed, r->err) < 0 || add(r, varint) < 0)
            return -1;
    }
    return 0;
}

// Floats and doubles are little-endian on the wire, too: packed in one piece, they are raw data.
static int add_fixed(struct reading *r, const struct protobuf_field *field)
{
    enum protobuf_wire wire = field->number == F_FLOATS ? PROTOBUF_32 : PROTOBUF_64;
    if (field->wire != wire && field->wire != PROTOBUF_BYTES)
        return fail(r, "a field of the wrong wire type");
    if (!r->bytes && r->typed.len == 0 && field->wire == PROTOBUF_BYTES) {
        r->bytes = field->bytes;
        r->len = field->len;
        return 0;
    }
    if (r->bytes)
        buf_append(&r->typed, r->bytes, r->len);
    r->bytes = NULL;
    buf_append(&r->typed, field->bytes, field->len);
    return 0;
}

// One field of data: raw or of the tensor's type, and not both.
static int add_data(struct reading *r, const struct protobuf_field *field)
{
    if (field->wire == PROTOBUF_BYTES && field->len == 0 && field->number != F_STRINGS)
        return 0;
    if (r->field && (r->field != field->number || field->number == F_RAW))
        return fail(r, "its data is there twice");
    r->field = field->number;
    if (field->number == F_RAW ? r->type->field == F_STRINGS : r->type->field != field->number)
        return fail(r, "its data is in the field of another type");
    if ((field->number == F_RAW || field->number == F_STRINGS) && field->wire != PROTOBUF_BYTES)
        return fail(r, "a field of the wrong wire type");
    if (field->number == F_FLOATS || field->number == F_DOUBLES)
        return add_fixed(r, field);
    if (field->number != F_RAW && field->number != F_STRINGS)
        return add_varints(r, field, add_integer);
    if (field->number == F_STRINGS) {
        lines_add(&r->lines, (const char *)field->bytes, field->len);
        r->strings++;
    } else {
        r->bytes = field->bytes;
        r->len = field->len;
    }
    return 0;
}

// --- external data ---

static int take_number(struct reading *r, uint64_t *out, const struct protobuf_field *text)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->bytes[i] < '0' || text->bytes[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text->bytes[i] - '0'), &value))
            return fail(r, "external data with an offset or a length that is no number");
    }
    *out = value;
    return 0;
}

// One pair of key and value.
static int add_external(struct reading *r, const struct protobuf_field *field)
{
    struct protobuf pair = {field->bytes, field->bytes + field->len, r->target->file->bytes};
    struct protobuf_field part, key = {0}, value = {0};
    bool more;
    while (protobuf_next(&more, &part, &pair, r->err) == 0 && more) {
        if (part.wire == PROTOBUF_BYTES)
            *(part.number == 1 ? &key : &value) = part;
    }
    if (r->err->kind != ERROR_NONE)
        return -1;
    if (key.len == 8 && !memcmp(key.bytes, "location", 8)) {
        if (r->location || !value.bytes || memchr(value.bytes, '\0', value.len))
            return fail(r, "external data without a proper location");
        r->location = str_ndup((const char *)value.bytes, value.len);
    } else if (key.len == 6 && !memcmp(key.bytes, "offset", 6)) {
        return take_number(r, &r->offset, &value);
    } else if (key.len == 6 && !memcmp(key.bytes, "length", 6)) {
        r->has_length = true;
        return take_number(r, &r->length, &value);
    }
    return 0;
}

static int open_external(struct reading *r, const struct artifact_file **out)
{
    struct onnx_target *target = r->target;
    for (size_t i = 0; i < target->opened_count; i++) {
        *out = &target->opened[i];
        if (strcmp((*out)->name, r->location) == 0)
            return 0;
    }
    struct artifact_file file;
    if (contents_map(target->contents, &file, target->file->folder, r->location, r->err) < 0)
        return error_context(r->err, "tensor '%s'", r->name);
    file.name = arena_copy(&target->contents->texts, r->location);
    target->opened = mem_grow(target->opened, target->opened_count, &target->opened_capacity, sizeof *target->opened);
    target->opened[target->opened_count] = file;
    *out = &target->opened[target->opened_count++];
    return 0;
}

static int find_external(struct reading *r)
{
    if (r->field || r->type->field == F_STRINGS || !r->location)
        return fail(r, "external data without a proper location");
    if (!r->target->file->folder)
        return error_set(r->err, ERROR_USAGE,
                         "tensor '%s': its data is in the file '%s', which cannot be opened from here", r->name,
                         r->location);
    const struct artifact_file *file = NULL;
    if (open_external(r, &file) < 0)
        return -1;
    if (r->offset > file->len || (r->has_length && r->length > file->len - r->offset))
        return error_set(r->err, ERROR_USAGE, "tensor '%s': its data is beyond the %zu bytes of '%s'", r->name,
                         file->len, r->location);
    r->bytes = file->bytes + r->offset;
    r->len = r->has_length ? (size_t)r->length : file->len - (size_t)r->offset;
    return 0;
}

// --- the value ---

static int add_strings(struct reading *r, struct onnx_target *target)
{
    uint64_t count = 1;
    for (size_t i = 0; i < r->tensor.rank; i++)
        count = __builtin_mul_overflow(count, r->tensor.shape[i], &count) ? UINT64_MAX : count;
    if (count != r->strings)
        return fail(r, "it has not as many strings as its shape says");
    CLEANUP(free) char *shape = tensor_shape_text(&r->tensor), *type = str_printf("STRING%s", shape);
    CLEANUP(free) char *list = str_printf("%s[]", r->name);
    if (lines_copy_value(target->contents, target->prefix, r->name, type, strlen(type), r->err) < 0)
        return -1;
    return lines_value(target->contents, target->prefix, list, &r->lines, r->err);
}

// Two elements a byte, one after another: an odd number of them does not fill its last byte, so it is taken apart.
static int add_halves(struct reading *r, struct value *value)
{
    struct tensor *tensor = &value->tensor;
    uint64_t odd = 1, count = 1;
    for (size_t i = 0; i < tensor->rank; i++) {
        odd &= tensor->shape[i];
        if (__builtin_mul_overflow(count, tensor->shape[i], &count))
            return fail(r, "its shape is too large");
    }
    tensor->type_name = r->type->name;
    tensor->block_bytes = 1;
    tensor->block_elements = 2;
    if (!odd)
        return tensor_set_contiguous(tensor, r->bytes, r->len, r->err);
    if (r->len < count / 2 + 1)
        return fail(r, "has fewer bytes than its shape asks for");
    unsigned char *whole = mem_alloc((size_t)count);
    for (size_t i = 0; i < count; i++) {
        unsigned half = r->bytes[i / 2] >> 4 * (i % 2) & 15;
        whole[i] = (unsigned char)(r->type->is_signed && half > 7 ? half + 240 : half);
    }
    tensor->dtype = r->type->is_signed ? DTYPE_I8 : DTYPE_U8;
    r->extra = r->len - (size_t)(count / 2 + 1);
    return tensor_set_contiguous(tensor, contents_keep(r->target->contents, whole, (size_t)count), count, r->err);
}

static int add_tensor(struct reading *r)
{
    struct onnx_target *target = r->target;
    struct value *value = contents_add(target->contents, target->prefix, r->name, VALUE_TENSOR, r->err);
    if (!value)
        return -1;
    if (!r->bytes) {
        r->len = r->typed.len;
        r->bytes = contents_keep(target->contents, buf_take(&r->typed), r->len);
    }
    value->tensor = r->tensor;
    value->tensor.dtype = r->type->dtype;
    r->extra = 0;
    int status =
        r->type->halves ? add_halves(r, value) : tensor_set_contiguous(&value->tensor, r->bytes, r->len, r->err);
    if (status < 0)
        return error_context(r->err, "tensor '%s'", r->name);
    if (!r->type->halves || value->tensor.dtype == DTYPE_BLOCK)
        r->extra = r->len - (size_t)tensor_bytes(&value->tensor);
    // External data without a length goes on with other tensors'.
    if (r->extra > 0 && (!r->external || r->has_length))
        return error_set(r->err, ERROR_USAGE, "tensor '%s': has %zu bytes more than its shape asks for", r->name,
                         r->extra);
    return 0;
}

// All but the data, which needs to know the type.
static int read_description(struct reading *r, const struct protobuf_field *field)
{
    switch (field->number) {
    case F_DIMS:
        return add_varints(r, field, add_dim);
    case F_TYPE:
        r->type = field->wire == PROTOBUF_VARINT && onnx_type_name(field->varint) ? &types[field->varint] : NULL;
        return r->type ? 0 : fail(r, "a type that this reader does not know");
    case F_LOCATION:
        r->external = field->wire == PROTOBUF_VARINT && field->varint == 1;
        return 0;
    case F_EXTERNAL:
        return field->wire == PROTOBUF_BYTES ? add_external(r, field) : fail(r, "a field of the wrong wire type");
    case F_SEGMENT:
        return fail(r, "it is only a segment of a tensor");
    default:
        return 0;
    }
}

static int read_data(struct reading *r, const struct protobuf_field *field)
{
    bool is_data = field->number >= F_FLOATS && field->number <= F_UINT64S && field->number != F_NAME;
    return is_data ? add_data(r, field) : 0;
}

static int each_field(struct reading *r, const unsigned char *bytes, size_t len,
                      int (*take)(struct reading *r, const struct protobuf_field *field))
{
    struct protobuf message = {bytes, bytes + len, r->target->file->bytes};
    struct protobuf_field field;
    bool more;
    for (;;) {
        if (protobuf_next(&more, &field, &message, r->err) < 0)
            return -1;
        if (!more)
            return 0;
        if (take(r, &field) < 0)
            return -1;
    }
}

int onnx_tensor_read(struct onnx_target *target, const char *name, const unsigned char *bytes, size_t len,
                     struct error *err)
{
    struct reading r = {.target = target, .name = name, .err = err};
    int status = each_field(&r, bytes, len, read_description);
    if (status == 0 && !r.type)
        status = fail(&r, "it has no type");
    if (status == 0)
        status = each_field(&r, bytes, len, read_data);
    if (status == 0 && r.external)
        status = find_external(&r);
    if (status == 0)
        status = r.type->field == F_STRINGS ? add_strings(&r, target) : add_tensor(&r);
    buf_free(&r.typed);
    buf_free(&r.lines);
    free(r.location);
    return status;
}

void onnx_target_free(struct onnx_target *target)
{
    free(target->opened);
}

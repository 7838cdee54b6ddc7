// SPDX-License-Identifier: Apache-2.0
//
// GGUF (docs/gguf.md of ggml), versions 2 and 3. Numbers are little-endian, or all big-endian, which the version tells.
//
//   "GGUF"   u32 version   u64 number of tensors   u64 number of pairs
//   pairs:   text key, u32 type, value
//              0 u8  1 i8  2 u16  3 i16  4 u32  5 i32  6 f32  7 bool (a byte)  8 text  10 u64  11 i64  12 f64
//              9 array: u32 type, u64 length, values; of type 9 they are arrays, too
//   tensors: text name, u32 number of dimensions (at most 4), u64 each (the innermost first), u32 type (the table
//            below), u64 offset from where the data begins
//   data:    from the next multiple of general.alignment (32 where it is not given) on; each tensor at the next such
//            multiple behind the one before
//   a text is u64 length and as many bytes
//
// Quantised tensors are blocks, compared as blocks. Arrays of texts are one text, one a line
// ("tokenizer.ggml.tokens[]").
#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/readers.h"

#include <inttypes.h>
#include <string.h>

#define MOST_DIMENSIONS   4
#define MOST_NESTED       8
#define LONGEST_NAME      ((uint64_t)65535)
#define SAFE_INTEGER      ((uint64_t)1 << 53)
#define DEFAULT_ALIGNMENT 32

enum { KV_BOOL = 7, KV_TEXT = 8, KV_ARRAY = 9 };

static const struct {
    enum dtype dtype;
    bool is_signed;
} kv_types[] = {
    [0] = {DTYPE_U8, false},           [1] = {DTYPE_I8, true},          [2] = {DTYPE_U16, false},
    [3] = {DTYPE_I16, true},           [4] = {DTYPE_U32, false},        [5] = {DTYPE_I32, true},
    [6] = {DTYPE_F32, false},          [KV_BOOL] = {DTYPE_BOOL, false}, [KV_TEXT] = {DTYPE_BLOCK, false},
    [KV_ARRAY] = {DTYPE_BLOCK, false}, [10] = {DTYPE_U64, false},       [11] = {DTYPE_I64, true},
    [12] = {DTYPE_F64, false},
};

static const struct tensor_type {
    const char *name;
    enum dtype dtype;
    unsigned short elements, bytes; // of a block
} tensor_types[] = {
    [0] = {"F32", DTYPE_F32, 1, 4},           [1] = {"F16", DTYPE_F16, 1, 2},
    [2] = {"Q4_0", DTYPE_BLOCK, 32, 18},      [3] = {"Q4_1", DTYPE_BLOCK, 32, 20},
    [6] = {"Q5_0", DTYPE_BLOCK, 32, 22},      [7] = {"Q5_1", DTYPE_BLOCK, 32, 24},
    [8] = {"Q8_0", DTYPE_BLOCK, 32, 34},      [10] = {"Q2_K", DTYPE_BLOCK, 256, 84},
    [11] = {"Q3_K", DTYPE_BLOCK, 256, 110},   [12] = {"Q4_K", DTYPE_BLOCK, 256, 144},
    [13] = {"Q5_K", DTYPE_BLOCK, 256, 176},   [14] = {"Q6_K", DTYPE_BLOCK, 256, 210},
    [15] = {"Q8_K", DTYPE_BLOCK, 256, 292},   [16] = {"IQ2_XXS", DTYPE_BLOCK, 256, 66},
    [17] = {"IQ2_XS", DTYPE_BLOCK, 256, 74},  [18] = {"IQ3_XXS", DTYPE_BLOCK, 256, 98},
    [19] = {"IQ1_S", DTYPE_BLOCK, 256, 50},   [20] = {"IQ4_NL", DTYPE_BLOCK, 32, 18},
    [21] = {"IQ3_S", DTYPE_BLOCK, 256, 110},  [22] = {"IQ2_S", DTYPE_BLOCK, 256, 82},
    [23] = {"IQ4_XS", DTYPE_BLOCK, 256, 136}, [24] = {"I8", DTYPE_I8, 1, 1},
    [25] = {"I16", DTYPE_I16, 1, 2},          [26] = {"I32", DTYPE_I32, 1, 4},
    [27] = {"I64", DTYPE_I64, 1, 8},          [28] = {"F64", DTYPE_F64, 1, 8},
    [29] = {"IQ1_M", DTYPE_BLOCK, 256, 56},   [30] = {"BF16", DTYPE_BF16, 1, 2},
    [34] = {"TQ1_0", DTYPE_BLOCK, 256, 54},   [35] = {"TQ2_0", DTYPE_BLOCK, 256, 66},
    [39] = {"MXFP4", DTYPE_BLOCK, 32, 17},    [40] = {"NVFP4", DTYPE_BLOCK, 64, 36},
};

struct described {
    const char *name; // in the contents
    uint32_t type;
    size_t rank;
    uint64_t shape[MOST_DIMENSIONS]; // the outermost first
    uint64_t offset;
    size_t order; // in the file
};

struct gguf {
    struct contents *contents;
    const struct artifact_file *file;
    const char *prefix;
    size_t at;
    bool big_endian;
    uint64_t alignment;
    struct described *tensors;
    size_t count, capacity;
    struct error *err;
};

static int fail(const struct gguf *g, const char *what)
{
    return error_set(g->err, ERROR_USAGE, "byte %zu: %s", g->at, what);
}

static uint64_t number_at(const struct gguf *g, size_t at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | g->file->bytes[at + (g->big_endian ? i : size - 1 - i)];
    return value;
}

static int take(uint64_t *out, struct gguf *g, size_t size)
{
    if (g->file->len - g->at < size)
        return fail(g, "the file ends here");
    *out = number_at(g, g->at, size);
    g->at += size;
    return 0;
}

static int take_text(const char **out, uint64_t *len, struct gguf *g)
{
    if (take(len, g, 8) < 0)
        return -1;
    if (*len > g->file->len - g->at)
        return fail(g, "a text is longer than the file");
    *out = (const char *)g->file->bytes + g->at;
    g->at += (size_t)*len;
    return 0;
}

// A text that is fit to name a value.
static int take_name(char **out, struct gguf *g)
{
    const char *text;
    uint64_t len;
    if (take_text(&text, &len, g) < 0)
        return -1;
    if (len == 0 || len > LONGEST_NAME || memchr(text, '\0', (size_t)len))
        return fail(g, "a name that is empty, too long or has a NUL in it");
    *out = str_ndup(text, (size_t)len);
    return 0;
}

// --- pairs ---

static int take_scalar(struct gguf *g, const char *key, uint64_t type)
{
    enum dtype dtype = kv_types[type].dtype;
    size_t at = g->at, size = dtype_size(dtype);
    uint64_t bits;
    if (take(&bits, g, size) < 0)
        return -1;
    unsigned unused = 64 - 8 * (unsigned)size;
    int64_t value = kv_types[type].is_signed ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
    uint64_t magnitude = kv_types[type].is_signed && value < 0 ? -(uint64_t)value : bits;
    bool as_tensor = type == KV_BOOL || (!dtype_is_float(dtype) && magnitude > SAFE_INTEGER);
    struct value *out = contents_add(g->contents, g->prefix, key, as_tensor ? VALUE_TENSOR : VALUE_NUMBER, g->err);
    if (!out)
        return -1;
    if (as_tensor) {
        out->tensor.dtype = dtype;
        out->tensor.big_endian = g->big_endian;
        return tensor_set_contiguous(&out->tensor, g->file->bytes + at, size, g->err);
    }
    if (dtype == DTYPE_F32) {
        float number;
        uint32_t half = (uint32_t)bits;
        memcpy(&number, &half, sizeof number);
        out->number = (double)number;
    } else if (dtype == DTYPE_F64) {
        memcpy(&out->number, &bits, sizeof bits);
    } else {
        out->number = kv_types[type].is_signed ? (double)value : (double)bits;
    }
    return 0;
}

static int take_text_value(struct gguf *g, const char *key)
{
    const char *text;
    uint64_t len;
    if (take_text(&text, &len, g) < 0)
        return -1;
    struct value *out = contents_add(g->contents, g->prefix, key, VALUE_TEXT, g->err);
    if (!out)
        return -1;
    out->bytes = (const unsigned char *)text;
    out->size = len;
    return 0;
}

static int take_texts(struct gguf *g, const char *key, uint64_t count)
{
    CLEANUP(buf) struct buf lines = {0};
    for (uint64_t i = 0; i < count; i++) {
        const char *text;
        uint64_t len;
        if (take_text(&text, &len, g) < 0)
            return -1;
        lines_add(&lines, text, (size_t)len);
    }
    CLEANUP(free) char *name = str_printf("%s[]", key);
    return lines_value(g->contents, g->prefix, name, &lines, g->err);
}

static int take_numbers(struct gguf *g, const char *key, uint64_t type, uint64_t count)
{
    struct value *out = contents_add(g->contents, g->prefix, key, VALUE_TENSOR, g->err);
    if (!out)
        return -1;
    out->tensor.dtype = kv_types[type].dtype;
    out->tensor.big_endian = g->big_endian;
    out->tensor.rank = 1;
    out->tensor.shape[0] = count;
    if (tensor_set_contiguous(&out->tensor, g->file->bytes + g->at, g->file->len - g->at, g->err) < 0)
        return error_context(g->err, "byte %zu: '%s'", g->at, key);
    g->at += (size_t)tensor_bytes(&out->tensor);
    return 0;
}

static int take_array(struct gguf *g, const char *key, int depth)
{
    uint64_t type, count;
    if (take(&type, g, 4) < 0 || take(&count, g, 8) < 0)
        return -1;
    if (type >= ARRAY_LEN(kv_types))
        return fail(g, "an array of a type that GGUF does not have");
    if (count > g->file->len - g->at)
        return fail(g, "an array has more values than the file has bytes");
    if (type == KV_TEXT)
        return take_texts(g, key, count);
    if (type != KV_ARRAY)
        return take_numbers(g, key, type, count);
    if (depth == MOST_NESTED)
        return fail(g, "arrays are nested too deeply");
    // How many there are has to be seen even where there are none.
    CLEANUP(free) char *list = str_printf("%s[].length", key);
    struct value *length = contents_add(g->contents, g->prefix, list, VALUE_NUMBER, g->err);
    if (!length)
        return -1;
    length->number = (double)count;
    for (uint64_t i = 0; i < count; i++) {
        CLEANUP(free) char *name = str_printf("%s[%" PRIu64 "]", key, i);
        if (take_array(g, name, depth + 1) < 0)
            return -1;
    }
    return 0;
}

static int take_alignment(struct gguf *g, const char *key, uint64_t type, size_t at)
{
    if (strcmp(key, "general.alignment") != 0)
        return 0;
    if (type != 4)
        return fail(g, "general.alignment is not a u32");
    g->alignment = number_at(g, at, 4);
    if (g->alignment == 0 || g->alignment % 8 != 0)
        return fail(g, "general.alignment is no multiple of 8");
    return 0;
}

static int take_pair(struct gguf *g)
{
    static const char *const left_out[] = {"general.uuid", "general.url", "general.quantized_by"};
    CLEANUP(free) char *key = NULL;
    uint64_t type;
    if (take_name(&key, g) < 0 || take(&type, g, 4) < 0)
        return -1;
    if (type >= ARRAY_LEN(kv_types))
        return fail(g, "a value of a type that GGUF does not have");
    size_t count = g->contents->count, at = g->at;
    int status = type == KV_TEXT    ? take_text_value(g, key)
                 : type == KV_ARRAY ? take_array(g, key, 1)
                                    : take_scalar(g, key, type);
    if (status < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        if (strcmp(key, left_out[i]) == 0) {
            g->contents->count = count;
            contents_leave_out(g->contents, key);
        }
    }
    return take_alignment(g, key, type, at);
}

// --- tensors ---

static int take_description(struct gguf *g)
{
    CLEANUP(free) char *name = NULL;
    uint64_t rank, type;
    if (take_name(&name, g) < 0 || take(&rank, g, 4) < 0)
        return -1;
    if (rank > MOST_DIMENSIONS)
        return fail(g, "a tensor of more than 4 dimensions");
    g->tensors = mem_grow(g->tensors, g->count, &g->capacity, sizeof *g->tensors);
    struct described *tensor = &g->tensors[g->count];
    *tensor = (struct described){.rank = (size_t)rank, .order = g->count++};
    for (size_t i = tensor->rank; i-- > 0;) {
        if (take(&tensor->shape[i], g, 8) < 0)
            return -1;
    }
    if (take(&type, g, 4) < 0 || take(&tensor->offset, g, 8) < 0)
        return -1;
    tensor->type = (uint32_t)type;
    tensor->name = arena_copy(&g->contents->texts, name);
    return 0;
}

static const struct tensor_type *type_of(const struct described *tensor)
{
    bool known = tensor->type < ARRAY_LEN(tensor_types) && tensor_types[tensor->type].name;
    return known ? &tensor_types[tensor->type] : NULL;
}

// The bytes of a tensor whose type is not known, up to where the next one begins.
static int add_unknown(struct gguf *g, const struct described *tensor, const unsigned char *data, uint64_t size)
{
    contents_note(g->contents,
                  "tensor '%s' is of the type %" PRIu32 ", which this reader does not know: compared as bytes",
                  tensor->name, tensor->type);
    struct value *value = contents_add(g->contents, g->prefix, tensor->name, VALUE_BYTES, g->err);
    if (!value)
        return -1;
    value->bytes = data;
    value->size = size;
    return 0;
}

// `available` bytes lie between the tensor's beginning and the next one's, padding included.
static int add_tensor(struct gguf *g, const struct described *described, const unsigned char *data, uint64_t available)
{
    const struct tensor_type *type = type_of(described);
    if (!type)
        return add_unknown(g, described, data, available);
    struct value *value = contents_add(g->contents, g->prefix, described->name, VALUE_TENSOR, g->err);
    if (!value)
        return -1;
    struct tensor *tensor = &value->tensor;
    tensor->dtype = type->dtype;
    tensor->big_endian = g->big_endian && type->dtype != DTYPE_BLOCK;
    tensor->rank = described->rank;
    memcpy(tensor->shape, described->shape, sizeof described->shape);
    if (type->dtype == DTYPE_BLOCK) {
        tensor->type_name = type->name;
        tensor->block_elements = type->elements;
        tensor->block_bytes = type->bytes;
        uint64_t row = described->rank ? described->shape[described->rank - 1] : 1;
        if (row % type->elements != 0)
            return error_set(g->err, ERROR_USAGE, "tensor '%s': rows of %" PRIu64 " elements do not fill blocks of %u",
                             described->name, row, type->elements);
    }
    if (tensor_set_contiguous(tensor, data, available, g->err) < 0)
        return error_context(g->err, "tensor '%s'", described->name);
    if (available - tensor_bytes(tensor) >= g->alignment)
        return error_set(g->err, ERROR_USAGE, "tensor '%s': %" PRIu64 " bytes that belong to no tensor stand behind it",
                         described->name, available - tensor_bytes(tensor));
    return 0;
}

static int by_offset(const void *a, const void *b)
{
    const struct described *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

// In the order of their offsets, so that overlaps and gaps show. Tensors without elements share an offset with the
// next.
static int add_tensors(struct gguf *g)
{
    uint64_t begin = (g->at + g->alignment - 1) / g->alignment * g->alignment;
    if (g->count == 0)
        begin = g->at;
    if (begin > g->file->len) {
        g->at = g->file->len;
        return fail(g, "the file ends before the data of its tensors");
    }
    uint64_t size = g->file->len - begin;
    if (g->count > 1)
        qsort(g->tensors, g->count, sizeof *g->tensors, by_offset);
    if (g->count > 0 ? g->tensors[0].offset != 0 : size >= g->alignment)
        return fail(g, "the data begins with bytes that belong to no tensor");
    for (size_t i = 0; i < g->count; i++) {
        const struct described *tensor = &g->tensors[i];
        uint64_t end = i + 1 < g->count ? g->tensors[i + 1].offset : size;
        if (tensor->offset % g->alignment != 0 || end < tensor->offset || end > size)
            return error_set(g->err, ERROR_USAGE,
                             "tensor '%s': begins at %" PRIu64 " of %" PRIu64 " bytes of data, aligned to %" PRIu64,
                             tensor->name, tensor->offset, size, g->alignment);
        if (add_tensor(g, tensor, g->file->bytes + begin + tensor->offset, end - tensor->offset) < 0)
            return -1;
    }
    return 0;
}

// --- the file ---

static int read_head(struct gguf *g, uint64_t *tensors, uint64_t *pairs)
{
    g->at = 4;
    uint64_t version;
    if (take(&version, g, 4) < 0)
        return -1;
    // 3 in the other byte order.
    if (version == (uint64_t)3 << 24) {
        g->big_endian = true;
        version = 3;
    }
    if (version != 2 && version != 3)
        return error_set(g->err, ERROR_USAGE, "byte 4: version %" PRIu64 ", this reader knows 2 and 3", version);
    if (take(tensors, g, 8) < 0 || take(pairs, g, 8) < 0)
        return -1;
    // The shortest pair is 13 bytes, the shortest description 24.
    if (*pairs > g->file->len / 13 || *tensors > g->file->len / 24)
        return fail(g, "more tensors and pairs than the file has room for");
    return 0;
}

static int read_file(struct gguf *g)
{
    uint64_t tensors, pairs;
    if (read_head(g, &tensors, &pairs) < 0)
        return -1;
    for (uint64_t i = 0; i < pairs; i++) {
        if (take_pair(g) < 0)
            return -1;
    }
    for (uint64_t i = 0; i < tensors; i++) {
        if (take_description(g) < 0)
            return -1;
    }
    return add_tensors(g);
}

int gguf_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct gguf gguf = {.contents = out, .file = file, .prefix = prefix, .alignment = DEFAULT_ALIGNMENT, .err = err};
    contents_leave_out(out, "the order of pairs and tensors, the types of single numbers, and padding");
    int status = read_file(&gguf);
    free(gguf.tensors);
    return status;
}

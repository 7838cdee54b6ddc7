// SPDX-License-Identifier: Apache-2.0
//
// safetensors (huggingface/safetensors, tensor.rs), all numbers little-endian:
//
//   0      u64 N, at most 100,000,000: bytes of the header
//   8      the header: UTF-8 JSON that begins with '{', padded with spaces:
//          {"__metadata__": {key: text, …}, name: {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …}
//   8 + N  the data, which the offsets count from. Sorted by offset, the tensors follow one another without a gap or an
//          overlap, from 0 to the end of the file
//
// The values are the tensors, and "__metadata__.key" as text. The order of both means nothing.
#include "artifact/safetensors.h"

#include "artifact/contents.h"
#include "artifact/readers.h"
#include "artifact/tokens.h"

#include <string.h>

#define MAX_HEADER ((uint64_t)100000000)

static const struct {
    const char *name;
    enum dtype dtype;
    uint32_t block_bytes, block_elements; // types whose elements are no whole bytes
} types[] = {
    {"F32", DTYPE_F32, 0, 0},
    {"BF16", DTYPE_BF16, 0, 0},
    {"F16", DTYPE_F16, 0, 0},
    {"F64", DTYPE_F64, 0, 0},
    {"I64", DTYPE_I64, 0, 0},
    {"I32", DTYPE_I32, 0, 0},
    {"I16", DTYPE_I16, 0, 0},
    {"I8", DTYPE_I8, 0, 0},
    {"U8", DTYPE_U8, 0, 0},
    {"U16", DTYPE_U16, 0, 0},
    {"U32", DTYPE_U32, 0, 0},
    {"U64", DTYPE_U64, 0, 0},
    {"BOOL", DTYPE_BOOL, 0, 0},
    {"C64", DTYPE_C64, 0, 0},
    {"F8_E4M3", DTYPE_F8_E4M3, 0, 0},
    {"F8_E5M2", DTYPE_F8_E5M2, 0, 0},
    {"F8_E8M0", DTYPE_F8_E8M0, 0, 0},
    {"F8_E4M3FNUZ", DTYPE_F8_E4M3FNUZ, 0, 0},
    {"F8_E5M2FNUZ", DTYPE_F8_E5M2FNUZ, 0, 0},
    {"F4", DTYPE_BLOCK, 1, 2},
    {"F6_E2M3", DTYPE_BLOCK, 3, 4},
    {"F6_E3M2", DTYPE_BLOCK, 3, 4},
};

struct extent {
    uint64_t begin, end;
    size_t value; // its index in the contents
};

struct reader {
    struct contents *contents;
    const char *prefix, *metadata; // what stands in front of the names of tensors, and of __metadata__
    struct tokens tokens;
    struct token token; // the last one
    struct buf name;    // of the tensor that is being read
    const unsigned char *data;
    uint64_t size; // bytes of data
    struct extent *extents;
    size_t count, capacity;
    struct error *err;
};

static int next(struct reader *r)
{
    return r->tokens.next(&r->token, &r->tokens, r->err);
}

static int next_is(struct reader *r, enum token_kind kind, const char *expected)
{
    if (next(r) != 0)
        return -1;
    return r->token.kind == kind ? 0 : error_set(r->err, ERROR_USAGE, "expected %s", expected);
}

static bool token_is(const struct token *token, const char *text)
{
    return token->len == strlen(text) && memcmp(token->text, text, token->len) == 0;
}

// The token's text as a name.
static int take_name(struct reader *r, const char *front)
{
    if (memchr(r->token.text, 0, r->token.len))
        return error_set(r->err, ERROR_USAGE, "a name has a zero byte in it");
    buf_clear(&r->name);
    buf_puts(&r->name, front);
    buf_append(&r->name, r->token.text, r->token.len);
    return 0;
}

static int read_metadata(struct reader *r)
{
    if (next_is(r, TOKEN_OBJECT, "an object") != 0 || next(r) != 0)
        return -1;
    while (r->token.kind == TOKEN_KEY) {
        if (take_name(r, "__metadata__.") != 0 || next_is(r, TOKEN_TEXT, "a text") != 0)
            return -1;
        struct value *value = contents_add(r->contents, r->metadata, buf_text(&r->name), VALUE_TEXT, r->err);
        if (!value)
            return -1;
        value->size = r->token.len;
        value->bytes = (const unsigned char *)r->token.text;
        if (!r->token.lasting)
            value->bytes = contents_keep(r->contents, mem_copy(r->token.text, r->token.len), r->token.len);
        if (next(r) != 0)
            return -1;
    }
    return 0;
}

static int read_type(struct reader *r, struct tensor *tensor)
{
    if (next_is(r, TOKEN_TEXT, "the name of a type") != 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!token_is(&r->token, types[i].name))
            continue;
        tensor->dtype = types[i].dtype;
        tensor->block_bytes = types[i].block_bytes;
        tensor->block_elements = types[i].block_elements;
        tensor->type_name = tensor->dtype == DTYPE_BLOCK ? types[i].name : NULL;
        return 0;
    }
    CLEANUP(free) char *name = str_visible(r->token.text, r->token.len);
    return error_set(r->err, ERROR_USAGE, "unknown type '%s'", name);
}

// An array of at most `most` numbers.
static int read_numbers(struct reader *r, uint64_t *out, size_t *count, size_t most)
{
    if (next_is(r, TOKEN_ARRAY, "an array") != 0 || next(r) != 0)
        return -1;
    for (*count = 0; r->token.kind != TOKEN_ARRAY_END;) {
        if (r->token.kind != TOKEN_INTEGER || r->token.integer < 0)
            return error_set(r->err, ERROR_USAGE, "expected a number of elements or bytes");
        if (*count == most)
            return error_set(r->err, ERROR_USAGE, "more than %zu numbers", most);
        out[(*count)++] = (uint64_t)r->token.integer;
        if (next(r) != 0)
            return -1;
    }
    return 0;
}

static int read_fields(struct reader *r, struct tensor *tensor, uint64_t offsets[2])
{
    unsigned seen = 0;
    size_t count = 0;
    if (next_is(r, TOKEN_OBJECT, "an object") != 0 || next(r) != 0)
        return -1;
    while (r->token.kind == TOKEN_KEY) {
        unsigned field = token_is(&r->token, "dtype")          ? 1
                         : token_is(&r->token, "shape")        ? 2
                         : token_is(&r->token, "data_offsets") ? 4
                                                               : 0;
        if (!field || seen & field) {
            CLEANUP(free) char *key = str_visible(r->token.text, r->token.len);
            return error_set(r->err, ERROR_USAGE, field ? "key '%s' comes twice" : "unknown key '%s'", key);
        }
        seen |= field;
        if ((field == 1 && read_type(r, tensor) != 0) ||
            (field == 2 && read_numbers(r, tensor->shape, &tensor->rank, TENSOR_MAX_RANK) != 0) ||
            (field == 4 && read_numbers(r, offsets, &count, 2) != 0) || next(r) != 0)
            return -1;
    }
    if (seen != 7 || count != 2)
        return error_set(r->err, ERROR_USAGE, "it needs 'dtype', 'shape' and two 'data_offsets'");
    return 0;
}

static int read_tensor(struct reader *r)
{
    uint64_t offsets[2];
    struct value *value = contents_add(r->contents, r->prefix, buf_text(&r->name), VALUE_TENSOR, r->err);
    if (!value || read_fields(r, &value->tensor, offsets) != 0)
        return -1;
    if (offsets[0] > offsets[1] || offsets[1] > r->size)
        return error_set(r->err, ERROR_USAGE, "bytes %llu to %llu are not among the %llu of data",
                         (unsigned long long)offsets[0], (unsigned long long)offsets[1], (unsigned long long)r->size);
    uint64_t len = offsets[1] - offsets[0];
    if (tensor_set_contiguous(&value->tensor, r->data + offsets[0], len, r->err) != 0)
        return -1;
    if (tensor_bytes(&value->tensor) != len)
        return error_set(r->err, ERROR_USAGE, "needs %llu bytes, there are %llu",
                         (unsigned long long)tensor_bytes(&value->tensor), (unsigned long long)len);
    r->extents = mem_grow(r->extents, r->count, &r->capacity, sizeof *r->extents);
    r->extents[r->count++] = (struct extent){offsets[0], offsets[1], r->contents->count - 1};
    return 0;
}

static int read_header(struct reader *r)
{
    bool metadata = false;
    if (next_is(r, TOKEN_OBJECT, "an object") != 0 || next(r) != 0)
        return -1;
    for (; r->token.kind == TOKEN_KEY;) {
        if (token_is(&r->token, "__metadata__")) {
            if (metadata)
                return error_set(r->err, ERROR_USAGE, "'__metadata__' comes twice");
            metadata = true;
            if (read_metadata(r) != 0)
                return error_context(r->err, "__metadata__");
        } else if (take_name(r, "") != 0) {
            return -1;
        } else if (read_tensor(r) != 0) {
            return error_context(r->err, "tensor '%s'", buf_text(&r->name));
        }
        if (next(r) != 0)
            return -1;
    }
    return next(r); // nothing but the end, or the tokens say so
}

static int by_offset(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

// Without gaps nor overlaps, so that no byte of the file is compared by nobody.
static int check_extents(struct reader *r)
{
    uint64_t at = 0;
    bool sorted = true;
    for (size_t i = 1; i < r->count && sorted; i++)
        sorted = by_offset(&r->extents[i - 1], &r->extents[i]) <= 0;
    if (!sorted)
        qsort(r->extents, r->count, sizeof *r->extents, by_offset);
    for (size_t i = 0; i < r->count; at = r->extents[i++].end) {
        if (r->extents[i].begin != at)
            return error_set(r->err, ERROR_USAGE, "tensor '%s' begins at byte %llu of the data instead of %llu",
                             r->contents->items[r->extents[i].value].name, (unsigned long long)r->extents[i].begin,
                             (unsigned long long)at);
    }
    if (at != r->size)
        return error_set(r->err, ERROR_USAGE, "the tensors end at byte %llu of %llu of data", (unsigned long long)at,
                         (unsigned long long)r->size);
    return 0;
}

static int open_header(struct reader *r, const struct artifact_file *file)
{
    uint64_t len = 0;
    for (size_t i = 0; i < 8 && file->len >= 8; i++)
        len |= (uint64_t)file->bytes[i] << 8 * i;
    if (file->len < 8 || len > MAX_HEADER || len > file->len - 8)
        return error_set(r->err, ERROR_USAGE, "its header of %llu bytes does not fit into its %zu",
                         (unsigned long long)len, file->len);
    const char *header = (const char *)file->bytes + 8;
    size_t bad = 0;
    if (len == 0 || *header != '{')
        return error_set(r->err, ERROR_USAGE, "byte 8: its header does not begin with '{'");
    if (!str_is_utf8(header, (size_t)len, &bad))
        return error_set(r->err, ERROR_USAGE, "byte %zu: its header is not UTF-8", 8 + bad);
    tokens_json(&r->tokens, header, (size_t)len);
    r->data = file->bytes + 8 + len;
    r->size = file->len - 8 - len;
    return 0;
}

int safetensors_read_shard(struct contents *out, const struct artifact_file *file, const char *prefix,
                           const char *metadata, struct error *err)
{
    struct reader r = {.contents = out, .prefix = prefix, .metadata = metadata, .err = err};
    int done = open_header(&r, file);
    if (done == 0 && (done = read_header(&r)) != 0)
        error_context(err, "its header");
    if (done == 0)
        done = check_extents(&r);
    if (done == 0)
        contents_leave_out(out, "the order of tensors and keys in safetensors' headers");
    tokens_free(&r.tokens);
    buf_free(&r.name);
    free(r.extents);
    return done;
}

int safetensors_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    return safetensors_read_shard(out, file, prefix, prefix, err);
}

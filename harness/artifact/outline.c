// SPDX-License-Identifier: Apache-2.0
#include "artifact/outline.h"

#include "artifact/contents.h"
#include "artifact/gather.h"
#include "artifact/lines.h"
#include "artifact/path.h"
#include "artifact/tokens.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define SAFE_INTEGER ((int64_t)1 << 53)

struct key {
    const char *text;
    size_t len;
};

struct outline {
    struct contents *contents;
    const char *prefix;
    struct tokens *tokens;
    const struct outline_options *options;
    struct buf path;
    const char *name; // the innermost key, and its length
    size_t name_len;
    struct key *keys; // of all objects that are open, the outermost first
    size_t key_count, key_capacity;
    struct error *err;
};

// --- keys that come twice ---

static int by_text(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    size_t shorter = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, shorter);
    return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

static int check_keys(struct outline *o, size_t first)
{
    struct key *keys = o->keys + first;
    size_t count = o->key_count - first;
    if (count > 1)
        qsort(keys, count, sizeof *keys, by_text);
    for (size_t i = 1; i < count; i++) {
        if (by_text(&keys[i - 1], &keys[i]) != 0)
            continue;
        path_key(&o->path, keys[i].text, keys[i].len);
        return error_set(o->err, ERROR_USAGE, "%s: duplicate key", buf_text(&o->path));
    }
    o->key_count = first;
    return 0;
}

static void add_key(struct outline *o, const struct token *token)
{
    const char *text = token->text;
    if (!token->lasting)
        text = (const char *)contents_keep(o->contents, mem_copy(token->text, token->len + 1), token->len);
    o->keys = mem_grow(o->keys, o->key_count, &o->key_capacity, sizeof *o->keys);
    o->keys[o->key_count++] = (struct key){text, token->len};
    o->name = text;
    o->name_len = token->len;
}

// --- values ---

static int read_value(struct outline *o, const struct token *token);

static struct value *add(struct outline *o, enum value_kind kind)
{
    return contents_add(o->contents, o->prefix, buf_text(&o->path), kind, o->err);
}

static int add_bytes(struct outline *o, enum value_kind kind, const char *text, size_t len)
{
    struct value *value = add(o, kind);
    if (!value)
        return -1;
    value->bytes = (const unsigned char *)text;
    value->size = len;
    return 0;
}

static int add_text(struct outline *o, const struct token *token)
{
    if (token->lasting)
        return add_bytes(o, VALUE_TEXT, token->text, token->len);
    return lines_copy_value(o->contents, o->prefix, buf_text(&o->path), token->text, token->len, o->err);
}

static int add_number(struct outline *o, double number)
{
    struct value *value = add(o, VALUE_NUMBER);
    if (!value)
        return -1;
    value->number = number;
    return 0;
}

static int add_integer(struct outline *o, int64_t integer)
{
    if (integer >= -SAFE_INTEGER && integer <= SAFE_INTEGER)
        return add_number(o, (double)integer);
    struct value *value = add(o, VALUE_TENSOR);
    if (!value)
        return -1;
    value->tensor.dtype = DTYPE_I64;
    value->tensor.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    const unsigned char *kept = contents_keep(o->contents, mem_copy(&integer, sizeof integer), sizeof integer);
    return tensor_set_contiguous(&value->tensor, kept, sizeof integer, o->err);
}

static int add_bool(struct outline *o, bool truth)
{
    static const unsigned char truths[] = {0, 1};
    struct value *value = add(o, VALUE_TENSOR);
    if (!value)
        return -1;
    value->tensor.dtype = DTYPE_BOOL;
    return tensor_set_contiguous(&value->tensor, &truths[truth], 1, o->err);
}

static int add_tensor(struct outline *o, const struct tensor *tensor)
{
    struct value *value = add(o, VALUE_TENSOR);
    if (!value)
        return -1;
    value->tensor = *tensor;
    return 0;
}

// --- containers ---

static int read_object(struct outline *o)
{
    size_t first = o->key_count, path = o->path.len;
    for (;;) {
        struct token token;
        if (o->tokens->next(&token, o->tokens, o->err) < 0)
            return -1;
        if (token.kind == TOKEN_OBJECT_END)
            break;
        add_key(o, &token);
        path_key(&o->path, o->name, o->name_len);
        if (o->tokens->next(&token, o->tokens, o->err) < 0 || read_value(o, &token) < 0)
            return -1;
        path_cut(&o->path, path);
    }
    if (o->key_count == first)
        return add_bytes(o, VALUE_BYTES, "{}", 2);
    return check_keys(o, first);
}

static const struct outline_type *find_type(const struct outline *o)
{
    for (size_t i = 0; o->name && i < o->options->type_count; i++) {
        const struct outline_type *type = &o->options->types[i];
        if (strlen(type->key) == o->name_len && !memcmp(type->key, o->name, o->name_len))
            return type;
    }
    return NULL;
}

static int read_items(struct outline *o)
{
    size_t path = o->path.len;
    for (size_t i = 0;; i++) {
        struct token token;
        if (o->tokens->next(&token, o->tokens, o->err) < 0)
            return -1;
        if (token.kind == TOKEN_ARRAY_END)
            return 0;
        path_index(&o->path, i);
        o->name = NULL;
        if (read_value(o, &token) < 0)
            return -1;
        path_cut(&o->path, path);
    }
}

static int read_array(struct outline *o)
{
    struct tokens_mark mark = tokens_mark(o->tokens);
    CLEANUP(gather) struct gather gather = {0};
    bool whole;
    if (gather_read(&whole, &gather, o->tokens, o->err) < 0)
        return -1;
    if (whole)
        return gather_add(o->contents, o->prefix, buf_text(&o->path), &gather, find_type(o), o->err);
    gather_free(&gather);
    gather = (struct gather){0};
    tokens_rewind(o->tokens, &mark);
    return read_items(o);
}

static int read_value(struct outline *o, const struct token *token)
{
    switch (token->kind) {
    case TOKEN_OBJECT:
        return read_object(o);
    case TOKEN_ARRAY:
        return read_array(o);
    case TOKEN_TEXT:
    case TOKEN_EXACT:
        return add_text(o, token);
    case TOKEN_INTEGER:
        return add_integer(o, token->integer);
    case TOKEN_FLOAT:
        return add_number(o, token->number);
    case TOKEN_BOOL:
        return add_bool(o, token->integer != 0);
    case TOKEN_NUMBERS:
        return add_tensor(o, &token->tensor);
    default:
        return add_bytes(o, VALUE_BYTES, "null", 4);
    }
}

int outline_read(struct contents *out, const char *prefix, struct tokens *tokens, const struct outline_options *options,
                 struct error *err)
{
    static const struct outline_options none = {0};
    struct outline o = {
        .contents = out, .prefix = prefix, .tokens = tokens, .options = options ? options : &none, .err = err};
    if (o.options->path)
        buf_puts(&o.path, o.options->path);
    struct token token;
    int status = tokens->next(&token, tokens, err) < 0 || read_value(&o, &token) < 0 ||
                         tokens->next(&token, tokens, err) < 0 // the end, or what stands behind it
                     ? -1
                     : 0;
    buf_free(&o.path);
    free(o.keys);
    return status;
}

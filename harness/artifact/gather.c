// SPDX-License-Identifier: Apache-2.0
#include "artifact/gather.h"

#include "artifact/contents.h"
#include "artifact/lines.h"
#include "artifact/tokens.h"

#include <math.h>
#include <string.h>

#define SAFE_INTEGER ((int64_t)1 << 53)

// Integers become doubles when the first float comes; those that a double cannot hold keep the array from being whole.
static bool make_floats(struct gather *gather)
{
    if (gather->beyond)
        return false;
    for (size_t i = 0; i < gather->cells.len; i += 8) {
        int64_t integer;
        memcpy(&integer, gather->cells.data + i, 8);
        double number = (double)integer;
        memcpy(gather->cells.data + i, &number, 8);
    }
    gather->kind = GATHER_FLOATS;
    return true;
}

static bool add_integer(struct gather *gather, int64_t integer)
{
    bool beyond = integer > SAFE_INTEGER || integer < -SAFE_INTEGER;
    gather->beyond = gather->beyond || beyond;
    if (gather->kind == GATHER_EMPTY)
        gather->kind = GATHER_INTEGERS;
    if (gather->kind == GATHER_INTEGERS) {
        buf_append(&gather->cells, &integer, 8);
        return true;
    }
    double number = (double)integer;
    buf_append(&gather->cells, &number, 8);
    return gather->kind == GATHER_FLOATS && !beyond;
}

static bool add_float(struct gather *gather, double number)
{
    if (gather->kind == GATHER_EMPTY)
        gather->kind = GATHER_FLOATS;
    if (gather->kind == GATHER_INTEGERS && !make_floats(gather))
        return false;
    buf_append(&gather->cells, &number, 8);
    return gather->kind == GATHER_FLOATS;
}

static bool add_other(struct gather *gather, const struct token *token, size_t depth)
{
    enum gather_kind kind = token->kind == TOKEN_BOOL ? GATHER_BOOLS : GATHER_TEXTS;
    if (gather->kind == GATHER_EMPTY)
        gather->kind = kind;
    if (gather->kind != kind)
        return false;
    if (kind == GATHER_BOOLS)
        buf_putc(&gather->cells, (char)token->integer);
    else
        lines_add(&gather->cells, token->text, token->len);
    return kind == GATHER_BOOLS || depth == 0;
}

// One token that is not an array, within `depth` arrays of the outermost. False: not a part of such an array.
static bool add_leaf(struct gather *gather, const struct token *token, size_t depth)
{
    if (gather->rank == 0)
        gather->rank = depth + 1;
    if (gather->rank != depth + 1)
        return false;
    switch (token->kind) {
    case TOKEN_INTEGER:
        return add_integer(gather, token->integer);
    case TOKEN_FLOAT:
        return add_float(gather, token->number);
    case TOKEN_BOOL:
    case TOKEN_TEXT:
        return add_other(gather, token, depth);
    default:
        return false;
    }
}

// The array of this depth is complete.
static bool close_array(struct gather *gather, size_t depth, uint64_t count)
{
    if (gather->rank == 0)
        gather->rank = depth + 1;
    if (gather->rank <= depth || (count == 0 && gather->rank != depth + 1))
        return false;
    bool fits = !gather->measured[depth] || gather->shape[depth] == count;
    gather->measured[depth] = true;
    gather->shape[depth] = count;
    return fits;
}

int gather_read(bool *whole, struct gather *out, struct tokens *tokens, struct error *err)
{
    uint64_t counts[GATHER_MAX_RANK] = {0};
    size_t depth = 0;
    *whole = true;
    while (*whole) {
        struct token token;
        if (tokens->next(&token, tokens, err) < 0)
            return -1;
        if (token.kind == TOKEN_ARRAY) {
            counts[depth]++;
            *whole = ++depth < GATHER_MAX_RANK && (out->rank == 0 || depth < out->rank);
            if (*whole)
                counts[depth] = 0;
        } else if (token.kind == TOKEN_ARRAY_END) {
            *whole = close_array(out, depth, counts[depth]);
            if (depth == 0)
                return 0;
            depth--;
        } else {
            counts[depth]++;
            *whole = add_leaf(out, &token, depth);
        }
    }
    return 0;
}

// The cells as the type that the format knows; false where one of them does not fit into it.
static bool convert_integers(struct buf *out, const struct gather *gather, enum dtype dtype)
{
    for (size_t i = 0; i < gather->cells.len; i += 8) {
        int64_t integer;
        memcpy(&integer, gather->cells.data + i, 8);
        if (dtype == DTYPE_F32) {
            float number = (float)integer;
            if (integer > SAFE_INTEGER || integer < -SAFE_INTEGER)
                return false;
            buf_append(out, &number, sizeof number);
        } else if (dtype == DTYPE_I32) {
            int32_t number = (int32_t)integer;
            if (number != integer)
                return false;
            buf_append(out, &number, sizeof number);
        } else {
            if (integer < 0 || integer > UINT8_MAX)
                return false;
            buf_putc(out, (char)integer);
        }
    }
    return true;
}

static bool convert_floats(struct buf *out, const struct gather *gather, enum dtype dtype)
{
    if (dtype != DTYPE_F32)
        return false;
    for (size_t i = 0; i < gather->cells.len; i += 8) {
        double wide;
        memcpy(&wide, gather->cells.data + i, 8);
        float number = (float)wide;
        if (isfinite(wide) && !isfinite(number))
            return false;
        buf_append(out, &number, sizeof number);
    }
    return true;
}

static enum dtype convert(struct gather *gather, const struct outline_type *type)
{
    enum dtype plain = gather->kind == GATHER_FLOATS  ? DTYPE_F64
                       : gather->kind == GATHER_BOOLS ? DTYPE_BOOL
                                                      : DTYPE_I64;
    if (!type || gather->rank != 1 || gather->kind == GATHER_BOOLS)
        return plain;
    CLEANUP(buf) struct buf cells = {0};
    if (gather->kind == GATHER_FLOATS ? !convert_floats(&cells, gather, type->dtype)
                                      : !convert_integers(&cells, gather, type->dtype))
        return plain;
    buf_free(&gather->cells);
    gather->cells = cells;
    cells = (struct buf){0};
    return type->dtype;
}

int gather_add(struct contents *out, const char *prefix, const char *name, struct gather *gather,
               const struct outline_type *type, struct error *err)
{
    if (gather->kind == GATHER_TEXTS) {
        CLEANUP(free) char *list = str_printf("%s[]", name);
        return lines_value(out, prefix, list, &gather->cells, err);
    }
    struct value *value = contents_add(out, prefix, name, VALUE_TENSOR, err);
    if (!value)
        return -1;
    struct tensor *tensor = &value->tensor;
    tensor->dtype = convert(gather, type);
    tensor->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    tensor->rank = gather->rank;
    memcpy(tensor->shape, gather->shape, sizeof gather->shape);
    size_t len = gather->cells.len;
    return tensor_set_contiguous(tensor, contents_keep(out, buf_take(&gather->cells), len), len, err);
}

void gather_free(struct gather *gather)
{
    buf_free(&gather->cells);
}

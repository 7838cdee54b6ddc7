// SPDX-License-Identifier: Apache-2.0
//
// UBJSON (ubjson.org, draft 12), token by token. A value is a marker and its payload, numbers big-endian:
//
//   Z null   T F bool   i i8   U u8   I i16   l i32   L i64   d f32   D f64
//   C one character   S length, text   H length, a number as decimal text
//   { (key value)… }   [ value… ]       a key is length, text; a length is one of i U I l L with its payload
//   {# length …  [# length …            so many values and no closing bracket
//   {$ type # length …  [$ type # …     and every value of this type, without its marker
//
// N (nothing) may stand before a value in a container that is not counted. A typed array of numbers is a tensor in
// place.
#include "artifact/tokens.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

static int fail(const struct tokens *ubj, const char *what, struct error *err)
{
    return error_set(err, ERROR_USAGE, "byte %zu: %s", ubj->at, what);
}

static int fail_marker(const struct tokens *ubj, const char *expected, struct error *err)
{
    if (ubj->at >= ubj->len)
        return error_set(err, ERROR_USAGE, "byte %zu: expected %s, found the end of the file", ubj->at, expected);
    return error_set(err, ERROR_USAGE, "byte %zu: expected %s, found the byte 0x%02x", ubj->at, expected,
                     ubj->bytes[ubj->at]);
}

static const struct number_type {
    unsigned char marker, size;
    enum dtype dtype;
} number_types[] = {
    {'i', 1, DTYPE_I8},  {'U', 1, DTYPE_U8},  {'I', 2, DTYPE_I16}, {'l', 4, DTYPE_I32},
    {'L', 8, DTYPE_I64}, {'d', 4, DTYPE_F32}, {'D', 8, DTYPE_F64},
};

static const struct number_type *find_type(unsigned char marker)
{
    for (size_t i = 0; i < ARRAY_LEN(number_types); i++) {
        if (number_types[i].marker == marker)
            return &number_types[i];
    }
    return NULL;
}

// The payload of a number, behind its marker.
static int read_number(struct token *out, struct tokens *ubj, const struct number_type *type, struct error *err)
{
    if (ubj->len - ubj->at < type->size)
        return fail(ubj, "the file ends within a number", err);
    uint64_t bits = 0;
    for (size_t i = 0; i < type->size; i++)
        bits = bits << 8 | ubj->bytes[ubj->at + i];
    ubj->at += type->size;
    if (type->marker == 'd') {
        uint32_t half = (uint32_t)bits;
        float number;
        memcpy(&number, &half, sizeof number);
        out->number = (double)number;
    } else if (type->marker == 'D') {
        memcpy(&out->number, &bits, sizeof bits);
    } else {
        // The sign stands in the highest bit of the payload.
        unsigned unused = 64 - 8u * type->size;
        out->integer = type->marker == 'U' ? (int64_t)bits : (int64_t)(bits << unused) >> unused;
    }
    out->kind = type->dtype == DTYPE_F32 || type->dtype == DTYPE_F64 ? TOKEN_FLOAT : TOKEN_INTEGER;
    return 0;
}

static int read_length(uint64_t *out, struct tokens *ubj, struct error *err)
{
    const struct number_type *type = ubj->at < ubj->len ? find_type(ubj->bytes[ubj->at]) : NULL;
    if (!type || dtype_is_float(type->dtype))
        return fail_marker(ubj, "a length", err);
    struct token number = {0};
    ubj->at++;
    if (read_number(&number, ubj, type, err) < 0)
        return -1;
    if (number.integer < 0)
        return fail(ubj, "a length is negative", err);
    *out = (uint64_t)number.integer;
    return 0;
}

static int read_text(struct token *out, struct tokens *ubj, struct error *err)
{
    uint64_t len;
    if (read_length(&len, ubj, err) < 0)
        return -1;
    if (len > ubj->len - ubj->at)
        return fail(ubj, "a text is longer than the file", err);
    out->text = (const char *)ubj->bytes + ubj->at;
    out->len = (size_t)len;
    out->lasting = true;
    ubj->at += (size_t)len;
    return 0;
}

// "#" and the number of values, where it stands.
static int read_count(struct tokens_level *level, struct tokens *ubj, struct error *err)
{
    if (ubj->at >= ubj->len || ubj->bytes[ubj->at] != '#')
        return level->all ? fail_marker(ubj, "'#' behind the type of a container", err) : 0;
    ubj->at++;
    level->counted = true;
    if (read_length(&level->left, ubj, err) < 0)
        return -1;
    // Every value that may stand in a container takes a byte at least.
    if (level->left > ubj->len - ubj->at)
        return fail(ubj, "a container has more values than the file has bytes", err);
    return 0;
}

// Behind the opening bracket.
static int read_container(struct token *out, struct tokens *ubj, bool object, struct error *err)
{
    struct tokens_level level = {.object = object};
    if (ubj->at < ubj->len && ubj->bytes[ubj->at] == '$') {
        ubj->at++;
        if (ubj->at >= ubj->len || !memchr("iUIlLdDCSH[{", ubj->bytes[ubj->at], 12))
            return fail_marker(ubj, "the type of a container's values", err);
        level.all = ubj->bytes[ubj->at++];
    }
    if (read_count(&level, ubj, err) < 0)
        return -1;
    const struct number_type *type = object ? NULL : find_type(level.all);
    if (!type) {
        out->kind = object ? TOKEN_OBJECT : TOKEN_ARRAY;
        return tokens_open(ubj, level, err);
    }
    out->kind = TOKEN_NUMBERS;
    out->tensor = (struct tensor){.dtype = type->dtype, .big_endian = true, .rank = 1, .shape = {level.left}};
    if (tensor_set_contiguous(&out->tensor, ubj->bytes + ubj->at, ubj->len - ubj->at, err) < 0)
        return error_context(err, "byte %zu: an array", ubj->at);
    ubj->at += (size_t)level.left * type->size;
    return 0;
}

static int read_payload(struct token *out, struct tokens *ubj, unsigned char marker, struct error *err)
{
    const struct number_type *type = find_type(marker);
    if (type)
        return read_number(out, ubj, type, err);
    switch (marker) {
    case '{':
    case '[':
        return read_container(out, ubj, marker == '{', err);
    case 'S':
        out->kind = TOKEN_TEXT;
        return read_text(out, ubj, err);
    case 'H':
        out->kind = TOKEN_EXACT;
        return read_text(out, ubj, err);
    case 'C':
        if (ubj->at >= ubj->len)
            return fail_marker(ubj, "a character", err);
        out->kind = TOKEN_TEXT;
        out->text = (const char *)ubj->bytes + ubj->at++;
        out->len = 1;
        out->lasting = true;
        return 0;
    case 'T':
    case 'F':
        out->kind = TOKEN_BOOL;
        out->integer = marker == 'T';
        return 0;
    case 'Z':
        out->kind = TOKEN_NULL;
        return 0;
    default:
        ubj->at--;
        return fail_marker(ubj, "a value", err);
    }
}

static int read_value(struct token *out, struct tokens *ubj, unsigned char all, struct error *err)
{
    if (all)
        return read_payload(out, ubj, all, err);
    while (ubj->at < ubj->len && ubj->bytes[ubj->at] == 'N')
        ubj->at++;
    if (ubj->at >= ubj->len)
        return fail_marker(ubj, "a value", err);
    return read_payload(out, ubj, ubj->bytes[ubj->at++], err);
}

static int read_outermost(struct token *out, struct tokens *ubj, struct error *err)
{
    if (!ubj->done) {
        ubj->done = true;
        return read_value(out, ubj, 0, err);
    }
    if (ubj->at < ubj->len)
        return fail_marker(ubj, "the end of the document", err);
    out->kind = TOKEN_END;
    return 0;
}

// True at the end of the innermost container, which is then closed.
static bool at_end(struct tokens *ubj, struct tokens_level *level)
{
    if (level->counted) {
        if (level->left > 0) {
            level->left--;
            return false;
        }
    } else {
        while (ubj->at < ubj->len && ubj->bytes[ubj->at] == 'N')
            ubj->at++;
        if (ubj->at >= ubj->len || ubj->bytes[ubj->at] != (level->object ? '}' : ']'))
            return false;
        ubj->at++;
    }
    ubj->depth--;
    return true;
}

static int ubj_next(struct token *out, struct tokens *ubj, struct error *err)
{
    if (ubj->depth == 0)
        return read_outermost(out, ubj, err);
    struct tokens_level *level = &ubj->levels[ubj->depth - 1];
    if (level->value_next) {
        level->value_next = false;
        return read_value(out, ubj, level->all, err);
    }
    if (at_end(ubj, level)) {
        out->kind = level->object ? TOKEN_OBJECT_END : TOKEN_ARRAY_END;
        return 0;
    }
    if (!level->object)
        return read_value(out, ubj, level->all, err);
    level->value_next = true;
    out->kind = TOKEN_KEY;
    return read_text(out, ubj, err);
}

void tokens_ubj(struct tokens *out, const void *bytes, size_t len)
{
    *out = (struct tokens){.next = ubj_next, .bytes = bytes, .len = len};
}

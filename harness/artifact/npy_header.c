// SPDX-License-Identifier: Apache-2.0
//
// A type is a text ('<f4': byte order, kind, bytes) or a list of fields: ('name', type[, shape]), where the name may be
// ('title', 'name') and a field without a name is padding. Fields are emitted with what is known inside; the enclosing
// field then puts its name, offset and shape in front.
#include "artifact/npy_header.h"

#include "base/buf.h"
#include "base/str.h"

#include <string.h>

#define MAX_DEPTH 16
#define MAX_ITEM  ((uint64_t)1 << 31) // what numpy allows for one element

struct cursor {
    const char *text;
    size_t len, at;
    bool latin1;
    int depth;
    struct npy_header *header;
    struct error *err;
};

static int fail(const struct cursor *c, const char *what)
{
    return error_set(c->err, ERROR_USAGE, "its header, character %zu: %s", c->at + 1, what);
}

static char peek(struct cursor *c)
{
    while (c->at < c->len && strchr(" \t\r\n", c->text[c->at]) && c->text[c->at])
        c->at++;
    return c->at < c->len ? c->text[c->at] : '\0';
}

static bool accept(struct cursor *c, char wanted)
{
    bool found = peek(c) == wanted && wanted;
    c->at += found;
    return found;
}

static int expect(struct cursor *c, char wanted)
{
    char what[] = "expected ' '";
    what[10] = wanted;
    return accept(c, wanted) ? 0 : fail(c, what);
}

static bool accept_word(struct cursor *c, const char *word)
{
    size_t len = strlen(word);
    peek(c);
    if (c->len - c->at < len || memcmp(c->text + c->at, word, len) != 0)
        return false;
    c->at += len;
    return true;
}

// Behind the backslash: \n \t \r \\ \' \" \xNN \uNNNN \UNNNNNNNN are what repr writes.
static int read_escape(struct cursor *c, struct buf *out)
{
    static const char from[] = "ntr\\'\"", to[] = "\n\t\r\\'\"";
    char kind = c->at < c->len ? c->text[c->at++] : '\0';
    const char *known = kind ? strchr(from, kind) : NULL;
    if (known) {
        buf_putc(out, to[known - from]);
        return 0;
    }
    size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits == 0 || c->len - c->at < digits)
        return fail(c, "unknown escape in a text");
    uint32_t code = 0;
    for (size_t i = 0; i < digits; i++) {
        const char *hex = "0123456789abcdefABCDEF", *digit = strchr(hex, c->text[c->at++]);
        if (!digit || !*digit)
            return fail(c, "expected a hexadecimal digit");
        code = code << 4 | (uint32_t)(digit - hex < 16 ? digit - hex : digit - hex - 6);
    }
    if (code == 0 || code > 0x10ffff)
        return fail(c, "no such character");
    buf_put_utf8(out, code);
    return 0;
}

// The caller frees *out.
static int read_text(struct cursor *c, char **out)
{
    CLEANUP(buf) struct buf text = {0};
    char quote = peek(c);
    if (quote != '\'' && quote != '"')
        return fail(c, "expected a text in quotes");
    for (c->at++; c->at < c->len && c->text[c->at] != quote;) {
        unsigned char byte = (unsigned char)c->text[c->at++];
        if (byte == '\0')
            return fail(c, "a zero byte in a text");
        if (byte == '\\') {
            if (read_escape(c, &text) != 0)
                return -1;
        } else if (c->latin1) {
            buf_put_utf8(&text, byte);
        } else {
            buf_putc(&text, (char)byte);
        }
    }
    if (c->at == c->len)
        return fail(c, "a text is not closed");
    c->at++;
    *out = buf_take(&text);
    return 0;
}

static int read_number(struct cursor *c, uint64_t *out)
{
    char digit = peek(c);
    if (digit < '0' || digit > '9')
        return fail(c, "expected a number");
    for (*out = 0; c->at < c->len && c->text[c->at] >= '0' && c->text[c->at] <= '9'; c->at++) {
        if (__builtin_mul_overflow(*out, (uint64_t)10, out) ||
            __builtin_add_overflow(*out, (uint64_t)(c->text[c->at] - '0'), out))
            return fail(c, "the number is too large");
    }
    c->at += c->at < c->len && c->text[c->at] == 'L'; // of Python 2
    return 0;
}

// (), (3,), (3, 4); in a field also 3.
static int read_shape(struct cursor *c, size_t *rank, uint64_t *shape)
{
    *rank = 0;
    if (!accept(c, '(')) {
        *rank = 1;
        return read_number(c, shape);
    }
    while (!accept(c, ')')) {
        if (*rank == TENSOR_MAX_RANK)
            return fail(c, "more than 32 dimensions");
        if (read_number(c, &shape[(*rank)++]) != 0)
            return -1;
        if (!accept(c, ',') && peek(c) != ')')
            return fail(c, "expected ',' or ')'");
    }
    return 0;
}

static bool number_dtype(enum dtype *out, const char *code)
{
    static const struct {
        char code[4];
        enum dtype dtype;
    } table[] = {
        {"b1", DTYPE_BOOL}, {"i1", DTYPE_I8},  {"i2", DTYPE_I16}, {"i4", DTYPE_I32},   {"i8", DTYPE_I64},
        {"u1", DTYPE_U8},   {"u2", DTYPE_U16}, {"u4", DTYPE_U32}, {"u8", DTYPE_U64},   {"f2", DTYPE_F16},
        {"f4", DTYPE_F32},  {"f8", DTYPE_F64}, {"c8", DTYPE_C64}, {"c16", DTYPE_C128},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        *out = table[i].dtype;
        if (strcmp(table[i].code, code) == 0)
            return true;
    }
    *out = DTYPE_I64; // datetime64 and timedelta64, with their unit in brackets
    return (str_starts(code, "M8") || str_starts(code, "m8")) && (code[2] == '\0' || code[2] == '[');
}

// The digits of "U8", up to the end of the text.
static const char *code_digits(uint64_t *out, const char *text)
{
    size_t i = 0;
    for (*out = 0; text[i] >= '0' && text[i] <= '9' && *out <= MAX_ITEM; i++)
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    if (*out > MAX_ITEM)
        return "the number is too large";
    return i > 0 && text[i] == '\0' ? NULL : "unknown type";
}

const char *npy_field_set(struct npy_field *field, const char *text)
{
    const char *code = text + (*text && strchr("<>|=", *text) ? 1 : 0);
    if (strlen(code) >= sizeof field->code || !*code)
        return "unknown type";
    strcpy(field->code, code);
    field->big_endian = *text == '>';
    field->unit = 1;
    if (number_dtype(&field->dtype, code)) {
        field->size = dtype_size(field->dtype);
        return NULL;
    }
    field->size = 8;
    field->kind = strcmp(code, "O") == 0 ? NPY_OBJECT : NPY_OPAQUE;
    if (field->kind == NPY_OBJECT)
        return NULL;
    const char *problem = strchr("USaVfc", *code) ? code_digits(&field->size, code + 1) : "unknown type";
    if (problem)
        return problem;
    if (*code == 'U') {
        field->size *= 4;
        field->unit = 4;
    }
    // A long double is 12 or 16 bytes, with whatever in those that it does not use.
    uint64_t parts = *code == 'f' ? 1 : *code == 'c' ? 2 : 0;
    return !parts || field->size == 12 * parts || field->size == 16 * parts ? NULL : "unknown type";
}

// '<f4'. A letter, and how many bytes (of U: characters).
static int read_code(struct cursor *c, struct npy_field *field)
{
    CLEANUP(free) char *text = NULL;
    if (read_text(c, &text) != 0)
        return -1;
    const char *problem = npy_field_set(field, text);
    return problem ? fail(c, problem) : 0;
}

struct npy_field *npy_header_add(struct npy_header *header)
{
    header->fields = mem_grow(header->fields, header->count, &header->capacity, sizeof *header->fields);
    struct npy_field *field = &header->fields[header->count++];
    *field = (struct npy_field){.name = str_dup("")};
    return field;
}

const char *npy_header_enclose(struct npy_header *header, size_t first, const struct npy_field *outer, uint64_t *size)
{
    int64_t strides[TENSOR_MAX_RANK];
    size_t rank = outer->rank;
    for (size_t i = rank; i-- > 0;) {
        strides[i] = (int64_t)*size;
        if (__builtin_mul_overflow(*size, outer->shape[i], size) || *size > MAX_ITEM)
            return "a field is too large";
    }
    for (size_t i = first; i < header->count; i++) {
        struct npy_field *field = &header->fields[i];
        if (field->rank + rank > TENSOR_MAX_RANK)
            return "more than 32 dimensions";
        memmove(field->shape + rank, field->shape, field->rank * sizeof *field->shape);
        memmove(field->strides + rank, field->strides, field->rank * sizeof *strides);
        memcpy(field->shape, outer->shape, rank * sizeof *field->shape);
        memcpy(field->strides, strides, rank * sizeof *strides);
        field->rank += rank;
        field->offset += outer->offset;
        const char *dot = *field->name && *outer->name ? "." : "";
        char *joined = str_printf("%s%s%s", outer->name, dot, field->name);
        free(field->name);
        field->name = joined;
    }
    return NULL;
}

static int read_type(struct cursor *c, uint64_t *size);

static int read_name(struct cursor *c, char **name)
{
    if (!accept(c, '('))
        return read_text(c, name);
    CLEANUP(free) char *title = NULL;
    if (read_text(c, &title) != 0 || expect(c, ',') != 0 || read_text(c, name) != 0)
        return -1;
    accept(c, ',');
    return expect(c, ')');
}

// ('name', type[, shape]). *size grows by what the field takes.
static int read_field(struct cursor *c, uint64_t *size)
{
    CLEANUP(free) char *name = NULL;
    struct npy_field outer = {.offset = *size};
    size_t first = c->header->count;
    uint64_t own;
    if (expect(c, '(') != 0 || read_name(c, &name) != 0 || expect(c, ',') != 0 || read_type(c, &own) != 0)
        return -1;
    if (accept(c, ',') && peek(c) != ')' && read_shape(c, &outer.rank, outer.shape) != 0)
        return -1;
    accept(c, ',');
    if (expect(c, ')') != 0)
        return -1;
    outer.name = name;
    const char *problem = npy_header_enclose(c->header, first, &outer, &own);
    if (problem)
        return fail(c, problem);
    while (!*name && c->header->count > first) // padding
        free(c->header->fields[--c->header->count].name);
    *size += own;
    return *size > MAX_ITEM ? fail(c, "an element is too large") : 0;
}

static int read_fields(struct cursor *c, uint64_t *size)
{
    if (++c->depth > MAX_DEPTH)
        return fail(c, "the type is nested too deeply");
    for (*size = 0; !accept(c, ']');) {
        if (read_field(c, size) != 0)
            return -1;
        if (!accept(c, ',') && peek(c) != ']')
            return fail(c, "expected ',' or ']'");
    }
    c->depth--;
    return 0;
}

static int read_type(struct cursor *c, uint64_t *size)
{
    if (accept(c, '['))
        return read_fields(c, size);
    struct npy_field *field = npy_header_add(c->header);
    if (read_code(c, field) != 0)
        return -1;
    *size = field->size;
    c->header->objects = c->header->objects || field->kind == NPY_OBJECT;
    return 0;
}

static int read_entry(struct cursor *c, unsigned *seen)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    CLEANUP(free) char *key = NULL;
    if (read_text(c, &key) != 0 || expect(c, ':') != 0)
        return -1;
    size_t i = 0;
    while (i < ARRAY_LEN(keys) && strcmp(keys[i], key) != 0)
        i++;
    if (i == ARRAY_LEN(keys) || *seen & 1u << i)
        return fail(c, i == ARRAY_LEN(keys) ? "unknown key" : "a key comes twice");
    *seen |= 1u << i;
    if (i == 0)
        return read_type(c, &c->header->item_size);
    if (i == 2)
        return peek(c) == '(' ? read_shape(c, &c->header->rank, c->header->shape) : fail(c, "expected '('");
    c->header->fortran = accept_word(c, "True");
    return c->header->fortran || accept_word(c, "False") ? 0 : fail(c, "expected True or False");
}

int npy_header_parse(struct npy_header *out, const char *text, size_t len, bool latin1, struct error *err)
{
    struct cursor c = {.text = text, .len = len, .latin1 = latin1, .header = out, .err = err};
    unsigned seen = 0;
    if (!latin1 && !str_is_utf8(text, len, &c.at))
        return fail(&c, "not UTF-8");
    c.at = 0;
    if (expect(&c, '{') != 0)
        return -1;
    while (!accept(&c, '}')) {
        if (read_entry(&c, &seen) != 0)
            return -1;
        if (!accept(&c, ',') && peek(&c) != '}')
            return fail(&c, "expected ',' or '}'");
    }
    if (peek(&c) != '\0' || c.at != len)
        return fail(&c, "something follows the dict");
    return seen == 7 ? 0 : fail(&c, "'descr', 'fortran_order' or 'shape' is missing");
}

void npy_header_free(struct npy_header *header)
{
    for (size_t i = 0; i < header->count; i++)
        free(header->fields[i].name);
    free(header->fields);
    *header = (struct npy_header){0};
}

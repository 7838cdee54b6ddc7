// SPDX-License-Identifier: Apache-2.0
//
// What the tests of readers share: everything that a file holds as text, one value a line.
//
//     loss = 0.5                 a number
//     w f32[2,2] 1 2 3 4         a tensor; of types that C has no numbers for, the canonical bytes in hexadecimal
//     name "text"                text, hidden characters made visible
//     part <4e554c4c>            bytes
#ifndef REPRO_TESTS_UNIT_CONTENTS_H
#define REPRO_TESTS_UNIT_CONTENTS_H

#include "artifact/contents.h"
#include "base/buf.h"
#include "unit.h"

static inline void list_hex(struct buf *out, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_printf(out, "%02x", bytes[i]);
}

static inline void list_element(struct buf *out, enum dtype dtype, const unsigned char *bytes)
{
    union {
        uint64_t bits;
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
    } element = {0};
    size_t size = dtype_size(dtype);
    memcpy(&element, bytes,
           size < sizeof element ? size
                                 : sizeof element); // canonical is little-endian, as every machine that tests this is
    char text[32];
    buf_putc(out, ' ');
    switch (dtype) {
    case DTYPE_BOOL:
    case DTYPE_U8:
    case DTYPE_U16:
    case DTYPE_U32:
    case DTYPE_U64:
        buf_printf(out, "%ju", (uintmax_t)element.bits);
        break;
    case DTYPE_I8:
        buf_printf(out, "%d", element.i8);
        break;
    case DTYPE_I16:
        buf_printf(out, "%d", element.i16);
        break;
    case DTYPE_I32:
        buf_printf(out, "%d", element.i32);
        break;
    case DTYPE_I64:
        buf_printf(out, "%jd", (intmax_t)element.i64);
        break;
    case DTYPE_F32:
    case DTYPE_F64:
        str_double(text, dtype == DTYPE_F32 ? (double)element.f32 : element.f64);
        buf_puts(out, text);
        break;
    default:
        list_hex(out, bytes, dtype_size(dtype));
    }
}

static inline int list_collect(const void *bytes, size_t len, void *context)
{
    buf_append(context, bytes, len);
    return 0;
}

static inline void list_tensor(struct buf *out, const struct tensor *tensor)
{
    CLEANUP(free) char *shape = tensor_shape_text(tensor);
    CLEANUP(buf) struct buf bytes = {0};
    ck_assert_int_eq(tensor_canonical(tensor, list_collect, &bytes), 0);
    ck_assert_uint_eq(bytes.len, tensor_bytes(tensor));
    buf_printf(out, " %s%s", tensor->type_name ? tensor->type_name : dtype_name(tensor->dtype), shape);
    size_t size = tensor->dtype == DTYPE_BLOCK ? tensor->block_bytes : dtype_size(tensor->dtype);
    for (size_t i = 0; i < bytes.len; i += size) {
        if (tensor->dtype != DTYPE_BLOCK) {
            list_element(out, tensor->dtype, (unsigned char *)bytes.data + i);
            continue;
        }
        buf_putc(out, ' ');
        list_hex(out, (unsigned char *)bytes.data + i, size);
    }
}

// The caller frees.
static inline char *list_contents(const struct contents *contents)
{
    struct buf out = {0};
    for (size_t i = 0; i < contents->count; i++) {
        const struct value *value = &contents->items[i];
        char number[32];
        buf_puts(&out, value->name);
        switch (value->kind) {
        case VALUE_TENSOR:
            list_tensor(&out, &value->tensor);
            break;
        case VALUE_NUMBER:
            str_double(number, value->number);
            buf_printf(&out, " = %s", number);
            break;
        case VALUE_TEXT:
            buf_puts(&out, " \"");
            buf_visible(&out, (const char *)value->bytes, (size_t)value->size, "");
            buf_putc(&out, '"');
            break;
        case VALUE_BYTES:
            buf_puts(&out, " <");
            list_hex(&out, value->bytes, (size_t)value->size);
            buf_putc(&out, '>');
        }
        buf_putc(&out, '\n');
    }
    return buf_take(&out);
}

// What a file of this name holds; "error: …" when it is refused. The caller frees.
static inline char *list_file(const char *name, const void *bytes, size_t len)
{
    struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    CLEANUP(free) unsigned char *copy = malloc(len + (len == 0));
    memcpy(copy, bytes, len);
    if (contents_parse(&contents, name, copy, len, &err) == 0)
        return list_contents(contents);
    CLEANUP(free) char *said = error_text(&err);
    error_free(&err);
    return str_printf("error: %s", said);
}

// Cuts the file off everywhere: each piece is read or refused, and nothing beyond it is touched. Returns how many were
// refused.
static inline size_t cut_everywhere(const char *name, const void *bytes, size_t len)
{
    size_t refused = 0;
    for (size_t size = 0; size < len; size++) {
        CLEANUP(free) char *listing = list_file(name, bytes, size);
        refused += str_starts(listing, "error: ");
    }
    return refused;
}

// Runs a program of /usr/bin/python3 in the current folder; false when a module that it needs is not here.
static inline bool write_with_python(const char *modules, const char *program)
{
    if (access("/usr/bin/python3", X_OK) != 0)
        return false;
    CLEANUP(free) char *probe = str_printf("/usr/bin/python3 -c 'import %s' >/dev/null 2>&1", modules);
    if (system(probe) != 0) {
        printf("left out, for python3 cannot import it here: %s\n", modules);
        return false;
    }
    FILE *python = popen("/usr/bin/python3 -W ignore -", "w");
    ck_assert_ptr_nonnull(python);
    ck_assert_int_ge(fprintf(python, "import %s\n%s", modules, program), 0);
    ck_assert_int_eq(pclose(python), 0);
    return true;
}

#endif

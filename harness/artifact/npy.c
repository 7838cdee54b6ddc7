// SPDX-License-Identifier: Apache-2.0
//
// numpy's .npy (numpy/lib/format.py):
//
//   0   93 'NUMPY'
//   6   u8 major, u8 minor version: 1.0, 2.0 or 3.0
//   8   u16 (version 1) or u32 length of the header, little-endian
//   …   the header (artifact/npy_header.h), Latin-1 or, in version 3, UTF-8
//   …   the array, in C or Fortran order; a pickle when there are Python objects in it
//
// Arrays that were saved into one file one after another are "0", "1", …; a single one has no name. A structured array
// is a tensor for each of its fields. Texts and raw bytes are tensors of blocks.
#include "artifact/contents.h"
#include "artifact/npy_array.h"
#include "artifact/npy_header.h"
#include "artifact/readers.h"

#include <string.h>

#define MAX_HEADER ((uint64_t)1 << 20)

struct npy {
    struct contents *contents;
    struct npy_header header;
    const unsigned char *data;
    uint64_t size; // bytes of the array
    struct error *err;
};

static void cleanup_npy(struct npy *npy)
{
    npy_header_free(&npy->header);
}

// Finds the array that begins at `bytes`. *used: how many bytes it takes.
static int open_array(struct npy *npy, const unsigned char *bytes, size_t len, size_t *used)
{
    if (len < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return error_set(npy->err, ERROR_USAGE, len < 10 ? "it ends within its first 10 bytes" : "it is no array");
    unsigned version = bytes[6];
    if (version < 1 || version > 3)
        return error_set(npy->err, ERROR_USAGE, "its version %u is not known", version);
    size_t begin = version == 1 ? 10 : 12;
    uint64_t header = bytes[8] | (uint64_t)bytes[9] << 8;
    if (version > 1 && len >= begin)
        header |= (uint64_t)bytes[10] << 16 | (uint64_t)bytes[11] << 24;
    if (len < begin || header > len - begin || header > MAX_HEADER)
        return error_set(npy->err, ERROR_USAGE, "its header of %llu bytes does not fit", (unsigned long long)header);
    struct npy_header *parsed = &npy->header;
    if (npy_header_parse(parsed, (const char *)bytes + begin, (size_t)header, version < 3, npy->err) != 0)
        return -1;
    npy->data = bytes + begin + header;
    uint64_t left = len - begin - header;
    npy->size = parsed->item_size;
    bool fits = true, empty = false;
    for (size_t i = 0; i < parsed->rank; i++)
        empty = empty || parsed->shape[i] == 0;
    for (size_t i = 0; i < parsed->rank && fits; i++)
        fits = empty || !__builtin_mul_overflow(npy->size, parsed->shape[i], &npy->size);
    npy->size = parsed->objects ? left : empty ? 0 : npy->size;
    if (!fits || npy->size > left)
        return error_set(npy->err, ERROR_USAGE, "the array does not fit into the %llu bytes that follow its header",
                         (unsigned long long)left);
    *used = begin + (size_t)header + (size_t)npy->size;
    return 0;
}

static int add_array(struct npy *npy, const char *prefix)
{
    const struct npy_header *header = &npy->header;
    if (header->objects) {
        contents_note(npy->contents, "an array of Python objects is compared byte for byte");
        struct value *value = contents_add(npy->contents, prefix, "", VALUE_BYTES, npy->err);
        if (!value)
            return -1;
        value->bytes = npy->data;
        value->size = npy->size;
        return 0;
    }
    const struct npy_array array = {npy->contents, header, npy->data, npy->size};
    return npy_array_add(&array, prefix, "", npy->err);
}

int npy_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    size_t at = 0, used = 0;
    for (size_t i = 0; i == 0 || at < file->len; i++, at += used) {
        __attribute__((cleanup(cleanup_npy))) struct npy npy = {.contents = out, .err = err};
        if (open_array(&npy, file->bytes + at, file->len - at, &used) != 0)
            return i == 0 ? -1 : error_context(err, "behind %zu bytes", at);
        CLEANUP(free) char *index = str_printf("%zu", i);
        bool alone = i == 0 && used == file->len;
        if (add_array(&npy, alone ? prefix : contents_name(out, prefix, index)) != 0)
            return -1;
    }
    return 0;
}

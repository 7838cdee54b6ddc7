// SPDX-License-Identifier: Apache-2.0
//
// The header of a .npy: a Python dict literal with exactly the keys 'descr', 'fortran_order' and 'shape', in any order.
// A structured type is flattened into fields that hold no others ("position.x").
#ifndef REPRO_ARTIFACT_NPY_HEADER_H
#define REPRO_ARTIFACT_NPY_HEADER_H

#include "artifact/tensor.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum npy_kind {
    NPY_NUMBER,
    NPY_OPAQUE, // text, raw bytes, numbers that no tensor has: compared as blocks of `size` bytes
    NPY_OBJECT, // the data are a pickle
};
struct npy_field {
    char *name; // "" when the type is not structured
    enum npy_kind kind;
    enum dtype dtype;
    bool big_endian;
    size_t unit;           // of NPY_OPAQUE: what turns round in the other byte order (4 for U; else 1)
    char code[40];         // what numpy calls the type: "U8", "M8[ns]", "f8"
    uint64_t size, offset; // bytes of one; where it is in an element of the array
    size_t rank;           // of its own (a subarray)
    uint64_t shape[TENSOR_MAX_RANK];
    int64_t strides[TENSOR_MAX_RANK];
};
struct npy_header {
    struct npy_field *fields;
    size_t count, capacity;
    uint64_t item_size;
    bool objects; // some field is of NPY_OBJECT
    bool fortran;
    size_t rank;
    uint64_t shape[TENSOR_MAX_RANK];
};

// All-zero `out`. `latin1`: text is Latin-1 (versions 1 and 2), not UTF-8.
int npy_header_parse(struct npy_header *out, const char *text, size_t len, bool latin1, struct error *err);
void npy_header_free(struct npy_header *header);
DEFINE_CLEANUP_VALUE(npy_header)

// For types that are written in other words (pickles').

// A field with all zero and the name "".
struct npy_field *npy_header_add(struct npy_header *header);
// Fills kind, dtype, big_endian, unit, code and size from a code ("<f4", "U8"). NULL, or what is wrong.
const char *npy_field_set(struct npy_field *field, const char *code);
// Puts the enclosing field's name and shape in front of every field from `first` on, and moves it by the offset. *size:
// of one element, then of all in the shape. NULL, or what is wrong.
const char *npy_header_enclose(struct npy_header *header, size_t first, const struct npy_field *outer, uint64_t *size);

#endif

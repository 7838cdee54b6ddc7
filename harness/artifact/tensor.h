// SPDX-License-Identifier: Apache-2.0
//
// A tensor: typed numbers in somebody else's memory (a mapped file), with shape and strides.
#ifndef REPRO_ARTIFACT_TENSOR_H
#define REPRO_ARTIFACT_TENSOR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dtype {
    DTYPE_BOOL, // one byte; anything but 0 is true
    DTYPE_U8,
    DTYPE_I8,
    DTYPE_U16,
    DTYPE_I16,
    DTYPE_U32,
    DTYPE_I32,
    DTYPE_U64,
    DTYPE_I64,
    DTYPE_F8_E4M3,     // OCP, "fn": no infinities, NaN is S.1111.111
    DTYPE_F8_E5M2,     // OCP: IEEE-like
    DTYPE_F8_E4M3FNUZ, // no −0, NaN is 0x80
    DTYPE_F8_E5M2FNUZ, // likewise
    DTYPE_F8_E8M0,     // a power of two without sign; 0xff is NaN
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_F32,
    DTYPE_F64,
    DTYPE_C64, // two f32
    DTYPE_C128,
    DTYPE_BLOCK, // quantised or packed: `block_bytes` bytes stand for `block_elements` elements of the last dimension;
                 // compared as blocks ("Q4_K", "F4", "F6_E2M3")
};
const char *dtype_name(enum dtype dtype); // "f32", "bf16", "bool", "c64", "f8_e4m3", …
size_t dtype_size(enum dtype dtype);      // bytes of an element; 0 of DTYPE_BLOCK
bool dtype_is_float(enum dtype dtype);    // f8 to f64; not complex
bool dtype_is_complex(enum dtype dtype);

#define TENSOR_MAX_RANK 32

struct tensor {
    enum dtype dtype;
    const char *type_name; // what the file calls it where dtype_name does not say it all ("Q4_K"); else NULL
    bool big_endian;
    size_t rank;
    uint64_t shape[TENSOR_MAX_RANK];
    int64_t strides[TENSOR_MAX_RANK]; // in bytes; of a DTYPE_BLOCK not used (always contiguous)
    uint64_t count;                   // elements: the product of the shape
    uint32_t block_bytes, block_elements;
    const unsigned char *data; // of element [0, 0, …]; never NULL unless count is 0. Borrowed, of any alignment
};

// Fills count and, for C order, strides; checks every product. `data` and `available` are the bytes from element 0 on;
// the tensor must fit into them. −1 with "…: needs N bytes, there are M" or "shape … is too large".
int tensor_set_contiguous(struct tensor *tensor, const unsigned char *data, uint64_t available, struct error *err);
// The same for given strides (elements 0 … of `base`, which has `available` bytes; the first is at `offset`): every
// element that the strides can reach must lie within. Strides may be 0 or negative.
int tensor_set_strided(struct tensor *tensor, const unsigned char *base, uint64_t available, uint64_t offset,
                       struct error *err);
// Column-major strides for the shape.
void tensor_fortran_strides(struct tensor *tensor);

bool tensor_is_contiguous(const struct tensor *tensor); // C order, without gaps, in this machine's byte order
uint64_t tensor_bytes(const struct tensor *tensor);     // of the canonical form

// The canonical bytes, little-endian in C order, piece by piece (a bool as 0 or 1). Contiguous little-endian tensors
// are handed out in place, without a copy. Stops when `sink` returns other than 0, and returns that.
typedef int (*tensor_sink)(const void *bytes, size_t len, void *context);
int tensor_canonical(const struct tensor *tensor, tensor_sink sink, void *context);
// Elements [first, first + count) in C order, canonical, into `out` (count · size bytes; of DTYPE_BLOCK, blocks).
void tensor_gather(void *out, const struct tensor *tensor, uint64_t first, uint64_t count);

// "[512,512]"; "[]" for a scalar. The caller frees.
char *tensor_shape_text(const struct tensor *tensor);
// Index of an element in C order as text: "[17,402]". The caller frees.
char *tensor_index_text(const struct tensor *tensor, uint64_t element);

#endif

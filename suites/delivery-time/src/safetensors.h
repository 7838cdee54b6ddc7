// SPDX-License-Identifier: Apache-2.0
//
// Writes the safetensors format: named tensors behind a JSON header.
#ifndef DELIVERY_SAFETENSORS_H
#define DELIVERY_SAFETENSORS_H

#include <stdint.h>

struct tensor {
    const char *name;  // not in need of escapes
    const char *dtype; // "F64", "U64", "I32", "U8"
    const void *data;  // in this machine's byte order
    int64_t count;     // of elements; the tensor has one dimension
};

struct metadata {
    const char *key; // not in need of escapes
    const char *value;
};

// `tensors` come by descending size of their elements, so that each begins at a multiple of it. Lists end with a NULL
// name or key. Fails when the file cannot be written.
void safetensors_write(const char *path, const struct tensor *tensors, const struct metadata *metadata);

#endif

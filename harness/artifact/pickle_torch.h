// SPDX-License-Identifier: Apache-2.0
#ifndef REPRO_ARTIFACT_PICKLE_TORCH_H
#define REPRO_ARTIFACT_PICKLE_TORCH_H

#include "artifact/pickle.h"
#include "artifact/tensor.h"

// One of torch's storages: numbers that tensors are views of.
struct pickle_storage {
    enum dtype dtype;
    uint32_t key; // a text
    uint64_t elements;
    const unsigned char *bytes; // where they are, once they are found
    uint64_t size;
    bool big_endian;
};

// Fills dtype, key and elements from a persistent id. False: it is no storage, or of an unknown type.
bool pickle_torch_storage(struct pickle_storage *out, const struct pickle *pickle, uint32_t persistent);

#endif

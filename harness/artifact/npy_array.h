// SPDX-License-Identifier: Apache-2.0
//
// An array of numpy's, wherever its bytes come from, as values: one tensor, or one for each field.
#ifndef REPRO_ARTIFACT_NPY_ARRAY_H
#define REPRO_ARTIFACT_NPY_ARRAY_H

#include "artifact/npy_header.h"
#include "base/err.h"

struct contents; // artifact/contents.h

struct npy_array {
    struct contents *contents;
    const struct npy_header *header; // without objects
    const unsigned char *data;       // lives as long as the contents
    uint64_t size;                   // bytes of data, which hold the whole array
};
// Values named `name`, with fields "name.field" ("field" where `name` is ""). Texts and raw bytes are tensors of
// blocks; those that do not lie one after another are copied.
int npy_array_add(const struct npy_array *array, const char *prefix, const char *name, struct error *err);

#endif

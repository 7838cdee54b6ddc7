// SPDX-License-Identifier: Apache-2.0
//
// A tensor of an ONNX model, wherever and however its numbers are stored.
#ifndef REPRO_ARTIFACT_ONNX_TENSOR_H
#define REPRO_ARTIFACT_ONNX_TENSOR_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct artifact_file;
struct contents;

// Where tensors are read to, and the files of external data that have been opened for them.
struct onnx_target {
    struct contents *contents;
    const char *prefix;
    const struct artifact_file *file; // the model
    struct artifact_file *opened;
    size_t opened_count, opened_capacity;
};
void onnx_target_free(struct onnx_target *target);

// "FLOAT", "BFLOAT16", …; NULL for a number that ONNX gives no type.
const char *onnx_type_name(uint64_t type);

// Adds the TensorProto in these bytes of the model as a value; strings as "name[]".
int onnx_tensor_read(struct onnx_target *target, const char *name, const unsigned char *bytes, size_t len,
                     struct error *err);

#endif

// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A safetensors file.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_file("m.safetensors", data, size);
    return 0;
}

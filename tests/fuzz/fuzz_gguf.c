// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_format("gguf", "m.gguf", data, size);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A zip, and the same bytes as an .npz. Members are read by their own formats.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_file("m.zip", data, size);
    walk_file("m.npz", data, size);
    return 0;
}

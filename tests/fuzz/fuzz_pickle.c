// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// Pickles, with joblib's arrays in between or without; compressed ones begin as zlib and gzip do.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_file(size > 0 && data[0] == 0x80 ? "x.pkl" : "x.joblib", data, size);
    walk_file("x.pkl", data, size);
    return 0;
}

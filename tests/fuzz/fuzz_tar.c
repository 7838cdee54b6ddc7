// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// A tar, or a file that was compressed with gzip or zstd: the first bytes decide. Members are read by their own
// formats.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_file("m.tar", data, size);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// The library of HDF5 works in a process of its own: what crashes it must not reach this one.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk_format("hdf5", "m.h5", data, size);
    return 0;
}

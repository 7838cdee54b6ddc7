// SPDX-License-Identifier: Apache-2.0
// Links: repro_artifact
//
// The library of HDF5 works in a process of its own: what crashes it must not reach this one. The signature is put in
// where it is missing, since nothing tells the fuzzer how the library fares.
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    CLEANUP(free) uint8_t *file = mem_copy(data, size);
    if (strcmp(artifact_recognise(data, size < 4096 ? size : 4096, "m.h5")->name, "hdf5") != 0)
        memcpy(file, "\x89HDF\r\n\x1a\n", 8);
    walk_format("hdf5", "m.h5", file, size);
    return 0;
}

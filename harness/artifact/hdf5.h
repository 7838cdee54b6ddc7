// SPDX-License-Identifier: Apache-2.0
//
// libhdf5, which is loaded when the first HDF5 file is read, so that nobody else waits for it and what it brings along;
// a build without its headers, and a machine without the library, compare such files byte for byte. It was not written
// for damaged files: it is only called in a process of its own (artifact/hdf5_read.c).
#ifndef REPRO_ARTIFACT_HDF5_H
#define REPRO_ARTIFACT_HDF5_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct hdf5_library;
struct records; // artifact/records.h

// NULL where there is none; *why then says so.
struct hdf5_library *hdf5_load(const char **why);
void hdf5_unload(struct hdf5_library *library);
static inline void cleanup_hdf5_library(struct hdf5_library **slot)
{
    hdf5_unload(*slot);
}

// Walks the file in these bytes and writes down what it holds, RECORD_GIVE_UP and RECORD_ERROR included, but for
// RECORD_END. Opens no file; leaves the library's memory to the end of the process.
void hdf5_walk(const struct hdf5_library *library, struct records *out, const void *bytes, size_t len);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The walk over an HDF5 file, in the process that may not come back. For hdf5*.c alone.
#ifndef REPRO_ARTIFACT_HDF5_WALK_H
#define REPRO_ARTIFACT_HDF5_WALK_H

#include "artifact/hdf5_library.h"
#include "artifact/records.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HDF5_LARGEST_PIECE ((uint64_t)256 << 20) // of what is read into memory at a time

struct seen;
struct hdf5_walk {
    const struct hdf5_library *lib;
    struct records *out;
    struct buf path;
    size_t depth;
    struct seen *seen; // a hash table; its size is a power of two
    size_t seen_count, seen_size;
};

// What is said of the file as a whole. Always −1.
int hdf5_say(struct hdf5_walk *w, enum record_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
// RECORD_ERROR "cannot read WHAT of 'PATH'". Always −1.
int hdf5_damaged(struct hdf5_walk *w, const char *what);

// The elements of a dataset or an attribute.
struct hdf5_elements {
    hid_t object, type, space;
    bool attribute;
    struct hdf5_type description;
    struct tensor shape; // its dtype, rank and shape
    uint64_t bytes;      // as they lie in memory
    const char *name;
};

// Writes them down; closes type and space. −1 when the walk is over.
int hdf5_elements(struct hdf5_walk *w, struct hdf5_elements *elements);
int hdf5_text(struct hdf5_walk *w, const char *name, const char *text, size_t len);

#endif

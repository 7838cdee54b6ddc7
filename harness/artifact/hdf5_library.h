// SPDX-License-Identifier: Apache-2.0
//
// The functions of libhdf5 that are called, as the loaded library has them. For hdf5*.c alone.
#ifndef REPRO_ARTIFACT_HDF5_LIBRARY_H
#define REPRO_ARTIFACT_HDF5_LIBRARY_H

// The interface of 1.10, which later libraries keep.
#define H5_USE_110_API
#include <hdf5.h>

#include "artifact/tensor.h"

// Later libraries give some of these names to a macro for the function of 1.10: the table is made of what they stand
// for.
#define HDF5_FUNCTIONS(X)                                                                                              \
    X(H5open)                                                                                                          \
    X(H5Eset_auto2)                                                                                                    \
    X(H5PLset_loading_state)                                                                                           \
    X(H5Idec_ref)                                                                                                      \
    X(H5free_memory)                                                                                                   \
    X(H5Pcreate)                                                                                                       \
    X(H5Pset_fapl_core)                                                                                                \
    X(H5Pset_file_image_callbacks)                                                                                     \
    X(H5Pset_file_image)                                                                                               \
    X(H5Fopen)                                                                                                         \
    X(H5Oopen)                                                                                                         \
    X(H5Oget_info2)                                                                                                    \
    X(H5Literate)                                                                                                      \
    X(H5Lget_info)                                                                                                     \
    X(H5Lget_val)                                                                                                      \
    X(H5Aiterate2)                                                                                                     \
    X(H5Aopen)                                                                                                         \
    X(H5Aget_type)                                                                                                     \
    X(H5Aget_space)                                                                                                    \
    X(H5Aread)                                                                                                         \
    X(H5Dget_type)                                                                                                     \
    X(H5Dget_space)                                                                                                    \
    X(H5Dget_create_plist)                                                                                             \
    X(H5Dget_offset)                                                                                                   \
    X(H5Dget_storage_size)                                                                                             \
    X(H5Dread)                                                                                                         \
    X(H5Pget_layout)                                                                                                   \
    X(H5Pget_chunk)                                                                                                    \
    X(H5Pget_nfilters)                                                                                                 \
    X(H5Pget_external_count)                                                                                           \
    X(H5Sget_simple_extent_type)                                                                                       \
    X(H5Sget_simple_extent_ndims)                                                                                      \
    X(H5Sget_simple_extent_dims)                                                                                       \
    X(H5Screate_simple)                                                                                                \
    X(H5Sselect_hyperslab)                                                                                             \
    X(H5Tget_class)                                                                                                    \
    X(H5Tget_size)                                                                                                     \
    X(H5Tget_order)                                                                                                    \
    X(H5Tget_sign)                                                                                                     \
    X(H5Tget_precision)                                                                                                \
    X(H5Tget_offset)                                                                                                   \
    X(H5Tget_fields)                                                                                                   \
    X(H5Tget_ebias)                                                                                                    \
    X(H5Tget_norm)                                                                                                     \
    X(H5Tget_super)                                                                                                    \
    X(H5Tget_nmembers)                                                                                                 \
    X(H5Tget_member_name)                                                                                              \
    X(H5Tget_member_type)                                                                                              \
    X(H5Tget_member_offset)                                                                                            \
    X(H5Tget_member_value)                                                                                             \
    X(H5Tget_strpad)                                                                                                   \
    X(H5Tis_variable_str)                                                                                              \
    X(H5Tdetect_class)                                                                                                 \
    X(H5Tencode)

#define HDF5_NAME(name)      HDF5_NAME_OF(name)
#define HDF5_NAME_OF(name)   #name
#define HDF5_POINTER(name)   __typeof__(name) *call_##name;
#define HDF5_CALL(lib, name) (lib)->call_##name

struct hdf5_library {
    HDF5_FUNCTIONS(HDF5_POINTER)
    hid_t *file_access; // the class of properties of opening a file, once the library has been opened
};

enum hdf5_kind {
    HDF5_TENSOR, // numbers as they lie there
    HDF5_TEXT,   // of a fixed size
    HDF5_TEXTS,  // of any size
    HDF5_OPAQUE, // bytes that mean something to somebody
    HDF5_OTHER,  // points elsewhere: not to be read
};

struct hdf5_type {
    enum hdf5_kind kind;
    enum dtype dtype;
    bool big_endian;
    size_t size;   // of an element
    H5T_str_t pad; // of HDF5_TEXT
};

// −1 when the library cannot say.
int hdf5_describe(struct hdf5_type *out, const struct hdf5_library *lib, hid_t type);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "artifact/hdf5.h"

#ifdef REPRO_HDF5

#include "artifact/hdf5_library.h"

#include <string.h>

#define CALL(name, ...) HDF5_CALL(lib, name)(__VA_ARGS__)

// Where the parts of a floating-point number stand, as the standards have them.
static const struct {
    enum dtype dtype;
    size_t size, sign, exponent, exponent_size, mantissa_size, bias;
} floats[] = {
    {DTYPE_F16, 2, 15, 10, 5, 10, 15},
    {DTYPE_BF16, 2, 15, 7, 8, 7, 127},
    {DTYPE_F32, 4, 31, 23, 8, 23, 127},
    {DTYPE_F64, 8, 63, 52, 11, 52, 1023},
};

static bool is_float(enum dtype *out, const struct hdf5_library *lib, hid_t type, size_t size)
{
    size_t sign, exponent, exponent_size, mantissa, mantissa_size;
    if (CALL(H5Tget_fields, type, &sign, &exponent, &exponent_size, &mantissa, &mantissa_size) < 0 || mantissa != 0 ||
        CALL(H5Tget_norm, type) != H5T_NORM_IMPLIED)
        return false;
    size_t bias = CALL(H5Tget_ebias, type);
    for (size_t i = 0; i < ARRAY_LEN(floats); i++) {
        if (floats[i].size == size && floats[i].sign == sign && floats[i].exponent == exponent &&
            floats[i].exponent_size == exponent_size && floats[i].mantissa_size == mantissa_size &&
            floats[i].bias == bias) {
            *out = floats[i].dtype;
            return true;
        }
    }
    return false;
}

static bool is_integer(enum dtype *out, const struct hdf5_library *lib, hid_t type, size_t size)
{
    bool is_signed = CALL(H5Tget_sign, type) == H5T_SGN_2;
    switch (size) {
    case 1:
        *out = is_signed ? DTYPE_I8 : DTYPE_U8;
        return true;
    case 2:
        *out = is_signed ? DTYPE_I16 : DTYPE_U16;
        return true;
    case 4:
        *out = is_signed ? DTYPE_I32 : DTYPE_U32;
        return true;
    case 8:
        *out = is_signed ? DTYPE_I64 : DTYPE_U64;
        return true;
    default:
        return false;
    }
}

// A number without padding, in one of the two byte orders.
static bool is_number(struct hdf5_type *out, const struct hdf5_library *lib, hid_t type, H5T_class_t class)
{
    size_t size = CALL(H5Tget_size, type);
    H5T_order_t order = CALL(H5Tget_order, type);
    if ((order != H5T_ORDER_LE && order != H5T_ORDER_BE) || CALL(H5Tget_offset, type) != 0 ||
        CALL(H5Tget_precision, type) != size * 8)
        return false;
    if (class == H5T_FLOAT ? !is_float(&out->dtype, lib, type, size) : !is_integer(&out->dtype, lib, type, size))
        return false;
    out->kind = HDF5_TENSOR;
    out->big_endian = order == H5T_ORDER_BE && size > 1;
    out->size = size;
    return true;
}

static bool member_is(const struct hdf5_library *lib, hid_t type, unsigned index, const char *name)
{
    char *found = CALL(H5Tget_member_name, type, index);
    bool same = found && strcmp(found, name) == 0;
    if (found)
        CALL(H5free_memory, found);
    return same;
}

// How h5py stores complex numbers: a compound of the floats r and i.
static bool is_complex(struct hdf5_type *out, const struct hdf5_library *lib, hid_t type)
{
    if (CALL(H5Tget_nmembers, type) != 2 || !member_is(lib, type, 0, "r") || !member_is(lib, type, 1, "i"))
        return false;
    struct hdf5_type parts[2] = {0};
    for (unsigned i = 0; i < 2; i++) {
        hid_t part = CALL(H5Tget_member_type, type, i);
        bool number = part >= 0 && CALL(H5Tget_class, part) == H5T_FLOAT && is_number(&parts[i], lib, part, H5T_FLOAT);
        if (part >= 0)
            CALL(H5Idec_ref, part);
        if (!number || CALL(H5Tget_member_offset, type, i) != i * parts[0].size)
            return false;
    }
    if (parts[0].dtype != parts[1].dtype || parts[0].big_endian != parts[1].big_endian || parts[0].size < 4 ||
        CALL(H5Tget_size, type) != 2 * parts[0].size)
        return false;
    *out = parts[0];
    out->dtype = parts[0].dtype == DTYPE_F32 ? DTYPE_C64 : DTYPE_C128;
    out->size = 2 * parts[0].size;
    return true;
}

// How h5py stores truth values: an enumeration of FALSE = 0 and TRUE = 1 in one byte. The names of other enumerations
// are left to who wrote them.
static bool is_enumeration(struct hdf5_type *out, const struct hdf5_library *lib, hid_t type)
{
    hid_t base = CALL(H5Tget_super, type);
    bool number = base >= 0 && is_number(out, lib, base, H5T_INTEGER);
    if (base >= 0)
        CALL(H5Idec_ref, base);
    if (!number)
        return false;
    signed char values[2] = {-1, -1};
    if (out->size == 1 && CALL(H5Tget_nmembers, type) == 2 && member_is(lib, type, 0, "FALSE") &&
        member_is(lib, type, 1, "TRUE") && CALL(H5Tget_member_value, type, 0, &values[0]) >= 0 &&
        CALL(H5Tget_member_value, type, 1, &values[1]) >= 0 && values[0] == 0 && values[1] == 1)
        out->dtype = DTYPE_BOOL;
    return true;
}

int hdf5_describe(struct hdf5_type *out, const struct hdf5_library *lib, hid_t type)
{
    H5T_class_t class = CALL(H5Tget_class, type);
    *out = (struct hdf5_type){.kind = HDF5_OPAQUE, .size = CALL(H5Tget_size, type)};
    if (class < 0 || out->size == 0)
        return -1;
    if (class == H5T_STRING) {
        htri_t any_size = CALL(H5Tis_variable_str, type);
        out->kind = any_size > 0 ? HDF5_TEXTS : HDF5_TEXT;
        out->pad = CALL(H5Tget_strpad, type);
        return any_size < 0 ? -1 : 0;
    }
    if ((class == H5T_INTEGER || class == H5T_FLOAT) && is_number(out, lib, type, class))
        return 0;
    if (class == H5T_ENUM && is_enumeration(out, lib, type))
        return 0;
    if (class == H5T_COMPOUND && is_complex(out, lib, type))
        return 0;
    static const H5T_class_t elsewhere[] = {H5T_VLEN, H5T_REFERENCE, H5T_STRING};
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
        // A string within a compound may be of a fixed size; told apart it is not.
        if (CALL(H5Tdetect_class, type, elsewhere[i]) != 0)
            out->kind = HDF5_OTHER;
    }
    return 0;
}

#endif

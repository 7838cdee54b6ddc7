// SPDX-License-Identifier: Apache-2.0
#include "artifact/hdf5.h"

#ifdef REPRO_HDF5

#include "artifact/hdf5_walk.h"
#include "artifact/lines.h"
#include "base/str.h"

#include <stdarg.h>
#include <string.h>

// --- how it ends early ---

// What is said of the file as a whole; always −1.
int hdf5_say(struct hdf5_walk *w, enum record_kind kind, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    records_word(w->out, kind, buf_text(&text));
    return -1;
}

int hdf5_damaged(struct hdf5_walk *w, const char *what)
{
    return hdf5_say(w, RECORD_ERROR, "cannot read %s of '%s'", what, buf_text(&w->path));
}

// --- elements ---

int hdf5_text(struct hdf5_walk *w, const char *name, const char *text, size_t len)
{
    return records_value(w->out, RECORD_TEXT, name, NULL, RECORD_HERE, len) < 0 ? -1 : records_data(w->out, text, len);
}

static int find_shape(struct hdf5_walk *w, struct hdf5_elements *e)
{
    H5S_class_t class = HDF5_CALL(w->lib, H5Sget_simple_extent_type)(e->space);
    int rank = class == H5S_SIMPLE ? HDF5_CALL(w->lib, H5Sget_simple_extent_ndims)(e->space) : 0;
    if (class == H5S_NO_CLASS || rank < 0 || rank > TENSOR_MAX_RANK)
        return hdf5_damaged(w, "the shape");
    hsize_t dims[TENSOR_MAX_RANK] = {0};
    if (rank > 0 && HDF5_CALL(w->lib, H5Sget_simple_extent_dims)(e->space, dims, NULL) < 0)
        return hdf5_damaged(w, "the shape");
    e->shape.rank = (size_t)rank;
    e->bytes = class == H5S_NULL ? 0 : e->description.size;
    for (int i = 0; i < rank; i++) {
        e->shape.shape[i] = dims[i];
        if (__builtin_mul_overflow(e->bytes, dims[i], &e->bytes))
            return hdf5_damaged(w, "the shape");
    }
    return 0;
}

static int read_all(struct hdf5_walk *w, const struct hdf5_elements *e, void *out)
{
    herr_t status = e->attribute ? HDF5_CALL(w->lib, H5Aread)(e->object, e->type, out)
                                 : HDF5_CALL(w->lib, H5Dread)(e->object, e->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
    return status < 0 ? -1 : 0;
}

// A filter that this library does not have is no damage.
static int cannot_read(struct hdf5_walk *w, const struct hdf5_elements *e)
{
    return hdf5_say(w, RECORD_GIVE_UP, "libhdf5 cannot read '%s' (damaged, or packed by a filter that is not there)",
                    e->name);
}

// How many rows are read at a time: whole chunks, so that each is unpacked once.
static uint64_t rows_of(struct hdf5_walk *w, const struct hdf5_elements *e)
{
    uint64_t rows = e->shape.shape[0], row = e->bytes / rows;
    uint64_t most = row < HDF5_LARGEST_PIECE ? HDF5_LARGEST_PIECE / (row ? row : 1) : 1;
    hid_t plist = HDF5_CALL(w->lib, H5Dget_create_plist)(e->object);
    hsize_t chunk[TENSOR_MAX_RANK] = {0};
    if (plist >= 0 && HDF5_CALL(w->lib, H5Pget_layout)(plist) == H5D_CHUNKED &&
        HDF5_CALL(w->lib, H5Pget_chunk)(plist, TENSOR_MAX_RANK, chunk) > 0 && chunk[0] > 0 && chunk[0] <= most)
        most -= most % chunk[0];
    if (plist >= 0)
        HDF5_CALL(w->lib, H5Idec_ref)(plist);
    return most < rows ? most : rows;
}

static int copy_rows(struct hdf5_walk *w, const struct hdf5_elements *e, void *piece, uint64_t first, uint64_t rows)
{
    hsize_t start[TENSOR_MAX_RANK] = {first}, count[TENSOR_MAX_RANK] = {rows};
    for (size_t i = 1; i < e->shape.rank; i++)
        count[i] = e->shape.shape[i];
    hid_t memory = HDF5_CALL(w->lib, H5Screate_simple)((int)e->shape.rank, count, NULL);
    herr_t status = HDF5_CALL(w->lib, H5Sselect_hyperslab)(e->space, H5S_SELECT_SET, start, NULL, count, NULL);
    if (memory < 0 || status < 0 ||
        HDF5_CALL(w->lib, H5Dread)(e->object, e->type, memory, e->space, H5P_DEFAULT, piece) < 0)
        return cannot_read(w, e);
    HDF5_CALL(w->lib, H5Idec_ref)(memory);
    return records_data(w->out, piece, (size_t)(e->bytes / e->shape.shape[0] * rows));
}

static int copy_elements(struct hdf5_walk *w, const struct hdf5_elements *e)
{
    if (e->bytes == 0)
        return 0;
    bool whole = e->bytes <= HDF5_LARGEST_PIECE || e->attribute || e->shape.rank == 0;
    uint64_t rows = whole ? 1 : rows_of(w, e);
    uint64_t size = whole ? e->bytes : e->bytes / e->shape.shape[0] * rows;
    if (size > HDF5_LARGEST_PIECE * 16)
        return hdf5_say(w, RECORD_GIVE_UP, "'%s' has elements or rows that are too large", e->name);
    CLEANUP(free) void *piece = mem_alloc((size_t)size);
    if (whole)
        return read_all(w, e, piece) < 0 ? cannot_read(w, e) : records_data(w->out, piece, (size_t)size);
    for (uint64_t first = 0; first < e->shape.shape[0]; first += rows) {
        uint64_t left = e->shape.shape[0] - first;
        if (copy_rows(w, e, piece, first, left < rows ? left : rows) < 0)
            return -1;
    }
    return 0;
}

// Where the elements lie in the file as they are; RECORD_HERE where they do not.
static uint64_t place_of(struct hdf5_walk *w, const struct hdf5_elements *e)
{
    if (e->attribute || e->bytes == 0)
        return RECORD_HERE;
    hid_t plist = HDF5_CALL(w->lib, H5Dget_create_plist)(e->object);
    if (plist < 0)
        return RECORD_HERE;
    bool plain =
        HDF5_CALL(w->lib, H5Pget_layout)(plist) == H5D_CONTIGUOUS && HDF5_CALL(w->lib, H5Pget_nfilters)(plist) == 0;
    HDF5_CALL(w->lib, H5Idec_ref)(plist);
    // Where nothing has been allocated, a library may still name a place.
    plain = plain && HDF5_CALL(w->lib, H5Dget_storage_size)(e->object) == e->bytes;
    haddr_t offset = plain ? HDF5_CALL(w->lib, H5Dget_offset)(e->object) : HADDR_UNDEF;
    return offset == HADDR_UNDEF ? RECORD_HERE : (uint64_t)offset;
}

static int put_numbers(struct hdf5_walk *w, const struct hdf5_elements *e, enum record_kind kind)
{
    uint64_t place = place_of(w, e);
    const struct tensor *shape = kind == RECORD_TENSOR ? &e->shape : NULL;
    if (records_value(w->out, kind, e->name, shape, place, e->bytes) < 0)
        return -1;
    return place == RECORD_HERE ? copy_elements(w, e) : 0;
}

static size_t text_len(const char *text, size_t size, H5T_str_t pad)
{
    if (pad == H5T_STR_NULLTERM)
        return strnlen(text, size);
    char padding = pad == H5T_STR_SPACEPAD ? ' ' : '\0';
    while (size > 0 && text[size - 1] == padding)
        size--;
    return size;
}

static int put_texts(struct hdf5_walk *w, const struct hdf5_elements *e)
{
    if (e->bytes > HDF5_LARGEST_PIECE)
        return hdf5_say(w, RECORD_GIVE_UP, "'%s' has too many texts", e->name);
    CLEANUP(free) char *cells = mem_alloc((size_t)e->bytes + 1);
    if (e->bytes > 0 && read_all(w, e, cells) < 0)
        return cannot_read(w, e);
    CLEANUP(buf) struct buf lines = {0};
    size_t size = e->description.size;
    for (size_t at = 0; at + size <= e->bytes; at += size) {
        const char *text = cells + at;
        if (e->description.kind == HDF5_TEXTS)
            memcpy(&text, cells + at, sizeof text);
        size_t len = !text                               ? 0
                     : e->description.kind == HDF5_TEXTS ? strlen(text)
                                                         : text_len(text, size, e->description.pad);
        if (e->shape.rank == 0)
            return hdf5_text(w, e->name, text ? text : "", len);
        lines_add(&lines, text ? text : "", len);
    }
    CLEANUP(free) char *shape = e->shape.rank == 1 ? str_dup("[]") : tensor_shape_text(&e->shape);
    CLEANUP(free) char *name = str_printf("%s%s", e->name, shape);
    return hdf5_text(w, name, buf_text(&lines), lines.len);
}

static int put_elements(struct hdf5_walk *w, struct hdf5_elements *e)
{
    if (e->type < 0 || e->space < 0 || hdf5_describe(&e->description, w->lib, e->type) < 0)
        return hdf5_damaged(w, "the type");
    if (find_shape(w, e) < 0)
        return -1;
    e->shape.dtype = e->description.dtype;
    e->shape.big_endian = e->description.big_endian;
    bool none = HDF5_CALL(w->lib, H5Sget_simple_extent_type)(e->space) == H5S_NULL;
    switch (none ? HDF5_OPAQUE : e->description.kind) {
    case HDF5_TENSOR:
        return put_numbers(w, e, RECORD_TENSOR);
    case HDF5_TEXT:
    case HDF5_TEXTS:
        return put_texts(w, e);
    case HDF5_OTHER:
        return hdf5_say(w, RECORD_GIVE_UP, "'%s' is of a type that is not read", e->name);
    default:
        if (!none) {
            CLEANUP(free) char *note = str_printf("'%s' is of a type that is compared as bytes", e->name);
            records_word(w->out, RECORD_NOTE, note);
        }
        return put_numbers(w, e, RECORD_BYTES);
    }
}

int hdf5_elements(struct hdf5_walk *w, struct hdf5_elements *e)
{
    int status = put_elements(w, e);
    if (e->type >= 0)
        HDF5_CALL(w->lib, H5Idec_ref)(e->type);
    if (e->space >= 0)
        HDF5_CALL(w->lib, H5Idec_ref)(e->space);
    return status;
}

#endif

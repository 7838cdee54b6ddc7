// SPDX-License-Identifier: Apache-2.0
//
// Names: groups and datasets by their paths ("model_weights/dense/kernel:0"), attributes behind an '@'
// ("model_weights@backend", "@keras_version"), texts in arrays with the shape ("labels[]", "grid[2,3]"). Links to other
// files, and data in other files, are told as text and not followed. Numbers are handed over as they lie in the file,
// texts without what pads them.
#include "artifact/hdf5.h"

#ifndef REPRO_HDF5

struct hdf5_library *hdf5_load(const char **why)
{
    *why = "this build has no HDF5";
    return NULL;
}

void hdf5_unload(struct hdf5_library *library)
{
    (void)library;
}

void hdf5_walk(const struct hdf5_library *library, struct records *out, const void *bytes, size_t len)
{
    (void)library, (void)out, (void)bytes, (void)len;
}

#else

#include "artifact/hdf5_walk.h"
#include "base/str.h"

#include <dlfcn.h>
#include <string.h>

#define MOST_DEPTH 64
#define READ_ONLY  0 // H5F_ACC_RDONLY asks the library for its version

struct hdf5_library *hdf5_load(const char **why)
{
    *why = "this machine has no HDF5 library (" REPRO_HDF5 ")";
    // It stays loaded: what comes along with it is not made for being unloaded.
    void *handle = dlopen(REPRO_HDF5, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        return NULL;
    struct hdf5_library *lib = mem_alloc(sizeof *lib);
    bool whole = true;
#define LOAD(name) whole = (*(void **)&lib->call_##name = dlsym(handle, HDF5_NAME(name))) && whole;
    HDF5_FUNCTIONS(LOAD)
#undef LOAD
    lib->file_access = dlsym(handle, "H5P_CLS_FILE_ACCESS_ID_g");
    dlclose(handle);
    if (whole && lib->file_access)
        return lib;
    hdf5_unload(lib);
    *why = "the HDF5 library of this machine lacks functions (" REPRO_HDF5 ")";
    return NULL;
}

void hdf5_unload(struct hdf5_library *library)
{
    free(library);
}

// An object that was met, by its address: there may be several ways to it, and a way back to where one came from.
struct seen {
    haddr_t address;
    char *path;
};

// --- objects that were met ---

static struct seen *slot_of(struct seen *table, size_t size, haddr_t address)
{
    size_t at = (size_t)(address * 0x9e3779b97f4a7c15u >> 20) & (size - 1);
    while (table[at].path && table[at].address != address)
        at = (at + 1) & (size - 1);
    return &table[at];
}

static void grow(struct hdf5_walk *w)
{
    size_t size = w->seen_size ? w->seen_size * 2 : 64;
    struct seen *table = mem_array(size, sizeof *table);
    for (size_t i = 0; i < w->seen_size; i++) {
        if (w->seen[i].path)
            *slot_of(table, size, w->seen[i].address) = w->seen[i];
    }
    free(w->seen);
    w->seen = table;
    w->seen_size = size;
}

// The path at which it was met first, or NULL: it is met here now.
static const char *meet(struct hdf5_walk *w, haddr_t address)
{
    if (w->seen_count * 2 >= w->seen_size)
        grow(w);
    struct seen *slot = slot_of(w->seen, w->seen_size, address);
    if (slot->path)
        return slot->path;
    *slot = (struct seen){address, str_dup(buf_text(&w->path))};
    w->seen_count++;
    return NULL;
}

// --- attributes ---

// What an iteration of the library comes upon; looked at only after it has ended.
struct names {
    struct strings list;
};

static herr_t keep_attribute(hid_t object, const char *name, const H5A_info_t *info, void *context)
{
    (void)object, (void)info;
    struct names *names = context;
    strings_add(&names->list, name);
    return names->list.count > CONTENTS_MAX_VALUES;
}

static int put_attributes(struct hdf5_walk *w, hid_t object)
{
    struct names names = {0};
    int status = HDF5_CALL(w->lib, H5Aiterate2)(object, H5_INDEX_NAME, H5_ITER_INC, NULL, keep_attribute, &names) < 0
                     ? hdf5_damaged(w, "the attributes")
                     : 0;
    for (size_t i = 0; status == 0 && i < names.list.count; i++) {
        hid_t attribute = HDF5_CALL(w->lib, H5Aopen)(object, names.list.items[i], H5P_DEFAULT);
        CLEANUP(free) char *name = str_printf("%s@%s", buf_text(&w->path), names.list.items[i]);
        if (attribute < 0) {
            status = hdf5_damaged(w, "an attribute");
            break;
        }
        struct hdf5_elements elements = {.object = attribute, .attribute = true, .name = name};
        elements.type = HDF5_CALL(w->lib, H5Aget_type)(attribute);
        elements.space = HDF5_CALL(w->lib, H5Aget_space)(attribute);
        status = hdf5_elements(w, &elements);
        HDF5_CALL(w->lib, H5Idec_ref)(attribute);
    }
    strings_free(&names.list);
    return status;
}

// --- objects ---

static int put_object(struct hdf5_walk *w, hid_t parent, const char *name);

static int put_dataset(struct hdf5_walk *w, hid_t dataset)
{
    hid_t plist = HDF5_CALL(w->lib, H5Dget_create_plist)(dataset);
    if (plist < 0)
        return hdf5_damaged(w, "the properties");
    bool elsewhere =
        HDF5_CALL(w->lib, H5Pget_external_count)(plist) != 0 || HDF5_CALL(w->lib, H5Pget_layout)(plist) == H5D_VIRTUAL;
    HDF5_CALL(w->lib, H5Idec_ref)(plist);
    if (elsewhere)
        return hdf5_say(w, RECORD_GIVE_UP, "the data of '%s' is in other files, which are not opened",
                        buf_text(&w->path));
    struct hdf5_elements elements = {.object = dataset, .name = buf_text(&w->path)};
    elements.type = HDF5_CALL(w->lib, H5Dget_type)(dataset);
    elements.space = HDF5_CALL(w->lib, H5Dget_space)(dataset);
    return hdf5_elements(w, &elements);
}

static int put_type(struct hdf5_walk *w, hid_t type)
{
    size_t size = 0;
    if (HDF5_CALL(w->lib, H5Tencode)(type, NULL, &size) < 0 || size > HDF5_LARGEST_PIECE)
        return hdf5_damaged(w, "the type");
    CLEANUP(free) void *encoded = mem_alloc(size + 1);
    if (HDF5_CALL(w->lib, H5Tencode)(type, encoded, &size) < 0)
        return hdf5_damaged(w, "the type");
    return records_value(w->out, RECORD_BYTES, buf_text(&w->path), NULL, RECORD_HERE, size) < 0
               ? -1
               : records_data(w->out, encoded, size);
}

// Soft, external and foreign links are told, not followed.
static int put_link(struct hdf5_walk *w, hid_t group, const char *name, const H5L_info_t *info)
{
    if (info->u.val_size > HDF5_LARGEST_PIECE)
        return hdf5_damaged(w, "the link");
    CLEANUP(free) char *target = mem_alloc(info->u.val_size + 1);
    if (HDF5_CALL(w->lib, H5Lget_val)(group, name, target, info->u.val_size, H5P_DEFAULT) < 0)
        return hdf5_damaged(w, "the link");
    bool soft = info->type == H5L_TYPE_SOFT;
    // One of another kind begins with its flags; between the file and the path of an external link stands a NUL.
    size_t skip = soft || info->u.val_size == 0 ? 0 : 1;
    for (size_t i = skip; i + 1 < info->u.val_size; i++)
        target[i] = target[i] ? target[i] : ':';
    CLEANUP(free) char *text = str_printf("%s to %s", soft ? "soft link" : "external link", target + skip);
    return hdf5_text(w, buf_text(&w->path), text, strlen(text));
}

static herr_t keep_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group, (void)info;
    struct names *names = context;
    strings_add(&names->list, name);
    return names->list.count > CONTENTS_MAX_VALUES;
}

static int put_member(struct hdf5_walk *w, hid_t group, const char *name)
{
    H5L_info_t info;
    size_t here = w->path.len;
    if (here > 0)
        buf_putc(&w->path, '/');
    buf_puts(&w->path, name);
    int status = HDF5_CALL(w->lib, H5Lget_info)(group, name, &info, H5P_DEFAULT) < 0 ? hdf5_damaged(w, "the link")
                 : info.type == H5L_TYPE_HARD                                        ? put_object(w, group, name)
                                                                                     : put_link(w, group, name, &info);
    w->path.len = here;
    w->path.data[here] = '\0';
    return status;
}

static int put_group(struct hdf5_walk *w, hid_t group)
{
    struct names names = {0};
    int status = HDF5_CALL(w->lib, H5Literate)(group, H5_INDEX_NAME, H5_ITER_INC, NULL, keep_link, &names) < 0
                     ? hdf5_damaged(w, "the members")
                     : 0;
    if (status == 0 && names.list.count == 0 && w->path.len > 0)
        status = hdf5_text(w, buf_text(&w->path), "empty group", 11);
    for (size_t i = 0; status == 0 && i < names.list.count; i++)
        status = put_member(w, group, names.list.items[i]);
    strings_free(&names.list);
    return status;
}

static int put_opened(struct hdf5_walk *w, hid_t object)
{
    H5O_info_t info;
    if (HDF5_CALL(w->lib, H5Oget_info2)(object, &info, H5O_INFO_BASIC) < 0)
        return hdf5_damaged(w, "what is known");
    const char *first = meet(w, info.addr);
    if (first) {
        CLEANUP(free) char *text = str_printf("the same as '%s'", *first ? first : "/");
        return hdf5_text(w, buf_text(&w->path), text, strlen(text));
    }
    if (put_attributes(w, object) < 0)
        return -1;
    if (info.type == H5O_TYPE_GROUP)
        return put_group(w, object);
    return info.type == H5O_TYPE_DATASET ? put_dataset(w, object) : put_type(w, object);
}

static int put_object(struct hdf5_walk *w, hid_t parent, const char *name)
{
    if (w->depth == MOST_DEPTH)
        return hdf5_say(w, RECORD_ERROR, "'%s' is nested too deeply", buf_text(&w->path));
    hid_t object = HDF5_CALL(w->lib, H5Oopen)(parent, name, H5P_DEFAULT);
    if (object < 0)
        return hdf5_damaged(w, "the object");
    w->depth++;
    int status = put_opened(w, object);
    w->depth--;
    HDF5_CALL(w->lib, H5Idec_ref)(object);
    return status;
}

// --- the file in memory ---

struct image {
    void *bytes;
    size_t len;
};

// The library would make a copy for every step on the way to the open file; it gets the one image each time.
static void *image_malloc(size_t size, H5FD_file_image_op_t op, void *context)
{
    (void)op;
    struct image *image = context;
    return size == image->len ? image->bytes : NULL;
}

static void *image_memcpy(void *to, const void *from, size_t size, H5FD_file_image_op_t op, void *context)
{
    (void)size, (void)op, (void)context;
    return to == from ? to : NULL;
}

static void *image_realloc(void *bytes, size_t size, H5FD_file_image_op_t op, void *context)
{
    (void)bytes, (void)size, (void)op, (void)context;
    return NULL;
}

static herr_t image_free(void *bytes, H5FD_file_image_op_t op, void *context)
{
    (void)bytes, (void)op, (void)context;
    return 0;
}

static void *image_context(void *context)
{
    return context;
}

static herr_t image_forget(void *context)
{
    (void)context;
    return 0;
}

static hid_t open_image(const struct hdf5_walk *w, struct image *image)
{
    H5FD_file_image_callbacks_t callbacks = {image_malloc,  image_memcpy, image_realloc, image_free,
                                             image_context, image_forget, image};
    hid_t access = HDF5_CALL(w->lib, H5Pcreate)(*w->lib->file_access);
    if (access < 0 || HDF5_CALL(w->lib, H5Pset_fapl_core)(access, (size_t)1 << 16, false) < 0 ||
        HDF5_CALL(w->lib, H5Pset_file_image_callbacks)(access, &callbacks) < 0 ||
        HDF5_CALL(w->lib, H5Pset_file_image)(access, image->bytes, image->len) < 0)
        return -1;
    return HDF5_CALL(w->lib, H5Fopen)("memory", READ_ONLY, access);
}

void hdf5_walk(const struct hdf5_library *library, struct records *out, const void *bytes, size_t len)
{
    struct hdf5_walk walk = {.lib = library, .out = out};
    struct image image = {(void *)bytes, len};
    if (HDF5_CALL(walk.lib, H5open)() < 0 || HDF5_CALL(walk.lib, H5Eset_auto2)(H5E_DEFAULT, NULL, NULL) < 0 ||
        HDF5_CALL(walk.lib, H5PLset_loading_state)(0) < 0) {
        hdf5_say(&walk, RECORD_GIVE_UP, "libhdf5 does not start");
        return;
    }
    hid_t file = open_image(&walk, &image);
    if (file < 0)
        hdf5_say(&walk, RECORD_ERROR, "libhdf5 cannot open it");
    else if (put_object(&walk, file, "/") == 0)
        records_word(out, RECORD_LEFT_OUT,
                     "how HDF5 stores datasets (chunks, compression, order), and the times of objects");
}

#endif

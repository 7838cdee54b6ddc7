// SPDX-License-Identifier: Apache-2.0
//
// What torch.save wrote before 1.6, and still does within plain pickles:
//
//   pickle  the magic number 0x1950a86a20f9469cfc6c
//   pickle  the protocol, 1001
//   pickle  a dict: protocol_version, little_endian, type_sizes
//   pickle  what was saved; storages are persistent ids ('storage', class, key, device, elements, view): keys are
//           addresses in the memory of whoever saved it. A view is (key, offset, elements) of another storage, or None
//   pickle  the list of keys
//   for each key   i64 elements, then their bytes; little-endian on any machine
#include "artifact/pytorch_legacy.h"

#include "artifact/contents.h"
#include "artifact/pickle_file.h"
#include "artifact/pickle_torch.h"
#include "artifact/pickle_walk.h"
#include "artifact/readers.h"

#include <string.h>

struct stored {
    const unsigned char *key;
    size_t key_len;
    const unsigned char *bytes;
    uint64_t elements, size; // size: in bytes, once the type is known
    size_t place;            // in the file
    bool typed;
    enum dtype dtype;
};
struct legacy {
    struct pickle pickle;
    uint32_t root;
    struct stored *items; // sorted by key
    size_t count;
};

static void cleanup_legacy(struct legacy *legacy)
{
    pickle_free(&legacy->pickle);
    free(legacy->items);
}

static int compare(const unsigned char *a, size_t a_len, const unsigned char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int by_key(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    return compare(x->key, x->key_len, y->key, y->key_len);
}

static int by_place(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

static struct stored *find(const struct legacy *legacy, const unsigned char *key, size_t len)
{
    size_t low = 0, high = legacy->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(legacy->items[middle].key, legacy->items[middle].key_len, key, len);
        if (order == 0)
            return &legacy->items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int list_keys(struct legacy *legacy, uint32_t list, struct error *err)
{
    const struct pickle_node *keys = pickle_node(&legacy->pickle, list);
    if (keys->kind != PICKLE_LIST)
        return error_set(err, ERROR_USAGE, "the list of its storages is none");
    legacy->count = keys->count;
    legacy->items = mem_array(legacy->count + 1, sizeof *legacy->items);
    for (size_t i = 0; i < legacy->count; i++) {
        const struct pickle_node *key = pickle_node(&legacy->pickle, keys->items[i]);
        if (key->kind != PICKLE_TEXT)
            return error_set(err, ERROR_USAGE, "the key of a storage is no text");
        legacy->items[i] = (struct stored){.key = key->bytes, .key_len = (size_t)key->len, .place = i};
    }
    if (legacy->count)
        qsort(legacy->items, legacy->count, sizeof *legacy->items, by_key);
    for (size_t i = 1; i < legacy->count; i++) {
        if (by_key(&legacy->items[i - 1], &legacy->items[i]) == 0)
            return error_set(err, ERROR_USAGE, "a storage comes twice");
    }
    return 0;
}

// Only the persistent ids say of which type, and so how large, a storage is.
static int type_storages(struct legacy *legacy, struct error *err)
{
    for (uint32_t i = 1; i < legacy->pickle.count; i++) {
        struct pickle_storage storage;
        if (!pickle_torch_storage(&storage, &legacy->pickle, i))
            continue;
        const struct pickle_node *key = pickle_node(&legacy->pickle, storage.key);
        struct stored *stored = find(legacy, key->bytes, (size_t)key->len);
        if (stored && stored->typed && stored->dtype != storage.dtype)
            return error_set(err, ERROR_USAGE, "a storage is of two types");
        if (stored) {
            stored->typed = true;
            stored->dtype = storage.dtype;
        }
    }
    return 0;
}

static int locate_storages(struct legacy *legacy, const unsigned char *bytes, size_t len, size_t at, struct error *err)
{
    if (legacy->count)
        qsort(legacy->items, legacy->count, sizeof *legacy->items, by_place);
    for (size_t i = 0; i < legacy->count; i++) {
        struct stored *stored = &legacy->items[i];
        if (!stored->typed)
            return pickle_puzzle(&legacy->pickle, "it has a storage of unknown type");
        if (len - at < 8)
            return error_set(err, ERROR_USAGE, "byte %zu: it ends within storage %zu of %zu", at, i + 1, legacy->count);
        for (size_t k = 0; k < 8; k++)
            stored->elements |= (uint64_t)bytes[at + k] << 8 * k;
        at += 8;
        if (__builtin_mul_overflow(stored->elements, (uint64_t)dtype_size(stored->dtype), &stored->size) ||
            stored->size > len - at)
            return error_set(err, ERROR_USAGE, "byte %zu: storage %zu of %llu elements, there are %zu bytes", at - 8,
                             i + 1, (unsigned long long)stored->elements, len - at);
        stored->bytes = bytes + at;
        at += (size_t)stored->size;
    }
    if (legacy->count)
        qsort(legacy->items, legacy->count, sizeof *legacy->items, by_key);
    return at == len ? 0 : error_set(err, ERROR_USAGE, "byte %zu: %zu bytes that belong to nothing", at, len - at);
}

// 0, −1, or 1: not understood (legacy->pickle.why).
static int open_legacy(struct legacy *legacy, const unsigned char *bytes, size_t len, struct error *err)
{
    uint32_t parts[5] = {0};
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        int rc = pickle_run(&legacy->pickle, &parts[i], bytes, len, &at, err);
        if (rc)
            return rc;
    }
    uint64_t protocol = 0;
    if (!pickle_size(&legacy->pickle, parts[1], &protocol) || protocol != 1001)
        return pickle_puzzle(&legacy->pickle, "it is of another protocol than 1001");
    legacy->root = parts[3];
    if (list_keys(legacy, parts[4], err) || type_storages(legacy, err))
        return -1;
    return locate_storages(legacy, bytes, len, at, err);
}

static bool find_storage(const struct pickle_storages *storages, const unsigned char *key, size_t len,
                         const unsigned char **bytes, uint64_t *size)
{
    const struct stored *stored = find(storages->context, key, len);
    if (stored) {
        *bytes = stored->bytes;
        *size = stored->size;
    }
    return stored != NULL;
}

bool pytorch_legacy_storage(struct pickle_storage *out, const unsigned char *bytes, size_t len)
{
    __attribute__((cleanup(cleanup_legacy))) struct legacy legacy = {0};
    CLEANUP(error) struct error err = {0};
    if (open_legacy(&legacy, bytes, len, &err) || !pickle_torch_storage(out, &legacy.pickle, legacy.root))
        return false;
    const struct pickle_node *key = pickle_node(&legacy.pickle, out->key);
    const struct stored *stored = find(&legacy, key->bytes, (size_t)key->len);
    if (!stored)
        return false;
    out->bytes = stored->bytes;
    out->size = stored->size;
    return true;
}

int pytorch_legacy_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    __attribute__((cleanup(cleanup_legacy))) struct legacy legacy = {0};
    int rc = open_legacy(&legacy, file->bytes, file->len, err);
    const struct pickle_storages storages = {.find = find_storage, .context = &legacy};
    if (!rc)
        rc = pickle_walk(out, &legacy.pickle, legacy.root, prefix, &storages, err);
    if (rc)
        return rc < 0 ? -1 : pickle_as_bytes(out, file, &legacy.pickle, prefix, err);
    contents_leave_out(out, "keys of the storages, which are addresses in memory");
    contents_leave_out(out, "order of the keys of dicts, which values are shared");
    pickle_keep(out, &legacy.pickle);
    return 0;
}

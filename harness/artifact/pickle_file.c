// SPDX-License-Identifier: Apache-2.0
//
// Files that hold one pickle, or several one after another; and what joblib.dump writes, which is one with the bytes of
// arrays in between, compressed as a whole when asked to:
//
//   78 01, 5e, 9c or da  zlib (joblib's own choice)      1f 8b  gzip      (xz, bzip2, lzma and lz4 are not read)
//
// Several pickles are "0", "1", …; a single one has no name.
#include "artifact/pickle_file.h"

#include "artifact/contents.h"
#include "artifact/inflate.h"
#include "artifact/pickle_walk.h"
#include "artifact/readers.h"

#include <string.h>

enum { MAX_PICKLES = 64 << 10 };

void pickle_keep(struct contents *out, struct pickle *pickle)
{
    void *block = NULL;
    for (size_t len; pickle_release(pickle, &block, &len);)
        contents_keep(out, block, len);
}

int pickle_as_bytes(struct contents *out, const struct artifact_file *file, const struct pickle *pickle,
                    const char *prefix, struct error *err)
{
    contents_note(out, "%s: this pickle is compared byte for byte: %s", file->name, pickle->why);
    struct value *value = contents_add(out, prefix, "", VALUE_BYTES, err);
    if (!value)
        return -1;
    value->bytes = file->bytes;
    value->size = file->len;
    return 0;
}

// Where the first bytes say little, the name must say it, too: or else it is something else, not a damaged pickle.
static bool surely_pickle(const struct artifact_file *file)
{
    static const char *const endings[] = {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".p", ".sav"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (str_ends(file->name, endings[i]))
            return file->len > 0 && file->bytes[0] == 0x80;
    }
    return file->len > 2 && file->bytes[0] == 0x80 && file->bytes[1] >= 4 && file->bytes[2] == 0x95;
}

struct pickles {
    struct pickle pickle;
    uint32_t *roots;
    size_t count, capacity;
    size_t at; // behind the last one
};

static void cleanup_pickles(struct pickles *pickles)
{
    pickle_free(&pickles->pickle);
    free(pickles->roots);
}

static int run_all(struct pickles *all, const struct artifact_file *file, struct error *err)
{
    int rc = 0;
    while (!rc && (all->count == 0 || all->at < file->len) && all->count < MAX_PICKLES) {
        CLEANUP(error) struct error problem = {0};
        size_t at = all->at;
        uint32_t root = 0;
        rc = pickle_run(&all->pickle, &root, file->bytes, file->len, &at, &problem);
        if (rc < 0 && all->count > 0)
            return 0; // the rest is something else
        if (rc < 0 && !surely_pickle(file)) {
            CLEANUP(free) char *text = error_text(&problem);
            return pickle_puzzle(&all->pickle, "it is none that can be read (%s)", text);
        }
        if (rc < 0) {
            *err = problem;
            problem = (struct error){0};
        }
        if (!rc) {
            all->roots = mem_grow(all->roots, all->count, &all->capacity, sizeof *all->roots);
            all->roots[all->count++] = root;
            all->at = at;
        }
    }
    return rc;
}

static int walk_all(struct contents *out, struct pickles *all, const struct artifact_file *file, const char *prefix,
                    struct error *err)
{
    bool alone = all->count == 1 && all->at == file->len;
    int rc = 0;
    for (size_t i = 0; i < all->count && !rc; i++) {
        CLEANUP(free) char *index = str_printf("%zu", i);
        const char *name = alone ? prefix : contents_name(out, prefix, index);
        rc = pickle_walk(out, &all->pickle, all->roots[i], name, NULL, err);
    }
    if (rc || all->at == file->len)
        return rc;
    contents_note(out, "%s: what follows its pickle from byte %zu on is compared byte for byte", file->name, all->at);
    struct value *rest = contents_add(out, prefix, "<rest>", VALUE_BYTES, err);
    if (!rest)
        return -1;
    rest->bytes = file->bytes + all->at;
    rest->size = file->len - all->at;
    return 0;
}

int pickle_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    __attribute__((cleanup(cleanup_pickles))) struct pickles all = {0};
    size_t before = out->count;
    int rc = run_all(&all, file, err);
    if (!rc)
        rc = walk_all(out, &all, file, prefix, err);
    if (rc < 0)
        return -1;
    if (rc > 0) {
        out->count = before;
        return pickle_as_bytes(out, file, &all.pickle, prefix, err);
    }
    contents_leave_out(out, "order of the keys of dicts, which values are shared");
    pickle_keep(out, &all.pickle);
    return 0;
}

// The compressions that joblib offers besides: NULL for none of them.
static const char *other_compression(const struct artifact_file *file)
{
    static const struct {
        const char *name, *begin;
        size_t len;
    } table[] = {
        {"xz", "\xfd\x37zXZ", 5}, {"bzip2", "BZh", 3}, {"lzma", "\x5d\0\0", 3}, {"lz4", "\x04\x22\x4d\x18", 4}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (file->len >= table[i].len && memcmp(file->bytes, table[i].begin, table[i].len) == 0)
            return table[i].name;
    }
    return NULL;
}

int joblib_read(struct contents *out, const struct artifact_file *file, const char *prefix, struct error *err)
{
    bool gzip = file->len >= 2 && file->bytes[0] == 0x1f && file->bytes[1] == 0x8b;
    bool zlib = file->len >= 2 && file->bytes[0] == 0x78;
    const char *other = other_compression(file);
    if (other) {
        CLEANUP(pickle) struct pickle none = {0};
        pickle_puzzle(&none, "it is compressed with %s (compress=3, zlib, would be read)", other);
        return pickle_as_bytes(out, file, &none, prefix, err);
    }
    if (!gzip && !zlib)
        return pickle_read(out, file, prefix, err);
    struct artifact_file plain = *file;
    if (inflate_stream(&plain, out, file, gzip ? INFLATE_GZIP : INFLATE_ZLIB, err) != 0)
        return -1;
    contents_leave_out(out, "compression");
    return pickle_read(out, &plain, prefix, err);
}

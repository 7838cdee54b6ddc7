// SPDX-License-Identifier: Apache-2.0
#include "artifact/folder.h"

#include "artifact/contents.h"
#include "artifact/safetensors.h"
#include "base/fs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct artifact_format folder_format = {"folder", NULL, NULL};

struct entry {
    const char *path; // in the contents' texts
    bool link;
    bool done; // read, or a shard of a checkpoint that was
};

struct folder {
    struct contents *contents;
    const char *root;
    struct entry *entries; // in byte order of the paths
    size_t count, capacity;
};

static enum fs_visit visit(const char *path, const struct stat *st, void *context)
{
    struct folder *folder = context;
    if (S_ISDIR(st->st_mode)) {
        if (strcmp(fs_basename(path), ".git") != 0)
            return FS_CONTINUE;
        contents_leave_out(folder->contents, ".git");
        return FS_SKIP;
    }
    folder->entries = mem_grow(folder->entries, folder->count, &folder->capacity, sizeof *folder->entries);
    folder->entries[folder->count++] =
        (struct entry){.path = arena_copy(&folder->contents->texts, path), .link = S_ISLNK(st->st_mode)};
    return FS_CONTINUE;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static struct entry *find(const struct folder *folder, const char *path)
{
    const struct entry key = {.path = path};
    return bsearch(&key, folder->entries, folder->count, sizeof key, by_path);
}

static int add_link(struct folder *folder, const char *path, struct error *err)
{
    CLEANUP(free) char *whole = fs_join(folder->root, path);
    char target[4096];
    ssize_t len = readlink(whole, target, sizeof target);
    if (len < 0)
        return error_errno(err, "cannot read the symbolic link '%s'", whole);
    struct value *value = contents_add(folder->contents, path, "", VALUE_TEXT, err);
    if (!value)
        return -1;
    value->bytes = contents_keep(folder->contents, mem_copy(target, (size_t)len), (size_t)len);
    value->size = (uint64_t)len;
    return 0;
}

static int add(struct folder *folder, struct entry *entry, const char *prefix, struct artifact_file *file,
               struct error *err)
{
    entry->done = true;
    if (entry->link)
        return add_link(folder, entry->path, err);
    if (contents_map(folder->contents, file, folder->root, entry->path, err) != 0)
        return error_context(err, "%s", folder->root);
    file->depth = 1;
    return contents_read(folder->contents, file, prefix, err);
}

static void mark_shards(struct folder *folder, const struct artifact_file *index, const char *path)
{
    CLEANUP(error) struct error ignored = {0}; // it was read a moment ago
    CLEANUP(strings) struct strings shards = {0};
    CLEANUP(free) char *parent = fs_dirname(path);
    safetensors_index_shards(&shards, index, &ignored);
    for (size_t i = 0; i < shards.count; i++) {
        CLEANUP(free) char *shard = fs_join(parent, shards.items[i]);
        struct entry *entry = find(folder, shard);
        if (entry)
            entry->done = true;
    }
}

// A checkpoint in several files has the names that it would have in one, unless that one is there, too.
static int add_checkpoint(struct folder *folder, struct entry *entry, struct error *err)
{
    CLEANUP(free) char *whole = str_ndup(entry->path, strlen(entry->path) - strlen(SAFETENSORS_INDEX));
    size_t before = folder->contents->count;
    struct artifact_file file;
    if (add(folder, entry, find(folder, whole) ? entry->path : whole, &file, err) != 0)
        return -1;
    // An index that cannot be read became one value of bytes.
    const struct value *first = &folder->contents->items[before];
    if (folder->contents->count > before && first->kind != VALUE_BYTES)
        mark_shards(folder, &file, entry->path);
    return 0;
}

static int read_entries(struct folder *folder, struct error *err)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct entry *entry = &folder->entries[i];
        bool checkpoint = !entry->link && str_ends(entry->path, ".safetensors" SAFETENSORS_INDEX);
        if (checkpoint && add_checkpoint(folder, entry, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < folder->count; i++) {
        struct artifact_file file;
        struct entry *entry = &folder->entries[i];
        if (!entry->done && add(folder, entry, entry->path, &file, err) != 0)
            return -1;
    }
    return 0;
}

int folder_read(struct contents *out, const char *path, struct error *err)
{
    struct folder folder = {.contents = out, .root = path};
    out->format = &folder_format;
    int done = fs_walk(path, visit, &folder, err) == 0 ? read_entries(&folder, err) : -1;
    free(folder.entries);
    return done;
}

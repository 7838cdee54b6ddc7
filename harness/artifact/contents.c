// SPDX-License-Identifier: Apache-2.0
#include "artifact/contents.h"

#include "artifact/folder.h"
#include "artifact/map.h"
#include "base/buf.h"
#include "base/fs.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

// As much of a file as artifact_format_of reads.
#define HEAD_SIZE   ((size_t)4096)
#define MAX_RATIO   200
#define RATIO_FLOOR ((uint64_t)1 << 30) // so much may come out of however little

static int by_name(const void *a, const void *b, void *context)
{
    const struct value *items = context;
    return strcmp(items[*(const size_t *)a].name, items[*(const size_t *)b].name);
}

// Values are large, so that their indices are sorted, and each value then moves once, around its cycle.
static void sort(struct contents *contents)
{
    struct value *items = contents->items;
    size_t sorted = 1, count = contents->count;
    while (sorted < count && strcmp(items[sorted - 1].name, items[sorted].name) <= 0)
        sorted++;
    if (sorted >= count)
        return;
    CLEANUP(free) size_t *order = mem_array(count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof *order, by_name, items);
    for (size_t i = 0; i < count; i++) {
        if (order[i] == i)
            continue;
        struct value first = items[i];
        size_t at = i;
        while (order[at] != i) {
            size_t from = order[at];
            items[at] = items[from];
            order[at] = at;
            at = from;
        }
        items[at] = first;
        order[at] = at;
    }
}

int contents_finish(struct contents *contents, struct error *err)
{
    sort(contents);
    for (size_t i = 1; i < contents->count; i++) {
        if (strcmp(contents->items[i - 1].name, contents->items[i].name) == 0)
            return error_set(err, ERROR_USAGE, "'%s' comes twice", contents->items[i].name);
    }
    return 0;
}

static struct contents *contents_new(void)
{
    struct contents *contents = mem_alloc(sizeof *contents);
    contents->format = artifact_recognise((const unsigned char *)"", 0, "");
    return contents;
}

static int open_file(struct contents *contents, const char *path, struct error *err)
{
    struct artifact_file file = {0};
    if (map_file(&file, path, err) != 0)
        return -1;
    file.path = file.mapped ? arena_copy(&contents->texts, path) : NULL;
    contents_adopt(contents, &file);
    CLEANUP(free) char *folder = fs_dirname(path);
    file.name = arena_copy(&contents->texts, path);
    file.folder = arena_copy(&contents->texts, folder);
    contents->format = artifact_recognise(file.bytes, file.len < HEAD_SIZE ? file.len : HEAD_SIZE, fs_basename(path));
    return contents_read(contents, &file, "", err);
}

int contents_open(struct contents **out, const char *path, struct error *err)
{
    CLEANUP(contents) struct contents *contents = contents_new();
    int opened = fs_is_folder(path) ? folder_read(contents, path, err) : open_file(contents, path, err);
    if (opened != 0)
        return -1;
    if (contents_finish(contents, err) != 0)
        return error_context(err, "%s", path);
    *out = steal(&contents);
    return 0;
}

int contents_parse(struct contents **out, const char *name, const void *bytes, size_t len, struct error *err)
{
    CLEANUP(contents) struct contents *contents = contents_new();
    struct artifact_file file = {.name = arena_copy(&contents->texts, name), .bytes = bytes, .len = len};
    contents->format = artifact_recognise(bytes, len < HEAD_SIZE ? len : HEAD_SIZE, fs_basename(name));
    if (contents_read(contents, &file, "", err) != 0)
        return -1;
    if (contents_finish(contents, err) != 0)
        return error_context(err, "%s", name);
    *out = steal(&contents);
    return 0;
}

int contents_check(const struct contents *contents, struct error *err)
{
    for (size_t i = 0; i < contents->file_count; i++) {
        const struct artifact_file *file = &contents->files[i];
        struct stat st;
        if (file->path && (stat(file->path, &st) != 0 || map_stamp(&st) != file->stamp))
            return error_set(err, ERROR_MACHINE, "'%s' changed while it was read", file->path);
    }
    return 0;
}

void contents_free(struct contents *contents)
{
    if (!contents)
        return;
    for (size_t i = 0; i < contents->file_count; i++)
        map_free(&contents->files[i]);
    free(contents->files);
    free(contents->items);
    free(contents->note);
    strings_free(&contents->left_out);
    arena_free(&contents->texts);
    free(contents);
}

const struct value *contents_find(const struct contents *contents, const char *name)
{
    size_t low = 0, high = contents->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(contents->items[middle].name, name);
        if (order == 0)
            return &contents->items[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *contents_name(struct contents *contents, const char *prefix, const char *name)
{
    if (!*prefix || !*name)
        return arena_copy(&contents->texts, *prefix ? prefix : name);
    CLEANUP(free) char *joined = str_printf("%s:%s", prefix, name);
    return arena_copy(&contents->texts, joined);
}

struct value *contents_add(struct contents *contents, const char *prefix, const char *name, enum value_kind kind,
                           struct error *err)
{
    if (contents->count == CONTENTS_MAX_VALUES) {
        error_set(err, ERROR_USAGE, "more than %zu values", CONTENTS_MAX_VALUES);
        return NULL;
    }
    contents->items = mem_grow(contents->items, contents->count, &contents->capacity, sizeof *contents->items);
    struct value *value = &contents->items[contents->count++];
    *value = (struct value){.name = contents_name(contents, prefix, name), .kind = kind};
    return value;
}

void contents_leave_out(struct contents *contents, const char *what)
{
    if (!strings_has(&contents->left_out, what))
        strings_add(&contents->left_out, what);
}

void contents_note(struct contents *contents, const char *format, ...)
{
    if (contents->note)
        return;
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    contents->note = buf_take(&text);
}

void contents_adopt(struct contents *contents, const struct artifact_file *file)
{
    contents->files =
        mem_grow(contents->files, contents->file_count, &contents->file_capacity, sizeof *contents->files);
    contents->files[contents->file_count++] = *file;
}

const unsigned char *contents_keep(struct contents *contents, void *bytes, size_t len)
{
    contents_adopt(contents, &(struct artifact_file){.bytes = bytes, .len = len, .owned = true});
    return bytes;
}

int contents_unpacked(struct contents *contents, uint64_t packed, uint64_t unpacked, struct error *err)
{
    if (__builtin_add_overflow(contents->packed, packed, &contents->packed))
        contents->packed = UINT64_MAX;
    if (__builtin_add_overflow(contents->unpacked, unpacked, &contents->unpacked) ||
        contents->unpacked > CONTENTS_MAX_UNPACKED)
        return error_set(err, ERROR_USAGE, "more than %llu GiB when decompressed",
                         (unsigned long long)(CONTENTS_MAX_UNPACKED >> 30));
    if (contents->unpacked > RATIO_FLOOR && contents->unpacked / MAX_RATIO > contents->packed)
        return error_set(err, ERROR_USAGE, "it is compressed more than %d times: this looks like a bomb", MAX_RATIO);
    return 0;
}

int contents_map(struct contents *contents, struct artifact_file *out, const char *folder, const char *path,
                 struct error *err)
{
    *out = (struct artifact_file){0};
    if (map_beneath(out, folder, path, err) != 0)
        return -1;
    if (out->mapped) {
        CLEANUP(free) char *whole = fs_join(folder, path);
        out->path = arena_copy(&contents->texts, whole);
    }
    contents_adopt(contents, out);
    const char *slash = strrchr(path, '/');
    CLEANUP(free) char *parent = slash ? str_ndup(path, (size_t)(slash - path)) : str_dup("");
    CLEANUP(free) char *neighbours = fs_join(folder, parent);
    out->name = arena_copy(&contents->texts, path);
    out->folder = arena_copy(&contents->texts, neighbours);
    return 0;
}

static int as_bytes(struct contents *contents, const struct artifact_file *file, const char *prefix, struct error *err)
{
    struct value *value = contents_add(contents, prefix, "", VALUE_BYTES, err);
    if (!value)
        return -1;
    value->bytes = file->bytes;
    value->size = file->len;
    return 0;
}

int contents_read(struct contents *contents, const struct artifact_file *file, const char *prefix, struct error *err)
{
    const struct artifact_format *format =
        artifact_recognise(file->bytes, file->len < HEAD_SIZE ? file->len : HEAD_SIZE, fs_basename(file->name));
    if (format->read && file->depth > CONTENTS_MAX_DEPTH) {
        contents_note(contents, "%s: nested too deeply: compared byte for byte", file->name);
        return as_bytes(contents, file, prefix, err);
    }
    if (!format->read) {
        if (file->len > 0)
            contents_note(contents, "%s: compared byte for byte (%s)", file->name, format->name);
        return as_bytes(contents, file, prefix, err);
    }
    size_t count = contents->count;
    CLEANUP(error) struct error damage = {0};
    if (format->read(contents, file, prefix, &damage) == 0)
        return 0;
    error_context(&damage, "%s", file->name);
    if (file->depth == 0 || damage.kind != ERROR_USAGE) {
        *err = damage;
        damage = (struct error){0};
        return -1;
    }
    // The rest of the folder or archive can be compared nevertheless.
    CLEANUP(free) char *text = error_text(&damage);
    text[strcspn(text, "\n")] = '\0';
    contents_note(contents, "%s; it is compared byte for byte", text);
    contents->count = count;
    return as_bytes(contents, file, prefix, err);
}

// SPDX-License-Identifier: Apache-2.0
//
// What a manifest is made of: digests, lists of files, lists of metrics.
#include "core/manifest.h"

#include <string.h>

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void digest_hex(char out[65], const struct digest *digest)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        out[2 * i] = digits[digest->bytes[i] >> 4];
        out[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
    out[64] = '\0';
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int digest_from_hex(struct digest *out, const char *hex)
{
    struct digest digest;
    for (size_t i = 0; i < sizeof digest.bytes; i++) {
        int high = nibble(hex[2 * i]);
        int low = high < 0 ? -1 : nibble(hex[2 * i + 1]); // never looks past a NUL
        if (low < 0)
            return -1;
        digest.bytes[i] = (unsigned char)(high << 4 | low);
    }
    if (hex[64] != '\0')
        return -1;
    *out = digest;
    return 0;
}

struct file_entry *file_list_add(struct file_list *list, const char *path)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    struct file_entry *entry = &list->items[list->count++];
    *entry = (struct file_entry){.path = arena_copy(&list->paths, path)};
    return entry;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct file_entry *)a)->path, ((const struct file_entry *)b)->path);
}

const struct file_entry *file_list_find(const struct file_list *list, const char *path)
{
    const struct file_entry key = {.path = (char *)(uintptr_t)path};
    return list->count ? bsearch(&key, list->items, list->count, sizeof *list->items, compare_entries) : NULL;
}

void file_list_sort(struct file_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_entries);
}

void file_list_copy(struct file_list *to, const struct file_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct file_entry *copy = file_list_add(to, from->items[i].path);
        const char *path = copy->path;
        *copy = from->items[i];
        copy->path = path;
        copy->format = str_dup(copy->format);
        copy->content = content_copy(copy->content);
    }
}

void file_list_move(struct file_list *to, struct file_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        to->items = mem_grow(to->items, to->count, &to->capacity, sizeof *to->items);
        to->items[to->count++] = from->items[i];
    }
    arena_adopt(&to->paths, &from->paths);
    free(from->items);
    *from = (struct file_list){0};
}

void file_list_free(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].format);
        content_free(list->items[i].content);
    }
    free(list->items);
    arena_free(&list->paths);
    *list = (struct file_list){0};
}

void metric_list_add(struct metric_list *list, const char *name, double value)
{
    list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (struct metric){str_dup(name), value};
}

static int compare_metrics(const void *a, const void *b)
{
    return strcmp(((const struct metric *)a)->name, ((const struct metric *)b)->name);
}

const struct metric *metric_list_find(const struct metric_list *list, const char *name)
{
    const struct metric key = {.name = (char *)(uintptr_t)name};
    return list->count ? bsearch(&key, list->items, list->count, sizeof *list->items, compare_metrics) : NULL;
}

void metric_list_sort(struct metric_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_metrics);
}

void metric_list_free(struct metric_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct metric_list){0};
}

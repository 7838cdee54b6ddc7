// SPDX-License-Identifier: Apache-2.0
#include "run/path_set.h"

#include <string.h>

// Paths of one folder begin alike, so it is their ends that tell them apart.
static size_t bit_of(const char *path, size_t len)
{
    uint64_t tail = 0;
    size_t used = len < sizeof tail ? len : sizeof tail;
    memcpy(&tail, path + len - used, used);
    tail = (tail ^ len) * 0x9E3779B97F4A7C15u;
    return (size_t)(tail >> 51);
}

void path_set_add(struct path_set *set, const char *path)
{
    strings_add(&set->paths, path);
}

void path_set_close(struct path_set *set)
{
    strings_sort(&set->paths);
    strings_unique(&set->paths);
    for (size_t i = 0; i < set->paths.count; i++) {
        size_t bit = bit_of(set->paths.items[i], strlen(set->paths.items[i]));
        set->bits[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

static int compare(const char *item, const char *path, size_t len)
{
    int order = strncmp(item, path, len);
    return order != 0 ? order : item[len] != '\0';
}

size_t path_set_find(const struct path_set *set, const char *path, size_t len)
{
    size_t bit = bit_of(path, len), low = 0, high = set->paths.count;
    if (!(set->bits[bit / 64] >> bit % 64 & 1))
        return PATH_SET_NONE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(set->paths.items[middle], path, len);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return PATH_SET_NONE;
}

void path_set_free(struct path_set *set)
{
    strings_free(&set->paths);
    *set = (struct path_set){0};
}

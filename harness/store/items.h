// SPDX-License-Identifier: Apache-2.0
//
// The names in one folder, on their way to a list of files in byte order of the full paths.
#ifndef REPRO_STORE_ITEMS_H
#define REPRO_STORE_ITEMS_H

#include "base/arena.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct item {
    uint64_t key; // the beginning of the name, so that most comparisons need not look at it
    const char *name;
    unsigned char type; // DT_…
};
struct items {
    struct item *list;
    size_t count, capacity;
    struct arena names;
};

void items_add(struct items *items, const char *name, unsigned char type);
// By the bytes of the full paths: below a folder all paths go on with '/', which is less than '0' and more than '.'.
void items_sort(struct items *items);
void items_free(struct items *items);
DEFINE_CLEANUP_VALUE(items)

#endif

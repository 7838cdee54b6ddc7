// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets of readers share: a file is read, and every byte that its values point at is looked at.
#ifndef REPRO_TESTS_FUZZ_WALK_H
#define REPRO_TESTS_FUZZ_WALK_H

#include "artifact/contents.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
    unsigned sum;
    uint64_t left; // bytes that are still looked at: views may show the same bytes many times over
};

static inline int walk_bytes(const void *bytes, size_t len, void *context)
{
    struct walk *walk = context;
    for (size_t i = 0; i < len; i++)
        walk->sum = walk->sum * 31 + ((const unsigned char *)bytes)[i];
    walk->left -= len < walk->left ? len : walk->left;
    return walk->left == 0;
}

static inline void walk_value(const struct value *value)
{
    struct walk walk = {.left = 1 << 24};
    if (value->kind == VALUE_TENSOR)
        tensor_canonical(&value->tensor, walk_bytes, &walk);
    else if (value->kind != VALUE_NUMBER && value->size > 0)
        walk_bytes(value->bytes, (size_t)value->size, &walk);
    // Kept, so that no compiler leaves the reading out.
    volatile unsigned sum = walk.sum + (unsigned)strlen(value->name);
    (void)sum;
}

// Reads `data` as the file `name`; a refusal must say why.
static inline void walk_file(const char *name, const uint8_t *data, size_t size)
{
    // A copy of exactly this size, so that a read beyond it is seen.
    CLEANUP(free) unsigned char *copy = malloc(size + (size == 0));
    if (size > 0)
        memcpy(copy, data, size);
    CLEANUP(error) struct error err = {0};
    CLEANUP(contents) struct contents *contents = NULL;
    if (contents_parse(&contents, name, copy, size, &err) != 0) {
        if (err.kind == ERROR_NONE)
            abort();
        return;
    }
    for (size_t i = 0; i < contents->count; i++) {
        if (i > 0 && strcmp(contents->items[i - 1].name, contents->items[i].name) >= 0)
            abort();
        walk_value(&contents->items[i]);
    }
}

// The same, for bytes of this format alone: other readers have targets of their own.
static inline void walk_format(const char *format, const char *name, const uint8_t *data, size_t size)
{
    if (strcmp(artifact_recognise(data, size < 4096 ? size : 4096, name)->name, format) == 0)
        walk_file(name, data, size);
}

#endif

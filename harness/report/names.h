// SPDX-License-Identifier: Apache-2.0
//
// The (classname, name) pairs of a report, so that none is given twice.
#ifndef REPRO_REPORT_NAMES_H
#define REPRO_REPORT_NAMES_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

struct names_entry {
    char *key; // classname, a newline, name; NULL: the slot is free
    uint64_t hash;
    size_t given; // how often this name was asked for
};
// An open-addressing hash table. All-zero is empty.
struct names {
    struct names_entry *slots;
    size_t count, capacity; // capacity is a power of two
};

// Makes the name unique within its class, " (2)", " (3)", … appended where it must be, and remembers it. Neither text
// has a newline.
void names_make_unique(struct names *names, const char *class_name, struct buf *name);
void names_free(struct names *names);
DEFINE_CLEANUP_VALUE(names)

#endif

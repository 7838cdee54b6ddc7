// SPDX-License-Identifier: Apache-2.0
//
// Memory. An allocation that fails ends the process with abort(): sizes that come from outside are bounded before they
// get here, so running out means that the machine is out of memory and nothing sensible can be said any more.
// Also the scoped clean-up: `CLEANUP(free) char *name = NULL;`, `CLEANUP(fd) int fd = -1;`, and `steal(&name)` to hand
// ownership on. `CLEANUP(foo) struct foo *foo = NULL` works for every `foo` that says DEFINE_CLEANUP(foo) in its
// header.
#ifndef REPRO_BASE_MEM_H
#define REPRO_BASE_MEM_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void *mem_alloc(size_t size);               // zeroed
void *mem_array(size_t count, size_t size); // zeroed; aborts on overflow
void *mem_realloc(void *old, size_t size);
void *mem_copy(const void *bytes, size_t size);

// Makes room for one more item in a growing array and returns the (moved) array. Usage:
//     list->items = mem_grow(list->items, list->count, &list->capacity, sizeof *list->items);
void *mem_grow(void *items, size_t count, size_t *capacity, size_t item_size);

// "unused": clang does not count the clean-up as a use.
#define CLEANUP(type) __attribute__((cleanup(cleanup_##type), unused))

// For `struct foo *` with `void foo_free(struct foo *)`.
#define DEFINE_CLEANUP(foo)                                                                                            \
    static inline void cleanup_##foo(struct foo **slot)                                                                \
    {                                                                                                                  \
        foo##_free(*slot);                                                                                             \
    }

// For a `struct foo` held by value with `void foo_free(struct foo *)` that frees what it holds.
#define DEFINE_CLEANUP_VALUE(foo)                                                                                      \
    static inline void cleanup_##foo(struct foo *value)                                                                \
    {                                                                                                                  \
        foo##_free(value);                                                                                             \
    }

static inline void cleanup_free(void *slot)
{
    free(*(void **)slot);
}

static inline void cleanup_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

// Takes the pointer out of its slot, leaving NULL behind, so that scoped clean-up no longer frees it.
#define steal(slot)                                                                                                    \
    __extension__({                                                                                                    \
        __typeof__(*(slot)) stolen_ = *(slot);                                                                         \
        *(slot) = NULL;                                                                                                \
        stolen_;                                                                                                       \
    })

// The same for a file descriptor: leaves −1 behind.
static inline int steal_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif

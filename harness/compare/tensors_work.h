// SPDX-License-Identifier: Apache-2.0
//
// One or two tensors cut into pieces of a fixed size, which threads take one by one.
#ifndef REPRO_COMPARE_TENSORS_WORK_H
#define REPRO_COMPARE_TENSORS_WORK_H

#include "compare/tensors_kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tensor_work {
    const struct tensor *golden, *now; // now: NULL for one tensor; neither is of DTYPE_BLOCK
    enum dtype dtype;                  // that both are compared as
    uint64_t numbers;                  // elements, or parts of complex elements
    uint64_t pieces;
    size_t parts, number_size; // numbers in an element, bytes of a number of `dtype`
    bool in_place;             // all lie in memory as their canonical form does
};
void tensor_work_set(struct tensor_work *work, const struct tensor *golden, const struct tensor *now);

// Where a tensor that does not lie in place is gathered into; NULL when none is needed. The caller frees.
void *tensor_work_buffer(const struct tensor_work *work);
// Numbers [first, first + count), at most TENSOR_SPAN of them unless all is in place. Lives as long as the buffer.
void tensor_work_span(struct tensor_span *span, const struct tensor_work *work, uint64_t first, size_t count,
                      void *buffer);

// Calls `see` for each span of a piece, in order, until it returns false.
typedef bool (*tensor_see)(void *context, const struct tensor_span *span);
void tensor_work_piece(const struct tensor_work *work, uint64_t piece, tensor_see see, void *context);

// How many threads are worth starting for so many pieces; `threads` 0: all CPUs, at most 8.
size_t tensor_work_threads(size_t threads, uint64_t pieces);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of tensors.c: what is summed over one piece of two tensors, and the same loops compiled for several
// instruction sets. Sums of doubles have 16 lanes wherever they run (element i goes to lane i mod 16), and nothing is
// contracted or reassociated, so that every instruction set gives the same bits.
#ifndef REPRO_COMPARE_TENSORS_KERNEL_H
#define REPRO_COMPARE_TENSORS_KERNEL_H

#include "artifact/tensor.h"
#include "compare/tensors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Loops run over blocks of this many numbers (a complex element is two); a piece is what one thread sums at a time, a
// span what it has in hand of a piece. All three are whole blocks but for the end of the tensor.
#define TENSOR_BLOCK 512
#define TENSOR_SPAN  ((size_t)16 * TENSOR_BLOCK)
#define TENSOR_PIECE ((size_t)128 * TENSOR_BLOCK)
#define TENSOR_LANES 16

// Doubles that are added side by side: half of the lanes.
typedef double tensor_lanes __attribute__((vector_size(64), aligned(8), may_alias));

// A block as numbers that can be computed with. Beyond the end of the tensor: zeros.
struct tensor_block {
    double golden[TENSOR_BLOCK] __attribute__((aligned(64)));
    double now[TENSOR_BLOCK] __attribute__((aligned(64)));
    bool wide; // the type has 64 bits
    union {
        uint32_t narrow[TENSOR_BLOCK];
        uint64_t wide[TENSOR_BLOCK];
    } ulp;
};

static inline uint64_t tensor_block_ulp(const struct tensor_block *block, size_t i)
{
    return block->wide ? block->ulp.wide[i] : block->ulp.narrow[i];
}

// Canonical bytes of both, one behind the other.
struct tensor_span {
    enum dtype dtype;                  // never DTYPE_BLOCK
    const unsigned char *golden, *now; // of any alignment
    size_t numbers;                    // at most TENSOR_PIECE
    size_t first_block;                // of the piece
};

struct tensor_piece {
    tensor_lanes lanes[3][2]; // golden · now, golden², now², over finite pairs
    uint64_t differing, outside, bits_differ, nan_payload, without_distance;
    uint64_t nan_appeared, nan_vanished, inf_appeared, inf_vanished;
    uint64_t ulp_low, ulp_high; // sums of the lower and of the upper 32 bits
    uint64_t max_ulp;
    double max_abs, max_rel;
    size_t max_ulp_block, max_abs_block, max_rel_block; // where they were first met
    uint64_t histogram[TENSOR_HISTOGRAM];               // [0] is not counted
};

struct tensor_sums {
    tensor_lanes lanes[2][2]; // numbers, squares
    double min, max;          // +∞ and −∞ while there is none
    uint64_t finite, nan, inf;
};

struct tensor_kernel {
    const char *name;
    bool (*usable)(void);
    void (*compare)(struct tensor_piece *piece, const struct tensor_span *span, const struct tensor_rule *rule);
    void (*summarise)(struct tensor_sums *sums, const struct tensor_span *span); // looks at `golden` only
};
// Fastest first; the last one runs anywhere.
extern const struct tensor_kernel tensor_kernels[];
extern const size_t tensor_kernel_count;
const struct tensor_kernel *tensor_kernel_best(void);

// A block of a span with NaN and infinities in their places; ulp is 0 where one of a pair is NaN. `first` is a multiple
// of TENSOR_BLOCK.
void tensor_block_exact(struct tensor_block *out, const struct tensor_span *span, size_t first);
// Numbers of a type (half a complex one) as doubles; `count` is at most TENSOR_SPAN.
void tensor_numbers(double *out, enum dtype dtype, const unsigned char *bytes, size_t count);
// |real + i·imaginary|, the same everywhere (which hypot does not promise).
double tensor_magnitude(double real, double imaginary);

#endif

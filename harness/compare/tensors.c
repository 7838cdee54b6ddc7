// SPDX-License-Identifier: Apache-2.0
//
// Has the kernel sum the pieces of two tensors on several threads, and adds the pieces up in their order. Of the
// largest differences a piece only keeps their size and block: the element is looked up once it is known who won.
#include "compare/tensors.h"

#include "base/mem.h"
#include "base/pool.h"
#include "compare/tensors_work.h"

#include <math.h>
#include <string.h>

// Pieces whose sums are kept at a time: enough to keep the threads busy, however large the tensor is.
#define ROUND 512

struct comparison {
    struct tensor_work work;
    const struct tensor_kernel *kernel;
    struct tensor_rule rule;
    uint64_t first_piece; // of this round
    struct tensor_piece *pieces;
};

// What torch.testing.assert_close allows when nothing else is said.
struct tensor_rule tensor_rule_for(const struct tensor_rule *rule, enum dtype dtype)
{
    struct tensor_rule result = *rule;
    if (!rule->close)
        return result;
    result.rel = result.abs = 0;
    switch (dtype) {
    case DTYPE_F16:
        result.rel = 1e-3, result.abs = 1e-5;
        break;
    case DTYPE_BF16:
        result.rel = 1.6e-2, result.abs = 1e-5;
        break;
    case DTYPE_F32:
    case DTYPE_C64:
        result.rel = 1.3e-6, result.abs = 1e-5;
        break;
    case DTYPE_F64:
    case DTYPE_C128:
        result.rel = result.abs = 1e-7;
        break;
    default:
        break;
    }
    return result;
}

// --- pieces ---

struct seen {
    const struct comparison *job;
    struct tensor_piece *piece;
};

static bool see_span(void *context, const struct tensor_span *span)
{
    const struct seen *seen = context;
    seen->job->kernel->compare(seen->piece, span, &seen->job->rule);
    return true;
}

static void run_piece(size_t index, void *context)
{
    const struct comparison *job = context;
    struct seen seen = {job, &job->pieces[index]};
    *seen.piece = (struct tensor_piece){0};
    tensor_work_piece(&job->work, job->first_piece + index, see_span, &seen);
}

static double sum_lanes(const tensor_lanes lanes[2])
{
    double sum = 0;
    for (size_t k = 0; k < TENSOR_LANES; k++)
        sum += lanes[k / 8][k % 8];
    return sum;
}

// --- the sum of all pieces ---

struct total {
    struct tensor_difference *out;
    double dot, golden2, now2;
    unsigned __int128 ulp;
    uint64_t without_distance;
    uint64_t ulp_block, abs_block, rel_block; // of the tensor
};

static void add_piece(struct total *total, const struct tensor_piece *piece, uint64_t first_block)
{
    struct tensor_difference *out = total->out;
    total->dot += sum_lanes(piece->lanes[0]);
    total->golden2 += sum_lanes(piece->lanes[1]);
    total->now2 += sum_lanes(piece->lanes[2]);
    total->ulp += piece->ulp_low + ((unsigned __int128)piece->ulp_high << 32);
    total->without_distance += piece->without_distance;
    out->differing += piece->differing;
    out->outside += piece->outside;
    out->bits_differ += piece->bits_differ;
    out->nan_payload += piece->nan_payload;
    out->nan_appeared += piece->nan_appeared;
    out->nan_vanished += piece->nan_vanished;
    out->inf_appeared += piece->inf_appeared;
    out->inf_vanished += piece->inf_vanished;
    if (piece->max_ulp > out->max_ulp) {
        out->max_ulp = piece->max_ulp;
        total->ulp_block = first_block + piece->max_ulp_block;
    }
    if (piece->max_abs > out->max_abs) {
        out->max_abs = piece->max_abs;
        total->abs_block = first_block + piece->max_abs_block;
    }
    if (piece->max_rel > out->max_rel) {
        out->max_rel = piece->max_rel;
        total->rel_block = first_block + piece->max_rel_block;
    }
    for (size_t k = 1; k < TENSOR_HISTOGRAM; k++)
        out->histogram[k] += piece->histogram[k];
}

// Exactly 1 for two equal vectors, which a quotient of two roots need not be.
static double cosine_of(const struct total *total)
{
    if (!(total->golden2 > 0 && total->now2 > 0 && isfinite(total->golden2) && isfinite(total->now2)))
        return NAN;
    double product = total->golden2 * total->now2;
    double lengths = isnormal(product) ? sqrt(product) : sqrt(total->golden2) * sqrt(total->now2);
    double cosine = total->dot / lengths;
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
}

static void finish(struct total *total, uint64_t numbers)
{
    struct tensor_difference *out = total->out;
    uint64_t with_distance = numbers - total->without_distance, apart = 0;
    out->mean_ulp = with_distance ? (double)total->ulp / (double)with_distance : 0;
    out->cosine = cosine_of(total);
    for (size_t k = 1; k < TENSOR_HISTOGRAM; k++)
        apart += out->histogram[k];
    out->histogram[0] = numbers - apart;
}

// --- which elements they were ---

// The absolute difference and the value of golden that it is relative to; false when one of the two is not finite.
static bool measure(double *apart, double *size, const struct tensor_block *block, size_t i, enum dtype dtype)
{
    const double *golden = block->golden + i, *now = block->now + i;
    if (dtype_is_complex(dtype)) {
        *apart = tensor_magnitude(now[0] - golden[0], now[1] - golden[1]);
        *size = tensor_magnitude(golden[0], golden[1]);
        return isfinite(golden[0]) && isfinite(golden[1]) && isfinite(now[0]) && isfinite(now[1]);
    }
    bool exact = dtype != DTYPE_U64 && dtype != DTYPE_I64;
    *apart = exact ? fabs(*now - *golden) : (double)tensor_block_ulp(block, i);
    *size = fabs(*golden);
    return isfinite(*golden) && isfinite(*now);
}

// Reads one block of both tensors again; gives how many of its numbers there are.
static size_t read_block(struct tensor_block *block, const struct tensor_work *work, uint64_t index)
{
    CLEANUP(free) void *buffer = tensor_work_buffer(work);
    uint64_t first = index * TENSOR_BLOCK, left = work->numbers - first;
    size_t count = left < TENSOR_BLOCK ? (size_t)left : TENSOR_BLOCK;
    struct tensor_span span;
    tensor_work_span(&span, work, first, count, buffer);
    tensor_block_exact(block, &span, 0);
    return count;
}

static double value_of(const double *parts, enum dtype dtype)
{
    return dtype_is_complex(dtype) ? tensor_magnitude(parts[0], parts[1]) : parts[0];
}

static void locate(const struct total *total, const struct tensor_work *work)
{
    struct tensor_difference *out = total->out;
    enum dtype dtype = work->dtype;
    size_t parts = work->parts, i = 0;
    struct tensor_block block;
    double apart, size;
    if (out->max_ulp > 0) {
        size_t count = read_block(&block, work, total->ulp_block);
        while (i < count && tensor_block_ulp(&block, i) != out->max_ulp)
            i++;
        out->max_ulp_at = (total->ulp_block * TENSOR_BLOCK + i) / parts;
    }
    if (out->max_abs > 0) {
        size_t count = read_block(&block, work, total->abs_block);
        for (i = 0; i + parts < count; i += parts) {
            if (measure(&apart, &size, &block, i, dtype) && apart == out->max_abs)
                break;
        }
        out->max_abs_at = (total->abs_block * TENSOR_BLOCK + i) / parts;
        out->golden_at = value_of(block.golden + i, dtype);
        out->new_at = value_of(block.now + i, dtype);
    }
    if (out->max_rel > 0) {
        size_t count = read_block(&block, work, total->rel_block);
        for (i = 0; i + parts < count; i += parts) {
            if (measure(&apart, &size, &block, i, dtype) && size > 0 && apart / size == out->max_rel)
                break;
        }
        out->max_rel_at = (total->rel_block * TENSOR_BLOCK + i) / parts;
        out->golden_rel_at = value_of(block.golden + i, dtype);
        out->new_rel_at = value_of(block.now + i, dtype);
    }
}

// --- blocks ---

static void compare_blocks(struct tensor_difference *out, const struct tensor *golden, const struct tensor *now)
{
    uint64_t size = golden->block_bytes;
    out->count = size ? tensor_bytes(golden) / size : 0;
    for (uint64_t i = 0; i < out->count; i++) {
        if (!memcmp(golden->data + i * size, now->data + i * size, size))
            continue;
        if (out->differing++ == 0)
            out->max_abs_at = i * golden->block_elements;
    }
    out->outside = out->bits_differ = out->histogram[TENSOR_HISTOGRAM - 1] = out->differing;
    out->histogram[0] = out->count - out->differing;
    out->cosine = NAN;
}

void tensor_compare(struct tensor_difference *out, const struct tensor *golden, const struct tensor *now,
                    const struct tensor_rule *rule, size_t threads)
{
    *out = (struct tensor_difference){.count = golden->count};
    if (golden->dtype == DTYPE_BLOCK) {
        compare_blocks(out, golden, now);
        return;
    }
    struct comparison job = {.kernel = tensor_kernel_best()};
    tensor_work_set(&job.work, golden, now);
    job.rule = tensor_rule_for(rule, job.work.dtype);
    struct total total = {.out = out};
    uint64_t pieces = job.work.pieces;
    CLEANUP(free) struct tensor_piece *slots = mem_array(pieces < ROUND ? (size_t)pieces : ROUND, sizeof *slots);
    job.pieces = slots;
    for (; job.first_piece < pieces; job.first_piece += ROUND) {
        size_t count = pieces - job.first_piece < ROUND ? (size_t)(pieces - job.first_piece) : ROUND;
        pool_run(tensor_work_threads(threads, count), count, run_piece, &job);
        for (size_t i = 0; i < count; i++)
            add_piece(&total, &slots[i], (job.first_piece + i) * (TENSOR_PIECE / TENSOR_BLOCK));
    }
    finish(&total, job.work.numbers);
    locate(&total, &job.work);
}

// SPDX-License-Identifier: Apache-2.0
//
// What can be said without measuring: are two tensors the same bits, and what one looks like from afar.
#include "base/mem.h"
#include "base/pool.h"
#include "compare/tensors.h"
#include "compare/tensors_work.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

// Sums that are kept at a time.
#define ROUND 512

// --- the same ---

struct likeness {
    struct tensor_work work;
    atomic_bool differ;
};

// Any byte but 0 is true.
static bool same_truth(const unsigned char *a, const unsigned char *b, size_t count)
{
    bool same = true;
    for (size_t i = 0; i < count && same; i++)
        same = !a[i] == !b[i];
    return same;
}

static bool see_same(void *context, const struct tensor_span *span)
{
    struct likeness *likeness = context;
    bool same = !memcmp(span->golden, span->now, span->numbers * likeness->work.number_size) ||
                (span->dtype == DTYPE_BOOL && same_truth(span->golden, span->now, span->numbers));
    if (!same)
        atomic_store_explicit(&likeness->differ, true, memory_order_relaxed);
    return same;
}

static void compare_piece(size_t index, void *context)
{
    struct likeness *likeness = context;
    if (!atomic_load_explicit(&likeness->differ, memory_order_relaxed))
        tensor_work_piece(&likeness->work, index, see_same, likeness);
}

bool tensor_same(const struct tensor *a, const struct tensor *b)
{
    if (a->dtype == DTYPE_BLOCK || a->count == 0)
        return a->count == 0 || !memcmp(a->data, b->data, tensor_bytes(a));
    struct likeness likeness;
    atomic_init(&likeness.differ, false);
    tensor_work_set(&likeness.work, a, b);
    // Most tensors that differ do so at once: no thread is started before the first piece was looked at.
    compare_piece(0, &likeness);
    if (likeness.work.pieces > 1 && !atomic_load(&likeness.differ))
        pool_run(tensor_work_threads(0, likeness.work.pieces), (size_t)likeness.work.pieces, compare_piece, &likeness);
    return !atomic_load(&likeness.differ);
}

// --- summaries ---

struct summary {
    struct tensor_work work;
    const struct tensor_kernel *kernel;
    uint64_t first_piece; // of this round
    struct tensor_sums *sums;
};

struct seen {
    const struct summary *job;
    struct tensor_sums *sums;
};

static bool see_span(void *context, const struct tensor_span *span)
{
    const struct seen *seen = context;
    seen->job->kernel->summarise(seen->sums, span);
    return true;
}

static void summarise_piece(size_t index, void *context)
{
    const struct summary *job = context;
    struct seen seen = {job, &job->sums[index]};
    *seen.sums = (struct tensor_sums){.min = INFINITY, .max = -INFINITY};
    tensor_work_piece(&job->work, job->first_piece + index, see_span, &seen);
}

static void add_sums(struct tensor_sums *total, double sums[2], const struct tensor_sums *piece)
{
    for (size_t k = 0; k < TENSOR_LANES; k++) {
        sums[0] += piece->lanes[0][k / 8][k % 8];
        sums[1] += piece->lanes[1][k / 8][k % 8];
    }
    total->min = piece->min < total->min ? piece->min : total->min;
    total->max = piece->max > total->max ? piece->max : total->max;
    total->finite += piece->finite;
    total->nan += piece->nan;
    total->inf += piece->inf;
}

void tensor_summarise(struct tensor_summary *out, const struct tensor *tensor, size_t threads)
{
    *out = (struct tensor_summary){0};
    if (tensor->dtype == DTYPE_BLOCK || tensor->count == 0)
        return;
    struct summary job = {.kernel = tensor_kernel_best()};
    tensor_work_set(&job.work, tensor, NULL);
    struct tensor_sums total = {.min = INFINITY, .max = -INFINITY};
    double sums[2] = {0, 0};
    uint64_t pieces = job.work.pieces;
    CLEANUP(free) struct tensor_sums *slots = mem_array(pieces < ROUND ? (size_t)pieces : ROUND, sizeof *slots);
    job.sums = slots;
    for (; job.first_piece < pieces; job.first_piece += ROUND) {
        size_t count = pieces - job.first_piece < ROUND ? (size_t)(pieces - job.first_piece) : ROUND;
        pool_run(tensor_work_threads(threads, count), count, summarise_piece, &job);
        for (size_t i = 0; i < count; i++) {
            double piece[2] = {0, 0};
            add_sums(&total, piece, &slots[i]);
            sums[0] += piece[0];
            sums[1] += piece[1];
        }
    }
    out->nan = total.nan;
    out->inf = total.inf;
    if (total.finite == 0)
        return;
    // Which of −0 and +0 was met first says nothing.
    out->min = total.min + 0.0;
    out->max = total.max + 0.0;
    out->mean = sums[0] / (double)total.finite + 0.0;
    out->l2 = sqrt(sums[1]);
}

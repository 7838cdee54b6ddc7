// SPDX-License-Identifier: Apache-2.0
#include "compare/tensors_work.h"

#include "base/mem.h"
#include "base/pool.h"

#define MAX_THREADS 8
// Below this many pieces, starting a thread costs more than it saves.
#define FEW 4

void tensor_work_set(struct tensor_work *work, const struct tensor *golden, const struct tensor *now)
{
    *work = (struct tensor_work){.golden = golden, .now = now, .dtype = golden->dtype};
    work->in_place = tensor_is_contiguous(golden) && (!now || tensor_is_contiguous(now));
    if (now && now->dtype != golden->dtype) {
        work->dtype = dtype_is_complex(golden->dtype) ? DTYPE_C128 : DTYPE_F64;
        work->in_place = false;
    }
    work->parts = dtype_is_complex(work->dtype) ? 2 : 1;
    work->number_size = dtype_size(work->dtype) / work->parts;
    work->numbers = golden->count * work->parts;
    work->pieces = work->numbers / TENSOR_PIECE + (work->numbers % TENSOR_PIECE != 0);
}

// Room for a span of both, and behind it for one that is still to be converted.
void *tensor_work_buffer(const struct tensor_work *work)
{
    return work->in_place ? NULL : mem_realloc(NULL, 3 * TENSOR_SPAN * work->number_size);
}

static const unsigned char *gather(const struct tensor *tensor, const struct tensor_work *work, uint64_t first,
                                   size_t count, unsigned char *room, unsigned char *spare)
{
    bool convert = tensor->dtype != work->dtype;
    tensor_gather(convert ? spare : room, tensor, first / work->parts, count / work->parts);
    if (convert)
        tensor_numbers((double *)(void *)room, tensor->dtype, spare, count);
    return room;
}

void tensor_work_span(struct tensor_span *span, const struct tensor_work *work, uint64_t first, size_t count,
                      void *buffer)
{
    *span = (struct tensor_span){.dtype = work->dtype, .numbers = count};
    span->first_block = (size_t)(first % TENSOR_PIECE) / TENSOR_BLOCK;
    if (work->in_place) {
        span->golden = work->golden->data + first * work->number_size;
        span->now = work->now ? work->now->data + first * work->number_size : NULL;
        return;
    }
    size_t size = TENSOR_SPAN * work->number_size;
    unsigned char *room = buffer, *spare = room + 2 * size;
    span->golden = gather(work->golden, work, first, count, room, spare);
    span->now = work->now ? gather(work->now, work, first, count, room + size, spare) : NULL;
}

void tensor_work_piece(const struct tensor_work *work, uint64_t piece, tensor_see see, void *context)
{
    CLEANUP(free) void *buffer = tensor_work_buffer(work);
    uint64_t first = piece * TENSOR_PIECE, left = work->numbers - first;
    uint64_t end = first + (left < TENSOR_PIECE ? left : TENSOR_PIECE);
    size_t step = work->in_place ? TENSOR_PIECE : TENSOR_SPAN;
    for (; first < end; first += step) {
        struct tensor_span span;
        tensor_work_span(&span, work, first, (size_t)(end - first < step ? end - first : step), buffer);
        if (!see(context, &span))
            return;
    }
}

size_t tensor_work_threads(size_t threads, uint64_t pieces)
{
    if (pieces < FEW)
        return 1;
    if (threads == 0)
        threads = pool_cpus();
    return threads < MAX_THREADS ? threads : MAX_THREADS;
}

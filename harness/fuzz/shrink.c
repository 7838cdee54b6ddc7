// SPDX-License-Identifier: Apache-2.0
#include "fuzz/shrink.h"

#include <string.h>

enum { CALL_LIMIT = 200, LONGEST_RUN = 5 };

struct work {
    const struct shrink_options *options;
    uint64_t *best; // the least that fails
    size_t count;
    struct span *spans; // of the best, where settling tells them
    size_t span_count;
    uint64_t *candidate;
    size_t calls, limit;
    uint64_t *seen; // hashes of what was asked: open addressing, 0 is free
    size_t seen_count, seen_size;
};

static uint64_t hash(const uint64_t *values, size_t count)
{
    uint64_t sum = count * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < count; i++) {
        sum = (sum ^ values[i]) * UINT64_C(0xff51afd7ed558ccd);
        sum ^= sum >> 32;
    }
    return sum ? sum : 1;
}

static bool insert(uint64_t *seen, size_t size, uint64_t key)
{
    size_t at = key & (size - 1);
    while (seen[at] && seen[at] != key)
        at = (at + 1) & (size - 1);
    bool is_new = !seen[at];
    seen[at] = key;
    return is_new;
}

// True when it was not there.
static bool remember(struct work *work, uint64_t key)
{
    if (2 * work->seen_count >= work->seen_size) {
        size_t size = work->seen_size ? 2 * work->seen_size : 256;
        uint64_t *larger = mem_array(size, sizeof *larger);
        for (size_t i = 0; i < work->seen_size; i++)
            if (work->seen[i])
                insert(larger, size, work->seen[i]);
        free(work->seen);
        work->seen = larger;
        work->seen_size = size;
    }
    bool is_new = insert(work->seen, work->seen_size, key);
    work->seen_count += is_new;
    return is_new;
}

static void accept(struct work *work, const uint64_t *values, size_t count, const struct choices *used)
{
    if (count)
        memcpy(work->best, values, count * sizeof *values);
    work->count = count;
    work->span_count = 0;
    if (used && used->span_count) {
        work->spans = mem_realloc(work->spans, used->span_count * sizeof *work->spans);
        memcpy(work->spans, used->spans, used->span_count * sizeof *work->spans);
        work->span_count = used->span_count;
    }
}

// Whether the candidate is less than the best and fails; then it is the best.
static bool try(struct work *work, size_t count)
{
    CLEANUP(free) uint64_t *settled = NULL;
    const uint64_t *values = work->candidate;
    const struct choices *used = NULL;
    if (work->calls >= work->limit)
        return false;
    if (choices_compare(values, count, work->best, work->count) >= 0 || !remember(work, hash(values, count)))
        return false;
    if (work->options->settle) {
        used = work->options->settle(work->options->context, values, count);
        if (!used)
            return false;
        settled = mem_array(used->count, sizeof *settled);
        for (size_t i = 0; i < used->count; i++)
            settled[i] = used->items[i].value;
        bool is_new = used->count == count && (!count || memcmp(settled, values, count * sizeof *values) == 0);
        values = settled;
        count = used->count;
        if (choices_compare(values, count, work->best, work->count) >= 0)
            return false;
        if (!is_new && !remember(work, hash(values, count)))
            return false;
    }
    work->calls++;
    if (!work->options->still_fails(work->options->context, values, count))
        return false;
    accept(work, values, count, used);
    return true;
}

// The best without [first, last).
static bool try_without(struct work *work, size_t first, size_t last)
{
    if (last > work->count || first >= last)
        return false;
    memcpy(work->candidate, work->best, first * sizeof *work->best);
    memcpy(work->candidate + first, work->best + last, (work->count - last) * sizeof *work->best);
    return try(work, work->count - (last - first));
}

// The best with every choice of `from` on that is `old` set to `value`; only the first of them where `alone`.
static bool try_value(struct work *work, size_t from, uint64_t old, uint64_t value, bool alone)
{
    memcpy(work->candidate, work->best, work->count * sizeof *work->best);
    for (size_t i = from; i < work->count; i++) {
        if (work->best[i] == old)
            work->candidate[i] = value;
        if (alone)
            break;
    }
    return try(work, work->count);
}

// Everything simplest, from each choice on: most failures need nothing of what was drawn but mutation and column.
static void simplest(struct work *work)
{
    for (size_t keep = 0; keep < work->count; keep++) {
        memcpy(work->candidate, work->best, keep * sizeof *work->best);
        memset(work->candidate + keep, 0, (work->count - keep) * sizeof *work->best);
        if (try(work, work->count))
            return;
    }
}

static bool drop_spans(struct work *work)
{
    bool changed = false;
    for (size_t i = 0; i < work->span_count; i++)
        if (try_without(work, work->spans[i].first, work->spans[i].last)) {
            changed = true;
            i = (size_t)-1; // the spans are others now
        }
    return changed;
}

static bool drop_runs(struct work *work)
{
    bool changed = false;
    for (size_t run = LONGEST_RUN; run > 0; run--)
        for (size_t at = work->count; at-- > 0;)
            while (at + run <= work->count && try_without(work, at, at + run))
                changed = true;
    return changed;
}

// Lowers the choices from `at` on that are equal to it (or it alone) to the least value that fails: 0, else by halving,
// for what fails at some value mostly fails above it.
static bool lower(struct work *work, size_t at, bool alone)
{
    uint64_t high = work->best[at], low = 0; // fails; does not
    bool changed = false;
    if (high == 0)
        return false;
    if (try_value(work, at, high, 0, alone))
        return true;
    while (high - low > 1 && work->calls < work->limit) {
        uint64_t middle = low + (high - low) / 2;
        size_t count = work->count;
        if (!try_value(work, at, high, middle, alone)) {
            low = middle;
            continue;
        }
        changed = true;
        // What the lower value generates may have another shape.
        if (work->count != count || work->best[at] != middle)
            return true;
        high = middle;
    }
    return changed;
}

static bool lower_equal(struct work *work)
{
    bool changed = false;
    for (size_t i = 0; i < work->count; i++)
        for (size_t j = i + 1; j < work->count; j++)
            if (work->best[i] && work->best[i] == work->best[j]) {
                changed = lower(work, i, false) || changed;
                break;
            }
    return changed;
}

static bool lower_each(struct work *work)
{
    bool changed = false;
    for (size_t i = 0; i < work->count; i++)
        changed = lower(work, i, true) || changed;
    return changed;
}

size_t shrink(uint64_t **best, size_t *count, const uint64_t *start, size_t n, const struct shrink_options *options)
{
    struct work work = {.options = options, .limit = options->call_limit ? options->call_limit : CALL_LIMIT};
    const struct choices *used = options->settle ? options->settle(options->context, start, n) : NULL;
    work.best = mem_array(n, sizeof *work.best);
    accept(&work, start, n, used);
    work.candidate = mem_array(n, sizeof *work.candidate);
    simplest(&work);
    bool changed = true;
    while (changed && work.calls < work.limit) {
        changed = drop_spans(&work);
        changed = drop_runs(&work) || changed;
        changed = lower_equal(&work) || changed;
        changed = lower_each(&work) || changed;
    }
    free(work.candidate);
    free(work.seen);
    free(work.spans);
    *best = work.best;
    *count = work.count;
    return work.calls;
}

struct case_work {
    struct fuzz_case *c;
    const struct case_space *space;
    const struct mutation *mutation;
    size_t column;
    bool (*still_fails)(void *context, const struct fuzz_case *c);
    void *context;
};

static const struct choices *settle_case(void *context, const uint64_t *choices, size_t count)
{
    struct case_work *work = context;
    choices_replay(&work->c->choices, choices, count);
    case_make(work->c, work->space, &work->c->choices);
    bool same = work->c->mutation == work->mutation && work->c->column == work->column;
    return same && case_holds(work->c) ? &work->c->choices : NULL;
}

// What was settled last is what is asked.
static bool case_fails(void *context, const uint64_t *choices, size_t count)
{
    (void)choices, (void)count;
    struct case_work *work = context;
    return work->still_fails(work->context, work->c);
}

size_t case_shrink(struct fuzz_case *c, const struct case_space *space,
                   bool (*still_fails)(void *context, const struct fuzz_case *c), void *context, size_t call_limit)
{
    struct case_work work = {.c = c,
                             .space = space,
                             .mutation = c->mutation,
                             .column = c->column,
                             .still_fails = still_fails,
                             .context = context};
    const struct shrink_options options = {
        .still_fails = case_fails, .settle = settle_case, .context = &work, .call_limit = call_limit};
    size_t n = c->choices.count, count = 0;
    CLEANUP(free) uint64_t *start = mem_array(n, sizeof *start), *best = NULL;
    for (size_t i = 0; i < n; i++)
        start[i] = c->choices.items[i].value;
    size_t calls = shrink(&best, &count, start, n, &options);
    choices_replay(&c->choices, best, count);
    case_make(c, space, &c->choices);
    return calls;
}

// SPDX-License-Identifier: Apache-2.0
//
// Latencies, counted in buckets whose width grows with the value: 128 of them between a power of two (of nanoseconds)
// and the next, so that a value that is read back is at most 1/256 (0.4 %) from the one that was added, from 1 ns to
// 18 minutes, whatever the number of values. What never came is counted, too: it is later than every value.
#ifndef REPRO_SERVE_LOAD_HISTOGRAM_H
#define REPRO_SERVE_LOAD_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { LOAD_SUB_BUCKETS = 128, LOAD_OCTAVES = 34, LOAD_BUCKETS = LOAD_SUB_BUCKETS * LOAD_OCTAVES };

struct load_histogram {
    uint64_t count; // all of them
    uint64_t never; // of which have no value
    uint32_t buckets[LOAD_BUCKETS];
};

// Seconds; a negative value counts as 0, infinity and NaN as never, and what is over 18 minutes as 18 minutes.
void load_histogram_add(struct load_histogram *histogram, double seconds);
void load_histogram_merge(struct load_histogram *to, const struct load_histogram *from);
// The value that a bucket stands for, in seconds: its middle.
double load_histogram_value(size_t bucket);
// The smallest value that at least a share of `q` (0 to 1) does not exceed (nearest rank). Infinity when that is one
// that never came; NaN without any.
double load_histogram_quantile(const struct load_histogram *histogram, double q);

// A quantile with its 95 % interval. `high` is infinite where there are too few values to tell.
struct load_estimate {
    double value, low, high;
};
// Of all values in the blocks together. Each block holds those of one stretch of time: latencies that follow each other
// are alike (a stall makes many late), so that the share of late ones is known only as well as it repeats from block
// to block. The interval holds every x for which "a share of 1 − q is later than x" is not ruled out (Woodruff): by
// Wilson's interval for shares, with as many values as are worth what the blocks tell (the design effect).
void load_estimate(struct load_estimate *out, const struct load_histogram *blocks, size_t count, double q);

#endif

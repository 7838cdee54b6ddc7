// SPDX-License-Identifier: Apache-2.0
//
// Latency against rate as lines of text, one for each rate that was tried: a bar to the median, on to the 99 % and on
// to the 99.9 % quantile, and a line where the limit is. At most 80 columns.
#ifndef REPRO_ENGINE_LATENCY_PICTURE_H
#define REPRO_ENGINE_LATENCY_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

struct latency_point {
    double rate;           // questions a second
    double p50, p99, p999; // seconds; infinite: some were never answered
    bool over;             // the limits were not kept
};
// By ascending rate. `limit` is that of one of the quantiles, called `limit_name`; 0: none. The caller frees.
char *latency_picture(const struct latency_point *points, size_t count, double limit, const char *limit_name);

#endif

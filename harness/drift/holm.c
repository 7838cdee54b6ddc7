// SPDX-License-Identifier: Apache-2.0
#include "drift/holm.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

struct ranked {
    double p;
    size_t index;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->index > y->index) - (x->index < y->index);
}

void holm_levels(double *levels, const double *p, size_t count, double alpha)
{
    CLEANUP(free) struct ranked *ranked = mem_array(count, sizeof *ranked);
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){p[i], i};
    qsort(ranked, count, sizeof *ranked, by_p);
    double level = 0;
    bool failed = false;
    for (size_t i = 0; i < count; i++) {
        if (!failed)
            level = alpha / (double)(count - i);
        failed |= ranked[i].p > level;
        levels[ranked[i].index] = level;
    }
}

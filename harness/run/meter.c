// SPDX-License-Identifier: Apache-2.0
//
// Counting each shared page once (PSS) makes the kernel walk every page table, milliseconds for a process of a
// gigabyte, so this is done when it may give a new peak and the time is there. Between two such samples the quick
// figure stands in, less what it was found to count twice, as long as no process was added.
#include "run/meter.h"

#include "run/tree.h"

#include <stdbool.h>
#include <time.h>

#define FIRST    0.005
#define LAST     0.1
#define SHARE    100 // of the time between two samples, one takes at most 1/SHARE
#define AT_LEAST 1.0 // an exact sample this long after it could be afforded, even if nothing seems to have grown

static double cpu_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void meter_start(struct meter *meter, double now)
{
    meter->interval = FIRST;
    meter->next = meter->next_exact = now + FIRST;
}

static void raise_peak(struct meter *meter, uint64_t bytes)
{
    if (bytes > meter->peak)
        meter->peak = bytes;
}

static void sample_exact(struct meter *meter, struct tree *tree, double now)
{
    struct tree_memory memory;
    double before = cpu_clock();
    tree_memory(tree, &memory, true);
    meter->next_exact = now + (cpu_clock() - before) * 2 * SHARE;
    meter->processes = memory.processes;
    meter->counted_over = memory.quick > memory.exact ? memory.quick - memory.exact : 0;
    raise_peak(meter, memory.exact);
}

void meter_sample(struct meter *meter, struct tree *tree, double now)
{
    struct tree_memory memory;
    double before = cpu_clock();
    tree_memory(tree, &memory, false);
    double wanted = meter->interval * 1.25 < LAST ? meter->interval * 1.25 : LAST;
    double afforded = (cpu_clock() - before) * 2 * SHARE; // the other half is for the exact ones
    meter->interval = wanted > afforded ? wanted : afforded;
    meter->next = now + meter->interval;
    raise_peak(meter, memory.single);
    if (memory.processes < 2) // what one process has is not shared within the tree
        return;
    bool may_be_peak = memory.quick > meter->peak + meter->counted_over;
    if (now >= meter->next_exact && (may_be_peak || now >= meter->next_exact + AT_LEAST))
        sample_exact(meter, tree, now);
    else if (may_be_peak && memory.processes <= meter->processes)
        raise_peak(meter, memory.quick - meter->counted_over);
}

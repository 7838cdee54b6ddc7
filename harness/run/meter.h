// SPDX-License-Identifier: Apache-2.0
//
// The peak of a tree's memory, sampled for less than a hundredth of the time. Used by the supervisor: nothing here
// allocates.
#ifndef REPRO_RUN_METER_H
#define REPRO_RUN_METER_H

#include <stdint.h>

struct tree;

struct meter {
    double next;     // when the next sample is due, CLOCK_MONOTONIC in seconds
    double interval; // between samples: short at first, then longer
    double next_exact;
    unsigned processes;    // at the last exact sample
    uint64_t counted_over; // by how much the quick figure was too large then
    uint64_t peak;
};

void meter_start(struct meter *meter, double now);
void meter_sample(struct meter *meter, struct tree *tree, double now);

#endif

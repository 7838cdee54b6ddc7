// SPDX-License-Identifier: Apache-2.0
//
// What all descendants of a process occupy now. Part of service.c.
#ifndef REPRO_RUN_SERVICE_USAGE_H
#define REPRO_RUN_SERVICE_USAGE_H

#include <stdint.h>
#include <sys/types.h>

// Resident memory in bytes, and open descriptors, without those of `ancestor` itself; 0 where it cannot be told.
void usage_of_descendants(uint64_t *memory, unsigned *descriptors, pid_t ancestor);
// Seconds of CPU that they have used, those that have ended and were waited for too; negative where it cannot be told.
double cpu_of_descendants(pid_t ancestor);

#endif

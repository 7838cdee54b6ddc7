// SPDX-License-Identifier: Apache-2.0
//
// Runs `count` independent jobs on up to `threads` threads (0: as many as CPUs in the affinity mask). Jobs are handed
// out in order of their index. Results must go to slots of their own: nothing here depends on the number of threads.
#ifndef REPRO_BASE_POOL_H
#define REPRO_BASE_POOL_H

#include <stddef.h>

typedef void (*pool_job)(size_t index, void *context);

void pool_run(size_t threads, size_t count, pool_job job, void *context);
size_t pool_cpus(void); // CPUs this process may use, at least 1

#endif

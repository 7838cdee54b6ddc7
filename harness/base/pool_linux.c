// SPDX-License-Identifier: Apache-2.0
#include "base/pool.h"

#include <errno.h>
#include <sched.h>

size_t pool_cpus(void)
{
    // The kernel refuses a mask smaller than its own, whose size it does not tell.
    for (int bits = 1024; bits <= 1 << 20; bits *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)bits);
        if (!set)
            break;
        size_t size = CPU_ALLOC_SIZE((size_t)bits);
        int rc = sched_getaffinity(0, size, set);
        int count = rc == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (rc == 0)
            return count > 0 ? (size_t)count : 1;
        if (errno != EINVAL)
            break;
    }
    return 1;
}

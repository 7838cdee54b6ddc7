// SPDX-License-Identifier: Apache-2.0
#include "base/pool.h"

#include <unistd.h>

size_t pool_cpus(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (size_t)count : 1;
}

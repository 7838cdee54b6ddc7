// SPDX-License-Identifier: Apache-2.0
#include "run/spawn.h"

#include <sys/resource.h>
#include <unistd.h>

pid_t spawn_fork(unsigned long flags)
{
    (void)flags;
    return fork();
}

void spawn_close_from(int first)
{
    struct rlimit limit;
    int end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1u << 20)
        end = (int)limit.rlim_cur;
    for (int fd = first; fd < end; fd++)
        close(fd);
}

void spawn_adopt(void)
{
}

void spawn_hide(void)
{
}

int spawn_tie(pid_t parent)
{
    return getppid() == parent;
}

void spawn_no_new_rights(void)
{
}

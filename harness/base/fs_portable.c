// SPDX-License-Identifier: Apache-2.0
#include "base/fs_os.h"

#include <errno.h>

bool fs_os_clone(int to, int from)
{
    (void)to;
    (void)from;
    return false;
}

ssize_t fs_os_copy(int to, int from, size_t len)
{
    (void)to;
    (void)from;
    (void)len;
    errno = ENOTSUP;
    return -1;
}

int fs_os_exchange(const char *a, const char *b)
{
    (void)a;
    (void)b;
    errno = ENOTSUP;
    return -1;
}

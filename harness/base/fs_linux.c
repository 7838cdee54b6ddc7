// SPDX-License-Identifier: Apache-2.0
#include "base/fs_os.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool fs_os_clone(int to, int from)
{
    return ioctl(to, FICLONE, from) == 0;
}

ssize_t fs_os_copy(int to, int from, size_t len)
{
    return copy_file_range(from, NULL, to, NULL, len, 0);
}

int fs_os_exchange(const char *a, const char *b)
{
    return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

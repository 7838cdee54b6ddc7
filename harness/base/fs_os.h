// SPDX-License-Identifier: Apache-2.0
//
// What fs does differently from one system to another: fs_linux.c, and fs_portable.c for any POSIX.
#ifndef REPRO_BASE_FS_OS_H
#define REPRO_BASE_FS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Makes the empty file `to` share all blocks of `from`. False where the file system cannot.
bool fs_os_clone(int to, int from);

// Copies up to `len` bytes within the kernel, from and to the current positions. −1 where it cannot.
ssize_t fs_os_copy(int to, int from, size_t len);

// Swaps two names in one step; −1 with errno (ENOTSUP, EINVAL, ENOSYS) where that cannot be done.
int fs_os_exchange(const char *a, const char *b);

#endif

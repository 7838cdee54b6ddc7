// SPDX-License-Identifier: Apache-2.0
#include "base/fs_os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fs_os_open_folder(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
    // The device number does not tell a bind mount of the same file system; the kernel does.
    struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
    int fd = (int)syscall(SYS_openat2, parent, name, &how, sizeof how);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
    // Kernels before 5.6, and containers whose filter does not know the call.
    fd = openat(parent, name, flags);
    struct stat outer, inner;
    if (fd >= 0 && (fstat(parent, &outer) < 0 || fstat(fd, &inner) < 0 || outer.st_dev != inner.st_dev)) {
        close(fd);
        errno = EXDEV;
        return -1;
    }
    return fd;
}

bool fs_os_clone(int to, int from)
{
    return ioctl(to, FICLONE, from) == 0;
}

ssize_t fs_os_copy(int to, int from, size_t len)
{
    return copy_file_range(from, NULL, to, NULL, len, 0);
}

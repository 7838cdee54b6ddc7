// SPDX-License-Identifier: Apache-2.0
//
// All of the bytes into an open file. 0, or −1 with errno.
#ifndef REPRO_STORE_PUT_H
#define REPRO_STORE_PUT_H

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static inline int put_all(int fd, const void *bytes, size_t len)
{
    for (const char *at = (const char *)bytes; len > 0;) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        at += put;
        len -= (size_t)put;
    }
    return 0;
}

#endif

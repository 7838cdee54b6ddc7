// SPDX-License-Identifier: Apache-2.0
#include "store/stored.h"

#include "store/put.h"

#include <stdbool.h>

#define BLOCK ((size_t)128 << 10) // the largest that the format allows

int stored_begin(int fd)
{
    static const unsigned char head[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 7u << 3};
    return put_all(fd, head, sizeof head);
}

static int put_block(int fd, const void *bytes, size_t size, bool last)
{
    unsigned char head[3] = {(unsigned char)(size << 3 | last), (unsigned char)(size >> 5),
                             (unsigned char)(size >> 13)};
    return put_all(fd, head, sizeof head) == 0 ? put_all(fd, bytes, size) : -1;
}

int stored_add(int fd, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t size; len > 0; at += size, len -= size) {
        size = len < BLOCK ? len : BLOCK;
        if (put_block(fd, at, size, false) != 0)
            return -1;
    }
    return 0;
}

int stored_end(int fd)
{
    return put_block(fd, "", 0, true);
}

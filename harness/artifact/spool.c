// SPDX-License-Identifier: Apache-2.0
#include "artifact/spool.h"

#include "artifact/contents.h"
#include "artifact/map.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define IN_MEMORY ((uint64_t)16 << 20)

int spool_begin(struct spool *spool, struct contents *contents, uint64_t packed, struct error *err)
{
    *spool = (struct spool){.contents = contents, .fd = -1};
    return contents_unpacked(contents, packed, 0, err);
}

static int write_all(int fd, const char *bytes, size_t len, struct error *err)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_errno(err, "cannot write to a temporary file");
        bytes += written;
        len -= (size_t)written;
    }
    return 0;
}

int spool_write(struct spool *spool, const void *bytes, size_t len, struct error *err)
{
    if (contents_unpacked(spool->contents, 0, len, err) != 0)
        return -1;
    spool->len += len;
    if (spool->fd < 0 && spool->len <= IN_MEMORY) {
        buf_append(&spool->memory, bytes, len);
        return 0;
    }
    if (spool->fd < 0) {
        if (map_temporary(&spool->fd, err) != 0 ||
            write_all(spool->fd, buf_text(&spool->memory), spool->memory.len, err) != 0)
            return -1;
        buf_free(&spool->memory);
    }
    return write_all(spool->fd, bytes, len, err);
}

int spool_finish(struct artifact_file *out, struct spool *spool, struct error *err)
{
    struct artifact_file whole = {.len = (size_t)spool->len, .owned = true};
    if (spool->fd < 0) {
        whole.bytes = (unsigned char *)buf_take(&spool->memory);
    } else {
        void *bytes = mmap(NULL, whole.len, PROT_READ, MAP_PRIVATE, spool->fd, 0);
        if (bytes == MAP_FAILED)
            return error_errno(err, "cannot map a temporary file");
        whole.bytes = bytes;
        whole.mapped = true;
    }
    contents_adopt(spool->contents, &whole);
    out->bytes = whole.bytes;
    out->len = whole.len;
    return 0;
}

void spool_free(struct spool *spool)
{
    buf_free(&spool->memory);
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

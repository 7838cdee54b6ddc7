// SPDX-License-Identifier: Apache-2.0
//
// Reads both files side by side in blocks that stay in the cache. Not mmap: a file that is cut short meanwhile would
// kill the harness with SIGBUS, and copying a block out of the page cache costs no more than faulting it in.
#include "compare/bytes.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK ((size_t)128 * 1024)

static int open_regular(int *fd, struct stat *st, const char *path, struct error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    if (fstat(*fd, st) < 0)
        return error_errno(err, "cannot stat '%s'", path);
    if (!S_ISREG(st->st_mode))
        return error_set(err, ERROR_USAGE, "cannot compare '%s': not a regular file", path);
#ifdef POSIX_FADV_SEQUENTIAL
    posix_fadvise(*fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
    return 0;
}

// Fills the block as far as the file goes.
static int read_block(size_t *len, int fd, unsigned char *block, const char *path, struct error *err)
{
    *len = 0;
    while (*len < BLOCK) {
        ssize_t got = read(fd, block + *len, BLOCK - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read '%s'", path);
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return 0;
}

// The inner loop has a fixed length and a counter of one byte, so that compilers turn it into vector instructions.
static uint64_t count_differing(const unsigned char *a, const unsigned char *b, size_t len)
{
    uint64_t total = 0;
    size_t i = 0;
    for (; i + 128 <= len; i += 128) {
        unsigned char part = 0;
        for (size_t k = 0; k < 128; k++)
            part = (unsigned char)(part + (a[i + k] != b[i + k]));
        total += part;
    }
    for (; i < len; i++)
        total += a[i] != b[i];
    return total;
}

static size_t first_differing(const unsigned char *a, const unsigned char *b, size_t len)
{
    size_t i = 0;
    while (i + 64 <= len && !memcmp(a + i, b + i, 64))
        i += 64;
    while (i < len && a[i] == b[i])
        i++;
    return i;
}

static void compare_block(struct bytes_difference *out, const unsigned char *a, const unsigned char *b, size_t common)
{
    if (!memcmp(a, b, common))
        return;
    if (out->differing == 0) {
        size_t at = first_differing(a, b, common);
        out->first += at;
        out->byte_a = a[at];
        out->byte_b = b[at];
    }
    out->differing += count_differing(a, b, common);
}

int bytes_compare(struct bytes_difference *out, const char *a, const char *b, struct error *err)
{
    *out = (struct bytes_difference){0};
    CLEANUP(fd) int fd_a = -1;
    CLEANUP(fd) int fd_b = -1;
    struct stat st_a, st_b;
    if (open_regular(&fd_a, &st_a, a, err) < 0 || open_regular(&fd_b, &st_b, b, err) < 0)
        return -1;
    if (st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino) {
        out->equal = true;
        out->size_a = out->size_b = out->first = (uint64_t)st_a.st_size;
        return 0;
    }
    CLEANUP(free) unsigned char *blocks = mem_realloc(NULL, 2 * BLOCK);
    unsigned char *block_a = blocks, *block_b = blocks + BLOCK;
    size_t len_a = BLOCK, len_b = BLOCK;
    // Sizes are counted from what is read: a file may grow or shrink after fstat.
    while (len_a == BLOCK || len_b == BLOCK) {
        if ((len_a == BLOCK && read_block(&len_a, fd_a, block_a, a, err) < 0) ||
            (len_b == BLOCK && read_block(&len_b, fd_b, block_b, b, err) < 0))
            return -1;
        size_t common = len_a < len_b ? len_a : len_b;
        compare_block(out, block_a, block_b, common);
        if (out->differing == 0) {
            out->first += common;
            if (len_a != len_b) {
                out->byte_a = len_a > common ? block_a[common] : 0;
                out->byte_b = len_b > common ? block_b[common] : 0;
            }
        }
        out->size_a += len_a;
        out->size_b += len_b;
        if (len_a != len_b)
            break;
    }
    // Beyond the end of the shorter one only the size matters.
    if (out->size_a != out->size_b) {
        struct stat end;
        if (len_a > len_b && fstat(fd_a, &end) == 0 && (uint64_t)end.st_size > out->size_a)
            out->size_a = (uint64_t)end.st_size;
        if (len_b > len_a && fstat(fd_b, &end) == 0 && (uint64_t)end.st_size > out->size_b)
            out->size_b = (uint64_t)end.st_size;
    }
    out->equal = out->differing == 0 && out->size_a == out->size_b;
    return 0;
}

char *bytes_describe(const struct bytes_difference *d)
{
    char a[32], b[32], first[32], count[32];
    number_group(a, d->size_a);
    number_group(b, d->size_b);
    number_group(first, d->first);
    number_group(count, d->differing);
    struct buf text = {0};
    if (d->size_a == d->size_b)
        buf_printf(&text, "%s byte%s in both; ", b, d->size_b == 1 ? "" : "s");
    else
        buf_printf(&text, "%s byte%s, golden has %s; ", b, d->size_b == 1 ? "" : "s", a);
    if (d->equal)
        buf_puts(&text, "equal");
    else if (d->differing == 0)
        buf_printf(&text, "equal up to offset %s, where %s ends", first, d->size_a < d->size_b ? "golden" : "this one");
    else
        buf_printf(&text, "%s differ%s, first at offset %s: 0x%02x, golden has 0x%02x", count,
                   d->differing == 1 ? "s" : "", first, d->byte_b, d->byte_a);
    return buf_take(&text);
}

int bytes_equal(bool *out, const char *a, const char *b, struct error *err)
{
    CLEANUP(fd) int fd_a = -1, fd_b = -1;
    struct stat st_a, st_b;
    *out = false;
    if (open_regular(&fd_a, &st_a, a, err) < 0 || open_regular(&fd_b, &st_b, b, err) < 0)
        return -1;
    if (st_a.st_size != st_b.st_size)
        return 0;
    CLEANUP(free) unsigned char *block_a = mem_alloc(BLOCK), *block_b = mem_alloc(BLOCK);
    size_t len_a = 0, len_b = 0;
    do {
        if (read_block(&len_a, fd_a, block_a, a, err) < 0 || read_block(&len_b, fd_b, block_b, b, err) < 0)
            return -1;
        if (len_a != len_b || memcmp(block_a, block_b, len_a) != 0)
            return 0;
    } while (len_a == BLOCK);
    *out = true;
    return 0;
}

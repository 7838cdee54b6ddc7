// SPDX-License-Identifier: Apache-2.0
#include "store/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Large enough that the reads cost nothing beside the hashing, small enough to stay in a core's second-level cache
// between the two. A mapping would save the copy, but a file that is cut short while it is mapped kills the process.
#define READ_SIZE ((size_t)256 << 10)

struct digester {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
    unsigned char *buffer;
};

int digester_new(struct digester **out, struct error *err)
{
    CLEANUP(digester) struct digester *digester = mem_alloc(sizeof *digester);
    digester->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    digester->context = EVP_MD_CTX_new();
    if (!digester->algorithm || !digester->context)
        return error_set(err, ERROR_MACHINE, "cannot use SHA-256 of OpenSSL");
    void *buffer = NULL;
    if (posix_memalign(&buffer, 4096, READ_SIZE) != 0)
        abort();
    digester->buffer = buffer;
    *out = steal(&digester);
    return 0;
}

void digester_free(struct digester *digester)
{
    if (!digester)
        return;
    EVP_MD_CTX_free(digester->context);
    EVP_MD_free(digester->algorithm);
    free(digester->buffer);
    free(digester);
}

// SHA-256 in memory fails only when memory runs out, which ends the process everywhere else, too.
void digester_begin(struct digester *digester)
{
    if (EVP_DigestInit_ex2(digester->context, digester->algorithm, NULL) != 1)
        abort();
}

void digester_add(struct digester *digester, const void *bytes, size_t len)
{
    if (len > 0 && EVP_DigestUpdate(digester->context, bytes, len) != 1)
        abort();
}

void digester_end(struct digester *digester, struct digest *out)
{
    unsigned int len = 0;
    if (EVP_DigestFinal_ex(digester->context, out->bytes, &len) != 1 || len != sizeof out->bytes)
        abort();
}

void digest_bytes(struct digester *digester, struct digest *out, const void *bytes, size_t len)
{
    digester_begin(digester);
    digester_add(digester, bytes, len);
    digester_end(digester, out);
}

int digest_fd(struct digester *digester, struct digest *out, uint64_t *size, int fd, struct error *err)
{
    uint64_t offset = 0;
    digester_begin(digester);
    for (;;) {
        ssize_t got = pread(fd, digester->buffer, READ_SIZE, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(err, "cannot read");
        if (got == 0)
            break;
        // Worth the call only where there is more than one buffer of it.
        if (offset == 0 && (size_t)got == READ_SIZE)
            posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        digester_add(digester, digester->buffer, (size_t)got);
        offset += (uint64_t)got;
    }
    digester_end(digester, out);
    if (size)
        *size = offset;
    return 0;
}

// A file that fits into one read: its size is known, so no second read is needed to see the end. −1 with errno.
static ssize_t read_small(struct digester *digester, int fd)
{
    ssize_t got;
    do
        got = pread(fd, digester->buffer, READ_SIZE, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int digest_stable_fd(struct digester *digester, struct digest *out, const struct stat *before, int fd,
                     struct error *err)
{
    uint64_t size = 0;
    if (before->st_size > 0 && (uint64_t)before->st_size < READ_SIZE) {
        ssize_t got = read_small(digester, fd);
        if (got < 0)
            return error_errno(err, "cannot read");
        size = (uint64_t)got;
        digest_bytes(digester, out, digester->buffer, size);
    } else if (digest_fd(digester, out, &size, fd, err) != 0) {
        return -1;
    }
    struct stat after;
    if (fstat(fd, &after) != 0)
        return error_errno(err, "cannot examine");
    if (size != (uint64_t)before->st_size || after.st_size != before->st_size || after.st_ino != before->st_ino ||
        after.st_dev != before->st_dev || !same_time(after.st_mtim, before->st_mtim) ||
        !same_time(after.st_ctim, before->st_ctim))
        return error_set(err, ERROR_MACHINE, "changed while it was read");
    return 0;
}

int digest_file(struct digester *digester, struct digest *out, uint64_t *size, const char *path, struct error *err)
{
    // Without O_NONBLOCK, a FIFO of that name would make us wait for a writer.
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_errno(err, "cannot examine '%s'", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_MACHINE, "cannot hash '%s': not a regular file", path);
    if (digest_fd(digester, out, size, fd, err) != 0)
        return error_context(err, "'%s'", path);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
//
// Archives from anybody. Beginning with 'T', the rest is a tar archive that is put into a zstd stream here, so that the
// fuzzer need not invent one; anything else is the archive as it is. What is listed must unpack to the same files below
// its folder, and what is refused must leave nothing.
#include "base/fs.h"
#include "base/str.h"
#include "store/bundle.h"
#include "store/put.h"
#include "store/stored.h"
#include "store/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct bundle_limits limits = {.max_size = 4 << 20, .max_files = 64};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void check_unpacked(const char *folder, const struct digest *digest)
{
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    struct digest found;
    require(tree_list_all(&files, folder, &err) == 0 && tree_hash(&files, folder, NULL, 1, &err) == 0 &&
                tree_digest(&found, &files, "", &err) == 0,
            "what was unpacked cannot be read");
    require(digest_equal(&found, digest), "what was unpacked is not what was listed");
}

static void extract(int fd, const char *base, const struct file_list *files, bool listed)
{
    struct error err = {0};
    struct digest digest = {0};
    CLEANUP(free) char *path = str_printf("/proc/self/fd/%d", fd);
    CLEANUP(free) char *folder = fs_join(base, "out");
    if (listed)
        require(tree_digest(&digest, files, "", &err) == 0, "what was listed has no digest");
    bool unpacked = bundle_extract(path, folder, &digest, &limits, &err) == 0;
    require(unpacked || err.kind != ERROR_NONE, "a failure without an error");
    require(unpacked || !fs_exists(folder), "something was left behind");
    // A link may be listed that cannot be made: names of a folder that is only made by another link, say.
    require(listed || !unpacked, "what was refused when listed was unpacked");
    if (unpacked)
        check_unpacked(folder, &digest);
    error_free(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    bool tar = size > 0 && data[0] == 'T';
    CLEANUP(fd) int fd = memfd_create("bundle", MFD_CLOEXEC);
    if (fd < 0 || (tar ? stored_begin(fd) != 0 || stored_add(fd, data + 1, size - 1) != 0 || stored_end(fd) != 0
                       : put_all(fd, data, size) != 0))
        return 0;
    off_t len = lseek(fd, 0, SEEK_END);
    CLEANUP(free) char *bytes = malloc((size_t)len + 1);
    require(bytes && pread(fd, bytes, (size_t)len, 0) == len, "cannot read back");
    CLEANUP(file_list) struct file_list files = {0};
    bool listed = bundle_list(&files, bytes, (size_t)len, &limits, &err) == 0;
    require(listed == (err.kind == ERROR_NONE), "an error and its absence");
    error_free(&err);

    char base[] = "/tmp/repro-fuzz-XXXXXX", memory[] = "/dev/shm/repro-fuzz-XXXXXX";
    char *folder = mkdtemp(memory);
    if (!folder)
        folder = mkdtemp(base);
    if (!folder)
        return 0;
    extract(fd, folder, &files, listed);
    fs_remove_tree(folder, &err);
    error_free(&err);
    return 0;
}

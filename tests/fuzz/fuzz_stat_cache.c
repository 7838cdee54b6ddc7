// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
//
// Cache files from anybody. With a flag of 1 in front, the checksum is put right first, so that what lies behind it is
// reached; whatever is taken in must be usable, and what is written must be taken in again.
#include "store/stat_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

// Looks for every inode that the bytes could mean, and adds some.
static void use(struct stat_cache *cache, const uint8_t *data, size_t size)
{
    struct timespec now = {.tv_sec = 2000000000};
    for (size_t at = 0; at + 16 <= size; at += 8) {
        struct stat st = {.st_size = 1, .st_mode = S_IFREG};
        memcpy(&st.st_dev, data + at, 8);
        memcpy(&st.st_ino, data + at + 8, 8);
        int64_t slot = stat_cache_find(cache, &st);
        if (slot >= 0) {
            stat_cache_used(cache, slot);
            require((size_t)slot < stat_cache_count(cache), "a slot that is not there");
        }
        const struct digest digest = {.bytes = {1}};
        stat_cache_add(cache, &st, &digest, now);
        slot = stat_cache_find(cache, &st);
        require(slot >= 0 && digest_equal(stat_cache_digest(cache, slot), &digest), "what was added is not found");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
    CLEANUP(free) uint8_t *bytes = malloc(size);
    require(bytes != NULL, "no memory");
    memcpy(bytes, data + 1, size - 1);
    if (data[0] == 1)
        stat_cache_seal(bytes, size - 1);
    bool taken = stat_cache_parse(cache, bytes, size - 1);
    require(taken || stat_cache_count(cache) == 0, "something was taken from a file that was refused");
    use(cache, data, size < 4096 ? size : 4096);
    CLEANUP(buf) struct buf written = {0};
    CLEANUP(stat_cache) struct stat_cache *again = stat_cache_new("unused");
    stat_cache_write(&written, cache);
    require(stat_cache_parse(again, written.data, written.len), "what was written is refused");
    require(stat_cache_count(again) == stat_cache_count(cache), "what was written is not what was there");
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Remembers the digests of files that have not changed, by (device, inode, size, mtime, ctime). Never keeps an entry
// whose file changed less than one clock tick before it was hashed: a second change within the same tick would look
// the same. A missing or damaged cache file is an empty cache. Not tied to one project's root.
//
// stat_cache_find may be called by several threads at once; everything else by one at a time.
#ifndef REPRO_STORE_STAT_CACHE_H
#define REPRO_STORE_STAT_CACHE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

struct stat_cache;

int stat_cache_open(struct stat_cache **out, const char *path, struct error *err);
// Atomic; does nothing when nothing was added. Entries that were not used for many saves, or are too many, are dropped.
int stat_cache_save(struct stat_cache *cache, struct error *err);
void stat_cache_free(struct stat_cache *cache);
DEFINE_CLEANUP(stat_cache)

// The slot that knows the file in exactly this state, or −1.
int64_t stat_cache_find(const struct stat_cache *cache, const struct stat *st);
const struct digest *stat_cache_digest(const struct stat_cache *cache, int64_t slot); // borrowed until the next add
void stat_cache_used(struct stat_cache *cache, int64_t slot); // marks the slot as of use in this run

// Keeps a digest. `now` is the time by stat_cache_clock, taken before `st` was. Does nothing for a state that is too
// young to be trusted.
void stat_cache_add(struct stat_cache *cache, const struct stat *st, const struct digest *digest, struct timespec now);
struct timespec stat_cache_clock(void); // the clock by which the kernel stamps files

// Reads the bytes of a cache file; false (and an empty cache) for anything that is not exactly one.
bool stat_cache_parse(struct stat_cache *cache, const void *bytes, size_t len);
// Appends the bytes of a cache file; stat_cache_seal fills in the checksum of one whose other bytes stand.
void stat_cache_write(struct buf *out, struct stat_cache *cache);
void stat_cache_seal(void *bytes, size_t len);
struct stat_cache *stat_cache_new(const char *path); // empty
size_t stat_cache_count(const struct stat_cache *cache);

#endif

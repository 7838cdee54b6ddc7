// SPDX-License-Identifier: Apache-2.0
//
// The file, in the byte order of the machine (it is of no use to another one):
//
//     offset  size
//          0     8  "REPROSTC"
//          8     4  1: the version; read in the other byte order it is another number, and the file is refused
//         12     4  size of a record: 80
//         16     8  number of records
//         24     8  generation: how many times the cache was saved
//         32     8  checksum over the 32 bytes above and all records
//         40    80  a record, any number of times: device, inode, size, mtime and ctime in nanoseconds since 1970,
//                   generation in which it was last of use (8 bytes each), SHA-256 (32 bytes)
//
// A file whose size, numbers or checksum do not agree is taken for empty. The checksum finds damage, not malice: who
// can write below .repro can change the sources, too.
#include "store/stat_cache.h"

#include "base/fs.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION     1u
#define MAX_FILE    ((size_t)1 << 30)
#define KEEP_SAVES  64u        // an entry that was of no use for so many saves is dropped
#define RENEW_SAVES 16u        // an entry in use is written anew before it gets that old
#define KEEP_UNUSED 200000u    // and no more than so many entries that this run had no use for are kept
#define TICK        10000000   // nanoseconds: the longest tick of a kernel (HZ=100)
#define COARSE_TICK 2000000000 // of file systems that keep whole seconds, or every second one

struct header {
    char magic[8];
    uint32_t version;
    uint32_t record_size;
    uint64_t count;
    uint64_t generation;
    uint64_t checksum;
};
static const char magic[8] = {'R', 'E', 'P', 'R', 'O', 'S', 'T', 'C'};

struct record {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t mtime;
    int64_t ctime;
    uint64_t generation;
    struct digest digest;
};
_Static_assert(sizeof(struct header) == 40 && sizeof(struct record) == 80, "the layout at the top of this file");

// Of the open addressing. The tag (the low half of the inode) saves most looks at records that are not meant.
struct slot {
    uint32_t tag;
    uint32_t index; // into records plus one, 0 when empty
};

struct stat_cache {
    char *path;
    struct record *records;
    size_t count, capacity;
    struct slot *slots;
    size_t slot_mask;
    uint64_t generation; // of this run: one more than the file's
    bool changed;
};

struct stat_cache *stat_cache_new(const char *path)
{
    struct stat_cache *cache = mem_alloc(sizeof *cache);
    cache->path = str_dup(path);
    cache->generation = 1;
    return cache;
}

void stat_cache_free(struct stat_cache *cache)
{
    if (!cache)
        return;
    free(cache->path);
    free(cache->records);
    free(cache->slots);
    free(cache);
}

size_t stat_cache_count(const struct stat_cache *cache)
{
    return cache->count;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

// Four lanes, so that the multiplications of a large file overlap. `len` is a multiple of eight.
static uint64_t checksum(uint64_t seed, const void *bytes, size_t len)
{
    uint64_t lanes[4] = {seed, seed + 1, seed + 2, seed + 3};
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len / 8; i++, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        lanes[i % 4] = mix(lanes[i % 4], word);
    }
    return mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);
}

static uint64_t file_checksum(const struct header *header, const void *records, size_t len)
{
    return checksum(checksum(0, header, offsetof(struct header, checksum)), records, len);
}

void stat_cache_seal(void *bytes, size_t len)
{
    struct header header;
    if (len < sizeof header)
        return;
    memcpy(&header, bytes, sizeof header);
    header.checksum = file_checksum(&header, (const char *)bytes + sizeof header, len - sizeof header);
    memcpy(bytes, &header, sizeof header);
}

// Where the record of (device, inode) stands, or the empty slot where it belongs. Eight inodes in a row, which files
// made one after the other have, share a line of the processor's cache.
static size_t find_slot(const struct stat_cache *cache, uint64_t device, uint64_t inode)
{
    size_t slot = (size_t)(mix(mix(0, device), inode >> 3) << 3 | (inode & 7)) & cache->slot_mask;
    for (; cache->slots[slot].index != 0; slot = (slot + 1) & cache->slot_mask) {
        if (cache->slots[slot].tag != (uint32_t)inode)
            continue;
        const struct record *record = &cache->records[cache->slots[slot].index - 1];
        if (record->inode == inode && record->device == device)
            break;
    }
    return slot;
}

// The table is at most half full.
static void index_records(struct stat_cache *cache, size_t room)
{
    size_t size = 1024;
    while (size < room * 2)
        size *= 2;
    free(cache->slots);
    cache->slots = mem_array(size, sizeof *cache->slots);
    cache->slot_mask = size - 1;
    for (size_t i = 0; i < cache->count; i++) {
        size_t slot = find_slot(cache, cache->records[i].device, cache->records[i].inode);
        if (cache->slots[slot].index == 0) // a second record of one inode, which we never write, is never found
            cache->slots[slot] = (struct slot){(uint32_t)cache->records[i].inode, (uint32_t)(i + 1)};
    }
}

// Takes the records over when they are what the header says; else frees them.
static bool take_records(struct stat_cache *cache, const struct header *header, struct record *records)
{
    if (file_checksum(header, records, (size_t)header->count * sizeof *records) != header->checksum) {
        free(records);
        return false;
    }
    free(cache->records);
    cache->records = records;
    cache->count = cache->capacity = (size_t)header->count;
    cache->generation = header->generation + 1;
    index_records(cache, cache->count + 1);
    return true;
}

static bool is_header(const struct header *header, uint64_t len)
{
    return memcmp(header->magic, magic, sizeof magic) == 0 && header->version == VERSION &&
           header->record_size == sizeof(struct record) && len <= MAX_FILE && len >= sizeof *header &&
           (len - sizeof *header) % sizeof(struct record) == 0 &&
           header->count == (len - sizeof *header) / sizeof(struct record) && header->generation < UINT64_MAX;
}

bool stat_cache_parse(struct stat_cache *cache, const void *bytes, size_t len)
{
    struct header header;
    if (len < sizeof header)
        return false;
    memcpy(&header, bytes, sizeof header);
    if (!is_header(&header, len))
        return false;
    size_t body = len - sizeof header;
    struct record *records = mem_alloc(body ? body : 1);
    memcpy(records, (const char *)bytes + sizeof header, body);
    return take_records(cache, &header, records);
}

static bool read_exactly(int fd, void *bytes, size_t len)
{
    for (char *at = bytes; len > 0;) {
        ssize_t got = read(fd, at, len);
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

// As stat_cache_parse, without a copy on the way: for a large project these are many megabytes.
static bool read_file(struct stat_cache *cache, int fd)
{
    struct header header;
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !read_exactly(fd, &header, sizeof header) ||
        !is_header(&header, (uint64_t)st.st_size))
        return false;
    size_t body = (size_t)header.count * sizeof(struct record);
    struct record *records = malloc(body ? body : 1);
    if (!records || !read_exactly(fd, records, body)) {
        free(records);
        return false;
    }
    return take_records(cache, &header, records);
}

int stat_cache_open(struct stat_cache **out, const char *path, struct error *err)
{
    (void)err; // nothing that may be wrong with a cache stops anybody
    *out = stat_cache_new(path);
    CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        read_file(*out, fd);
    return 0;
}

static bool nanoseconds(int64_t *out, struct timespec time)
{
    return !__builtin_mul_overflow((int64_t)time.tv_sec, INT64_C(1000000000), out) &&
           !__builtin_add_overflow(*out, (int64_t)time.tv_nsec, out);
}

struct timespec stat_cache_clock(void)
{
    struct timespec now = {0};
#ifdef CLOCK_REALTIME_COARSE
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
#else
    clock_gettime(CLOCK_REALTIME, &now);
#endif
    return now;
}

// True when any later change of the file is certain to get another time stamp than this one.
static bool is_settled(int64_t stamp, int64_t now)
{
    int64_t tick = stamp % INT64_C(1000000000) == 0 ? COARSE_TICK : TICK;
    int64_t settled;
    return !__builtin_add_overflow(stamp, tick, &settled) && settled < now;
}

int64_t stat_cache_find(const struct stat_cache *cache, const struct stat *st)
{
    int64_t mtime, ctime;
    if (!cache->slots || !nanoseconds(&mtime, st->st_mtim) || !nanoseconds(&ctime, st->st_ctim))
        return -1;
    uint32_t index = cache->slots[find_slot(cache, (uint64_t)st->st_dev, (uint64_t)st->st_ino)].index;
    if (index == 0)
        return -1;
    const struct record *record = &cache->records[index - 1];
    if (record->size != (uint64_t)st->st_size || record->mtime != mtime || record->ctime != ctime)
        return -1;
    return (int64_t)index - 1;
}

const struct digest *stat_cache_digest(const struct stat_cache *cache, int64_t slot)
{
    return &cache->records[slot].digest;
}

void stat_cache_used(struct stat_cache *cache, int64_t slot)
{
    struct record *record = &cache->records[slot];
    if (record->generation + RENEW_SAVES < cache->generation)
        cache->changed = true;
    record->generation = cache->generation;
}

void stat_cache_add(struct stat_cache *cache, const struct stat *st, const struct digest *digest, struct timespec now)
{
    int64_t mtime, ctime, clock;
    if (!nanoseconds(&mtime, st->st_mtim) || !nanoseconds(&ctime, st->st_ctim) || !nanoseconds(&clock, now) ||
        !is_settled(mtime, clock) || !is_settled(ctime, clock) || cache->count >= MAX_FILE / sizeof(struct record) - 1)
        return;
    if (!cache->slots || cache->count * 2 > cache->slot_mask)
        index_records(cache, cache->count + 1);
    size_t slot = find_slot(cache, (uint64_t)st->st_dev, (uint64_t)st->st_ino);
    if (cache->slots[slot].index == 0) {
        cache->records = mem_grow(cache->records, cache->count, &cache->capacity, sizeof *cache->records);
        cache->slots[slot] = (struct slot){(uint32_t)st->st_ino, (uint32_t)++cache->count};
    }
    cache->records[cache->slots[slot].index - 1] = (struct record){
        .device = (uint64_t)st->st_dev,
        .inode = (uint64_t)st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime = mtime,
        .ctime = ctime,
        .generation = cache->generation,
        .digest = *digest,
    };
    cache->changed = true;
}

static int by_last_use(const void *left, const void *right)
{
    const struct record *a = left, *b = right;
    return a->generation < b->generation ? 1 : a->generation > b->generation ? -1 : 0;
}

// Orders the records by last use and drops those at the end that are not worth keeping.
static void drop_old(struct stat_cache *cache)
{
    if (cache->count > 1)
        qsort(cache->records, cache->count, sizeof *cache->records, by_last_use);
    size_t used = 0;
    while (used < cache->count && cache->records[used].generation >= cache->generation)
        used++;
    size_t kept = used;
    while (kept < cache->count && kept - used < KEEP_UNUSED &&
           cache->records[kept].generation + KEEP_SAVES > cache->generation)
        kept++;
    cache->count = kept;
    index_records(cache, cache->count + 1);
}

void stat_cache_write(struct buf *out, struct stat_cache *cache)
{
    drop_old(cache);
    struct header header = {
        .version = VERSION,
        .record_size = sizeof(struct record),
        .count = cache->count,
        // A file that claims to be the last that can be counted must not make the next one unreadable.
        .generation = cache->generation < UINT64_MAX ? cache->generation : UINT64_MAX - 1,
    };
    memcpy(header.magic, magic, sizeof magic);
    size_t begin = out->len;
    buf_append(out, &header, sizeof header);
    if (cache->count > 0)
        buf_append(out, cache->records, cache->count * sizeof *cache->records);
    stat_cache_seal(out->data + begin, out->len - begin);
}

int stat_cache_save(struct stat_cache *cache, struct error *err)
{
    if (!cache->changed)
        return 0;
    CLEANUP(buf) struct buf bytes = {0};
    stat_cache_write(&bytes, cache);
    if (fs_write_atomic(cache->path, bytes.data, bytes.len, err) != 0)
        return -1;
    cache->changed = false;
    return 0;
}

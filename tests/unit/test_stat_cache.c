// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
#include "base/buf.h"
#include "base/fs.h"
#include "store/stat_cache.h"
#include "store/tree.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct stat state(uint64_t inode, long second, long nanosecond)
{
    struct stat st = {.st_dev = 7, .st_ino = inode, .st_size = 100, .st_mode = S_IFREG | 0644};
    st.st_mtim = st.st_ctim = (struct timespec){.tv_sec = second, .tv_nsec = nanosecond};
    return st;
}

static struct digest digest_of(unsigned char byte)
{
    struct digest digest;
    memset(digest.bytes, byte, sizeof digest.bytes);
    return digest;
}

static const struct timespec noon = {.tv_sec = 1000000, .tv_nsec = 500000000};

static struct stat_cache *opened(const char *path)
{
    struct error err = {0};
    struct stat_cache *cache = NULL;
    ck_ok(stat_cache_open(&cache, path, &err), &err);
    return cache;
}

START_TEST(what_was_saved_is_known_again)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "sub/cache");
    CLEANUP(stat_cache) struct stat_cache *first = opened(path);
    for (uint64_t i = 0; i < 5000; i++) {
        struct stat st = state(i * i, 999, 1);
        struct digest digest = digest_of((unsigned char)i);
        stat_cache_add(first, &st, &digest, noon);
    }
    ck_ok(stat_cache_save(first, &err), &err);
    CLEANUP(stat_cache) struct stat_cache *second = opened(path);
    ck_assert_uint_eq(stat_cache_count(second), 5000);
    for (uint64_t i = 0; i < 5000; i++) {
        struct stat st = state(i * i, 999, 1);
        struct digest digest = digest_of((unsigned char)i);
        int64_t slot = stat_cache_find(second, &st);
        ck_assert_int_ge(slot, 0);
        ck_assert(digest_equal(stat_cache_digest(second, slot), &digest));
    }
    struct stat other = state(3, 999, 1);
    ck_assert_int_eq(stat_cache_find(second, &other), -1);
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(any_change_of_state_is_a_miss)
{
    CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
    struct stat st = state(1, 999, 1);
    struct digest digest = digest_of(1);
    stat_cache_add(cache, &st, &digest, noon);
    ck_assert_int_ge(stat_cache_find(cache, &st), 0);
    struct stat changed[6] = {st, st, st, st, st, st};
    changed[0].st_size++;
    changed[1].st_mtim.tv_nsec++;
    changed[2].st_ctim.tv_nsec++;
    changed[3].st_ino++;
    changed[4].st_dev++;
    changed[5].st_mtim.tv_sec++;
    for (size_t i = 0; i < ARRAY_LEN(changed); i++)
        ck_assert_int_eq(stat_cache_find(cache, &changed[i]), -1);
}
END_TEST

// Against noon, 1000000.5 s.
static const struct {
    long mtime_second, mtime_nanosecond, ctime_second, ctime_nanosecond;
    bool kept;
} ages[] = {
    {999999, 1, 999999, 1, true},
    {1000000, 489999999, 1000000, 489999999, true},
    {1000000, 490000001, 1000000, 100, false}, // mtime less than a tick ago
    {1000000, 100, 1000000, 490000001, false}, // ctime less than a tick ago
    {1000000, 500000000, 1000000, 500000000, false},
    {1000009, 1, 999999, 1, false}, // from the future
    {999999, 1, 1000009, 1, false},
    {999999, 0, 999999, 0, false},                    // whole seconds: a coarse file system
    {999998, 0, 999998, 0, true},                     // long enough ago even there
    {INT64_MAX, 1, 999999, 1, false},                 // no such time
    {INT64_MAX / 1000000000, 999999999, 1, 1, false}, // just past the last nanosecond that can be counted
};

START_TEST(a_file_that_changed_within_the_last_tick_is_never_kept)
{
    for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
        CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
        struct stat st = state(1, 0, 0);
        st.st_mtim = (struct timespec){.tv_sec = ages[i].mtime_second, .tv_nsec = ages[i].mtime_nanosecond};
        st.st_ctim = (struct timespec){.tv_sec = ages[i].ctime_second, .tv_nsec = ages[i].ctime_nanosecond};
        struct digest digest = digest_of(1);
        stat_cache_add(cache, &st, &digest, noon);
        ck_assert_msg((stat_cache_find(cache, &st) >= 0) == ages[i].kept, "row %zu", i);
    }
}
END_TEST

START_TEST(nothing_is_written_when_nothing_was_added)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "cache");
    CLEANUP(stat_cache) struct stat_cache *cache = opened(path);
    ck_ok(stat_cache_save(cache, &err), &err);
    ck_assert(!fs_exists(path));
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

// The bytes of a cache file with three records.
static void written(struct buf *bytes)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "cache");
    CLEANUP(stat_cache) struct stat_cache *cache = opened(path);
    for (uint64_t i = 1; i <= 3; i++) {
        struct stat st = state(i, 999, 1);
        struct digest digest = digest_of((unsigned char)i);
        stat_cache_add(cache, &st, &digest, noon);
    }
    ck_ok(stat_cache_save(cache, &err), &err);
    ck_ok(fs_read(bytes, path, 0, &err), &err);
    ck_ok(fs_remove_tree(folder, &err), &err);
}

START_TEST(a_file_with_any_byte_changed_is_an_empty_cache)
{
    CLEANUP(buf) struct buf bytes = {0};
    written(&bytes);
    ck_assert_uint_eq(bytes.len, 40 + 3 * 80);
    for (size_t i = 0; i < bytes.len; i++) {
        CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
        ck_assert(stat_cache_parse(cache, bytes.data, bytes.len));
        CLEANUP(stat_cache) struct stat_cache *damaged = stat_cache_new("unused");
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
        ck_assert_msg(!stat_cache_parse(damaged, bytes.data, bytes.len), "byte %zu", i);
        ck_assert_uint_eq(stat_cache_count(damaged), 0);
        bytes.data[i] = (char)(bytes.data[i] ^ 0x10);
    }
}
END_TEST

START_TEST(a_file_of_any_other_length_is_an_empty_cache)
{
    CLEANUP(buf) struct buf bytes = {0};
    written(&bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
        ck_assert(!stat_cache_parse(cache, bytes.data, len));
    }
    buf_putc(&bytes, 'x');
    CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
    ck_assert(!stat_cache_parse(cache, bytes.data, bytes.len));
}
END_TEST

START_TEST(a_folder_in_the_place_of_the_file_is_an_empty_cache_that_cannot_be_saved)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder();
    CLEANUP(stat_cache) struct stat_cache *cache = opened(folder);
    struct stat st = state(1, 999, 1);
    struct digest digest = digest_of(1);
    stat_cache_add(cache, &st, &digest, noon);
    ck_assert_int_eq(stat_cache_save(cache, &err), -1);
    ck_error_has(&err, "folder");
    error_free(&err);
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(entries_that_nobody_uses_are_dropped_in_the_end)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "cache");
    struct stat used = state(1, 999, 1), unused = state(2, 999, 1);
    struct digest digest = digest_of(1);
    for (uint64_t run = 0; run < 100; run++) {
        CLEANUP(stat_cache) struct stat_cache *cache = opened(path);
        struct stat fresh = state(1000 + run, 999, 1);
        if (run == 0) {
            stat_cache_add(cache, &used, &digest, noon);
            stat_cache_add(cache, &unused, &digest, noon);
        }
        stat_cache_add(cache, &fresh, &digest, noon);
        int64_t slot = stat_cache_find(cache, &used);
        ck_assert_int_ge(slot, 0);
        stat_cache_used(cache, slot);
        if (run < 60)
            ck_assert_int_ge(stat_cache_find(cache, &unused), 0);
        ck_ok(stat_cache_save(cache, &err), &err);
    }
    CLEANUP(stat_cache) struct stat_cache *cache = opened(path);
    ck_assert_int_ge(stat_cache_find(cache, &used), 0);
    ck_assert_int_eq(stat_cache_find(cache, &unused), -1);
    ck_assert_uint_le(stat_cache_count(cache), 70);
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

static void put(const char *path, const char *text)
{
    CLEANUP(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static struct digest hashed(const char *folder, struct stat_cache *cache)
{
    struct error err = {0};
    CLEANUP(file_list) struct file_list files = {0};
    ck_ok(tree_list_all(&files, folder, &err), &err);
    ck_ok(tree_hash(&files, folder, cache, 0, &err), &err);
    return files.items[0].sha256;
}

// Written, hashed and written again as fast as it goes, with the same size: most of it falls into one clock tick.
START_TEST(an_edit_in_the_same_tick_is_always_seen)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "file");
    CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
    struct digest last = {0};
    for (int i = 0; i < 1000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%08d", i);
        put(path, text);
        struct digest digest = hashed(folder, cache);
        ck_assert_msg(!digest_equal(&digest, &last), "edit %d went unseen", i);
        last = digest;
    }
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

START_TEST(a_file_that_did_not_change_is_not_read_again)
{
    struct error err = {0};
    CLEANUP(free) char *folder = unit_folder(), *path = fs_join(folder, "file");
    put(path, "text");
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    CLEANUP(stat_cache) struct stat_cache *cache = stat_cache_new("unused");
    // Knows a digest that the file does not have: only a cache that is believed gives it back.
    struct digest planted = digest_of(9);
    stat_cache_add(cache, &st, &planted, (struct timespec){.tv_sec = st.st_ctim.tv_sec + 10});
    struct digest digest = hashed(folder, cache);
    ck_assert(digest_equal(&digest, &planted));
    put(path, "longer");
    digest = hashed(folder, cache);
    ck_assert(!digest_equal(&digest, &planted));
    ck_ok(fs_remove_tree(folder, &err), &err);
}
END_TEST

UNIT_MAIN("stat_cache", what_was_saved_is_known_again, any_change_of_state_is_a_miss,
          a_file_that_changed_within_the_last_tick_is_never_kept, nothing_is_written_when_nothing_was_added,
          a_file_with_any_byte_changed_is_an_empty_cache, a_file_of_any_other_length_is_an_empty_cache,
          a_folder_in_the_place_of_the_file_is_an_empty_cache_that_cannot_be_saved,
          entries_that_nobody_uses_are_dropped_in_the_end, an_edit_in_the_same_tick_is_always_seen,
          a_file_that_did_not_change_is_not_read_again)

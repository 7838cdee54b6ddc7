// SPDX-License-Identifier: Apache-2.0
//
// Hashing takes two passes. The first looks at every file (one system call each) and asks the cache; the second reads
// what the cache does not know, large files first, so that no thread ends up with a large one when the others are done.
#include "store/tree.h"

#include "base/pool.h"
#include "store/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK      ((size_t)64)       // files a thread takes at a time
#define LINES      ((size_t)32 << 10) // bytes of listing hashed at a time
#define LARGE_FILE ((off_t)1 << 20)   // taken one at a time

// A file that must be read, as the first pass saw it.
struct miss {
    size_t index;
    struct stat st;
};
struct misses {
    struct miss *items;
    size_t count, capacity;
};

struct worker {
    struct error err;
    size_t index;         // of the file that `err` is about
    struct misses misses; // that this one found
    // The folder of the last file. Many files have the same, and from there the kernel has one name to look up.
    const char *folder;
    size_t folder_len;
    int folder_fd;
};

struct hashing {
    struct file_list *files;
    int64_t *slots; // of each file in the cache; −1 when the file must be read
    struct misses misses;
    size_t large_count; // how many of the misses are large; they come first
    const struct stat_cache *cache;
    int root;
    atomic_size_t next; // the next file (first pass) or miss (second) that nobody took yet
    atomic_bool failed; // somebody met an error: stop early
    struct worker *workers;
};

static void fail(struct hashing *hashing, struct worker *worker, size_t index)
{
    worker->index = index;
    atomic_store(&hashing->failed, true);
}

static enum file_kind kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? FILE_FOLDER : S_ISLNK(mode) ? FILE_SYMLINK : FILE_REGULAR;
}

static bool is_in_folder(const char *path, const char *folder, size_t len)
{
    return strncmp(path, folder, len) == 0 && !strchr(path + len, '/');
}

// Where to look a file up: *name in the folder that is returned. A folder is worth opening when several of the files
// that come next are in it.
static int place_of(struct hashing *hashing, struct worker *worker, size_t index, const char **name)
{
    const char *path = hashing->files->items[index].path;
    if (worker->folder && is_in_folder(path, worker->folder, worker->folder_len)) {
        *name = path + worker->folder_len;
        return worker->folder_fd;
    }
    const char *slash = strrchr(path, '/');
    *name = path;
    if (!slash || index + 4 >= hashing->files->count)
        return hashing->root;
    size_t len = (size_t)(slash - path) + 1;
    if (!is_in_folder(hashing->files->items[index + 4].path, path, len))
        return hashing->root;
    CLEANUP(free) char *folder = str_ndup(path, len);
    int fd = openat(hashing->root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return hashing->root; // the file itself will tell what is wrong
    cleanup_fd(&worker->folder_fd);
    worker->folder = path;
    worker->folder_len = len;
    worker->folder_fd = fd;
    *name = slash + 1;
    return fd;
}

static int look_at(struct hashing *hashing, struct worker *worker, size_t index)
{
    struct file_entry *file = &hashing->files->items[index];
    const char *name;
    int folder = place_of(hashing, worker, index, &name);
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(&worker->err, "cannot examine '%s'", file->path);
    mode_t mode = st.st_mode;
    if (kind_of(mode) != file->kind || !(S_ISREG(mode) || S_ISLNK(mode) || S_ISDIR(mode)))
        return error_set(&worker->err, ERROR_MACHINE, "'%s' is no longer what it was: something else has its name",
                         file->path);
    file->size = (uint64_t)st.st_size;
    file->executable = file->kind == FILE_REGULAR && (mode & S_IXUSR);
    int64_t slot = file->kind == FILE_REGULAR && hashing->cache ? stat_cache_find(hashing->cache, &st) : -1;
    hashing->slots[index] = slot;
    if (slot >= 0) {
        file->sha256 = *stat_cache_digest(hashing->cache, slot);
    } else if (file->kind != FILE_FOLDER) {
        struct misses *misses = &worker->misses;
        misses->items = mem_grow(misses->items, misses->count, &misses->capacity, sizeof *misses->items);
        misses->items[misses->count++] = (struct miss){.index = index, .st = st};
    }
    return 0;
}

static void look_job(size_t index, void *context)
{
    struct hashing *hashing = context;
    struct worker *worker = &hashing->workers[index];
    while (!atomic_load(&hashing->failed)) {
        size_t begin = atomic_fetch_add(&hashing->next, CHUNK);
        if (begin >= hashing->files->count)
            return;
        for (size_t i = begin; i < begin + CHUNK && i < hashing->files->count; i++) {
            if (look_at(hashing, worker, i) != 0) {
                fail(hashing, worker, i);
                return;
            }
        }
    }
}

static int hash_link(int folder, const char *name, struct digester *digester, struct file_entry *file,
                     struct error *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(folder, name, target, sizeof target);
    if (len < 0)
        return error_errno(err, "cannot read the symbolic link '%s'", file->path);
    digest_bytes(digester, &file->sha256, target, (size_t)len);
    file->size = (uint64_t)len;
    return 0;
}

static int hash_file(struct hashing *hashing, struct worker *worker, struct digester *digester, const struct miss *miss)
{
    struct file_entry *file = &hashing->files->items[miss->index];
    const char *name;
    int folder = place_of(hashing, worker, miss->index, &name);
    if (file->kind == FILE_SYMLINK)
        return hash_link(folder, name, digester, file, &worker->err);
    // Without O_NONBLOCK, a FIFO that took the file's place would make us wait for a writer.
    CLEANUP(fd) int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return error_errno(&worker->err, "cannot open '%s'", file->path);
    if (digest_stable_fd(digester, &file->sha256, &miss->st, fd, &worker->err) != 0)
        return error_context(&worker->err, "'%s'", file->path);
    return 0;
}

static size_t take(struct hashing *hashing, size_t *end)
{
    size_t begin = atomic_load(&hashing->next), stop;
    do {
        stop = begin < hashing->large_count ? begin + 1 : begin + CHUNK;
        if (stop > hashing->misses.count)
            stop = hashing->misses.count;
    } while (begin < stop && !atomic_compare_exchange_weak(&hashing->next, &begin, stop));
    *end = stop;
    return begin;
}

static void hash_job(size_t index, void *context)
{
    struct hashing *hashing = context;
    struct worker *worker = &hashing->workers[index];
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, &worker->err) != 0) {
        fail(hashing, worker, 0);
        return;
    }
    while (!atomic_load(&hashing->failed)) {
        size_t end, begin = take(hashing, &end);
        if (begin >= end)
            return;
        for (size_t i = begin; i < end; i++) {
            if (hash_file(hashing, worker, digester, &hashing->misses.items[i]) != 0) {
                fail(hashing, worker, hashing->misses.items[i].index);
                return;
            }
        }
    }
}

// Large files first, by size; the others as they come in the list, which is folder by folder.
static int by_work(const void *left, const void *right)
{
    const struct miss *a = left, *b = right;
    bool large_a = a->st.st_size >= LARGE_FILE, large_b = b->st.st_size >= LARGE_FILE;
    if (large_a != large_b)
        return large_a ? -1 : 1;
    if (large_a && a->st.st_size != b->st.st_size)
        return a->st.st_size > b->st.st_size ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

// Takes over what a worker of the first pass found.
static void take_misses(struct hashing *hashing, struct worker *worker)
{
    struct misses *all = &hashing->misses, *some = &worker->misses;
    if (all->count == 0) {
        free(all->items);
        *all = *some;
    } else if (some->count > 0) {
        all->items = mem_realloc(all->items, (all->count + some->count) * sizeof *all->items);
        memcpy(all->items + all->count, some->items, some->count * sizeof *some->items);
        all->count = all->capacity = all->count + some->count;
        free(some->items);
    }
    *some = (struct misses){0};
}

static void order_misses(struct hashing *hashing)
{
    struct misses *misses = &hashing->misses;
    if (misses->count > 1)
        qsort(misses->items, misses->count, sizeof *misses->items, by_work);
    while (hashing->large_count < misses->count && misses->items[hashing->large_count].st.st_size >= LARGE_FILE)
        hashing->large_count++;
}

// Runs one pass; of the errors that the threads met, the one about the first file is reported.
static int run_pass(struct hashing *hashing, size_t threads, pool_job job, struct error *err)
{
    CLEANUP(free) struct worker *workers = mem_array(threads, sizeof *workers);
    for (size_t i = 0; i < threads; i++)
        workers[i].folder_fd = -1;
    hashing->workers = workers;
    atomic_store(&hashing->next, 0);
    pool_run(threads, threads, job, hashing);
    struct worker *first = NULL;
    for (size_t i = 0; i < threads; i++)
        if (workers[i].err.kind != ERROR_NONE && (!first || workers[i].index < first->index))
            first = &workers[i];
    if (first)
        error_set(err, first->err.kind, "%s", first->err.message);
    for (size_t i = 0; i < threads; i++) {
        take_misses(hashing, &workers[i]);
        cleanup_fd(&workers[i].folder_fd);
        error_free(&workers[i].err);
    }
    return first ? -1 : 0;
}

// Tells the cache what was of use and what is new.
static void remember(struct stat_cache *cache, const struct hashing *hashing, struct timespec now)
{
    for (size_t i = 0; i < hashing->files->count; i++)
        if (hashing->slots[i] >= 0)
            stat_cache_used(cache, hashing->slots[i]);
    for (size_t i = 0; i < hashing->misses.count; i++) {
        const struct miss *miss = &hashing->misses.items[i];
        const struct file_entry *file = &hashing->files->items[miss->index];
        if (file->kind == FILE_REGULAR)
            stat_cache_add(cache, &miss->st, &file->sha256, now);
    }
}

static int hash_folder(struct file_entry *entry, int root, struct stat_cache *cache, size_t threads, struct error *err);

static int hash_folders(struct file_list *files, int root, struct stat_cache *cache, size_t threads, struct error *err)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->items[i].kind == FILE_FOLDER && hash_folder(&files->items[i], root, cache, threads, err) != 0)
            return -1;
    return 0;
}

// Threads beyond what the work can feed only cost.
static size_t useful_threads(size_t threads, size_t files)
{
    if (threads == 0)
        threads = pool_cpus();
    return threads > files ? (files ? files : 1) : threads;
}

static int run_passes(struct hashing *hashing, size_t threads, struct error *err)
{
    size_t chunks = (hashing->files->count + CHUNK - 1) / CHUNK;
    if (run_pass(hashing, useful_threads(threads, chunks), look_job, err) != 0)
        return -1;
    order_misses(hashing);
    if (hashing->misses.count == 0)
        return 0;
    return run_pass(hashing, useful_threads(threads, hashing->misses.count), hash_job, err);
}

static int hash_below(struct file_list *files, int root, struct stat_cache *cache, size_t threads, struct error *err)
{
    CLEANUP(free) int64_t *slots = mem_array(files->count + 1, sizeof *slots);
    struct hashing hashing = {.files = files, .slots = slots, .cache = cache, .root = root};
    struct timespec now = stat_cache_clock();
    int status = run_passes(&hashing, threads, err);
    if (status == 0 && cache)
        remember(cache, &hashing, now);
    free(hashing.misses.items);
    return status == 0 ? hash_folders(files, root, cache, threads, err) : -1;
}

static int hash_folder(struct file_entry *entry, int root, struct stat_cache *cache, size_t threads, struct error *err)
{
    CLEANUP(fd) int fd = openat(root, entry->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot open the folder '%s'", entry->path);
    CLEANUP(file_list) struct file_list below = {0};
    if (tree_list_fd(&below, fd, err) != 0 || hash_below(&below, fd, cache, threads, err) != 0)
        return error_context(err, "'%s'", entry->path);
    entry->size = 0;
    entry->executable = false;
    for (size_t i = 0; i < below.count; i++)
        entry->size += below.items[i].size;
    return tree_digest(&entry->sha256, &below, "", err);
}

int tree_hash(struct file_list *files, const char *root, struct stat_cache *cache, size_t threads, struct error *err)
{
    CLEANUP(fd) int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot open the folder '%s'", root);
    return hash_below(files, fd, cache, threads, err);
}

// The three characters that sha256sum escapes.
static void put_escaped(struct buf *out, const char *path)
{
    for (;;) {
        size_t plain = strcspn(path, "\\\n\r");
        buf_append(out, path, plain);
        path += plain;
        if (!*path)
            return;
        buf_puts(out, *path == '\\' ? "\\\\" : *path == '\n' ? "\\n" : "\\r");
        path++;
    }
}

static void put_line(struct buf *out, const struct file_entry *file, const char *path)
{
    char hex[65];
    digest_hex(hex, &file->sha256);
    if (path[strcspn(path, "\\\n\r")])
        buf_putc(out, '\\');
    if (file->kind == FILE_SYMLINK) {
        buf_puts(out, "SYMLINK (");
        put_escaped(out, path);
        buf_printf(out, ") = %s\n", hex);
    } else {
        buf_append(out, hex, 64);
        buf_append(out, "  ", 2);
        put_escaped(out, path);
        buf_putc(out, '\n');
    }
}

// The path below the prefix, or NULL for a file elsewhere.
static const char *below_prefix(const char *path, const char *prefix, size_t len)
{
    if (len == 0)
        return path;
    return strncmp(path, prefix, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

int tree_digest(struct digest *out, const struct file_list *files, const char *prefix, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, err) != 0)
        return -1;
    digester_begin(digester);
    size_t len = strlen(prefix);
    while (len > 0 && prefix[len - 1] == '/')
        len--;
    CLEANUP(buf) struct buf lines = {0};
    for (size_t i = 1; i < files->count; i++)
        if (strcmp(files->items[i - 1].path, files->items[i].path) >= 0)
            return error_set(err, ERROR_MACHINE, "the list of files is not sorted at '%s'", files->items[i].path);
    for (int links = 0; links <= 1; links++) {
        for (size_t i = 0; i < files->count; i++) {
            const struct file_entry *file = &files->items[i];
            const char *path = below_prefix(file->path, prefix, len);
            if (path && file->kind == (links ? FILE_SYMLINK : FILE_REGULAR))
                put_line(&lines, file, path);
            if (lines.len > LINES) {
                digester_add(digester, lines.data, lines.len);
                buf_clear(&lines);
            }
        }
    }
    digester_add(digester, lines.data, lines.len);
    digester_end(digester, out);
    return 0;
}

static bool same_file(const struct file_entry *a, const struct file_entry *b)
{
    return a->kind == b->kind && a->executable == b->executable && a->size == b->size &&
           digest_equal(&a->sha256, &b->sha256);
}

static void note(struct strings *list, const struct file_entry *file)
{
    if (list)
        strings_add(list, file->path);
}

void tree_compare(const struct file_list *before, const struct file_list *after, struct strings *added,
                  struct strings *removed, struct strings *changed)
{
    size_t i = 0, j = 0;
    while (i < before->count || j < after->count) {
        const struct file_entry *a = i < before->count ? &before->items[i] : NULL;
        const struct file_entry *b = j < after->count ? &after->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : strcmp(a->path, b->path);
        if (order < 0)
            note(removed, a);
        else if (order > 0)
            note(added, b);
        else if (!same_file(a, b))
            note(changed, a);
        i += order <= 0;
        j += order >= 0;
    }
}

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

#define CHUNK      ((size_t)64)     // files a thread takes at a time
#define LARGE_FILE ((off_t)1 << 20) // taken one at a time

// What the first pass found out about one file.
struct look {
    struct stat st;
    int64_t slot; // in the cache; −1 when it must be read
};

struct hashing {
    struct file_list *files;
    struct look *looks;
    size_t *order; // files to read, large ones first
    size_t order_count, large_count;
    const struct stat_cache *cache;
    int root;
    atomic_size_t next; // the next file (first pass) or place in `order` (second) that nobody took yet
    atomic_bool failed; // somebody met an error: stop early
    struct worker *workers;
};

struct worker {
    struct error err;
    size_t index; // of the file that `err` is about
};

static int fail(struct hashing *hashing, struct worker *worker, size_t index)
{
    worker->index = index;
    atomic_store(&hashing->failed, true);
    return -1;
}

static enum file_kind kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? FILE_FOLDER : S_ISLNK(mode) ? FILE_SYMLINK : FILE_REGULAR;
}

static int look_at(struct hashing *hashing, struct worker *worker, size_t index)
{
    struct file_entry *file = &hashing->files->items[index];
    struct look *look = &hashing->looks[index];
    if (fstatat(hashing->root, file->path, &look->st, AT_SYMLINK_NOFOLLOW) != 0)
        return error_errno(&worker->err, "cannot examine '%s'", file->path);
    mode_t mode = look->st.st_mode;
    if (kind_of(mode) != file->kind || !(S_ISREG(mode) || S_ISLNK(mode) || S_ISDIR(mode)))
        return error_set(&worker->err, ERROR_MACHINE, "'%s' is no longer what it was: something else has its name",
                         file->path);
    look->slot = -1;
    file->size = (uint64_t)look->st.st_size;
    file->executable = file->kind == FILE_REGULAR && (mode & S_IXUSR);
    if (file->kind == FILE_REGULAR && hashing->cache)
        look->slot = stat_cache_find(hashing->cache, &look->st);
    if (look->slot >= 0)
        file->sha256 = *stat_cache_digest(hashing->cache, look->slot);
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

static int hash_link(struct hashing *hashing, struct digester *digester, struct file_entry *file, struct error *err)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(hashing->root, file->path, target, sizeof target);
    if (len < 0)
        return error_errno(err, "cannot read the symbolic link '%s'", file->path);
    digest_bytes(digester, &file->sha256, target, (size_t)len);
    file->size = (uint64_t)len;
    return 0;
}

static int hash_file(struct hashing *hashing, struct digester *digester, size_t index, struct error *err)
{
    struct file_entry *file = &hashing->files->items[index];
    if (file->kind == FILE_SYMLINK)
        return hash_link(hashing, digester, file, err);
    // Without O_NONBLOCK, a FIFO that took the file's place would make us wait for a writer.
    CLEANUP(fd) int fd = openat(hashing->root, file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot open '%s'", file->path);
    if (digest_stable_fd(digester, &file->sha256, &hashing->looks[index].st, fd, err) != 0)
        return error_context(err, "'%s'", file->path);
    return 0;
}

static size_t take(struct hashing *hashing, size_t *end)
{
    size_t begin = atomic_load(&hashing->next), stop;
    do {
        stop = begin < hashing->large_count ? begin + 1 : begin + CHUNK;
        if (stop > hashing->order_count)
            stop = hashing->order_count;
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
            if (hash_file(hashing, digester, hashing->order[i], &worker->err) != 0) {
                fail(hashing, worker, hashing->order[i]);
                return;
            }
        }
    }
}

static int by_size_down(const void *left, const void *right, void *context)
{
    const struct hashing *hashing = context;
    size_t i = *(const size_t *)left, j = *(const size_t *)right;
    off_t a = hashing->looks[i].st.st_size, b = hashing->looks[j].st.st_size;
    return a < b ? 1 : a > b ? -1 : i < j ? -1 : i > j;
}

static void order_reads(struct hashing *hashing)
{
    for (int large = 1; large >= 0; large--) {
        for (size_t i = 0; i < hashing->files->count; i++) {
            const struct look *look = &hashing->looks[i];
            if (look->slot < 0 && hashing->files->items[i].kind != FILE_FOLDER &&
                (look->st.st_size >= LARGE_FILE) == large)
                hashing->order[hashing->order_count++] = i;
        }
        if (large)
            hashing->large_count = hashing->order_count;
    }
    if (hashing->large_count > 1)
        qsort_r(hashing->order, hashing->large_count, sizeof *hashing->order, by_size_down, hashing);
}

// Runs one pass; of the errors that the threads met, the one about the first file is reported.
static int run_pass(struct hashing *hashing, size_t threads, pool_job job, struct error *err)
{
    CLEANUP(free) struct worker *workers = mem_array(threads, sizeof *workers);
    hashing->workers = workers;
    atomic_store(&hashing->next, 0);
    pool_run(threads, threads, job, hashing);
    struct worker *first = NULL;
    for (size_t i = 0; i < threads; i++)
        if (workers[i].err.kind != ERROR_NONE && (!first || workers[i].index < first->index))
            first = &workers[i];
    if (first)
        error_set(err, first->err.kind, "%s", first->err.message);
    for (size_t i = 0; i < threads; i++)
        error_free(&workers[i].err);
    return first ? -1 : 0;
}

// Tells the cache what was of use and what is new.
static void remember(struct stat_cache *cache, const struct hashing *hashing, struct timespec now)
{
    for (size_t i = 0; i < hashing->files->count; i++) {
        const struct look *look = &hashing->looks[i];
        if (look->slot >= 0)
            stat_cache_used(cache, look->slot);
        else if (hashing->files->items[i].kind == FILE_REGULAR)
            stat_cache_add(cache, &look->st, &hashing->files->items[i].sha256, now);
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

static int hash_below(struct file_list *files, int root, struct stat_cache *cache, size_t threads, struct error *err)
{
    CLEANUP(free) struct look *looks = mem_array(files->count + 1, sizeof *looks);
    CLEANUP(free) size_t *order = mem_array(files->count + 1, sizeof *order);
    struct hashing hashing = {.files = files, .looks = looks, .order = order, .cache = cache, .root = root};
    struct timespec now = stat_cache_clock();
    if (run_pass(&hashing, useful_threads(threads, (files->count + CHUNK - 1) / CHUNK), look_job, err) != 0)
        return -1;
    order_reads(&hashing);
    if (hashing.order_count > 0 && run_pass(&hashing, useful_threads(threads, hashing.order_count), hash_job, err) != 0)
        return -1;
    if (cache)
        remember(cache, &hashing, now);
    return hash_folders(files, root, cache, threads, err);
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
static void escape(struct buf *out, const char *path)
{
    for (; *path; path++) {
        const char *as = *path == '\\' ? "\\\\" : *path == '\n' ? "\\n" : *path == '\r' ? "\\r" : NULL;
        if (as)
            buf_puts(out, as);
        else
            buf_putc(out, *path);
    }
}

static void digest_line(struct digester *digester, struct buf *line, const struct file_entry *file, const char *path)
{
    char hex[65];
    digest_hex(hex, &file->sha256);
    if (strpbrk(path, "\\\n\r"))
        buf_putc(line, '\\');
    buf_puts(line, file->kind == FILE_SYMLINK ? "SYMLINK (" : hex);
    buf_puts(line, file->kind == FILE_SYMLINK ? "" : "  ");
    escape(line, path);
    if (file->kind == FILE_SYMLINK)
        buf_printf(line, ") = %s", hex);
    buf_putc(line, '\n');
    digester_add(digester, line->data, line->len);
    buf_clear(line);
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
    CLEANUP(buf) struct buf line = {0};
    for (size_t i = 1; i < files->count; i++)
        if (strcmp(files->items[i - 1].path, files->items[i].path) >= 0)
            return error_set(err, ERROR_MACHINE, "the list of files is not sorted at '%s'", files->items[i].path);
    for (int links = 0; links <= 1; links++) {
        for (size_t i = 0; i < files->count; i++) {
            const struct file_entry *file = &files->items[i];
            const char *path = below_prefix(file->path, prefix, len);
            if (path && file->kind == (links ? FILE_SYMLINK : FILE_REGULAR))
                digest_line(digester, &line, file, path);
        }
    }
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

// SPDX-License-Identifier: Apache-2.0
#include "drift/log_files.h"

#include "base/fs.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { TRIES = 8 };

// O_NONBLOCK: a named pipe beside the log must not hang us.
#define FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

// The age of a name: what follows the log's own, without ".gz".
struct age {
    char *name;
    bool dated;
    unsigned long number; // of a numbered one; 0: the log itself
    const char *stamp;    // of a dated one, in `name`
    size_t stamp_len;
};
struct ages {
    struct age *items;
    size_t count, capacity;
};

static void ages_free(struct ages *ages)
{
    for (size_t i = 0; i < ages->count; i++)
        free(ages->items[i].name);
    free(ages->items);
}
DEFINE_CLEANUP_VALUE(ages)

static bool read_age(struct age *out, const char *name, const char *log)
{
    size_t len = strlen(log), rest;
    if (strncmp(name, log, len) != 0)
        return false;
    const char *suffix = name + len;
    rest = strlen(suffix);
    if (rest == 0)
        return true;
    if (rest > 3 && strcmp(suffix + rest - 3, ".gz") == 0)
        rest -= 3;
    if ((*suffix != '.' && *suffix != '-') || rest < 2)
        return false;
    size_t digits = strspn(suffix + 1, "0123456789"), stamp = strspn(suffix + 1, "0123456789-_.:T");
    if (*suffix == '.' && digits == rest - 1 && digits <= 6) {
        out->number = strtoul(suffix + 1, NULL, 10);
        return out->number > 0;
    }
    out->dated = true;
    out->stamp = suffix + 1;
    out->stamp_len = rest - 1;
    return stamp >= rest - 1 && digits >= 4 && rest > 8;
}

// Oldest first. Of a file and its compressed copy the former comes later: it is the one that is kept.
static int by_age(const void *a, const void *b)
{
    const struct age *x = a, *y = b;
    if (x->dated != y->dated)
        return x->dated ? -1 : 1;
    if (!x->dated && x->number != y->number)
        return x->number > y->number ? -1 : 1;
    size_t len = x->stamp_len < y->stamp_len ? x->stamp_len : y->stamp_len;
    int order = x->dated ? memcmp(x->stamp, y->stamp, len) : 0;
    if (order == 0 && x->stamp_len != y->stamp_len)
        order = x->stamp_len < y->stamp_len ? -1 : 1;
    return order != 0 ? order : strcmp(y->name, x->name);
}

static bool same_age(const struct age *a, const struct age *b)
{
    return a->dated == b->dated && a->number == b->number && a->stamp_len == b->stamp_len &&
           (!a->dated || memcmp(a->stamp, b->stamp, a->stamp_len) == 0);
}

static int list(struct ages *out, int folder, const char *log, struct error *err)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (!entries) {
        error_errno(err, "cannot list the folder of '%s'", log);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct age age = {.name = str_dup(entry->d_name)};
        if (!read_age(&age, age.name, log)) {
            free(age.name);
            continue;
        }
        out->items = mem_grow(out->items, out->count, &out->capacity, sizeof *out->items);
        out->items[out->count++] = age;
    }
    closedir(entries);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, by_age);
    return 0;
}

// 0 also for one that is gone, or is no regular file: what is meant to be read is looked for at the end.
static int open_one(struct log_files *out, int folder, const char *name, bool follow, struct error *err)
{
    struct stat st;
    CLEANUP(fd) int fd = openat(folder, name, FLAGS | (follow ? 0 : O_NOFOLLOW));
    if (fd < 0 && (errno == ENOENT || errno == ELOOP))
        return 0;
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_errno(err, "cannot open '%s'", name);
    if (!S_ISREG(st.st_mode))
        return 0;
    out->items = mem_grow(out->items, out->count, &out->capacity, sizeof *out->items);
    out->items[out->count++] =
        (struct log_file){.name = str_dup(name), .fd = steal_fd(&fd), .size = (uint64_t)st.st_size};
    return 0;
}

// Whether the names still lead to the files that were opened.
static bool is_still(const struct log_files *files, int folder, bool follow)
{
    for (size_t i = 0; i < files->count; i++) {
        struct stat now, open;
        if (fstatat(folder, files->items[i].name, &now, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0 ||
            fstat(files->items[i].fd, &open) != 0 || now.st_ino != open.st_ino || now.st_dev != open.st_dev)
            return false;
    }
    return true;
}

static int open_all(struct log_files *out, int folder, const char *log, bool follow, struct error *err)
{
    CLEANUP(ages) struct ages ages = {0};
    if (list(&ages, folder, log, err) < 0)
        return -1;
    size_t kept = 0;
    for (size_t i = 0; i < ages.count; i++)
        kept += i + 1 == ages.count || !same_age(&ages.items[i], &ages.items[i + 1]);
    for (size_t i = 0; i < ages.count; i++) {
        if (i + 1 < ages.count && same_age(&ages.items[i], &ages.items[i + 1]))
            continue;
        if (kept > LOG_FILES_MOST)
            out->left_out++;
        else if (open_one(out, folder, ages.items[i].name, follow, err) < 0)
            return -1;
        kept--;
    }
    return 0;
}

static int open_folder(const char *folder, const char *path)
{
    CLEANUP(free) char *parent = fs_dirname(path);
    if (!folder)
        return open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const char *end; at >= 0 && (end = strchr(path, '/')); path = end + 1) {
        CLEANUP(free) char *part = str_ndup(path, (size_t)(end - path));
        int next = openat(at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int cause = errno;
        close(at);
        at = next;
        errno = cause;
    }
    return at;
}

int log_files_open(struct log_files *out, const char *folder, const char *path, struct error *err)
{
    const char *log = fs_basename(path);
    *out = (struct log_files){0};
    if (!*log || (folder && !fs_is_inside(path)))
        return error_set(err, ERROR_USAGE, "'%s' is no file that can be read", path);
    CLEANUP(fd) int at = open_folder(folder, path);
    if (at < 0 && errno != ENOENT && errno != ENOTDIR)
        return error_errno(err, "cannot open the folder of '%s'", path);
    for (int tries = 0; at >= 0 && tries < TRIES; tries++) {
        log_files_free(out);
        if (open_all(out, at, log, !folder, err) < 0)
            return error_context(err, "%s", path);
        if (is_still(out, at, !folder))
            break;
    }
    if (out->count > 0)
        return 0;
    struct stat st;
    if (at >= 0 && fstatat(at, log, &st, folder ? AT_SYMLINK_NOFOLLOW : 0) == 0 && fs_check_regular(path, &st, err) < 0)
        return -1;
    return error_set(err, ERROR_USAGE, "there is no log '%s'", path);
}

void log_files_free(struct log_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].name);
        close(files->items[i].fd);
    }
    free(files->items);
    *files = (struct log_files){0};
}

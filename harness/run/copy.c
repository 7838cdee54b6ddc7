// SPDX-License-Identifier: Apache-2.0
#include "run/copy.h"

#include "base/fs.h"
#include "base/pool.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 64 }; // files a job: enough to make taking one cheap, few enough to keep all threads busy

struct copying {
    const char *from, *to;
    struct copy *copy;
    struct error *errors; // one a job
    struct error *err;    // of the walk
};

bool copy_leaves_out(const char *path)
{
    return strcmp(path, ".git") == 0 || str_starts(path, ".git/") || strcmp(path, ".repro") == 0 ||
           str_starts(path, ".repro/");
}

static enum fs_visit note_item(const char *path, const struct stat *st, void *context)
{
    struct copying *copying = context;
    struct copy *copy = copying->copy;
    if (copy_leaves_out(path))
        return FS_SKIP;
    struct copy_item item = {.mode = st->st_mode, .modified = st->st_mtim};
    if (S_ISDIR(st->st_mode)) {
        CLEANUP(free) char *folder = fs_join(copying->to, path);
        if (mkdir(folder, 0700) != 0) {
            error_errno(copying->err, "cannot make folder '%s'", folder);
            return FS_STOP;
        }
        item.path = str_dup(path);
        copy->folders = mem_grow(copy->folders, copy->folder_count, &copy->folder_capacity, sizeof item);
        copy->folders[copy->folder_count++] = item;
    } else if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode)) {
        item.path = str_dup(path);
        copy->files = mem_grow(copy->files, copy->file_count, &copy->file_capacity, sizeof item);
        copy->files[copy->file_count++] = item;
    }
    return FS_CONTINUE;
}

static int copy_link(const char *from, const char *to, const struct timespec *modified, struct error *err)
{
    char target[4097];
    ssize_t len = readlink(from, target, sizeof target - 1);
    if (len < 0)
        return error_errno(err, "cannot read the link '%s'", from);
    target[len] = '\0';
    if (symlink(target, to) != 0)
        return error_errno(err, "cannot make the link '%s'", to);
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, *modified};
    utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW); // a link's time means little: not worth failing for
    return 0;
}

static int copy_item(const struct copying *copying, struct copy_item *item, struct error *err)
{
    CLEANUP(free) char *from = fs_join(copying->from, item->path);
    CLEANUP(free) char *to = fs_join(copying->to, item->path);
    errno = 0; // what is not a failing system call must not look like one
    int failed = S_ISLNK(item->mode) ? copy_link(from, to, &item->modified, err) : fs_copy_file(from, to, err);
    if (!failed)
        return lstat(to, &item->stood) != 0 ? error_errno(err, "cannot look at '%s'", to) : 0;
    if (errno != ENOENT)
        return -1;
    // It went away since it was listed, as temporary files do: then it is not part of what is copied.
    error_free(err);
    unlink(to);
    free(steal(&item->path));
    return 0;
}

static void copy_batch(size_t index, void *context)
{
    struct copying *copying = context;
    size_t end = (index + 1) * BATCH < copying->copy->file_count ? (index + 1) * BATCH : copying->copy->file_count;
    for (size_t i = index * BATCH; i < end; i++)
        if (copy_item(copying, &copying->copy->files[i], &copying->errors[index]) != 0)
            return;
}

// One file tells for all: they lie on the same file system, and if not, they are copied.
static int try_clone(struct copying *copying, struct error *err)
{
    const struct copy_item *item = NULL;
    for (size_t i = 0; i < copying->copy->file_count && !item; i++)
        if (S_ISREG(copying->copy->files[i].mode))
            item = &copying->copy->files[i];
    if (!item)
        return 0;
    CLEANUP(free) char *from = fs_join(copying->from, item->path);
    CLEANUP(free) char *to = fs_join(copying->to, item->path);
    return fs_clone_file(&copying->copy->cloned, from, to, err);
}

static void forget_vanished(struct copy *copy)
{
    size_t kept = 0;
    for (size_t i = 0; i < copy->file_count; i++)
        if (copy->files[i].path)
            copy->files[kept++] = copy->files[i];
    copy->file_count = kept;
}

static int copy_files(struct copying *copying, struct error *err)
{
    size_t batches = (copying->copy->file_count + BATCH - 1) / BATCH;
    copying->errors = mem_array(batches + 1, sizeof *copying->errors);
    pool_run(0, batches, copy_batch, copying);
    int failed = 0;
    for (size_t i = 0; i < batches; i++) {
        if (copying->errors[i].kind != ERROR_NONE && !failed)
            failed = error_set(err, copying->errors[i].kind, "%s", copying->errors[i].message);
        error_free(&copying->errors[i]);
    }
    free(copying->errors);
    forget_vanished(copying->copy);
    return failed;
}

// From the innermost: setting a folder's time comes after its contents, taking its rights away after everything.
static int finish_folders(const struct copying *copying, struct error *err)
{
    for (size_t i = copying->copy->folder_count; i-- > 0;) {
        const struct copy_item *item = &copying->copy->folders[i];
        CLEANUP(free) char *folder = fs_join(copying->to, item->path);
        const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, item->modified};
        if (chmod(folder, item->mode & 0777) != 0 || utimensat(AT_FDCWD, folder, times, 0) != 0)
            return error_errno(err, "cannot finish folder '%s'", folder);
    }
    return 0;
}

int copy_folder(struct copy **out, const char *from, const char *to, bool only_clone, struct error *err)
{
    CLEANUP(copy) struct copy *copy = mem_alloc(sizeof *copy);
    struct copying copying = {.from = from, .to = to, .copy = copy, .err = err};
    if (fs_mkdirs(to, err) != 0 || fs_walk(from, note_item, &copying, err) != 0 || err->kind != ERROR_NONE ||
        try_clone(&copying, err) != 0)
        return -1;
    if (only_clone && !copy->cloned)
        return error_set(err, ERROR_MACHINE, "cannot share the blocks of '%s': the file system has no reflinks", from);
    if (copy_files(&copying, err) != 0 || finish_folders(&copying, err) != 0)
        return -1;
    struct stat top;
    if (stat(from, &top) == 0)
        chmod(to, (top.st_mode & 0777) | 0700);
    *out = steal(&copy);
    return 0;
}

struct copy_item *copy_find(const struct copy *copy, const char *path)
{
    size_t low = 0, high = copy->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, copy->files[middle].path);
        if (order == 0)
            return &copy->files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool copy_is_changed(const struct copy_item *item, const struct stat *now)
{
    const struct stat *then = &item->stood;
    return then->st_ino != now->st_ino || then->st_size != now->st_size || then->st_mode != now->st_mode ||
           !same_time(&then->st_mtim, &now->st_mtim) || !same_time(&then->st_ctim, &now->st_ctim);
}

void copy_free(struct copy *copy)
{
    if (!copy)
        return;
    for (size_t i = 0; i < copy->file_count; i++)
        free(copy->files[i].path);
    for (size_t i = 0; i < copy->folder_count; i++)
        free(copy->folders[i].path);
    free(copy->files);
    free(copy->folders);
    free(copy);
}

// SPDX-License-Identifier: Apache-2.0
//
// A folder is visited where its name sorts, and entered where its name with '/' behind it sorts; between the two may
// stand others ("a", "a-b", "a/b"). So each folder's entries become steps, two for a folder among them, and the steps
// are sorted. There is no recursion, and only the innermost folders are held open: deeper trees than that are climbed
// with "..", which must lead back to the very folder that we came from.
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { HELD_OPEN = 64 };

struct entry {
    struct stat st;
    char *name;
    size_t len;
    bool skip;
};

struct step {
    struct entry *entry;
    bool enter; // sorts as if the name ended in '/'
};

struct level {
    int fd; // −1 while it is not held open
    dev_t dev;
    ino_t ino;
    size_t path_len; // of the path of this folder, with '/' behind it; 0 for the root
    struct entry *entries;
    struct step *steps;
    size_t count;
    size_t step_count, next;
};

struct walk {
    const char *root;
    struct buf path;
    struct level *levels;
    size_t depth, capacity;
    fs_visitor visit;
    void *context;
};

static int compare_steps(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    size_t shorter = x->entry->len < y->entry->len ? x->entry->len : y->entry->len;
    int order = memcmp(x->entry->name, y->entry->name, shorter);
    if (order)
        return order;
    // One name begins the other: what follows decides, '/' for a folder to enter and nothing otherwise.
    unsigned char p = (unsigned char)x->entry->name[shorter], q = (unsigned char)y->entry->name[shorter];
    p = p == 0 && x->enter ? '/' : p;
    q = q == 0 && y->enter ? '/' : q;
    return p - q;
}

static int fail(const struct walk *walk, const char *what, struct error *err)
{
    CLEANUP(free) char *path = fs_join(walk->root, buf_text(&walk->path));
    return error_errno(err, "cannot %s '%s'", what, path);
}

static void free_level(struct level *level)
{
    if (level->fd >= 0)
        close(level->fd);
    for (size_t i = 0; i < level->count; i++)
        free(level->entries[i].name);
    free(level->entries);
    free(level->steps);
}

static int read_entries(struct level *level, DIR *folder, size_t *folders)
{
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        const struct dirent *item = readdir(folder);
        if (!item)
            return errno ? -1 : 0;
        const char *name = item->d_name;
        if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
            continue;
        level->entries = mem_grow(level->entries, level->count, &capacity, sizeof *level->entries);
        struct entry *entry = &level->entries[level->count];
        if (fstatat(level->fd, name, &entry->st, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno == ENOENT)
                continue; // gone since it was listed
            return -1;
        }
        entry->len = strlen(name);
        entry->name = mem_copy(name, entry->len + 1);
        entry->skip = false;
        level->count++;
        *folders += S_ISDIR(entry->st.st_mode);
    }
}

// Reads the folder of `level`, whose descriptor is open, and plans its steps.
static int plan(struct level *level)
{
    struct stat st;
    int twin = fcntl(level->fd, F_DUPFD_CLOEXEC, 0);
    DIR *folder = twin >= 0 ? fdopendir(twin) : NULL;
    if (!folder) {
        if (twin >= 0)
            close(twin);
        return -1;
    }
    size_t folders = 0;
    int rc = fstat(level->fd, &st) < 0 ? -1 : read_entries(level, folder, &folders);
    int code = errno;
    closedir(folder);
    errno = code;
    if (rc < 0)
        return -1;
    level->dev = st.st_dev;
    level->ino = st.st_ino;
    level->steps = mem_array(level->count + folders, sizeof *level->steps);
    for (size_t i = 0; i < level->count; i++) {
        level->steps[level->step_count++] = (struct step){&level->entries[i], false};
        if (S_ISDIR(level->entries[i].st.st_mode))
            level->steps[level->step_count++] = (struct step){&level->entries[i], true};
    }
    if (level->step_count > 1)
        qsort(level->steps, level->step_count, sizeof *level->steps, compare_steps);
    return 0;
}

static int enter(struct walk *walk, int parent, const char *name, struct error *err)
{
    // The root may be reached through a symbolic link, what lies below may not.
    int nofollow = walk->depth ? O_NOFOLLOW : 0;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | nofollow);
    if (fd < 0)
        return fail(walk, "open the folder", err);
    walk->levels = mem_grow(walk->levels, walk->depth, &walk->capacity, sizeof *walk->levels);
    struct level *level = &walk->levels[walk->depth++];
    *level = (struct level){.fd = fd};
    if (walk->depth > HELD_OPEN) {
        struct level *far = &walk->levels[walk->depth - HELD_OPEN - 1];
        if (far->fd >= 0)
            close(far->fd);
        far->fd = -1;
    }
    if (plan(level) < 0)
        return fail(walk, "read the folder", err);
    if (walk->path.len)
        buf_putc(&walk->path, '/');
    level->path_len = walk->path.len;
    return 0;
}

static int leave(struct walk *walk, struct error *err)
{
    struct level *level = &walk->levels[walk->depth - 1];
    if (walk->path.data)
        walk->path.data[walk->path.len = level->path_len] = '\0';
    if (walk->depth > 1 && level[-1].fd < 0) {
        struct level *up = &level[-1];
        struct stat st;
        up->fd = openat(level->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (up->fd < 0 || fstat(up->fd, &st) < 0)
            return fail(walk, "go back from the folder", err);
        if (st.st_dev != up->dev || st.st_ino != up->ino) {
            CLEANUP(free) char *path = fs_join(walk->root, buf_text(&walk->path));
            return error_set(err, ERROR_MACHINE, "the folder '%s' was moved while it was read", path);
        }
    }
    free_level(level);
    walk->depth--;
    return 0;
}

// One step of the innermost folder.
static int advance(struct walk *walk, bool *stop, struct error *err)
{
    struct level *level = &walk->levels[walk->depth - 1];
    struct step *step = &level->steps[level->next++];
    struct entry *entry = step->entry;
    walk->path.len = level->path_len;
    if (step->enter && entry->skip)
        return 0;
    buf_append(&walk->path, entry->name, entry->len);
    if (step->enter)
        return enter(walk, level->fd, entry->name, err);
    enum fs_visit answer = walk->visit(walk->path.data, &entry->st, walk->context);
    entry->skip = answer == FS_SKIP;
    *stop = answer == FS_STOP;
    return 0;
}

int fs_walk(const char *root, fs_visitor visit, void *context, struct error *err)
{
    struct walk walk = {.root = root, .visit = visit, .context = context};
    bool stop = false;
    int rc = enter(&walk, AT_FDCWD, root, err);
    while (rc == 0 && !stop && walk.depth) {
        const struct level *level = &walk.levels[walk.depth - 1];
        rc = level->next < level->step_count ? advance(&walk, &stop, err) : leave(&walk, err);
    }
    while (walk.depth)
        free_level(&walk.levels[--walk.depth]);
    free(walk.levels);
    buf_free(&walk.path);
    return rc;
}

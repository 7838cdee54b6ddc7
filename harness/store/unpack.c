// SPDX-License-Identifier: Apache-2.0
#include "store/unpack.h"

#include "base/fs.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH ((size_t)4000)
#define MAX_NAME ((size_t)255)

struct unpack {
    char *folder;
    int root;
    bool made; // the folder was not there before
    bool finished;
    struct pairs links; // path → target
    char *last_parent;  // the folder of the last file, and its descriptor: files come folder by folder
    int last_fd;
};

const char *unpack_path_fault(const char *path)
{
    size_t len = strlen(path);
    if (len == 0)
        return "has no name";
    if (*path == '/')
        return "has an absolute path";
    if (len > MAX_PATH)
        return "has too long a path";
    for (const char *part = path; *part;) {
        size_t size = strcspn(part, "/");
        if (size == 2 && strncmp(part, "..", 2) == 0)
            return "leads out of its folder";
        if (size == 0 || (size == 1 && *part == '.') || (part[size] == '/' && part[size + 1] == '\0'))
            return "has an empty part in its path";
        if (size > MAX_NAME)
            return "has too long a name";
        if (size == 4 && strncasecmp(part, ".git", 4) == 0)
            return "would become part of a git repository";
        part += size + (part[size] == '/');
    }
    return NULL;
}

const char *unpack_link_fault(const char *path, const char *target)
{
    if (*target == '\0')
        return "leads nowhere";
    if (*target == '/')
        return "leads to an absolute path";
    if (strlen(target) > MAX_PATH)
        return "has too long a target";
    size_t depth = 0;
    for (const char *at = path; (at = strchr(at, '/')); at++)
        depth++;
    bool named = false;
    for (const char *part = target; *part;) {
        size_t size = strcspn(part, "/");
        bool up = size == 2 && strncmp(part, "..", 2) == 0;
        if (up && (named || depth-- == 0))
            return "leads out of its folder";
        named = named || !(up || size == 0 || (size == 1 && *part == '.'));
        part += size + (part[size] == '/');
    }
    return NULL;
}

static int is_empty(bool *out, int folder, const char *path, struct error *err)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return error_errno(err, "cannot read the folder '%s'", path);
    }
    *out = true;
    for (const struct dirent *entry; *out && (entry = readdir(dir));)
        *out = str_equal(entry->d_name, ".") || str_equal(entry->d_name, "..");
    closedir(dir);
    return 0;
}

int unpack_open(struct unpack **out, const char *folder, struct error *err)
{
    bool made = !fs_exists(folder), empty = false;
    if (made && fs_mkdirs(folder, err) != 0)
        return -1;
    CLEANUP(fd) int root = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (root < 0)
        return error_errno(err, "cannot open the folder '%s'", folder);
    if (is_empty(&empty, root, folder, err) != 0)
        return -1;
    if (!empty)
        return error_set(err, ERROR_MACHINE, "cannot unpack into '%s': the folder is not empty", folder);
    struct unpack *unpack = mem_alloc(sizeof *unpack);
    unpack->folder = str_dup(folder);
    unpack->root = steal_fd(&root);
    unpack->made = made;
    unpack->last_fd = -1;
    *out = unpack;
    return 0;
}

void unpack_free(struct unpack *unpack)
{
    if (!unpack)
        return;
    cleanup_fd(&unpack->last_fd);
    cleanup_fd(&unpack->root);
    if (!unpack->finished) {
        struct error ignored = {0}; // the caller has an error to report already: this one would hide it
        fs_remove_tree(unpack->folder, &ignored);
        if (!unpack->made)
            mkdir(unpack->folder, 0755);
        error_free(&ignored);
    }
    pairs_free(&unpack->links);
    free(unpack->last_parent);
    free(unpack->folder);
    free(unpack);
}

static int step_into(int *fd, int parent, const char *name, const char *path, struct error *err)
{
    if (mkdirat(parent, name, 0755) != 0 && errno != EEXIST)
        return error_errno(err, "cannot make the folder of '%s'", path);
    *fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOTDIR || errno == ELOOP))
        return error_set(err, ERROR_USAGE, "'%s' lies below a name that is not a folder", path);
    return *fd < 0 ? error_errno(err, "cannot open the folder of '%s'", path) : 0;
}

// *fd: the folder of the first `len` bytes of `path`, borrowed until the next call.
static int open_parent(struct unpack *unpack, int *fd, const char *path, size_t len, struct error *err)
{
    if (unpack->last_fd >= 0 && strlen(unpack->last_parent) == len && strncmp(unpack->last_parent, path, len) == 0) {
        *fd = unpack->last_fd;
        return 0;
    }
    CLEANUP(fd) int at = openat(unpack->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return error_errno(err, "cannot open the folder '%s'", unpack->folder);
    CLEANUP(free) char *parent = str_ndup(path, len);
    char *rest = NULL;
    for (char *name = strtok_r(parent, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
        int next = -1;
        if (step_into(&next, at, name, path, err) != 0)
            return -1;
        close(at);
        at = next;
    }
    cleanup_fd(&unpack->last_fd);
    free(unpack->last_parent);
    unpack->last_parent = str_ndup(path, len);
    *fd = unpack->last_fd = steal_fd(&at);
    return 0;
}

static int refuse(const char *path, const char *fault, struct error *err)
{
    return error_set(err, ERROR_USAGE, "'%s' %s", path, fault);
}

// *fd is the folder in which the last part of `path`, *name, is to be made.
static int begin(struct unpack *unpack, int *fd, const char **name, const char *path, struct error *err)
{
    const char *fault = unpack_path_fault(path);
    if (fault)
        return refuse(path, fault, err);
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    return open_parent(unpack, fd, path, slash ? (size_t)(slash - path) : 0, err);
}

int unpack_file(struct unpack *unpack, int *fd, const char *path, bool executable, struct error *err)
{
    int parent;
    const char *name = NULL;
    if (begin(unpack, &parent, &name, path, err) != 0)
        return -1;
    *fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0755 : 0644);
    if (*fd < 0 && errno == EEXIST)
        return refuse(path, "comes twice", err);
    return *fd < 0 ? error_errno(err, "cannot make '%s'", path) : 0;
}

int unpack_folder(struct unpack *unpack, const char *path, struct error *err)
{
    const char *fault = unpack_path_fault(path);
    int fd;
    return fault ? refuse(path, fault, err) : open_parent(unpack, &fd, path, strlen(path), err);
}

int unpack_link(struct unpack *unpack, const char *path, const char *target, struct error *err)
{
    const char *fault = unpack_path_fault(path);
    if (fault)
        return refuse(path, fault, err);
    // Not pairs_set, whose search for an equal name takes a time that grows with the square.
    struct pairs *links = &unpack->links;
    links->items = mem_grow(links->items, links->count, &links->capacity, sizeof *links->items);
    links->items[links->count++] = (struct pair){.name = str_dup(path), .value = str_dup(target)};
    return 0;
}

int unpack_finish(struct unpack *unpack, struct error *err)
{
    for (size_t i = 0; i < unpack->links.count; i++) {
        const struct pair *link = &unpack->links.items[i];
        int parent;
        const char *name = NULL;
        if (begin(unpack, &parent, &name, link->name, err) != 0)
            return -1;
        if (symlinkat(link->value, parent, name) != 0) {
            if (errno == EEXIST)
                return refuse(link->name, "comes twice", err);
            return error_errno(err, "cannot make the symbolic link '%s'", link->name);
        }
    }
    unpack->finished = true;
    return 0;
}

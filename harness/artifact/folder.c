// SPDX-License-Identifier: Apache-2.0
#include "artifact/folder.h"

#include "artifact/contents.h"
#include "base/fs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct artifact_format folder_format = {"folder", NULL, NULL};

struct folder {
    struct contents *contents;
    const char *root;
    struct error *err;
    bool failed;
};

static int add_link(struct folder *folder, const char *path)
{
    CLEANUP(free) char *whole = fs_join(folder->root, path);
    char target[4096];
    ssize_t len = readlink(whole, target, sizeof target);
    if (len < 0)
        return error_errno(folder->err, "cannot read the symbolic link '%s'", whole);
    struct value *value = contents_add(folder->contents, path, "", VALUE_TEXT, folder->err);
    if (!value)
        return -1;
    value->bytes = contents_keep(folder->contents, mem_copy(target, (size_t)len), (size_t)len);
    value->size = (uint64_t)len;
    return 0;
}

static int add(struct folder *folder, const char *path, const struct stat *st)
{
    if (S_ISLNK(st->st_mode))
        return add_link(folder, path);
    struct artifact_file file;
    if (contents_map(folder->contents, &file, folder->root, path, folder->err) != 0)
        return -1;
    file.depth = 1;
    return contents_read(folder->contents, &file, path, folder->err);
}

static enum fs_visit visit(const char *path, const struct stat *st, void *context)
{
    struct folder *folder = context;
    if (S_ISDIR(st->st_mode)) {
        if (strcmp(fs_basename(path), ".git") != 0)
            return FS_CONTINUE;
        contents_leave_out(folder->contents, ".git");
        return FS_SKIP;
    }
    folder->failed = add(folder, path, st) != 0;
    return folder->failed ? FS_STOP : FS_CONTINUE;
}

int folder_read(struct contents *out, const char *path, struct error *err)
{
    struct folder folder = {.contents = out, .root = path, .err = err};
    out->format = &folder_format;
    if (fs_walk(path, visit, &folder, err) != 0 || folder.failed)
        return -1;
    return 0;
}

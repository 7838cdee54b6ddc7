// SPDX-License-Identifier: Apache-2.0
#include "run/workspace.h"

#include "run/copy.h"
#include "run/layer.h"

#include "base/fs.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct workspace {
    enum workspace_kind kind;
    char *source;
    char *upper, *work, *copied, *home, *tmp;
    struct copy *copy;
};

const char *workspace_kind_name(enum workspace_kind kind)
{
    switch (kind) {
    case WORKSPACE_AUTO:
        return "auto";
    case WORKSPACE_OVERLAY:
        return "overlay";
    case WORKSPACE_REFLINK:
        return "reflink";
    case WORKSPACE_COPY:
        return "copy";
    }
    return "copy";
}

// The view's top folder takes its rights and its owner from the upper layer.
static int make_layers(struct workspace *workspace, struct error *err)
{
    struct stat st;
    if (fs_mkdirs(workspace->upper, err) != 0 || fs_mkdirs(workspace->work, err) != 0)
        return -1;
    if (stat(workspace->source, &st) != 0)
        return error_errno(err, "cannot open '%s'", workspace->source);
    if (geteuid() == 0 && chown(workspace->upper, st.st_uid, st.st_gid) != 0)
        return error_errno(err, "cannot give '%s' the owner of '%s'", workspace->upper, workspace->source);
    return chmod(workspace->upper, st.st_mode & 0777) != 0
               ? error_errno(err, "cannot set the rights of '%s'", workspace->upper)
               : 0;
}

static int make_copy(struct workspace *workspace, enum workspace_kind wanted, struct error *err)
{
    if (copy_folder(&workspace->copy, workspace->source, workspace->copied, wanted == WORKSPACE_REFLINK, err) != 0)
        return -1;
    workspace->kind = workspace->copy->cloned && wanted != WORKSPACE_COPY ? WORKSPACE_REFLINK : WORKSPACE_COPY;
    return 0;
}

static int fill(struct workspace *workspace, const struct workspace_options *options, struct error *err)
{
    if (!fs_is_folder(options->source))
        return error_set(err, ERROR_MACHINE, "cannot open '%s': it is not a folder", options->source);
    if (fs_mkdirs(workspace->home, err) != 0 || fs_mkdirs(workspace->tmp, err) != 0)
        return -1;
    bool overlay = options->kind == WORKSPACE_OVERLAY ||
                   (options->kind == WORKSPACE_AUTO && options->overlay && !layer_has_mounts_below(options->source));
    if (!overlay)
        return make_copy(workspace, options->kind, err);
    workspace->kind = WORKSPACE_OVERLAY;
    return make_layers(workspace, err);
}

int workspace_open(struct workspace **out, const struct workspace_options *options, struct error *err)
{
    CLEANUP(workspace) struct workspace *workspace = mem_alloc(sizeof *workspace);
    workspace->source = str_dup(options->source);
    workspace->upper = fs_join(options->folder, "upper");
    workspace->work = fs_join(options->folder, "work");
    workspace->copied = fs_join(options->folder, "copy");
    workspace->home = fs_join(options->folder, "home");
    workspace->tmp = fs_join(options->folder, "tmp");
    if (fill(workspace, options, err) != 0)
        return -1;
    *out = steal(&workspace);
    return 0;
}

void workspace_free(struct workspace *workspace)
{
    if (!workspace)
        return;
    char *const folders[] = {workspace->upper, workspace->work, workspace->copied, workspace->home, workspace->tmp};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        struct error ignored = {0};
        fs_remove_tree(folders[i], &ignored);
        error_free(&ignored);
        free(folders[i]);
    }
    copy_free(workspace->copy);
    free(workspace->source);
    free(workspace);
}

enum workspace_kind workspace_kind(const struct workspace *workspace)
{
    return workspace->kind;
}

const char *workspace_lower(const struct workspace *workspace)
{
    return workspace->kind == WORKSPACE_OVERLAY ? workspace->source : NULL;
}

const char *workspace_upper(const struct workspace *workspace)
{
    return workspace->kind == WORKSPACE_OVERLAY ? workspace->upper : NULL;
}

const char *workspace_work(const struct workspace *workspace)
{
    return workspace->kind == WORKSPACE_OVERLAY ? workspace->work : NULL;
}

const char *workspace_copy(const struct workspace *workspace)
{
    return workspace->kind == WORKSPACE_OVERLAY ? NULL : workspace->copied;
}

const char *workspace_home(const struct workspace *workspace)
{
    return workspace->home;
}

const char *workspace_tmp(const struct workspace *workspace)
{
    return workspace->tmp;
}

const char *workspace_outputs(const struct workspace *workspace)
{
    return workspace->kind == WORKSPACE_OVERLAY ? workspace->upper : workspace->copied;
}

// ---- what the run wrote ----

struct search {
    struct workspace *workspace;
    struct file_list *written;
    struct strings *removed;
    struct error *err;
};

// Python's bytecode caches hold times and appear by the way; what belongs to the project itself is no output either.
static bool is_no_output(const char *path)
{
    return copy_leaves_out(path) || str_ends(path, ".pyc") || strcmp(fs_basename(path), "__pycache__") == 0 ||
           str_starts(path, "__pycache__/") || strstr(path, "/__pycache__/");
}

static void add_written(struct search *search, const char *path, const struct stat *st)
{
    struct file_entry *entry = file_list_add(search->written, path);
    entry->kind = S_ISLNK(st->st_mode) ? FILE_SYMLINK : FILE_REGULAR;
    entry->executable = S_ISREG(st->st_mode) && st->st_mode & S_IXUSR;
    entry->size = (uint64_t)st->st_size;
}

// The workspace is ours: what the run made unreadable for its owner is opened, so that it can be listed and kept.
static void make_readable(const struct workspace *workspace, const char *path, const struct stat *st)
{
    mode_t needed = S_ISDIR(st->st_mode) ? 0700 : S_ISREG(st->st_mode) ? 0400 : 0;
    if ((st->st_mode & needed) == needed)
        return;
    CLEANUP(free) char *full = fs_join(workspace_outputs(workspace), path);
    chmod(full, (st->st_mode & 07777) | needed); // if it cannot be done, reading it fails and says why
}

static enum fs_visit look_at_copy(const char *path, const struct stat *st, void *context)
{
    struct search *search = context;
    if (is_no_output(path))
        return FS_SKIP;
    make_readable(search->workspace, path, st);
    if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
        return FS_CONTINUE;
    struct copy_item *item = copy_find(search->workspace->copy, path);
    if (item)
        item->seen = true;
    if (!item || copy_is_changed(item, st))
        add_written(search, path, st);
    return FS_CONTINUE;
}

// Notes the files of the lower layer at or below `path` that the upper layer does not have again.
struct loss {
    struct search *search;
    const char *path;
};

static void note_loss(struct search *search, const char *path)
{
    CLEANUP(free) char *upper = fs_join(search->workspace->upper, path);
    struct stat st;
    if (is_no_output(path) || (lstat(upper, &st) == 0 && !S_ISDIR(st.st_mode) && !layer_is_whiteout(upper, &st)))
        return;
    strings_add(search->removed, path);
}

static enum fs_visit look_at_lost(const char *path, const struct stat *st, void *context)
{
    const struct loss *loss = context;
    if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode)) {
        CLEANUP(free) char *whole = fs_join(loss->path, path);
        note_loss(loss->search, whole);
    }
    return FS_CONTINUE;
}

static void note_lost(struct search *search, const char *path)
{
    CLEANUP(free) char *lower = fs_join(search->workspace->source, path);
    struct stat st;
    if (lstat(lower, &st) != 0)
        return;
    struct loss loss = {search, path};
    if (S_ISDIR(st.st_mode))
        fs_walk(lower, look_at_lost, &loss, search->err);
    else if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
        note_loss(search, path);
}

static bool is_lower_folder(const struct search *search, const char *path)
{
    CLEANUP(free) char *lower = fs_join(search->workspace->source, path);
    struct stat st;
    return lstat(lower, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum fs_visit look_at_upper(const char *path, const struct stat *st, void *context)
{
    struct search *search = context;
    if (is_no_output(path))
        return FS_SKIP;
    CLEANUP(free) char *full = fs_join(search->workspace->upper, path);
    bool folder = S_ISDIR(st->st_mode);
    make_readable(search->workspace, path, st);
    if (layer_is_whiteout(full, st)) {
        note_lost(search, path);
    } else if (folder) {
        if (layer_is_opaque(full) || !is_lower_folder(search, path))
            note_lost(search, path);
    } else {
        if (is_lower_folder(search, path))
            note_lost(search, path);
        if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode))
            add_written(search, path, st);
    }
    return search->err->kind == ERROR_NONE ? FS_CONTINUE : FS_STOP;
}

int workspace_written(struct file_list *written, struct strings *removed, struct workspace *workspace,
                      struct error *err)
{
    struct search search = {.workspace = workspace, .written = written, .removed = removed, .err = err};
    bool overlay = workspace->kind == WORKSPACE_OVERLAY;
    if (fs_walk(workspace_outputs(workspace), overlay ? look_at_upper : look_at_copy, &search, err) != 0 ||
        err->kind != ERROR_NONE)
        return -1;
    for (size_t i = 0; !overlay && i < workspace->copy->file_count; i++) {
        const struct copy_item *item = &workspace->copy->files[i];
        if (!item->seen && !is_no_output(item->path))
            strings_add(removed, item->path);
    }
    strings_sort(removed);
    strings_unique(removed);
    file_list_sort(written);
    return 0;
}

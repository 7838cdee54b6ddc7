// SPDX-License-Identifier: Apache-2.0
#include "engine/restored.h"

#include "base/fs.h"
#include "store/golden.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct restored {
    const struct verification *v;
    const struct manifest *golden;
    struct suite suite; // the project's, but that it trains nothing; shallow
    struct strings nothing;
    char *folder;
    struct run_options options;
    struct run *run;
    struct model *model;
};

void restored_free(struct restored *restored)
{
    if (!restored)
        return;
    model_free(restored->model);
    run_free(restored->run);
    strings_free(&restored->nothing);
    free(restored->folder);
    free(restored);
}

struct model *restored_model(struct restored *restored)
{
    return restored->model;
}

struct laying {
    const char *from, *to;
    struct error *err;
    int status;
};

static int lay_link(const char *from, const char *to, struct error *err)
{
    char target[4096];
    ssize_t length = readlink(from, target, sizeof target - 1);
    if (length < 0 || length == (ssize_t)sizeof target - 1)
        return error_errno(err, "cannot read the link '%s'", from);
    target[length] = '\0';
    if ((unlink(to) < 0 && errno != ENOENT) || symlink(target, to) < 0)
        return error_errno(err, "cannot make the link '%s'", to);
    return 0;
}

// Folders come before what they hold; a link or a file where a folder has to be is not written through.
static enum fs_visit lay(const char *path, const struct stat *st, void *context)
{
    struct laying *laying = context;
    CLEANUP(free) char *from = fs_join(laying->from, path), *to = fs_join(laying->to, path);
    struct stat there;
    bool is_there = lstat(to, &there) == 0;
    if (S_ISDIR(st->st_mode)) {
        if (is_there && !S_ISDIR(there.st_mode) && unlink(to) < 0)
            laying->status = error_errno(laying->err, "cannot replace '%s'", to);
        else if ((!is_there || !S_ISDIR(there.st_mode)) && mkdir(to, 0755) < 0)
            laying->status = error_errno(laying->err, "cannot make the folder '%s'", to);
    } else if (is_there && S_ISDIR(there.st_mode) && fs_remove_tree(to, laying->err) < 0) {
        laying->status = -1;
    } else {
        laying->status = S_ISLNK(st->st_mode) ? lay_link(from, to, laying->err) : fs_copy_file(from, to, laying->err);
    }
    return laying->status < 0 ? FS_STOP : FS_CONTINUE;
}

static int lay_golden(const struct restored *restored, const char *unpacked, struct error *err)
{
    struct laying laying = {.from = unpacked, .to = workspace_outputs(restored->run->workspace), .err = err};
    struct error left = {0};
    int walked = fs_walk(unpacked, lay, &laying, err);
    if (fs_remove_tree(unpacked, &left) < 0 && walked == 0 && laying.status == 0) {
        *err = left;
        return -1;
    }
    error_free(&left);
    return walked < 0 ? -1 : laying.status;
}

static void add_newer(struct strings *out, const struct file_list *now, const struct file_list *then)
{
    for (size_t i = 0; i < now->count; i++) {
        if (!file_list_find(then, now->items[i].path))
            strings_add(out, now->items[i].path);
    }
}

// A run makes the workspace. Where golden brings its code, what came to the code since then is taken away: a file too
// many (another module of a package, another source to compile) is not what golden was.
static int make_room(struct restored *restored, const char *source, const char *unpacked, struct error *err)
{
    const struct manifest *golden = restored->golden, *now = restored->v->replay->manifest;
    char *directory = restored->suite.train.directory, top[] = ".";
    const char *const words[] = {"rm", "-f", "--"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        strings_add(&restored->nothing, words[i]);
    if (golden && golden_holds_code(golden, unpacked)) {
        add_newer(&restored->nothing, &now->code, &golden->code);
        add_newer(&restored->nothing, &now->settings, &golden->settings);
    }
    restored->suite.train.command = restored->nothing;
    restored->suite.train.directory = top;
    restored->options = replay_run_options(restored->v->session, &restored->suite, restored->folder, source);
    restored->options.trace = TRACE_OFF;
    restored->options.echo_fd = -1;
    int status = run_suite(&restored->run, &restored->options, err);
    restored->suite.train.directory = directory;
    if (status < 0)
        return -1;
    if (restored->run->process.stopped)
        return error_set(err, ERROR_STOPPED, "stopped");
    return 0;
}

int restored_open(struct restored **out, const struct verification *v, const struct manifest *golden, const char *name,
                  struct error *err)
{
    CLEANUP(restored) struct restored *restored = mem_alloc(sizeof *restored);
    restored->v = v;
    restored->golden = golden;
    restored->suite = *v->suite;
    restored->folder = fs_join(v->replay->folder, name);
    CLEANUP(free) char *unpacked = fs_join(restored->folder, "golden");
    if (golden && golden_extract(v->session->project->root, golden, unpacked, err) < 0)
        return -1;
    if (make_room(restored, v->replay->source_folder, unpacked, err) < 0 ||
        (golden && lay_golden(restored, unpacked, err) < 0) ||
        model_open_in(&restored->model, restored->run, &restored->options, v->session, err) < 0)
        return -1;
    model_keep_files(restored->model); // a predictor that is compiled when it is first asked is compiled once
    *out = steal(&restored);
    return 0;
}

void restored_foreign(struct strings *out, const struct restored *restored)
{
    const struct manifest *golden = restored->golden;
    const struct suite *suite = &restored->suite;
    const char *source = replay_source(restored->v->replay, restored->v->session);
    CLEANUP(strings) struct strings named = {0};
    model_named_files(&named, suite, &suite->model.stream, source);
    model_named_files(&named, suite, &suite->model.batch, source);
    model_named_files(&named, suite, &suite->model.api.command, source);
    for (size_t i = 0; golden && i < named.count; i++) {
        const char *path = named.items[i];
        if (!file_list_find(&golden->code, path) && !file_list_find(&golden->settings, path) &&
            !file_list_find(&golden->artifacts, path))
            strings_add(out, path);
    }
}

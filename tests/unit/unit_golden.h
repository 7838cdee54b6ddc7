// SPDX-License-Identifier: Apache-2.0
//
// A project with a small golden, for the tests of what keeps goldens.
#ifndef REPRO_TESTS_UNIT_GOLDEN_H
#define REPRO_TESTS_UNIT_GOLDEN_H

#include "base/buf.h"
#include "base/fs.h"
#include "store/golden.h"
#include "store/tree.h"

#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MEBIBYTE ((uint64_t)1 << 20)

static char *base, *root, *run;

// In memory where that can be had: these tests save some thousand times, and each save waits for the disk.
static inline void enter(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    base = unit_folder();
    root = fs_join(base, "project");
    run = fs_join(base, "run");
    ck_assert_int_eq(mkdir(root, 0755), 0);
    ck_assert_int_eq(mkdir(run, 0755), 0);
}

static inline void leave(void)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(base, &err), &err);
    free(base);
    free(root);
    free(run);
}

static inline void put(const char *folder, const char *path, const char *text)
{
    struct error err = {0};
    CLEANUP(free) char *full = fs_join(folder, path);
    ck_ok(fs_write_atomic(full, text, strlen(text), &err), &err);
}

static inline void hash(struct file_list *files, const char *folder, const char *pattern)
{
    struct error err = {0};
    CLEANUP(strings) struct strings patterns = {0};
    strings_add(&patterns, pattern);
    ck_ok(tree_list(files, folder, &patterns, &err), &err);
    ck_ok(tree_hash(files, folder, NULL, 1, &err), &err);
    for (size_t i = 0; i < files->count; i++)
        files->items[i].format = str_dup("bytes");
}

static inline void plain(struct file_list *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].format);
        files->items[i].format = NULL;
    }
}

// The manifest of a run that left `model` as its model.
static inline struct manifest *recorded(const char *model, const char *reason)
{
    put(root, "train.py", "print()\n");
    put(root, "params.json", "{}\n");
    put(root, "data.csv", "1,2\n");
    put(run, "model.bin", model);
    put(run, "out/metrics.json", "{\"loss\": 0.5}\n");
    struct manifest *manifest = manifest_new();
    manifest->suite = str_dup("churn");
    manifest->class_name = str_dup("any");
    strings_add(&manifest->command.argv, "python3");
    manifest->command.directory = str_dup(".");
    manifest->accepted.reason = str_dup(reason);
    manifest->accepted.by = str_dup("Ada");
    hash(&manifest->code, root, "*.py");
    hash(&manifest->settings, root, "*.json");
    hash(&manifest->data, root, "*.csv");
    plain(&manifest->code);
    plain(&manifest->settings);
    plain(&manifest->data);
    hash(&manifest->artifacts, run, "**");
    metric_list_add(&manifest->metrics, "loss", 0.5);
    return manifest;
}

static inline bool save(struct manifest *manifest, uint64_t limit)
{
    struct error err = {0};
    bool changed = false;
    ck_ok(golden_save(root, run, manifest, &(struct golden_options){.bundle_limit = limit}, &changed, &err), &err);
    return changed;
}

static inline struct manifest *loaded(void)
{
    struct error err = {0};
    struct manifest *manifest = NULL;
    ck_ok(golden_load(&manifest, root, "churn", "any", &err), &err);
    return manifest;
}

// The names in a folder of the project, sorted, joined by spaces.
static inline char *names_in(const char *folder)
{
    CLEANUP(free) char *path = fs_join(root, folder);
    CLEANUP(strings) struct strings names = {0};
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (!str_equal(entry->d_name, ".") && !str_equal(entry->d_name, ".."))
            strings_add(&names, entry->d_name);
    if (dir)
        closedir(dir);
    strings_sort(&names);
    return strings_join(&names, " ");
}

static inline char *text_of(const char *folder, const char *path)
{
    struct error err = {0};
    CLEANUP(free) char *full = fs_join(folder, path);
    CLEANUP(buf) struct buf text = {0};
    ck_ok(fs_read(&text, full, 0, &err), &err);
    return buf_take(&text);
}

// Unpacks the golden on disk and returns its model.
static inline char *golden_model(void)
{
    struct error err = {0};
    CLEANUP(manifest) struct manifest *manifest = loaded();
    CLEANUP(free) char *out = fs_join(base, "out");
    ck_assert_ptr_nonnull(manifest);
    ck_ok(golden_extract(root, manifest, out, &err), &err);
    char *model = text_of(out, "model.bin");
    ck_ok(fs_remove_tree(out, &err), &err);
    return model;
}

static inline int save_quietly(struct manifest *manifest)
{
    struct error err = {0};
    bool changed;
    int status = golden_save(root, run, manifest, &(struct golden_options){.bundle_limit = MEBIBYTE}, &changed, &err);
    error_free(&err);
    return status;
}

// Lets the child run until it is about to make its `count`th system call, and kills it there. True when it ended before
// that by itself.
static inline bool kill_at(pid_t child, int count)
{
    int status;
    for (int i = 0; waitpid(child, &status, 0) == child && WIFSTOPPED(status); i++) {
        if (i == count) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return false;
        }
        ptrace(PTRACE_SYSCALL, child, NULL, NULL);
    }
    return true;
}

#endif

// SPDX-License-Identifier: Apache-2.0
#include "store/golden_contents.h"

#include "base/fs.h"
#include "store/digest.h"
#include "store/golden.h"
#include "store/tree.h"
#include "store/unpack.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

void golden_contents_free(struct golden_contents *contents)
{
    for (size_t i = 0; i < ARRAY_LEN(contents->sources); i++)
        file_list_free(&contents->sources[i].files);
    file_list_free(&contents->all);
}
static void add_copy(struct file_list *to, const struct file_entry *from)
{
    struct file_entry *entry = file_list_add(to, from->path);
    const char *path = entry->path;
    *entry = *from;
    entry->path = path;
    entry->format = NULL;
    entry->content = NULL;
}

// The files of an artifact that is a folder, by their paths in the project.
static int add_folder(struct file_list *to, const char *run_root, const struct file_entry *folder, struct error *err)
{
    CLEANUP(free) char *full = fs_join(run_root, folder->path);
    CLEANUP(file_list) struct file_list files = {0};
    struct digest digest;
    if (tree_list_all(&files, full, err) != 0 || tree_hash(&files, full, NULL, 0, err) != 0 ||
        tree_digest(&digest, &files, "", err) != 0)
        return error_context(err, "'%s'", folder->path);
    if (!digest_equal(&digest, &folder->sha256))
        return error_set(err, ERROR_MACHINE, "the folder '%s' changed since it was hashed", folder->path);
    for (size_t i = 0; i < files.count; i++) {
        struct file_entry copy = files.items[i];
        CLEANUP(free) char *path = fs_join(folder->path, copy.path);
        copy.path = path;
        add_copy(to, &copy);
    }
    return 0;
}

static int gather_artifacts(struct golden_contents *contents, const struct manifest *manifest, struct error *err)
{
    struct bundle_source *source = &contents->sources[0];
    for (size_t i = 0; i < manifest->artifacts.count; i++) {
        const struct file_entry *file = &manifest->artifacts.items[i];
        if (file->kind != FILE_FOLDER)
            add_copy(&source->files, file);
        else if (add_folder(&source->files, source->root, file, err) != 0)
            return -1;
    }
    file_list_sort(&source->files);
    return 0;
}

static bool is_small(const struct manifest *manifest)
{
    uint64_t size = 0;
    const struct file_list *lists[] = {&manifest->code, &manifest->settings};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (__builtin_add_overflow(size, lists[l]->items[i].size, &size) || size > GOLDEN_SMALL)
                return false;
    return true;
}

// Is the file below `root` what its entry says, and can a bundle hold it?
static bool is_kept_by(struct digester *digester, const char *root, const struct file_entry *file)
{
    CLEANUP(free) char *path = fs_join(root, file->path);
    struct digest digest;
    struct error ignored = {0};
    bool same = false;
    char target[PATH_MAX];
    ssize_t len = file->kind == FILE_SYMLINK ? readlink(path, target, sizeof target - 1) : -1;
    if (len >= 0) {
        target[len] = '\0';
        digest_bytes(digester, &digest, target, (size_t)len);
        same = !unpack_link_fault(file->path, target) && digest_equal(&digest, &file->sha256);
    } else if (file->kind == FILE_REGULAR) {
        same = digest_file(digester, &digest, NULL, path, &ignored) == 0 && digest_equal(&digest, &file->sha256);
    }
    error_free(&ignored);
    return same && !unpack_path_fault(file->path);
}

// Adds the files of the list to the source that has them. False when one cannot be kept.
static bool gather_list(struct golden_contents *contents, struct digester *digester, const struct file_list *files)
{
    struct bundle_source *run = &contents->sources[0], *project = &contents->sources[1];
    for (size_t i = 0; i < files->count; i++) {
        const struct file_entry *file = &files->items[i];
        if (is_kept_by(digester, project->root, file))
            add_copy(&project->files, file);
        else if (is_kept_by(digester, run->root, file))
            add_copy(&run->files, file);
        else
            return false;
    }
    return true;
}

static void drop_copies(struct file_list *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (kept == 0 || !str_equal(files->items[kept - 1].path, files->items[i].path))
            files->items[kept++] = files->items[i];
    }
    files->count = kept;
}

static bool has_common_path(const struct file_list *a, const struct file_list *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (file_list_find(b, a->items[i].path))
            return true;
    return false;
}

static int gather_code(struct golden_contents *contents, const struct manifest *manifest, struct error *err)
{
    struct file_list *run = &contents->sources[0].files, *project = &contents->sources[1].files;
    if (!is_small(manifest) || has_common_path(&manifest->code, run) || has_common_path(&manifest->settings, run))
        return 0;
    CLEANUP(digester) struct digester *digester = NULL;
    if (digester_new(&digester, err) != 0)
        return -1;
    size_t artifacts = run->count;
    if (!gather_list(contents, digester, &manifest->code) || !gather_list(contents, digester, &manifest->settings)) {
        run->count = artifacts;
        project->count = 0;
    }
    file_list_sort(run);
    file_list_sort(project);
    drop_copies(run); // a file may be code and a setting
    drop_copies(project);
    return 0;
}

int golden_contents_gather(struct golden_contents *contents, struct manifest *manifest, struct error *err)
{
    if (gather_artifacts(contents, manifest, err) != 0 || gather_code(contents, manifest, err) != 0)
        return -1;
    file_list_copy(&contents->all, &contents->sources[0].files);
    file_list_copy(&contents->all, &contents->sources[1].files);
    file_list_sort(&contents->all);
    manifest->bundle.size = 0;
    for (size_t i = 0; i < contents->all.count; i++)
        manifest->bundle.size += contents->all.items[i].size;
    return tree_digest(&manifest->bundle.digest, &contents->all, "", err);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/golden.h"

#include "base/fs.h"
#include "core/project.h"
#include "store/bundle.h"
#include "store/digest.h"
#include "store/tree.h"
#include "store/unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_MANIFEST ((size_t)64 << 20)
#define LOCK_SECONDS 60.0

// What a name must be to be a folder of ours.
static bool is_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/') && strlen(name) <= 200;
}

static int check_names(const char *suite, const char *class_name, struct error *err)
{
    if (!is_name(suite))
        return error_set(err, ERROR_USAGE, "'%s' is no name for a suite", suite ? suite : "");
    if (class_name && !is_name(class_name))
        return error_set(err, ERROR_USAGE, "'%s' is no name for a class", class_name);
    return 0;
}

char *golden_manifest_path(const char *suite, const char *class_name)
{
    return str_printf("golden/%s/%s/manifest.json", suite, class_name);
}

int golden_classes(struct strings *out, const char *root, const char *suite, struct error *err)
{
    if (check_names(suite, NULL, err) != 0)
        return -1;
    CLEANUP(free) char *folder = str_printf("%s/golden/%s", root, suite);
    DIR *dir = opendir(folder);
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (!dir)
        return error_errno(err, "cannot read the folder '%s'", folder);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        CLEANUP(free) char *path = str_printf("%s/%s/manifest.json", folder, entry->d_name);
        if (is_name(entry->d_name) && fs_exists(path))
            strings_add(out, entry->d_name);
    }
    closedir(dir);
    strings_sort(out);
    return 0;
}

static int check_place(const struct manifest *manifest, const char *suite, const char *class_name, const char *path,
                       struct error *err)
{
    if (!str_equal(manifest->suite, suite))
        return error_problem(err, path, 0, "suite: '%s', but the folder is that of '%s'", manifest->suite, suite);
    if (!str_equal(manifest->class_name, class_name))
        return error_problem(err, path, 0, "class: '%s', but the folder is that of '%s'", manifest->class_name,
                             class_name);
    return 0;
}

int golden_load(struct manifest **out, const char *root, const char *suite, const char *class_name, struct error *err)
{
    *out = NULL;
    if (check_names(suite, class_name, err) != 0)
        return -1;
    CLEANUP(free) char *path = golden_manifest_path(suite, class_name);
    CLEANUP(free) char *full = fs_join(root, path);
    struct stat st;
    if (stat(full, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(manifest) struct manifest *manifest = NULL;
    if (fs_read(&text, full, MAX_MANIFEST, err) != 0 ||
        manifest_parse(&manifest, path, buf_text(&text), text.len, err) != 0 ||
        check_place(manifest, suite, class_name, path, err) != 0)
        return -1;
    *out = steal(&manifest);
    return 0;
}

// ---- where bundles are

// In git, beside the manifest, and outside of it. Both absolute; the caller frees.
static char *path_in_git(const char *root, const struct manifest *manifest)
{
    char hex[65];
    digest_hex(hex, &manifest->bundle.digest);
    return str_printf("%s/golden/%s/%s/%.16s.tar.zst", root, manifest->suite, manifest->class_name, hex);
}

static char *path_in_store(const char *root, const struct manifest *manifest)
{
    char hex[65];
    digest_hex(hex, &manifest->bundle.digest);
    return str_printf("%s/.repro/store/%s.tar.zst", root, hex);
}

int golden_bundle_path(char **out, const char *root, const struct manifest *manifest, struct error *err)
{
    if (check_names(manifest->suite, manifest->class_name, err) != 0)
        return -1;
    CLEANUP(free) char *git = path_in_git(root, manifest), *store = path_in_store(root, manifest);
    char **first = manifest->bundle.in_store ? &store : &git, **second = manifest->bundle.in_store ? &git : &store;
    if (fs_exists(*first) || fs_exists(*second)) {
        *out = steal(fs_exists(*first) ? first : second);
        return 0;
    }
    if (manifest->bundle.in_store)
        return error_set(err, ERROR_MACHINE,
                         "the bundle of golden %s/%s is not here: looked for '%s'; it is over the limit for git, so it "
                         "stays where it was recorded: copy it from there, or record on this machine",
                         manifest->suite, manifest->class_name, store);
    return error_set(err, ERROR_USAGE, "the bundle of golden %s/%s is missing: looked for '%s' and '%s'",
                     manifest->suite, manifest->class_name, git, store);
}

// ---- taking a golden out

// Modes are not part of the digest, so those of the archive are not to be trusted.
static int set_modes(const struct file_list *files, int folder, struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct file_entry *file = &files->items[i];
        if (file->kind != FILE_REGULAR)
            continue;
        CLEANUP(fd) int fd = openat(folder, file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue; // not in the bundle: code and settings may be left out
        if (fd < 0 || fchmod(fd, file->executable ? 0755 : 0644) != 0)
            return error_errno(err, "cannot set the mode of '%s'", file->path);
    }
    return 0;
}

int golden_extract(const char *root, const struct manifest *manifest, const char *folder, struct error *err)
{
    CLEANUP(free) char *path = NULL;
    if (golden_bundle_path(&path, root, manifest, err) != 0)
        return -1;
    // The manifest says how much comes out; 0 would mean "no limit of ours".
    const struct bundle_limits limits = {.max_size = manifest->bundle.size ? manifest->bundle.size : 1};
    if (bundle_extract(path, folder, &manifest->bundle.digest, &limits, err) != 0)
        return -1;
    CLEANUP(fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "cannot open the folder '%s'", folder);
    const struct file_list *lists[] = {&manifest->artifacts, &manifest->code, &manifest->settings};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (set_modes(lists[i], fd, err) != 0)
            return -1;
    return 0;
}

static bool holds(const struct file_list *files, const char *folder)
{
    for (size_t i = 0; i < files->count; i++) {
        CLEANUP(free) char *path = fs_join(folder, files->items[i].path);
        struct stat st;
        if (lstat(path, &st) != 0)
            return false;
    }
    return true;
}

bool golden_holds_code(const struct manifest *manifest, const char *folder)
{
    return holds(&manifest->code, folder) && holds(&manifest->settings, folder);
}

// ---- keeping a golden

// What goes into the bundle: from the run, and from the project.
struct contents {
    struct bundle_source sources[2];
    struct file_list all; // both, sorted
};

static void contents_free(struct contents *contents)
{
    for (size_t i = 0; i < ARRAY_LEN(contents->sources); i++)
        file_list_free(&contents->sources[i].files);
    file_list_free(&contents->all);
}
DEFINE_CLEANUP_VALUE(contents)

static void add_copy(struct file_list *to, const struct file_entry *from)
{
    struct file_entry *entry = file_list_add(to, from->path);
    const char *path = entry->path;
    *entry = *from;
    entry->path = path;
    entry->format = NULL;
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

static int gather_artifacts(struct contents *contents, const struct manifest *manifest, struct error *err)
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
static bool gather_list(struct contents *contents, struct digester *digester, const struct file_list *files)
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

static int gather_code(struct contents *contents, const struct manifest *manifest, struct error *err)
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

static int gather(struct contents *contents, struct manifest *manifest, struct error *err)
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

static bool is_sound(const char *path, const struct manifest *manifest, off_t *size)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    *size = st.st_size;
    struct error ignored = {0};
    const struct bundle_limits limits = {.max_size = manifest->bundle.size ? manifest->bundle.size : 1};
    bool sound = bundle_check(path, &manifest->bundle.digest, &limits, &ignored) == 0;
    error_free(&ignored);
    return sound;
}

// Moves the bundle from the store to its place in git; where that is another file system, writes it again.
static int move_to_git(const char *store, const char *git, const struct contents *contents, struct error *err)
{
    CLEANUP(free) char *folder = fs_dirname(git);
    if (fs_mkdirs(folder, err) != 0)
        return -1;
    if (rename(store, git) == 0)
        return 0;
    if (errno != EXDEV)
        return error_errno(err, "cannot write '%s'", git);
    return bundle_write(git, contents->sources, ARRAY_LEN(contents->sources), err);
}

// Sees to it that the bundle is in its place and sets in_store. How large an archive becomes is known when it is
// written, so it is written to the store first.
static int place_bundle(const char *root, struct manifest *manifest, const struct contents *contents,
                        uint64_t bundle_limit, struct error *err)
{
    CLEANUP(free) char *git = path_in_git(root, manifest), *store = path_in_store(root, manifest);
    off_t size = 0;
    manifest->bundle.in_store = false;
    if (is_sound(git, manifest, &size) && (uint64_t)size <= bundle_limit)
        return 0;
    bool was_there = is_sound(store, manifest, &size);
    struct stat st;
    if (!was_there && bundle_write(store, contents->sources, ARRAY_LEN(contents->sources), err) != 0)
        return -1;
    if (!was_there && stat(store, &st) != 0)
        return error_errno(err, "cannot examine '%s'", store);
    manifest->bundle.in_store = (uint64_t)(was_there ? size : st.st_size) > bundle_limit;
    if (manifest->bundle.in_store)
        return 0;
    if (was_there) // another golden may point at it
        return bundle_write(git, contents->sources, ARRAY_LEN(contents->sources), err);
    return move_to_git(store, git, contents, err);
}

// Removes what a golden's folder holds besides its manifest and its bundle: bundles of goldens before it, and what a
// save that was killed left behind there and in the store. The project's lock is held.
static void remove_stale(const char *root, const struct manifest *manifest)
{
    CLEANUP(free) char *git = path_in_git(root, manifest), *folder = fs_dirname(git);
    CLEANUP(free) char *store = path_in_store(root, manifest), *store_folder = fs_dirname(store);
    fs_remove_temporaries(folder, 0);
    fs_remove_temporaries(store_folder, 0);
    const char *kept = manifest->bundle.in_store ? "" : fs_basename(git);
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (const struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (str_ends(name, ".tar.zst") && !str_equal(name, kept))
            unlinkat(dirfd(dir), name, 0);
    }
    closedir(dir);
}

// The project's lock is held, and the contents are those of `manifest`.
static int mend_locked(const char *root, const struct manifest *manifest, const struct contents *contents,
                       struct error *err)
{
    CLEANUP(free) char *where = manifest->bundle.in_store ? path_in_store(root, manifest) : path_in_git(root, manifest);
    off_t size;
    return is_sound(where, manifest, &size) ? 0
                                            : bundle_write(where, contents->sources, ARRAY_LEN(contents->sources), err);
}

// The project's lock is held. *changed: whether the manifest was written.
static int save_locked(const char *root, struct manifest *manifest, const struct contents *contents,
                       uint64_t bundle_limit, bool *changed, struct error *err)
{
    CLEANUP(manifest) struct manifest *old = NULL;
    if (golden_load(&old, root, manifest->suite, manifest->class_name, err) != 0)
        return -1;
    if (old && manifest_same(old, manifest)) {
        manifest->bundle.in_store = old->bundle.in_store;
        return mend_locked(root, old, contents, err);
    }
    if (place_bundle(root, manifest, contents, bundle_limit, err) != 0)
        return -1;
    CLEANUP(free) char *path = golden_manifest_path(manifest->suite, manifest->class_name);
    CLEANUP(free) char *full = fs_join(root, path);
    CLEANUP(buf) struct buf text = {0};
    manifest_write(&text, manifest);
    if (fs_write_atomic(full, text.data, text.len, err) != 0)
        return -1;
    *changed = true;
    remove_stale(root, manifest);
    return 0;
}

static int begin(struct contents *contents, int *lock, struct manifest *manifest, struct error *err)
{
    CLEANUP(free) char *lock_path = NULL;
    if (check_names(manifest->suite, manifest->class_name, err) != 0 || gather(contents, manifest, err) != 0 ||
        project_private(&lock_path, contents->sources[1].root, "lock", err) != 0)
        return -1;
    return fs_lock(lock, lock_path, LOCK_SECONDS, err);
}

int golden_save(const char *root, const char *run_root, struct manifest *manifest, uint64_t bundle_limit, bool *changed,
                struct error *err)
{
    *changed = false;
    CLEANUP(contents) struct contents contents = {.sources = {{.root = run_root}, {.root = root}}};
    CLEANUP(fd) int lock = -1;
    if (begin(&contents, &lock, manifest, err) != 0)
        return -1;
    return save_locked(root, manifest, &contents, bundle_limit, changed, err);
}

bool golden_is_whole(const char *root, const struct manifest *manifest)
{
    CLEANUP(free) char *path = NULL;
    struct error ignored = {0};
    off_t size;
    bool here = golden_bundle_path(&path, root, manifest, &ignored) == 0;
    error_free(&ignored);
    return here && is_sound(path, manifest, &size);
}

int golden_mend(const char *root, const char *run_root, struct manifest *manifest, bool *mended, struct error *err)
{
    *mended = false;
    CLEANUP(contents) struct contents contents = {.sources = {{.root = run_root}, {.root = root}}};
    CLEANUP(manifest) struct manifest *old = NULL;
    CLEANUP(fd) int lock = -1;
    if (begin(&contents, &lock, manifest, err) != 0 ||
        golden_load(&old, root, manifest->suite, manifest->class_name, err) != 0)
        return -1;
    if (!old || !manifest_same(old, manifest))
        return 0;
    *mended = true;
    return mend_locked(root, old, &contents, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/golden.h"

#include "base/fs.h"
#include "core/project.h"
#include "store/digest.h"
#include "store/golden_bundle.h"
#include "store/golden_contents.h"
#include "store/golden_kept.h"
#include "store/store_prune.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_MANIFEST ((size_t)64 << 20)
#define LOCK_SECONDS 600.0 // large bundles on their way to a slow mount take their time

// What a name must be to be a folder of ours.
static bool is_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/') && strlen(name) <= 200;
}

int golden_check_names(const char *suite, const char *class_name, struct error *err)
{
    if (!is_name(suite))
        return error_set(err, ERROR_USAGE, "'%s' is no name for a suite", suite ? suite : "");
    if (class_name && !is_name(class_name))
        return error_set(err, ERROR_USAGE, "'%s' is no name for a class", class_name);
    return 0;
}

int golden_identity(struct digest *out, const struct manifest *manifest, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(buf) struct buf text = {0};
    struct manifest bare = *manifest;
    memset(&bare.accepted, 0, sizeof bare.accepted);
    bare.bundle.in_store = false;
    bare.bundle.store = NULL;
    if (digester_new(&digester, err) < 0)
        return -1;
    manifest_write(&text, &bare);
    digest_bytes(digester, out, text.data, text.len);
    return 0;
}

char *golden_manifest_path(const char *suite, const char *class_name)
{
    return str_printf("golden/%s/%s/manifest.json", suite, class_name);
}

int golden_classes(struct strings *out, const char *root, const char *suite, struct error *err)
{
    if (golden_check_names(suite, NULL, err) != 0)
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
    if (golden_check_names(suite, class_name, err) != 0)
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

int golden_write(const char *root, const struct manifest *manifest, struct error *err)
{
    CLEANUP(free) char *path = golden_manifest_path(manifest->suite, manifest->class_name);
    CLEANUP(free) char *full = fs_join(root, path);
    CLEANUP(buf) struct buf text = {0};
    manifest_write(&text, manifest);
    return fs_write_atomic(full, text.data, text.len, err);
}

// `old` is the golden on disk, and the contents are its. It is written again only to say which store has it now.
static int mend_locked(const char *root, struct manifest *old, const struct golden_contents *contents,
                       struct error *err)
{
    CLEANUP(free) char *store = str_dup(old->bundle.store);
    if (golden_bundle_mend(root, old, contents, err) != 0)
        return -1;
    return str_equal(store, old->bundle.store) ? 0 : golden_write(root, old, err);
}

// The project's lock is held. *changed: whether the golden is another now.
static int save_locked(const char *root, struct manifest *manifest, const struct golden_contents *contents,
                       const struct golden_options *options, bool *changed, struct error *err)
{
    CLEANUP(manifest) struct manifest *old = NULL;
    if (golden_load(&old, root, manifest->suite, manifest->class_name, err) != 0)
        return -1;
    if (old && manifest_same(old, manifest)) {
        manifest->bundle.in_store = old->bundle.in_store;
        return mend_locked(root, old, contents, err);
    }
    CLEANUP(error) struct error ignored = {0};
    bool kept = false;
    if ((old && options->keep > 0 && golden_kept_add(&kept, root, old, err) != 0) ||
        golden_bundle_keep(root, manifest, contents, options->bundle_limit, err) != 0 ||
        golden_write(root, manifest, err) != 0) {
        if (old)
            golden_kept_settle(root, old, UINT64_MAX, &ignored);
        return -1;
    }
    *changed = true;
    golden_bundle_clear(root, manifest);
    golden_kept_settle(root, manifest, options->keep, &ignored); // what stays over, the next one removes
    if (manifest->bundle.in_store)
        store_prune(root);
    return 0;
}

int golden_lock(int *lock, const char *root, struct error *err)
{
    CLEANUP(free) char *path = NULL;
    if (project_private(&path, root, "lock", err) != 0)
        return -1;
    return fs_lock(lock, path, LOCK_SECONDS, err);
}

static int begin(struct golden_contents *contents, int *lock, struct manifest *manifest, struct error *err)
{
    if (golden_check_names(manifest->suite, manifest->class_name, err) != 0 ||
        golden_contents_gather(contents, manifest, err) != 0)
        return -1;
    return golden_lock(lock, contents->sources[1].root, err);
}

int golden_save(const char *root, const char *run_root, struct manifest *manifest, const struct golden_options *options,
                bool *changed, struct error *err)
{
    *changed = false;
    CLEANUP(golden_contents) struct golden_contents contents = {.sources = {{.root = run_root}, {.root = root}}};
    CLEANUP(fd) int lock = -1;
    if (begin(&contents, &lock, manifest, err) != 0)
        return -1;
    return save_locked(root, manifest, &contents, options, changed, err);
}

int golden_mend(const char *root, const char *run_root, struct manifest *manifest, bool *mended, struct error *err)
{
    *mended = false;
    CLEANUP(golden_contents) struct golden_contents contents = {.sources = {{.root = run_root}, {.root = root}}};
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

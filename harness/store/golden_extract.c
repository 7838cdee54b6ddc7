// SPDX-License-Identifier: Apache-2.0
//
// Taking a golden's bundle out, wherever it is.
#include "base/fs.h"
#include "store/bundle.h"
#include "store/golden.h"
#include "store/golden_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int golden_bundle_path(char **out, const char *root, const struct manifest *manifest, struct error *err)
{
    if (golden_check_names(manifest->suite, manifest->class_name, err) != 0)
        return -1;
    CLEANUP(free) char *git = golden_bundle_in_git(root, manifest), *store = golden_bundle_in_store(root, manifest);
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

bool golden_is_whole(const char *root, const struct manifest *manifest)
{
    CLEANUP(free) char *path = NULL;
    struct error ignored = {0};
    off_t size;
    bool here = golden_bundle_path(&path, root, manifest, &ignored) == 0;
    error_free(&ignored);
    return here && golden_bundle_is_sound(path, manifest, &size);
}

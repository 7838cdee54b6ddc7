// SPDX-License-Identifier: Apache-2.0
//
// Taking a golden's bundle out, wherever it is.
#include "base/fs.h"
#include "store/bundle.h"
#include "store/golden.h"
#include "store/golden_bundle.h"
#include "store/golden_search.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int unpack(const char *path, const struct manifest *manifest, const char *folder, struct error *err)
{
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

// Anybody may have put anything there.
static int unpack_shared(const struct golden_search *search, const struct manifest *manifest, const char *folder,
                         struct error *err)
{
    struct stat st;
    if (lstat(search->shared, &st) != 0)
        return error_errno(err, "cannot open '%s'", search->shared);
    if (fs_check_regular(search->shared, &st, err) != 0)
        return -1;
    return unpack(search->shared, manifest, folder, err);
}

int golden_extract(const char *root, const struct manifest *manifest, const char *folder, struct error *err)
{
    CLEANUP(golden_search) struct golden_search search = {0};
    if (golden_search_look(&search, root, manifest, err) != 0)
        return -1;
    if (search.found == search.shared) {
        if (unpack_shared(&search, manifest, folder, err) != 0)
            return -1;
        golden_search_keep(&search, root, manifest);
        return 0;
    }
    struct error damaged = {0};
    if (unpack(search.found, manifest, folder, &damaged) == 0) {
        if (search.found == search.store)
            utimensat(AT_FDCWD, search.store, NULL, AT_SYMLINK_NOFOLLOW); // in use: not to be pruned
        return 0;
    }
    // A damaged copy of our own is not the last word. (One in git is: it is part of what is being verified.)
    CLEANUP(error) struct error ignored = {0};
    if (search.found == search.store && damaged.kind == ERROR_USAGE && golden_search_is_shared(&search) &&
        unpack_shared(&search, manifest, folder, &ignored) == 0) {
        error_free(&damaged);
        golden_search_keep(&search, root, manifest);
        return 0;
    }
    *err = damaged;
    return -1;
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
    CLEANUP(golden_search) struct golden_search search = {0};
    CLEANUP(error) struct error ignored = {0};
    off_t size;
    if (golden_search_look(&search, root, manifest, &ignored) != 0)
        return false;
    if (search.found != search.shared && !golden_bundle_is_sound(search.found, manifest, &size))
        return false;
    if (!manifest->bundle.in_store || !search.repro_json)
        return search.found != search.shared || shared_store_has(search.repro_json, manifest);
    return str_equal(manifest->bundle.store, search.repro_json->name) && shared_store_has(search.repro_json, manifest);
}

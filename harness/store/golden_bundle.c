// SPDX-License-Identifier: Apache-2.0
#include "store/golden_bundle.h"

#include "base/fs.h"
#include "store/bundle.h"
#include "store/digest.h"
#include "store/golden_contents.h"
#include "store/golden_kept.h"
#include "store/shared_store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

char *golden_bundle_in_git(const char *root, const struct manifest *manifest)
{
    char hex[65];
    digest_hex(hex, &manifest->bundle.digest);
    return str_printf("%s/golden/%s/%s/%.16s.tar.zst", root, manifest->suite, manifest->class_name, hex);
}

char *golden_bundle_name(const struct manifest *manifest)
{
    char hex[65];
    digest_hex(hex, &manifest->bundle.digest);
    return str_printf("%s.tar.zst", hex);
}

char *golden_bundle_in_store(const char *root, const struct manifest *manifest)
{
    CLEANUP(free) char *name = golden_bundle_name(manifest);
    return str_printf("%s/.repro/store/%s", root, name);
}

bool golden_bundle_is_sound(const char *path, const struct manifest *manifest, off_t *size)
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
static int move_to_git(const char *store, const char *git, const struct golden_contents *contents, struct error *err)
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

// Gives the store of repro.json, if there is one, the sound bundle at `path`.
static int share(const char *root, struct manifest *manifest, const char *path, struct error *err)
{
    CLEANUP(shared_store) struct shared_store *shared = NULL;
    if (shared_store_open(&shared, root, err) != 0)
        return -1;
    if (!shared)
        return 0;
    if (shared_store_put(shared, path, manifest, err) != 0)
        return -1;
    free(manifest->bundle.store);
    manifest->bundle.store = steal(&shared->name);
    return 0;
}

// How large an archive becomes is known when it is
// written, so it is written to the store first.
int golden_bundle_keep(const char *root, struct manifest *manifest, const struct golden_contents *contents,
                       uint64_t bundle_limit, struct error *err)
{
    CLEANUP(free) char *git = golden_bundle_in_git(root, manifest), *store = golden_bundle_in_store(root, manifest);
    off_t size = 0;
    manifest->bundle.in_store = false;
    if (golden_bundle_is_sound(git, manifest, &size) && (uint64_t)size <= bundle_limit)
        return 0;
    bool was_there = golden_bundle_is_sound(store, manifest, &size);
    struct stat st;
    if (!was_there && bundle_write(store, contents->sources, ARRAY_LEN(contents->sources), err) != 0)
        return -1;
    if (!was_there && stat(store, &st) != 0)
        return error_errno(err, "cannot examine '%s'", store);
    manifest->bundle.in_store = (uint64_t)(was_there ? size : st.st_size) > bundle_limit;
    if (manifest->bundle.in_store)
        return share(root, manifest, store, err);
    if (was_there) // another golden may point at it
        return bundle_write(git, contents->sources, ARRAY_LEN(contents->sources), err);
    return move_to_git(store, git, contents, err);
}

// A bundle is never written in place, so two names may well be one file.
static int link_or_copy(const char *from, const char *to, struct error *err)
{
    return link(from, to) == 0 ? 0 : fs_copy_atomic(from, to, err);
}

int golden_bundle_place(bool *placed, const char *root, const struct manifest *manifest, const char *folder,
                        struct error *err)
{
    CLEANUP(free) char *git = golden_bundle_in_git(root, manifest), *store = golden_bundle_in_store(root, manifest);
    CLEANUP(free) char *kept = golden_kept_folder(root, manifest, err);
    CLEANUP(free) char *earlier = kept ? fs_join(kept, fs_basename(git)) : NULL;
    CLEANUP(free) char *to = fs_join(folder, fs_basename(git));
    const char *places[] = {git, earlier, store};
    off_t size;
    if (!kept)
        return -1;
    *placed = manifest->bundle.in_store || golden_bundle_is_sound(to, manifest, &size);
    for (size_t i = 0; i < ARRAY_LEN(places) && !*placed; i++) {
        if (!golden_bundle_is_sound(places[i], manifest, &size))
            continue;
        if (link_or_copy(places[i], to, err) < 0)
            return -1;
        *placed = true;
    }
    return 0;
}

// Removes what a golden's folder holds besides its manifest and its bundle: bundles of goldens before it, and what a
// save that was killed left behind there and in the store. The project's lock is held.
void golden_bundle_clear(const char *root, const struct manifest *manifest)
{
    CLEANUP(free) char *git = golden_bundle_in_git(root, manifest), *folder = fs_dirname(git);
    CLEANUP(free) char *store = golden_bundle_in_store(root, manifest), *store_folder = fs_dirname(store);
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

int golden_bundle_mend(const char *root, struct manifest *manifest, const struct golden_contents *contents,
                       struct error *err)
{
    bool in_store = manifest->bundle.in_store;
    CLEANUP(free) char *where = (in_store ? golden_bundle_in_store : golden_bundle_in_git)(root, manifest);
    off_t size;
    if (!golden_bundle_is_sound(where, manifest, &size) &&
        bundle_write(where, contents->sources, ARRAY_LEN(contents->sources), err) != 0)
        return -1;
    return in_store ? share(root, manifest, where, err) : 0;
}

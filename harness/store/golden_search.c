// SPDX-License-Identifier: Apache-2.0
#include "store/golden_search.h"

#include "base/fs.h"
#include "core/project.h"
#include "store/golden.h"
#include "store/golden_bundle.h"
#include "store/golden_kept.h"
#include "store/store_prune.h"

#include <string.h>
#include <sys/stat.h>

#define ROOM_OF_AN_ARCHIVE ((uint64_t)64 << 20) // for the heads of its members

void golden_search_free(struct golden_search *search)
{
    shared_store_free(search->repro_json);
    free(search->git);
    free(search->store);
    free(search->shared);
}

// A link that leads nowhere is there, too: it is refused, not overlooked.
bool golden_search_is_shared(const struct golden_search *search)
{
    struct stat st;
    return search->shared && lstat(search->shared, &st) == 0;
}

// How to get a bundle that was recorded elsewhere. The caller frees.
static char *remedy(const struct golden_search *search, const struct manifest *manifest, const char *fault)
{
    const char *file = fs_basename(search->store), *recorded = manifest->bundle.store;
    CLEANUP(free)
    char *first = fault ? str_printf("mount '%s', or ", search->repro_json->name)
                  : recorded && !search->repro_json
                      ? str_dup("name the folder with its store in repro.json (\"store\"), or ")
                      : str_dup("");
    return str_printf("%scopy %s from there to .repro/store, or record on this machine", first, file);
}

static int missing(const struct golden_search *search, const char *root, const struct manifest *manifest,
                   struct error *err)
{
    const char *git = search->git + strlen(root) + 1, *store = search->store + strlen(root) + 1;
    const char *golden = manifest->suite, *class_name = manifest->class_name, *recorded = manifest->bundle.store;
    CLEANUP(free) char *fault = search->repro_json ? shared_store_fault(search->repro_json) : NULL;
    CLEANUP(free) char *shared = search->shared ? str_printf(" and '%s'", search->shared) : str_dup("");
    CLEANUP(free) char *why = fault ? str_printf(" (%s)", fault) : str_dup("");
    const char *between = search->shared ? "," : " and";
    if (!manifest->bundle.in_store)
        return error_set(err, ERROR_USAGE, "the bundle of golden %s/%s is missing: looked for '%s'%s '%s'%s%s", golden,
                         class_name, git, between, store, shared, why);
    CLEANUP(free) char *how = remedy(search, manifest, fault);
    CLEANUP(free) char *kept = recorded ? str_printf("in the store '%s' and ", recorded) : str_dup("");
    return error_set(
        err, ERROR_MACHINE,
        "the bundle of golden %s/%s is not here: looked for '%s'%s '%s'%s%s; it is over the limit for git, "
        "so it was kept %sin .repro/store of the machine that recorded it: %s",
        golden, class_name, store, between, git, shared, why, kept, how);
}

// A golden that was kept has its bundle among the earlier ones.
static int look_among_earlier(struct golden_search *search, const char *root, const struct manifest *manifest,
                              struct error *err)
{
    if (fs_exists(search->git))
        return 0;
    CLEANUP(free) char *folder = golden_kept_folder(root, manifest, err);
    CLEANUP(free) char *path = folder ? fs_join(folder, fs_basename(search->git)) : NULL;
    if (!folder)
        return -1;
    if (fs_exists(folder)) {
        free(search->git);
        search->git = steal(&path);
    }
    return 0;
}

int golden_search_look(struct golden_search *search, const char *root, const struct manifest *manifest,
                       struct error *err)
{
    if (golden_check_names(manifest->suite, manifest->class_name, err) != 0 ||
        shared_store_open(&search->repro_json, root, err) != 0)
        return -1;
    search->git = golden_bundle_in_git(root, manifest);
    search->store = golden_bundle_in_store(root, manifest);
    if (search->repro_json)
        search->shared = shared_store_path(search->repro_json, manifest);
    if (look_among_earlier(search, root, manifest, err) < 0)
        return -1;
    const char *first = manifest->bundle.in_store ? search->store : search->git;
    const char *second = manifest->bundle.in_store ? search->git : search->store;
    if (fs_exists(first))
        search->found = first;
    else if (fs_exists(second))
        search->found = second;
    else if (golden_search_is_shared(search))
        search->found = search->shared;
    return search->found ? 0 : missing(search, root, manifest, err);
}

// Is there a reason to copy the archive `from` to `to`, and is it no larger than it has to be?
static bool is_worth_keeping(const char *from, const char *to, const struct manifest *manifest)
{
    CLEANUP(free) char *folder = fs_dirname(to);
    struct stat far, near;
    uint64_t most = manifest->bundle.size;
    if (stat(from, &far) != 0 || stat(folder, &near) != 0 || __builtin_add_overflow(most, most / 8, &most) ||
        __builtin_add_overflow(most, ROOM_OF_AN_ARCHIVE, &most))
        return false;
    return (uint64_t)far.st_size <= most && (far.st_dev != near.st_dev || fs_exists(to));
}

void golden_search_keep(const struct golden_search *search, const char *root, const struct manifest *manifest)
{
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(free) char *folder = NULL;
    CLEANUP(free) char *lock_path = NULL;
    CLEANUP(fd) int lock = -1;
    if (project_private(&folder, root, "store", &ignored) != 0 || fs_mkdirs(folder, &ignored) != 0 ||
        !is_worth_keeping(search->shared, search->store, manifest) ||
        fs_copy_atomic(search->shared, search->store, &ignored) != 0)
        return;
    if (project_private(&lock_path, root, "lock", &ignored) == 0 && fs_lock(&lock, lock_path, 0, &ignored) == 0)
        store_prune(root);
}

int golden_bundle_path(char **out, const char *root, const struct manifest *manifest, struct error *err)
{
    CLEANUP(golden_search) struct golden_search search = {0};
    if (golden_search_look(&search, root, manifest, err) != 0)
        return -1;
    *out = str_dup(search.found);
    return 0;
}

int golden_check_store(const char *root, const char *suite, const char *class_name, struct error *err)
{
    CLEANUP(manifest) struct manifest *golden = NULL;
    CLEANUP(shared_store) struct shared_store *shared = NULL;
    if (golden_load(&golden, root, suite, class_name, err) != 0 || shared_store_open(&shared, root, err) != 0)
        return -1;
    CLEANUP(free) char *fault = golden && golden->bundle.in_store && shared ? shared_store_fault(shared) : NULL;
    return fault ? error_set(err, ERROR_MACHINE, "golden %s/%s is kept in the store that repro.json names, and %s",
                             suite, class_name, fault)
                 : 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "store/shared_store.h"

#include "base/fs.h"
#include "core/project_settings.h"
#include "store/golden_bundle.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

// Nobody writes to a file for so long without a byte's getting through.
#define ABANDONED_SECONDS (7 * 24 * 3600.0)

int shared_store_open(struct shared_store **out, const char *root, struct error *err)
{
    *out = NULL;
    CLEANUP(project_settings) struct project_settings *settings = NULL;
    if (project_settings_load(&settings, root, err) != 0)
        return -1;
    if (!settings->store)
        return 0;
    *out = mem_alloc(sizeof **out);
    (*out)->folder = fs_join(root, settings->store);
    (*out)->name = steal(&settings->store);
    return 0;
}

void shared_store_free(struct shared_store *store)
{
    if (!store)
        return;
    free(store->name);
    free(store->folder);
    free(store);
}

char *shared_store_path(const struct shared_store *store, const struct manifest *manifest)
{
    CLEANUP(free) char *name = golden_bundle_name(manifest);
    return fs_join(store->folder, name);
}

char *shared_store_fault(const struct shared_store *store)
{
    struct stat st;
    if (stat(store->folder, &st) != 0 && errno == ENOENT)
        return str_printf("there is no folder '%s': is it mounted?", store->name);
    if (stat(store->folder, &st) != 0)
        return str_printf("'%s' cannot be reached: %s", store->name, strerror(errno));
    return S_ISDIR(st.st_mode) ? NULL : str_printf("'%s' is not a folder", store->name);
}

bool shared_store_has(const struct shared_store *store, const struct manifest *manifest)
{
    CLEANUP(free) char *path = shared_store_path(store, manifest);
    struct stat st;
    off_t size;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && golden_bundle_is_sound(path, manifest, &size);
}

static int put(const struct shared_store *store, const char *from, const struct manifest *manifest, struct error *err)
{
    CLEANUP(free) char *fault = shared_store_fault(store), *to = shared_store_path(store, manifest);
    struct stat st;
    if (fault)
        return error_set(err, ERROR_MACHINE, "%s (repro does not make it)", fault);
    if (lstat(to, &st) == 0 && fs_check_regular(to, &st, err) != 0)
        return -1;
    return fs_copy_atomic(from, to, err);
}

int shared_store_put(const struct shared_store *store, const char *from, const struct manifest *manifest,
                     struct error *err)
{
    if (shared_store_has(store, manifest))
        return 0;
    if (put(store, from, manifest, err) != 0)
        return error_context(err, "the bundle cannot be kept in the store that repro.json names");
    fs_remove_temporaries(store->folder, ABANDONED_SECONDS);
    return 0;
}

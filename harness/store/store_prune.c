// SPDX-License-Identifier: Apache-2.0
#include "store/store_prune.h"

#include "base/fs.h"
#include "store/digest.h"
#include "store/golden.h"
#include "store/golden_bundle.h"
#include "store/golden_kept.h"
#include "store/shared_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SUFFIX      ".tar.zst"
#define DAY_SECONDS 86400.0

// What cannot be read may need any of them.
static int add_earlier(struct strings *names, const char *root, const char *suite, const char *class_name,
                       struct error *err)
{
    CLEANUP(golden_kept_list) struct golden_kept_list kept = {0};
    if (golden_kept_list(&kept, root, suite, class_name, err) != 0)
        return -1;
    for (size_t i = 0; i < kept.count; i++)
        strings_take(names, golden_bundle_name(kept.items[i].manifest));
    return kept.unreadable.count == 0 ? 0 : error_set(err, ERROR_USAGE, "%s", kept.unreadable.items[0]);
}

static int add_suite(struct strings *names, const char *root, const char *suite, struct error *err)
{
    CLEANUP(strings) struct strings classes = {0};
    if (golden_classes(&classes, root, suite, err) != 0)
        return -1;
    for (size_t i = 0; i < classes.count; i++) {
        CLEANUP(manifest) struct manifest *manifest = NULL;
        if (golden_load(&manifest, root, suite, classes.items[i], err) != 0)
            return -1;
        if (manifest)
            strings_take(names, golden_bundle_name(manifest));
        if (add_earlier(names, root, suite, classes.items[i], err) != 0)
            return -1;
    }
    return 0;
}

// The names in the store of the bundles of all goldens.
static int list_used(struct strings *names, const char *root, struct error *err)
{
    CLEANUP(free) char *path = fs_join(root, "golden");
    DIR *dir = opendir(path);
    int status = dir ? 0 : error_errno(err, "cannot read the folder '%s'", path);
    for (const struct dirent *entry; status == 0 && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            status = add_suite(names, root, entry->d_name, err);
    }
    if (dir)
        closedir(dir);
    return status;
}

// .repro/store, but not through a link, which may lead to what is not ours alone. −1 where there is nothing to prune.
static int open_store(const char *root, struct error *err)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    CLEANUP(free) char *path = fs_join(root, ".repro");
    CLEANUP(shared_store) struct shared_store *shared = NULL;
    CLEANUP(fd) int private = open(path, flags);
    CLEANUP(fd) int store = private < 0 ? -1 : openat(private, "store", flags);
    struct stat mine, theirs;
    if (store < 0 || fstat(store, &mine) != 0 || shared_store_open(&shared, root, err) != 0)
        return -1;
    bool same =
        shared && stat(shared->folder, &theirs) == 0 && mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino;
    return same ? -1 : steal_fd(&store);
}

static bool is_bundle(const char *name)
{
    struct digest ignored;
    CLEANUP(free) char *hex = str_ndup(name, strcspn(name, "."));
    return str_equal(name + strlen(hex), SUFFIX) && digest_from_hex(&ignored, hex) == 0;
}

void store_prune(const char *root)
{
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(strings) struct strings used = {0};
    CLEANUP(fd) int store = open_store(root, &ignored);
    if (store < 0 || list_used(&used, root, &ignored) != 0)
        return;
    DIR *dir = fdopendir(store);
    if (!dir)
        return;
    steal_fd(&store);
    time_t now = time(NULL);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;
        if (is_bundle(entry->d_name) && !strings_has(&used, entry->d_name) &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            difftime(now, st.st_mtime) > STORE_PRUNE_DAYS * DAY_SECONDS)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
}

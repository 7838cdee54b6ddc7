// SPDX-License-Identifier: Apache-2.0
#include "engine/kept.h"

#include "base/fs.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

// A run whose lock is held belongs to a repro that is still working, as ours is.
static void forget(const char *run, const char *suite)
{
    CLEANUP(free) char *lock_path = fs_join(run, "lock");
    CLEANUP(free) char *folder = fs_join(run, suite);
    CLEANUP(free) char *artifacts = fs_join(folder, "artifacts");
    CLEANUP(fd) int lock = -1;
    struct error ignored = {0};
    if (fs_exists(artifacts) && fs_lock(&lock, lock_path, 0, &ignored) == 0)
        fs_remove_tree(artifacts, &ignored);
    error_free(&ignored);
}

static void forget_others(const struct session *session, const char *suite)
{
    CLEANUP(free) char *runs = fs_dirname(session->run_folder);
    DIR *folder = opendir(runs);
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        CLEANUP(free) char *run = fs_join(runs, entry->d_name);
        if (entry->d_name[0] != '.' && !str_equal(run, session->run_folder))
            forget(run, suite);
    }
    closedir(folder);
}

char *kept_output(const struct replay *replay, const struct session *session, const char *path)
{
    const char *root = session->project->root;
    CLEANUP(free) char *folder = fs_join(replay->folder, "artifacts");
    CLEANUP(free) char *to = fs_join(folder, path), *parent = fs_dirname(to);
    CLEANUP(free) char *from = replay_output(replay, path);
    struct error ignored = {0};
    if (!fs_exists(folder))
        forget_others(session, replay->manifest->suite);
    bool kept = fs_mkdirs(parent, &ignored) == 0 && (link(from, to) == 0 || fs_copy_file(from, to, &ignored) == 0);
    error_free(&ignored);
    return kept && str_starts(to, root) ? str_dup(to + strlen(root) + (root[1] != '\0')) : NULL;
}

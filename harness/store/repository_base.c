// SPDX-License-Identifier: Apache-2.0
//
// The merge base of HEAD and another revision. libgit2 does not know where a shallow clone ends: its walk fails on the
// first commit that is not there, even where the base was met long before. So a shallow clone is walked here.
#include "store/repository_git.h"

#include <string.h>

enum { COMMITS_AT_MOST = 10000 };

struct commits {
    git_commit **items;
    size_t count, capacity;
};

static void commits_free(struct commits *commits)
{
    for (size_t i = 0; i < commits->count; i++)
        git_commit_free(commits->items[i]);
    free(commits->items);
}

static bool commits_have(const struct commits *commits, const git_oid *oid)
{
    for (size_t i = 0; i < commits->count; i++) {
        if (git_oid_equal(git_commit_id(commits->items[i]), oid))
            return true;
    }
    return false;
}

// A commit that is not in the clone, or was met before, is passed over.
static void commits_meet(struct commits *commits, git_repository *git, const git_oid *oid)
{
    git_commit *commit = NULL;
    if (commits->count >= COMMITS_AT_MOST || commits_have(commits, oid) || git_commit_lookup(&commit, git, oid) != 0)
        return;
    commits->items = mem_grow(commits->items, commits->count, &commits->capacity, sizeof(git_commit *));
    commits->items[commits->count++] = commit;
}

// The commit and everything before it, each commit before its parents.
static void commits_before(struct commits *out, git_repository *git, const git_oid *from)
{
    commits_meet(out, git, from);
    for (size_t i = 0; i < out->count; i++) {
        for (unsigned parent = 0; parent < git_commit_parentcount(out->items[i]); parent++)
            commits_meet(out, git, git_commit_parent_id(out->items[i], parent));
    }
}

// Of the commits that both have, the newest.
static char *shallow_base(git_repository *git, const git_oid *head, const git_oid *other)
{
    struct commits ours = {0}, theirs = {0};
    const git_commit *best = NULL;
    commits_before(&ours, git, head);
    commits_before(&theirs, git, other);
    for (size_t i = 0; i < theirs.count; i++) {
        git_commit *commit = theirs.items[i];
        if (commits_have(&ours, git_commit_id(commit)) && (!best || git_commit_time(commit) > git_commit_time(best)))
            best = commit;
    }
    char *found = best ? repository_hex(git_commit_id(best)) : NULL;
    commits_free(&ours);
    commits_free(&theirs);
    return found;
}

int repository_merge_base(char **out, struct repository *repository, const char *base, struct error *err)
{
    *out = NULL;
    CLEANUP(git_object) git_object *head = NULL;
    CLEANUP(git_object) git_object *other = NULL;
    CLEANUP(free) char *remote = str_printf("origin/%s", base);
    if (repository_find(&head, repository, "HEAD", err) != 0 || repository_find(&other, repository, base, err) != 0)
        return -1;
    if (!other && repository_find(&other, repository, remote, err) != 0)
        return -1;
    if (!head || !other)
        return 0;
    if (git_repository_is_shallow(repository->git) == 1) {
        *out = shallow_base(repository->git, git_object_id(head), git_object_id(other));
        return 0;
    }
    git_oid oid;
    int status = git_merge_base(&oid, repository->git, git_object_id(head), git_object_id(other));
    if (status == 0)
        *out = repository_hex(&oid);
    return status == 0 || status == GIT_ENOTFOUND ? 0
                                                  : repository_fault(err, "cannot find the merge base with '%s'", base);
}

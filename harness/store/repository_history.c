// SPDX-License-Identifier: Apache-2.0
//
// The commits that changed a path, as `git log -- PATH` tells them: newest first; of a merge that took the path over
// from one parent, only that parent is followed. libgit2's own walk gives up at the edge of a shallow clone, so this
// one is ours.
#include "store/repository_git.h"

#include <stdlib.h>
#include <string.h>

// Commits that were met, by open addressing; at most half full.
struct met {
    git_oid *slots; // all zero is empty
    size_t size, count;
};

struct history {
    struct repository *repository;
    const char *path;
    struct git_history *out;
    git_commit **pending; // to be looked at
    size_t pending_count, pending_capacity;
    struct met met;
    struct error *err;
};

static bool met_insert(git_oid *slots, size_t size, const git_oid *oid)
{
    uint64_t hash;
    memcpy(&hash, oid->id, sizeof hash);
    for (size_t slot = (size_t)hash & (size_t)(size - 1);; slot = (slot + 1) & (size - 1)) {
        if (git_oid_equal(&slots[slot], oid))
            return false;
        if (git_oid_is_zero(&slots[slot])) {
            slots[slot] = *oid;
            return true;
        }
    }
}

// False when it was there before.
static bool met_add(struct met *met, const git_oid *oid)
{
    if (met->count * 2 >= met->size) {
        size_t size = met->size ? met->size * 2 : 256;
        git_oid *slots = mem_array(size, sizeof *slots);
        for (size_t i = 0; i < met->size; i++)
            if (!git_oid_is_zero(&met->slots[i]))
                met_insert(slots, size, &met->slots[i]);
        free(met->slots);
        met->slots = slots;
        met->size = size;
    }
    bool added = met_insert(met->slots, met->size, oid);
    met->count += added;
    return added;
}

// What stands at the path in a commit; all zero when nothing does.
static int state_of(git_oid *out, struct history *history, const git_commit *commit)
{
    *out = (git_oid){0};
    CLEANUP(git_tree) git_tree *tree = NULL;
    CLEANUP(git_tree_entry) git_tree_entry *entry = NULL;
    if (git_commit_tree(&tree, commit) != 0)
        return repository_fault(history->err, "cannot read a commit's tree");
    if (!*history->path) {
        *out = *git_tree_id(tree);
        return 0;
    }
    if (repository_entry(&entry, tree, history->path, history->err) != 0)
        return -1;
    if (entry)
        *out = *git_tree_entry_id(entry);
    return 0;
}

// Takes ownership of the commit.
static void push(struct history *history, git_commit *commit)
{
    if (!met_add(&history->met, git_commit_id(commit))) {
        git_commit_free(commit);
        return;
    }
    history->pending =
        mem_grow(history->pending, history->pending_count, &history->pending_capacity, sizeof(git_commit *));
    history->pending[history->pending_count++] = commit;
}

// The newest; of equally old ones the one that was met first.
static git_commit *pop(struct history *history)
{
    size_t newest = 0;
    for (size_t i = 1; i < history->pending_count; i++)
        if (git_commit_time(history->pending[i]) > git_commit_time(history->pending[newest]))
            newest = i;
    git_commit *commit = history->pending[newest];
    history->pending_count--;
    memmove(history->pending + newest, history->pending + newest + 1,
            (history->pending_count - newest) * sizeof(git_commit *));
    return commit;
}

static void tell(struct history *history, git_commit *commit)
{
    struct git_history *out = history->out;
    const git_signature *author = git_commit_author(commit);
    const char *subject = git_commit_summary(commit);
    size_t capacity = out->count; // grows by doubling: full whenever the count is a power of two
    if ((capacity & (capacity - 1)) == 0)
        out->items = mem_realloc(out->items, (capacity ? capacity * 2 : 1) * sizeof *out->items);
    out->items[out->count++] = (struct git_change){
        .commit = repository_hex(git_commit_id(commit)),
        .author = str_dup(author && author->name ? author->name : ""),
        .subject = str_dup(subject ? subject : ""),
        .time = git_commit_time(commit),
    };
}

// Since 1.7 libgit2 takes the commits at the edge of a shallow clone for commits without parents; they still name them.
static unsigned named_parents(const git_commit *commit)
{
    unsigned count = 0;
    for (const char *at = git_commit_raw_header(commit); at && (at = strstr(at, "\nparent ")); at++)
        count++;
    return count;
}

// Follows the parents of a commit and tells whether it changed the path against all of them.
static int follow(struct history *history, git_commit *commit, bool *changed)
{
    git_oid here, there;
    if (state_of(&here, history, commit) != 0)
        return -1;
    unsigned count = git_commit_parentcount(commit);
    bool missing = named_parents(commit) > count;
    *changed = count > 0 || !git_oid_is_zero(&here);
    CLEANUP(free) git_commit **parents = mem_array(count + 1, sizeof(git_commit *));
    int status = 0;
    for (unsigned i = 0; i < count && *changed && status == 0; i++) {
        int found = git_commit_parent(&parents[i], commit, i);
        missing = missing || found == GIT_ENOTFOUND;
        if (found == GIT_ENOTFOUND)
            continue; // the edge of a shallow clone
        status = found == 0 ? state_of(&there, history, parents[i])
                            : repository_fault(history->err, "cannot read a commit's parent");
        if (status == 0 && git_oid_equal(&here, &there)) {
            *changed = false;
            push(history, steal(&parents[i]));
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (parents[i] && *changed && status == 0)
            push(history, steal(&parents[i]));
        git_commit_free(parents[i]);
    }
    // What a commit changed against a parent that is not here, nobody can say.
    if (missing && *changed) {
        history->out->cut = true;
        *changed = false;
    }
    return status;
}

static int walk(struct history *history, size_t limit)
{
    while (history->pending_count > 0) {
        CLEANUP(git_commit) git_commit *commit = pop(history);
        bool changed;
        if (follow(history, commit, &changed) != 0)
            return -1;
        if (changed)
            tell(history, commit);
        if (limit > 0 && history->out->count >= limit)
            break;
    }
    return 0;
}

int repository_history(struct git_history *out, struct repository *repository, const char *path, size_t limit,
                       struct error *err)
{
    *out = (struct git_history){0};
    CLEANUP(git_object) git_object *head = NULL;
    if (repository_find(&head, repository, "HEAD", err) != 0)
        return -1;
    if (!head)
        return 0; // no commit yet
    CLEANUP(free) char *full = repository_full_path(repository, path);
    struct history history = {.repository = repository, .path = full, .out = out, .err = err};
    push(&history, (git_commit *)steal(&head));
    int status = walk(&history, limit);
    for (size_t i = 0; i < history.pending_count; i++)
        git_commit_free(history.pending[i]);
    free(history.pending);
    free(history.met.slots);
    if (status != 0)
        git_history_free(out);
    return status;
}

void git_history_free(struct git_history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        free(history->items[i].commit);
        free(history->items[i].author);
        free(history->items[i].subject);
    }
    free(history->items);
    *history = (struct git_history){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "engine/history.h"

#include "engine/moved.h"
#include "store/golden.h"
#include "store/golden_kept.h"
#include "store/repository.h"

struct walk {
    struct history *out;
    struct repository *repository; // NULL without git
    const struct suite *suite;
    const char *class_name;
    const char *path; // of the manifest, relative to the project's root
};

static struct history_entry *add_entry(const struct walk *walk, const struct manifest *manifest)
{
    struct history *out = walk->out;
    out->entries = mem_grow(out->entries, out->count, &out->capacity, sizeof *out->entries);
    struct history_entry *entry = &out->entries[out->count++];
    *entry = (struct history_entry){
        .suite = str_dup(walk->suite->name),
        .class_name = str_dup(walk->class_name),
        .reason = str_dup(manifest->accepted.reason),
        .by = str_dup(manifest->accepted.by),
        .rolled_back = {str_dup(manifest->accepted.rolled_back.from), str_dup(manifest->accepted.rolled_back.reason),
                        str_dup(manifest->accepted.rolled_back.by)},
    };
    struct digest identity;
    struct error ignored = {0};
    char hex[65] = "";
    if (golden_identity(&identity, manifest, &ignored) == 0)
        digest_hex(hex, &identity);
    error_free(&ignored);
    entry->identity = str_dup(hex);
    return entry;
}

static void entry_free(struct history_entry *entry)
{
    free(entry->suite);
    free(entry->class_name);
    free(entry->commit);
    free(entry->author);
    free(entry->reason);
    free(entry->by);
    free(entry->identity);
    free(entry->rolled_back.from);
    free(entry->rolled_back.reason);
    free(entry->rolled_back.by);
    strings_free(&entry->moved);
}

// A golden that an older or newer repro wrote and that this one cannot read is left NULL.
static struct manifest *read_at(const struct walk *walk, const char *commit)
{
    struct manifest *manifest = NULL;
    CLEANUP(buf) struct buf text = {0};
    bool found = false;
    struct error ignored = {0};
    if (repository_read(&text, &found, walk->repository, commit, walk->path, &ignored) == 0 && found)
        manifest_parse(&manifest, walk->path, buf_text(&text), text.len, &ignored);
    error_free(&ignored);
    return manifest;
}

static bool is_again(const struct manifest *here, const struct manifest *later)
{
    return manifest_same(here, later) && str_equal(here->accepted.reason, later->accepted.reason) &&
           str_equal(here->accepted.rolled_back.from, later->accepted.rolled_back.from);
}

static void add_commits(const struct walk *walk, const struct git_history *commits, struct manifest **newest)
{
    struct manifest *later = *newest;
    struct history_entry *entry = later ? &walk->out->entries[walk->out->count - 1] : NULL;
    for (size_t i = 0; i < commits->count; i++) {
        const struct git_change *change = &commits->items[i];
        struct manifest *here = read_at(walk, change->commit);
        if (!here)
            continue;
        if (later && entry && !manifest_same(here, later))
            moved_all(&entry->moved, here, later, walk->suite, NULL);
        bool again = later && is_again(here, later);
        if (!again)
            entry = add_entry(walk, here);
        // The entry belongs to the oldest commit that holds this golden.
        free(entry->commit);
        free(entry->author);
        entry->commit = str_dup(change->commit);
        entry->author = str_dup(change->author);
        entry->time = change->time;
        manifest_free(later);
        later = here;
    }
    *newest = later;
}

// Marks what can be gone back to. What git does not have is added.
static int add_kept(const struct walk *walk, const char *root, size_t before, size_t limit, struct error *err)
{
    CLEANUP(golden_kept_list) struct golden_kept_list kept = {0};
    if (golden_kept_list(&kept, root, walk->suite->name, walk->class_name, err) < 0)
        return -1;
    for (size_t i = 0; i < kept.count; i++) {
        char hex[65];
        bool found = false;
        digest_hex(hex, &kept.items[i].identity);
        for (size_t e = before; e < walk->out->count; e++) {
            struct history_entry *entry = &walk->out->entries[e];
            bool same = str_equal(entry->identity, hex);
            entry->kept |= same;
            found |= same;
        }
        if (!found && walk->out->count < before + limit)
            add_entry(walk, kept.items[i].manifest)->kept = true;
    }
    return 0;
}

static int walk_golden(struct walk *walk, const char *root, size_t limit, struct error *err)
{
    CLEANUP(manifest) struct manifest *newest = NULL;
    CLEANUP(git_history) struct git_history commits = {0};
    size_t before = walk->out->count;
    if (golden_load(&newest, root, walk->suite->name, walk->class_name, err) < 0)
        return -1;
    if (newest)
        add_entry(walk, newest);
    if (!walk->repository)
        return add_kept(walk, root, before, limit, err);
    // One more than is shown: what moved is told against the golden before.
    if (repository_history(&commits, walk->repository, walk->path, limit + 1, err) < 0)
        return -1;
    walk->out->cut |= commits.cut;
    add_commits(walk, &commits, &newest);
    while (walk->out->count > before + limit)
        entry_free(&walk->out->entries[--walk->out->count]);
    return add_kept(walk, root, before, limit, err);
}

int history_find(struct history *out, struct session *session, const struct strings *names, size_t limit,
                 struct error *err)
{
    const char *root = session->project->root;
    CLEANUP(repository) struct repository *repository = NULL;
    if (repository_open(&repository, root, err) < 0)
        return -1;
    for (size_t i = 0; i < names->count; i++) {
        CLEANUP(suite) struct suite *suite = NULL;
        CLEANUP(strings) struct strings classes = {0};
        if (suite_load(&suite, root, names->items[i], err) < 0 ||
            golden_classes(&classes, root, names->items[i], err) < 0)
            return -1;
        for (size_t c = 0; c < classes.count; c++) {
            CLEANUP(free) char *path = golden_manifest_path(suite->name, classes.items[c]);
            struct walk walk = {out, repository, suite, classes.items[c], path};
            if (walk_golden(&walk, root, limit, err) < 0)
                return -1;
        }
    }
    return 0;
}

void history_free(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        entry_free(&history->entries[i]);
    free(history->entries);
    *history = (struct history){0};
}

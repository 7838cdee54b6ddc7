// SPDX-License-Identifier: Apache-2.0
#include "engine/status.h"

#include "base/fs.h"
#include "core/result.h"
#include "engine/moved.h"
#include "engine/replay.h"
#include "store/golden.h"

static void add(struct status_entry *entry, const char *part, const struct strings *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        strings_printf(&entry->moved, "%s: %s", part, lines->items[i]);
}

static void compare_inputs(struct status_entry *entry, const struct manifest *golden, const struct manifest *now)
{
    CLEANUP(strings) struct strings code = {0}, data = {0}, settings = {0}, external = {0}, command = {0};
    moved_command(&command, golden, now);
    moved_files(&data, &golden->data, &now->data);
    moved_files(&settings, &golden->settings, &now->settings);
    moved_files(&external, &golden->external, &now->external);
    moved_files(&code, &golden->code, &now->code);
    add(entry, "command", &command);
    add(entry, "data", &data);
    add(entry, "settings", &settings);
    add(entry, "external", &external);
    entry->code_only = entry->moved.count == 0 && code.count > 0;
    add(entry, "code", &code);
}

// The class of this machine would cost a start of the interpreter; inputs are the same for every class, so any golden
// will do.
static int load_any_golden(struct manifest **out, struct status_entry *entry, const char *root, const char *name,
                           struct error *err)
{
    if (golden_classes(&entry->classes, root, name, err) < 0)
        return -1;
    if (entry->classes.count == 0)
        return 0;
    return golden_load(out, root, name, entry->classes.items[0], err);
}

static int fill(struct status_entry *entry, struct session *session, const char *name, struct error *err)
{
    const char *root = session->project->root;
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *golden = NULL;
    CLEANUP(manifest) struct manifest *now = manifest_new();
    if (suite_load(&suite, root, name, err) < 0 || load_any_golden(&golden, entry, root, name, err) < 0)
        return -1;
    replay_command(now, suite);
    if (replay_inputs(now, session, suite, root, err) < 0)
        return -1;
    if (!golden)
        return 0;
    entry->class_name = str_dup(golden->class_name);
    entry->reason = str_dup(golden->accepted.reason);
    compare_inputs(entry, golden, now);
    return 0;
}

int status_find(struct status *out, struct session *session, const struct strings *names, struct error *err)
{
    out->entries = mem_array(names->count, sizeof *out->entries);
    out->count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        out->entries[i].suite = str_dup(names->items[i]);
        out->entries[i].last = session_recall(session, "verdict", names->items[i]);
        if (session_stopped(session))
            return error_set(err, ERROR_STOPPED, "stopped");
        // What is wrong with one suite is said beside its name; the others are shown all the same.
        if (fill(&out->entries[i], session, names->items[i], &out->entries[i].error) < 0)
            continue;
    }
    struct error ignored = {0};
    stat_cache_save(session->cache, &ignored);
    error_free(&ignored);
    return 0;
}

void status_free(struct status *status)
{
    for (size_t i = 0; i < status->count; i++) {
        struct status_entry *entry = &status->entries[i];
        free(entry->suite);
        error_free(&entry->error);
        strings_free(&entry->classes);
        free(entry->class_name);
        free(entry->reason);
        strings_free(&entry->moved);
        free(entry->last);
    }
    free(status->entries);
    *status = (struct status){0};
}

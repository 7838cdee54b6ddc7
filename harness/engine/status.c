// SPDX-License-Identifier: Apache-2.0
#include "engine/status.h"

#include "base/fs.h"
#include "core/result.h"
#include "engine/identity.h"
#include "engine/moved.h"
#include "engine/reference.h"
#include "engine/replay.h"
#include "store/digest.h"
#include "store/golden.h"
#include "store/tree.h"

#include <string.h>

static void add(struct strings *moved, const char *part, const struct strings *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        strings_printf(moved, "%s: %s", part, lines->items[i]);
}

bool status_compare(struct strings *moved, const struct manifest *golden, const struct manifest *now)
{
    CLEANUP(strings) struct strings code = {0}, data = {0}, settings = {0}, external = {0}, command = {0};
    moved_command(&command, golden, now);
    moved_files(&data, &golden->data, &now->data);
    moved_files(&settings, &golden->settings, &now->settings);
    moved_files(&external, &golden->external, &now->external);
    moved_files(&code, &golden->code, &now->code);
    add(moved, "command", &command);
    add(moved, "data", &data);
    add(moved, "settings", &settings);
    add(moved, "external", &external);
    bool code_only = moved->count == 0 && code.count > 0;
    add(moved, "code", &code);
    return code_only;
}

// One digest of all that decides whether something moved: suite.json, golden's manifest and every input. Where it is
// the one that was found to be unmoved the last time, the manifest, which takes longer to read than all inputs to look
// at, stays closed.
static int fingerprint(char out[65], struct session *session, const struct suite *suite, const char *class_name,
                       const struct manifest *now, struct error *err)
{
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(file_list) struct file_list documents = {0};
    CLEANUP(free) char *golden = golden_manifest_path(suite->name, class_name);
    struct digest digest;
    file_list_add(&documents, golden);
    file_list_add(&documents, suite->path);
    if (digester_new(&digester, err) < 0 ||
        tree_hash(&documents, session->project->root, session_cache(session), 1, err) < 0)
        return -1;
    const struct file_list *lists[] = {&documents, &now->code, &now->data, &now->settings, &now->external};
    digester_begin(digester);
    digester_add(digester, REPRO_VERSION, sizeof REPRO_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        identity_add(digester, lists[i]);
    digester_end(digester, &digest);
    digest_hex(out, &digest);
    return 0;
}

static int fill(struct status_entry *entry, struct session *session, const char *name, struct error *err)
{
    const char *root = session->project->root;
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(manifest) struct manifest *golden = NULL;
    CLEANUP(manifest) struct manifest *now = manifest_new();
    CLEANUP(free) char *unmoved = session_recall(session, "unmoved", name);
    char state[65];
    bool superseded = false;
    now->suite = str_dup(name);
    if (suite_load(&suite, root, name, err) < 0 || golden_classes(&entry->classes, root, name, err) < 0)
        return -1;
    replay_command(now, suite);
    if (replay_inputs(now, session, suite, root, err) < 0)
        return -1;
    const char *first = entry->classes.count > 0 ? entry->classes.items[0] : NULL;
    if (!first)
        return 0;
    if (fingerprint(state, session, suite, first, now, err) < 0)
        return -1;
    if (str_equal(state, unmoved)) {
        entry->class_name = str_dup(first);
        return 0;
    }
    // The class of this machine would cost a start of the interpreter, and is left open.
    if (reference_load(&golden, &superseded, root, now, err) < 0)
        return -1;
    if (!golden)
        return 0;
    entry->class_name = str_dup(golden->class_name);
    entry->code_only = status_compare(&entry->moved, golden, now);
    if (entry->moved.count == 0 && str_equal(first, golden->class_name))
        session_remember(session, "unmoved", name, state);
    return 0;
}

// The note is a file that anyone may have edited.
static char *last_verdict(const struct session *session, const char *name)
{
    CLEANUP(free) char *text = session_recall(session, "verdict", name);
    bool known = str_equal(text, "passed") || str_equal(text, "failed") || str_equal(text, "error");
    return known ? steal(&text) : NULL;
}

int status_find(struct status *out, struct session *session, const struct strings *names, struct error *err)
{
    out->entries = mem_array(names->count, sizeof *out->entries);
    out->count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        out->entries[i].suite = str_dup(names->items[i]);
        out->entries[i].last = last_verdict(session, names->items[i]);
        if (session_stopped(session))
            return error_set(err, ERROR_STOPPED, "stopped");
        // What is wrong with one suite is said beside its name; the others are shown all the same.
        if (fill(&out->entries[i], session, names->items[i], &out->entries[i].error) < 0)
            continue;
    }
    struct error ignored = {0};
    stat_cache_save(session_cache(session), &ignored);
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
        strings_free(&entry->moved);
        free(entry->last);
    }
    free(status->entries);
    *status = (struct status){0};
}

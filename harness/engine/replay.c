// SPDX-License-Identifier: Apache-2.0
#include "engine/replay.h"

#include "artifact/artifact.h"
#include "artifact/contents.h"
#include "base/fs.h"
#include "compare/metrics.h"
#include "engine/content_facts.h"
#include "engine/source.h"
#include "run/facts.h"
#include "store/tree.h"

#include <string.h>

enum { FACTS_ALWAYS = 64, FACT_SIZE = 256 }; // tensors; bytes of JSON for each

int replay_check_names(const struct file_list *files, struct error *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->items[i].path;
        if (!str_is_utf8(path, strlen(path), NULL))
            return error_set(err, ERROR_USAGE,
                             "the name of the file '%s' is not UTF-8, so no manifest can hold it; rename it", path);
    }
    return 0;
}

static int hash_globs(struct file_list *out, struct session *session, const char *folder,
                      const struct strings *patterns, struct error *err)
{
    if (tree_list(out, folder, patterns, err) < 0 || replay_check_names(out, err) < 0)
        return -1;
    pthread_mutex_lock(&session->hashing);
    int hashed = tree_hash(out, folder, session_cache(session), 0, err);
    pthread_mutex_unlock(&session->hashing);
    return hashed;
}

// An external is one entry under its name: a file as it is, a folder by its folder digest.
static int hash_external(struct file_list *out, struct session *session, const struct pair *external, struct error *err)
{
    struct stat st;
    if (stat(external->value, &st) < 0)
        return error_errno(err, "cannot read the external input '%s' at '%s'", external->name, external->value);
    struct file_entry *entry = file_list_add(out, external->name);
    entry->kind = S_ISDIR(st.st_mode) ? FILE_FOLDER : FILE_REGULAR;

    CLEANUP(file_list) struct file_list files = {0};
    CLEANUP(strings) struct strings everything = {0};
    CLEANUP(free) char *parent = fs_dirname(external->value);
    const char *folder = entry->kind == FILE_FOLDER ? external->value : parent;
    strings_add(&everything, entry->kind == FILE_FOLDER ? "**" : fs_basename(external->value));
    if (hash_globs(&files, session, folder, &everything, err) < 0)
        return -1;
    for (size_t i = 0; i < files.count; i++)
        entry->size += files.items[i].size;
    if (entry->kind == FILE_FOLDER)
        return tree_digest(&entry->sha256, &files, "", err);
    if (files.count != 1)
        return error_set(err, ERROR_MACHINE, "cannot read the external input '%s' at '%s'", external->name,
                         external->value);
    entry->sha256 = files.items[0].sha256;
    return 0;
}

int replay_inputs(struct manifest *manifest, struct session *session, const struct suite *suite, const char *folder,
                  struct error *err)
{
    if (hash_globs(&manifest->code, session, folder, &suite->inputs.code, err) < 0 ||
        hash_globs(&manifest->data, session, folder, &suite->inputs.data, err) < 0 ||
        hash_globs(&manifest->settings, session, folder, &suite->inputs.settings, err) < 0)
        return -1;
    for (size_t i = 0; i < suite->inputs.external.count; i++) {
        if (hash_external(&manifest->external, session, &suite->inputs.external.items[i], err) < 0)
            return -1;
    }
    file_list_sort(&manifest->external);
    return 0;
}

void replay_input_paths(struct strings *out, const struct manifest *manifest, const struct suite *suite)
{
    const struct file_list *lists[] = {&manifest->code, &manifest->data, &manifest->settings};
    strings_add(out, suite->path);
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++)
            strings_add(out, lists[l]->items[i].path);
    }
    strings_sort(out);
    strings_unique(out);
}

// The order in which env and pins are named means nothing.
void replay_command(struct manifest *manifest, const struct suite *suite)
{
    strings_copy(&manifest->command.argv, &suite->train.command);
    manifest->command.directory = str_dup(suite->train.directory);
    pairs_copy(&manifest->command.env, &suite->train.env);
    pairs_sort(&manifest->command.env);
    strings_copy(&manifest->command.pins, &suite->train.pins);
    strings_sort(&manifest->command.pins);
}

const char *replay_source(const struct replay *replay, const struct session *session)
{
    return replay->source_folder ? replay->source_folder : session->project->root;
}

int replay_new(struct replay **out, struct session *session, const struct suite *suite, const struct manifest *golden,
               struct error *err)
{
    CLEANUP(replay) struct replay *replay = mem_alloc(sizeof *replay);
    struct manifest *manifest = replay->manifest = manifest_new();
    manifest->suite = str_dup(suite->name);
    replay_command(manifest, suite);

    replay->folder = fs_join(session->run_folder ? session->run_folder : session->project->root, suite->name);
    enum source at = session->options.at;
    if (at != SOURCE_WORKTREE && fs_mkdirs(replay->folder, err) < 0)
        return -1;
    session_phase(session, suite->name, "hashing inputs", 0);
    if (source_prepare(&replay->source_folder, session, at, golden, replay->folder, err) < 0 ||
        replay_inputs(manifest, session, suite, replay_source(replay, session), err) < 0 ||
        facts_collect(&manifest->environment, suite, session->options.environ, err) < 0 ||
        facts_class(&manifest->class_name, suite, &manifest->environment, err) < 0)
        return -1;
    *out = steal(&replay);
    return 0;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    run_free(replay->run);
    if (replay->source_folder) {
        struct error ignored = {0};
        fs_remove_tree(replay->source_folder, &ignored);
        error_free(&ignored);
    }
    manifest_free(replay->manifest);
    free(replay->folder);
    free(replay->source_folder);
    strings_free(&replay->moved_inputs);
    strings_free(&replay->own_inputs);
    strings_free(&replay->undeclared);
    strings_free(&replay->missing);
    traced_free(&replay->traced);
    error_free(&replay->metrics_error);
    free(replay);
}

static bool is_series(const struct suite *suite, const char *path)
{
    for (size_t i = 0; i < suite->metrics.series_count; i++) {
        if (str_equal(suite->metrics.series[i].path, path))
            return true;
    }
    return false;
}

static bool is_measurement(const struct suite *suite, const char *path)
{
    return strings_has(&suite->metrics.from, path) || is_series(suite, path);
}

bool replay_is_artifact(const struct suite *suite, const char *path)
{
    if (!suite->artifacts_given)
        return !is_measurement(suite, path);
    const struct artifact_rule *rule = suite_artifact(suite, path);
    return rule && rule->compare != COMPARE_NONE;
}

static int collect_files(struct replay *replay, const struct suite *suite, struct error *err)
{
    const struct file_list *written = &replay->run->written;
    struct file_list *outputs = &replay->manifest->artifacts;
    for (size_t i = 0; i < written->count; i++) {
        const struct file_entry *file = &written->items[i];
        if (!replay_is_artifact(suite, file->path) && !is_measurement(suite, file->path)) {
            if (manifest_has_input(replay->manifest, file->path))
                strings_add(&replay->own_inputs, file->path);
            else if (!suite_artifact(suite, file->path)) // declared with "compare": "none": known, and left alone
                strings_add(&replay->undeclared, file->path);
            continue;
        }
        struct file_entry *entry = file_list_add(outputs, file->path);
        entry->kind = file->kind;
        entry->executable = file->executable;
        entry->size = file->size;
        if (file->kind != FILE_REGULAR)
            continue;
        const struct artifact_format *format = NULL;
        CLEANUP(free) char *path = replay_output(replay, file->path);
        if (artifact_format_of(&format, path, err) < 0)
            return -1;
        entry->format = str_dup(format->name);
    }
    for (size_t i = 0; i < replay->run->removed.count; i++) {
        if (manifest_has_input(replay->manifest, replay->run->removed.items[i]))
            strings_add(&replay->own_inputs, replay->run->removed.items[i]);
    }
    strings_sort(&replay->own_inputs);
    if (replay_check_names(outputs, err) < 0)
        return -1;
    return tree_hash(outputs, workspace_outputs(replay->run->workspace), NULL, 0, err);
}

static bool rule_has_output(const struct artifact_rule *rule, const struct file_list *written)
{
    for (size_t i = 0; i < written->count; i++) {
        if (str_glob(rule->path, written->items[i].path))
            return true;
    }
    return false;
}

// Numbers are read from files only: a link that training made could lead to any file of this machine.
static bool is_measured(const struct file_list *written, const char *path)
{
    const struct file_entry *file = file_list_find(written, path);
    return file && file->kind == FILE_REGULAR;
}

static void find_missing(struct replay *replay, const struct suite *suite)
{
    const struct file_list *written = &replay->run->written;
    for (size_t i = 0; i < suite->artifact_count; i++) {
        if (suite->artifacts[i].compare != COMPARE_NONE && !rule_has_output(&suite->artifacts[i], written))
            strings_add(&replay->missing, suite->artifacts[i].path);
    }
    for (size_t i = 0; i < suite->metrics.from.count; i++) {
        if (!is_measured(written, suite->metrics.from.items[i]))
            strings_add(&replay->missing, suite->metrics.from.items[i]);
    }
    for (size_t i = 0; i < suite->metrics.series_count; i++) {
        if (!is_measured(written, suite->metrics.series[i].path))
            strings_add(&replay->missing, suite->metrics.series[i].path);
    }
    strings_sort(&replay->missing);
    strings_unique(&replay->missing);
}

static void read_metrics(struct replay *replay, const struct suite *suite)
{
    struct metric_list *metrics = &replay->manifest->metrics;
    for (size_t i = 0; i < suite->metrics.from.count; i++) {
        const char *name = suite->metrics.from.items[i];
        if (strings_has(&replay->missing, name))
            continue;
        CLEANUP(free) char *path = replay_output(replay, name);
        if (metrics_read(metrics, path, name, &replay->metrics_error) < 0)
            return;
    }
    metric_list_sort(metrics);
}

// Compares the inputs with what they were before the run: an edit in between makes the result worthless.
static int check_inputs_again(struct replay *replay, struct session *session, const struct suite *suite,
                              struct error *err)
{
    CLEANUP(manifest) struct manifest *after = manifest_new();
    if (replay_inputs(after, session, suite, replay_source(replay, session), err) < 0)
        return -1;
    const struct manifest *before = replay->manifest;
    struct strings *moved = &replay->moved_inputs;
    tree_compare(&before->code, &after->code, moved, moved, moved);
    tree_compare(&before->data, &after->data, moved, moved, moved);
    tree_compare(&before->settings, &after->settings, moved, moved, moved);
    tree_compare(&before->external, &after->external, moved, moved, moved);
    strings_sort(moved);
    return 0;
}

// What the trace adds to the manifest: the files that were looked for in vain, and what computed.
static int find_traced(struct replay *replay, struct session *session, const struct suite *suite, struct error *err)
{
    struct manifest *manifest = replay->manifest;
    traced_find(&replay->traced, replay->run, suite, manifest, replay_source(replay, session));
    for (size_t i = 0; i < replay->traced.absent.count; i++) {
        if (str_is_utf8(replay->traced.absent.items[i], strlen(replay->traced.absent.items[i]), NULL))
            strings_add(&manifest->absent, replay->traced.absent.items[i]);
    }
    return traced_computed(&manifest->computed, &replay->traced, err);
}

struct run_options replay_run_options(const struct session *session, const struct suite *suite, const char *folder,
                                      const char *source)
{
    const struct session_options *options = &session->options;
    return (struct run_options){
        .suite = suite,
        .root = session->project->root,
        .source = source,
        .folder = folder,
        .isolation = options->isolation,
        .workspace = options->workspace,
        .trace = options->trace,
        .trace_ability = &session->trace_ability,
        .stop_fd = options->stop_fd,
        .echo_fd = options->echo_fd,
        .timeout = options->timeout,
        .ability = &session->ability,
        .caller_environ = options->environ,
    };
}

// For whoever compares runs (repro diff). That it cannot be written is no fault of the run's.
static void keep_manifest(const struct replay *replay)
{
    CLEANUP(free) char *path = fs_join(replay->folder, "manifest.json");
    CLEANUP(error) struct error ignored = {0};
    CLEANUP(buf) struct buf text = {0};
    manifest_write(&text, replay->manifest);
    fs_write_atomic(path, buf_text(&text), text.len, &ignored);
}

int replay_train(struct replay *replay, struct session *session, const struct suite *suite, struct error *err)
{
    const struct run_options run = replay_run_options(session, suite, replay->folder, replay->source_folder);
    CLEANUP(free) char *last = session_recall(session, "seconds", suite->name);
    session_phase(session, suite->name, "training", last ? strtod(last, NULL) : 0);
    if (run_suite(&replay->run, &run, err) < 0)
        return -1;
    if (replay->run->process.stopped)
        return error_set(err, ERROR_STOPPED, "stopped");
    session_phase(session, suite->name, "checking inputs and outputs", 0);
    if (!replay_trained(replay))
        return 0;
    char seconds[32];
    str_double(seconds, replay->run->process.wall);
    session_remember(session, "seconds", suite->name, seconds);
    if (check_inputs_again(replay, session, suite, err) < 0 || collect_files(replay, suite, err) < 0)
        return -1;
    find_missing(replay, suite);
    if (find_traced(replay, session, suite, err) < 0)
        return -1;
    read_metrics(replay, suite);
    keep_manifest(replay);
    replay->complete = true;
    return 0;
}

int replay_contents(struct replay *replay, const struct suite *suite, struct error *err)
{
    struct file_list *artifacts = &replay->manifest->artifacts;
    for (size_t i = 0; i < artifacts->count; i++) {
        struct file_entry *entry = &artifacts->items[i];
        CLEANUP(contents) struct contents *contents = NULL;
        CLEANUP(error) struct error ignored = {0};
        if (entry->kind != FILE_REGULAR || entry->content || !replay_is_artifact(suite, entry->path))
            continue;
        CLEANUP(free) char *path = replay_output(replay, entry->path);
        if (contents_open(&contents, path, &ignored) < 0 ||
            (contents->count == 1 && !*contents->items[0].name && contents->items[0].kind == VALUE_BYTES))
            continue;
        if (content_facts(&entry->content, contents, err) < 0)
            return -1;
        // A model of a thousand small arrays (trees) would have facts larger than itself; its bundle is small, too.
        if (entry->content->count > FACTS_ALWAYS && entry->content->count * FACT_SIZE > entry->size)
            content_forget_tensors(entry->content);
    }
    return 0;
}

bool replay_trained(const struct replay *replay)
{
    const struct run *run = replay->run;
    return run && run->process.exit_code == 0 && run->process.signal == 0 && !run->process.timed_out &&
           !run->process.stopped;
}

char *replay_output(const struct replay *replay, const char *path)
{
    return fs_join(workspace_outputs(replay->run->workspace), path);
}

char *replay_missing(const struct replay *replay, const char *path)
{
    CLEANUP(free) char *output = replay_output(replay, path);
    struct stat st;
    bool there = lstat(output, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return str_printf("'%s' is a folder; declare what is in it, as in \"%s/**\"", path, path);
    if (file_list_find(&replay->run->written, path))
        return str_printf("'%s' is a symbolic link: metrics are read from files only", path);
    // In a copy, a file that was there before is there still.
    if (!there || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
        return str_printf("the run did not write '%s', which suite.json declares", path);
    return str_printf("'%s' is a pipe, a socket or a device: only files and links can be kept", path);
}

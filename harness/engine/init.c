// SPDX-License-Identifier: Apache-2.0
#include "engine/init.h"

#include "base/fs.h"
#include "base/json.h"
#include "engine/guess.h"
#include "engine/replay.h"
#include "engine/traced.h"
#include "run/run.h"
#include "store/repository.h"

#include <ctype.h>
#include <string.h>

// More names than this of one kind in one folder become a glob.
enum { NAMES_AT_MOST = 12, IMPORTS_READ_AT_MOST = 1 << 20 };

struct found {
    struct strings code, data, settings;
    struct strings packages;
};

static enum fs_visit visit(const char *path, const struct stat *st, void *context)
{
    struct strings *files = context;
    const char *name = fs_basename(path);
    if (S_ISDIR(st->st_mode))
        return name[0] == '.' || str_equal(name, "node_modules") || str_equal(name, "__pycache__") ||
                       str_equal(path, "golden") || str_equal(path, "suites")
                   ? FS_SKIP
                   : FS_CONTINUE;
    if (S_ISREG(st->st_mode))
        strings_add(files, path);
    return FS_CONTINUE;
}

static int list_candidates(struct strings *out, bool *tracked, const char *root, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    if (repository_open(&repository, root, err) < 0)
        return -1;
    if (repository && repository_tracked(out, repository, err) < 0)
        return -1;
    *tracked = out->count > 0;
    if (*tracked)
        return 0;
    return fs_walk(root, visit, out, err);
}

static void look_at_imports(struct found *found, const char *root, const char *path)
{
    CLEANUP(free) char *file = fs_join(root, path);
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(error) struct error ignored = {0};
    if (fs_read(&text, file, IMPORTS_READ_AT_MOST, &ignored) == 0)
        guess_packages(&found->packages, buf_text(&text));
}

// Whether a document, which is UTF-8, can hold the name of the file.
static bool is_name(const char *path)
{
    return str_is_utf8(path, strlen(path), NULL);
}

static enum input_kind kind_of_read(const struct stat *st)
{
    return st->st_mode & S_IXUSR ? INPUT_CODE : INPUT_DATA;
}

// A file that was read is an input, whatever it is called.
static void sort_input(struct found *found, const char *root, const char *path, bool read)
{
    CLEANUP(free) char *file = fs_join(root, path);
    struct stat st;
    if (!is_name(path) || stat(file, &st) < 0)
        return;
    if (read && S_ISDIR(st.st_mode)) // the link to a folder: what was read behind it has a name of its own
        strings_add(&found->data, path);
    if (!S_ISREG(st.st_mode))
        return;
    enum input_kind kind = guess_input(path, (uint64_t)st.st_size);
    switch (kind == INPUT_NONE && read ? kind_of_read(&st) : kind) {
    case INPUT_CODE:
        strings_add(&found->code, path);
        if (str_ends(path, ".py"))
            look_at_imports(found, root, path);
        break;
    case INPUT_DATA:
        strings_add(&found->data, path);
        break;
    case INPUT_SETTINGS:
        strings_add(&found->settings, path);
        break;
    case INPUT_NONE:
        break;
    }
}

// NULL for a name without an ending: its glob would take in everything.
static char *glob_of(const char *path)
{
    CLEANUP(free) char *folder = fs_dirname(path);
    const char *dot = strrchr(fs_basename(path), '.');
    CLEANUP(free) char *name = dot ? str_printf("*%s", dot) : NULL;
    return name ? fs_join(folder, name) : NULL;
}

// Of the first that is not before the text.
static size_t position(const struct strings *sorted, const char *text)
{
    size_t low = 0, high = sorted->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(sorted->items[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Many files of one folder and ending become one glob, so that suite.json stays something to read.
static void shorten(struct strings *paths)
{
    CLEANUP(strings) struct strings globs = {0}, sorted = {0}, short_list = {0};
    for (size_t i = 0; i < paths->count; i++) {
        char *glob = glob_of(paths->items[i]);
        strings_take(&globs, glob ? glob : str_dup(paths->items[i]));
    }
    strings_copy(&sorted, &globs);
    strings_sort(&sorted);
    for (size_t i = 0; i < paths->count; i++) {
        size_t first = position(&sorted, globs.items[i]), last = first + NAMES_AT_MOST;
        bool many = last < sorted.count && str_equal(sorted.items[last], globs.items[i]);
        strings_add(&short_list, many ? globs.items[i] : paths->items[i]);
    }
    strings_sort(&short_list);
    strings_unique(&short_list);
    strings_free(paths);
    *paths = short_list;
    short_list = (struct strings){0};
}

// What the run wrote is not an input, even where an older copy of it is tracked.
static int guess_inputs(struct found *found, struct init_report *report, const struct run *run, const char *root,
                        struct error *err)
{
    CLEANUP(strings) struct strings files = {0};
    if (list_candidates(&files, &report->tracked, root, err) < 0)
        return -1;
    strings_sort(&files);
    for (size_t i = 0; i < files.count; i++) {
        if (!file_list_find(&run->written, files.items[i]))
            sort_input(found, root, files.items[i], false);
    }
    return 0;
}

static int find_inputs(struct found *found, struct init_report *report, const struct run *run,
                       const struct suite *suite, const char *root, struct error *err)
{
    CLEANUP(manifest) struct manifest *nothing = manifest_new();
    struct traced traced = {0};
    traced_find(&traced, run, suite, nothing, root);
    int done = 0;
    if (traced.why)
        done = guess_inputs(found, report, run, root, err);
    for (size_t i = 0; !traced.why && i < traced.undeclared.count; i++)
        sort_input(found, root, traced.undeclared.items[i], true);
    strings_copy(&report->outside, &traced.outside);
    report->why_guessed = steal(&traced.why);
    traced_free(&traced);
    if (done < 0)
        return -1;
    shorten(&found->code);
    shorten(&found->data);
    shorten(&found->settings);
    return 0;
}

static void sort_outputs(struct init_report *report, struct pairs *series, const struct run *run)
{
    for (size_t i = 0; i < run->written.count; i++) {
        const char *path = run->written.items[i].path;
        if (!is_name(path))
            continue;
        CLEANUP(free) char *file = fs_join(workspace_outputs(run->workspace), path);
        CLEANUP(free) char *x = NULL;
        switch (guess_output(path, file, &x)) {
        case OUTPUT_METRICS:
            strings_add(&report->metrics, path);
            break;
        case OUTPUT_SERIES:
            strings_add(&report->series, path);
            pairs_set(series, path, x ? x : "");
            break;
        case OUTPUT_LOG:
            strings_add(&report->logs, path);
            break;
        case OUTPUT_ARTIFACT:
            strings_add(&report->artifacts, path);
            break;
        }
    }
}

static void put_list(struct json_writer *w, const char *key, const struct strings *items)
{
    json_begin_array(w, key);
    w->compact = true; // on one line, as a person would write it
    for (size_t i = 0; i < items->count; i++)
        json_put_string(w, NULL, items->items[i]);
    json_end_array(w);
    w->compact = false;
}

// A training that needed --timeout to end needs it again.
static void put_train(struct json_writer *w, const struct suite *suite, double timeout)
{
    char seconds[32];
    str_double(seconds, timeout);
    CLEANUP(free) char *given = timeout > 0 ? str_printf("%ss", seconds) : str_dup("10m");
    json_begin_object(w, "train");
    put_list(w, "command", &suite->train.command);
    json_put_string(w, "directory", suite->train.directory);
    json_put_string(w, "timeout", given);
    if (suite->train.pins.count > 0)
        put_list(w, "pin", &suite->train.pins);
    json_end_object(w);
}

static void put_outputs(struct json_writer *w, const struct init_report *report, const struct pairs *series)
{
    json_begin_object(w, "artifacts");
    for (size_t i = 0; i < report->artifacts.count; i++) {
        json_begin_object(w, report->artifacts.items[i]);
        json_put_string(w, "compare", "bytes");
        json_end_object(w);
    }
    for (size_t i = 0; i < report->logs.count; i++) {
        json_begin_object(w, report->logs.items[i]);
        json_put_string(w, "compare", "none");
        json_end_object(w);
    }
    json_end_object(w);
    if (report->metrics.count == 0 && series->count == 0)
        return;
    json_begin_object(w, "metrics");
    if (report->metrics.count > 0)
        put_list(w, "from", &report->metrics);
    if (report->metrics.count > 0) {
        json_begin_object(w, "tolerance");
        json_end_object(w);
    }
    if (series->count > 0) {
        json_begin_object(w, "series");
        for (size_t i = 0; i < series->count; i++) {
            json_begin_object(w, series->items[i].name);
            if (*series->items[i].value)
                json_put_string(w, "x", series->items[i].value);
            json_end_object(w);
        }
        json_end_object(w);
    }
    json_end_object(w);
}

// What is written must read as a suite: what is wrong with it is found out here, and not at the first record.
static int check_document(const struct suite *suite, const struct init_report *report, const struct buf *text,
                          struct error *err)
{
    CLEANUP(suite) struct suite *again = NULL;
    bool nothing = report->artifacts.count + report->metrics.count + report->series.count == 0;
    if (nothing && report->logs.count == 0)
        return error_set(err, ERROR_USAGE,
                         "the command wrote only files whose names are not UTF-8, which no document "
                         "can hold");
    if (nothing)
        return error_set(err, ERROR_USAGE,
                         "the command wrote only logs ('%s'), so there is nothing to compare: a log differs from run "
                         "to run",
                         report->logs.items[0]);
    return suite_parse(&again, suite->name, report->path, text->data, text->len, err);
}

// "/srv/sets/train-2.csv" is TRAIN_2_CSV; where that is taken, TRAIN_2_CSV_2.
static char *external_name(const char *path, const struct pairs *taken)
{
    CLEANUP(buf) struct buf base = {0};
    for (const char *c = fs_basename(path); *c; c++)
        buf_putc(&base, isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_');
    const char *before = isdigit((unsigned char)*buf_text(&base)) ? "_" : "";
    char *name = str_printf("%s%s", before, buf_text(&base));
    for (unsigned number = 2; pairs_get(taken, name); number++) {
        free(name);
        name = str_printf("%s%s_%u", before, buf_text(&base), number);
    }
    return name;
}

// Files that were read outside the project: several of one folder are declared as that folder.
static void put_external(struct json_writer *w, const struct strings *outside)
{
    CLEANUP(pairs) struct pairs external = {0};
    CLEANUP(strings) struct strings paths = {0};
    for (size_t i = 0; i < outside->count; i++) {
        CLEANUP(free) char *folder = fs_dirname(outside->items[i]);
        size_t beside = 0;
        for (size_t other = 0; other < outside->count; other++) {
            CLEANUP(free) char *parent = fs_dirname(outside->items[other]);
            beside += str_equal(parent, folder);
        }
        if (is_name(outside->items[i]))
            strings_add(&paths, beside > 1 ? folder : outside->items[i]);
    }
    strings_unique(&paths);
    for (size_t i = 0; i < paths.count; i++) {
        CLEANUP(free) char *name = external_name(paths.items[i], &external);
        pairs_set(&external, name, paths.items[i]);
    }
    if (external.count == 0)
        return;
    json_begin_object(w, "external");
    for (size_t i = 0; i < external.count; i++)
        json_put_string(w, external.items[i].name, external.items[i].value);
    json_end_object(w);
}

static void write_document(struct buf *out, const struct suite *suite, const struct init_report *report,
                           const struct found *found, const struct pairs *series, double timeout)
{
    buf_puts(out, "// Written by `repro init` from one run of the command");
    buf_puts(out, report->why_guessed ? ". \"inputs\" is a guess (from names, not from what the\n"
                                        "// command read): take out what training does not use, add what is missing. "
                                        "Then: repro record "
                                      : ": what it read and wrote. Read it, correct it, then:\n// repro record ");
    buf_printf(out, "%s\n", suite->name);
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w, NULL);
    json_put_string(&w, "suite", suite->name);
    put_train(&w, suite, timeout);
    json_begin_object(&w, "inputs");
    put_list(&w, "code", &found->code);
    put_list(&w, "data", &found->data);
    put_list(&w, "settings", &found->settings);
    put_external(&w, &report->outside);
    json_end_object(&w);
    put_outputs(&w, report, series);
    if (found->packages.count > 0)
        put_list(&w, "class_packages", &found->packages);
    json_end_object(&w);
    json_finish(&w);
}

static int run_once(struct run **out, struct session *session, const struct suite *suite, const char *folder,
                    struct error *err)
{
    const struct run_options run = replay_run_options(session, suite, folder, NULL);
    double timeout = run.timeout > 0 ? run.timeout : suite->train.timeout;
    session_phase(session, suite->name, "training", 0);
    if (run_suite(out, &run, err) < 0)
        return -1;
    const struct process_result *process = &(*out)->process;
    if (process->stopped)
        return error_set(err, ERROR_STOPPED, "stopped");
    if (process->exit_code != 0 || process->signal != 0 || process->timed_out) {
        CLEANUP(free) char *what = process_describe(process, timeout);
        return error_set(err, ERROR_USAGE, "the command failed, so there is nothing to go by: it %s%s%s", what,
                         *process->stderr_tail ? "\n" : "", process->stderr_tail);
    }
    if ((*out)->written.count == 0)
        return error_set(err, ERROR_USAGE,
                         "the command wrote no file in the project, so there is nothing to compare "
                         "(files written elsewhere do not outlive the run)");
    return 0;
}

static int check_name(char **path, const struct session *session, const char *name, struct error *err)
{
    if (!suite_name_is_valid(name))
        return error_set(err, ERROR_USAGE, "'%s' cannot be the name of a suite: letters, digits, '.', '_' and '-' only",
                         name);
    *path = str_printf("suites/%s/suite.json", name);
    CLEANUP(free) char *full = fs_join(session->project->root, *path);
    if (fs_exists(full))
        return error_set(err, ERROR_USAGE, "'%s' exists already; edit it, or remove it first", *path);
    return 0;
}

// The suite as far as it is known before the run.
static int draft(struct suite **out, const char *name, const char *directory, const struct strings *command,
                 struct error *err)
{
    for (size_t i = 0; i < command->count; i++) {
        if (!is_name(command->items[i]))
            return error_set(err, ERROR_USAGE, "the argument '%s' is not UTF-8, so suite.json cannot hold it",
                             command->items[i]);
    }
    CLEANUP(buf) struct buf text = {0};
    struct json_writer w;
    json_writer_init(&w, &text);
    json_begin_object(&w, NULL);
    json_put_string(&w, "suite", name);
    json_begin_object(&w, "train");
    put_list(&w, "command", command);
    json_put_string(&w, "directory", directory);
    json_end_object(&w);
    json_end_object(&w);
    json_finish(&w);
    return suite_parse(out, name, "command line", text.data, text.len, err);
}

static void choose_pins(struct suite *suite, const struct found *found)
{
    if (strstr(fs_basename(suite->train.command.items[0]), "python") || found->packages.count > 0) {
        strings_add(&suite->train.pins, "hashseed");
        strings_add(&suite->train.pins, "threads");
    }
    // Fewer numerical classes: machines of another instruction set compute the same bits.
    if (found->packages.count > 0)
        strings_add(&suite->train.pins, "isa:avx2");
}

int init_suite(struct init_report *out, struct session *session, const char *name, const char *directory,
               const struct strings *command, struct error *err)
{
    CLEANUP(suite) struct suite *suite = NULL;
    CLEANUP(run) struct run *run = NULL;
    CLEANUP(pairs) struct pairs series = {0};
    CLEANUP(buf) struct buf text = {0};
    const char *root = session->project->root;
    CLEANUP(free) char *folder = fs_join(session->run_folder, name);
    if (check_name(&out->path, session, name, err) < 0 || draft(&suite, name, directory, command, err) < 0 ||
        run_once(&run, session, suite, folder, err) < 0)
        return -1;
    out->wall = run->process.wall;
    out->stdout_path = str_dup(run->stdout_path);
    sort_outputs(out, &series, run);

    struct found found = {0};
    int done = find_inputs(&found, out, run, suite, root, err);
    choose_pins(suite, &found);
    write_document(&text, suite, out, &found, &series, session->options.timeout);
    out->code = found.code;
    out->data = found.data;
    out->settings = found.settings;
    strings_free(&found.packages);
    if (done < 0 || check_document(suite, out, &text, err) < 0)
        return -1;
    CLEANUP(free) char *path = fs_join(root, out->path);
    return fs_write_atomic(path, text.data, text.len, err);
}

void init_report_free(struct init_report *report)
{
    free(report->path);
    strings_free(&report->code);
    strings_free(&report->data);
    strings_free(&report->settings);
    strings_free(&report->artifacts);
    strings_free(&report->metrics);
    strings_free(&report->series);
    strings_free(&report->logs);
    free(report->why_guessed);
    strings_free(&report->outside);
    free(report->stdout_path);
    *report = (struct init_report){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "engine/traced.h"

#include "base/fs.h"
#include "run/packages.h"
#include "store/digest.h"
#include "store/tree.h"

#include <string.h>
#include <sys/stat.h>

struct search {
    struct traced *out;
    const struct run *run;
    const struct suite *suite;
    const struct manifest *now;
    const char *source;
    struct strings read; // files of the project
};

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return len > 0 && strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

// Where an installation lives, and what the kernel makes up. What a run reads there belongs to the environment.
static bool is_system(const char *path)
{
    static const char *const folders[] = {"/usr",    "/bin",  "/sbin", "/lib", "/lib32", "/lib64",
                                          "/libx32", "/etc",  "/opt",  "/var", "/nix",   "/gnu",
                                          "/snap",   "/proc", "/sys",  "/dev", "/run"};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (is_below(path, folders[i]))
            return true;
    }
    return false;
}

static bool is_private(const struct search *search, const char *path)
{
    const struct workspace *workspace = search->run->workspace;
    return is_below(path, SANDBOX_HOME) || is_below(path, SANDBOX_TMP) || is_below(path, workspace_home(workspace)) ||
           is_below(path, workspace_tmp(workspace));
}

static bool is_external(const struct search *search, const char *path)
{
    for (size_t i = 0; i < search->suite->inputs.external.count; i++) {
        if (is_below(path, search->suite->inputs.external.items[i].value))
            return true;
    }
    return false;
}

// An interpreter that lies elsewhere (pyenv, conda, a virtual environment) was named to the run as such.
static bool is_interpreter(const struct search *search, const char *path)
{
    for (size_t i = 0; i < search->run->installations.count; i++) {
        if (is_below(path, search->run->installations.items[i]))
            return true;
    }
    return false;
}

// The source that a cached bytecode stands for: Python reads src/__pycache__/a.cpython-311.pyc in the place of
// src/a.py. NULL when it is not one, or its source is gone. The caller frees.
static char *source_of_bytecode(const struct search *search, const char *path)
{
    static const char cache[] = "__pycache__/";
    const char *folder = strstr(path, cache);
    if (!folder || !str_ends(path, ".pyc") || (folder > path && folder[-1] != '/'))
        return NULL;
    const char *name = folder + strlen(cache);
    CLEANUP(free) char *source = str_printf("%.*s%.*s.py", (int)(folder - path), path, (int)strcspn(name, "."), name);
    CLEANUP(free) char *full = fs_join(search->source, source);
    return fs_exists(full) ? steal(&source) : NULL;
}

static void add_read(struct search *search, const char *path)
{
    char *source = source_of_bytecode(search, path);
    if (source)
        strings_take(&search->read, source);
    else if (!tree_is_left_out(search->source, path))
        strings_add(&search->read, path);
}

// A virtual environment in the project is no input: what computed from there is told by its packages.
static void add_installed(struct search *search, const char *path)
{
    if (tree_is_left_out(search->source, path) && !strstr(path, "__pycache__/"))
        strings_take(&search->out->opened, fs_join(search->source, path));
}

static void look_at_project(struct search *search, const struct trace_file *file, const char *path)
{
    if (file->folder || !*path)
        return;
    if ((file->flags & TRACE_READ) && !(file->flags & TRACE_OWN))
        add_installed(search, path);
    if ((file->flags & TRACE_ABSENT) && !tree_is_left_out(search->source, path))
        strings_add(&search->out->absent, path);
    else if ((file->flags & TRACE_READ) && !(file->flags & TRACE_OWN))
        add_read(search, path);
}

static void look_outside(struct search *search, const struct trace_file *file)
{
    if (file->folder || !(file->flags & TRACE_READ) || (file->flags & TRACE_OWN) || is_private(search, file->path) ||
        is_external(search, file->path))
        return;
    bool system = is_system(file->path) || is_interpreter(search, file->path);
    strings_add(system ? &search->out->opened : &search->out->outside, file->path);
}

// Of "link/a" the link itself: what it leads to is told by its own name.
static void add_link(struct search *search, const char *path)
{
    for (const char *end = path + strcspn(path, "/");; end += 1 + strcspn(end + 1, "/")) {
        struct stat st;
        CLEANUP(free) char *part = str_printf("%.*s", (int)(end - path), path);
        CLEANUP(free) char *full = fs_join(search->source, part);
        if (lstat(full, &st) != 0)
            return;
        if (S_ISLNK(st.st_mode))
            add_read(search, part);
        if (S_ISLNK(st.st_mode) || *end == '\0')
            return;
    }
}

// A link that the run itself made, or one in a folder of its own.
static bool is_way_of_the_run(const struct trace_log *log, const char *link)
{
    CLEANUP(free) char *path = str_dup(link);
    for (char *slash; (slash = strrchr(path, '/')); *slash = '\0') {
        const struct trace_file *file = trace_log_find(log, path);
        if (file && file->flags & TRACE_OWN)
            return true;
    }
    return false;
}

static void look_at(struct search *search, const struct trace_file *file)
{
    const char *path = run_project_path(search->run, file->path);
    const char *link = file->link ? run_project_path(search->run, file->link) : NULL;
    if (link && !is_way_of_the_run(&search->run->trace, file->link) && (file->flags & TRACE_READ) &&
        !(file->flags & TRACE_OWN))
        add_link(search, link);
    if (path)
        look_at_project(search, file, path);
    else
        look_outside(search, file);
}

static void find_undeclared(struct search *search)
{
    for (size_t i = 0; i < search->read.count; i++) {
        const char *path = search->read.items[i];
        if (!manifest_has_input(search->now, path) && !str_equal(path, search->suite->path))
            strings_add(&search->out->undeclared, path);
    }
}

// Code that training does not read may be that of the predictor, or of the rules.
static void find_unread(struct search *search)
{
    const struct file_list *lists[] = {&search->now->data, &search->now->settings, &search->now->code};
    bool code = !suite_has_model(search->suite) && search->suite->fallback.count == 0;
    for (size_t l = 0; l < ARRAY_LEN(lists) - !code; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            if (!strings_has_sorted(&search->read, lists[l]->items[i].path))
                strings_add(&search->out->unread, lists[l]->items[i].path);
        }
    }
}

static char *why_incomplete(const struct run *run)
{
    const struct trace_log *log = &run->trace;
    if (!run->traced)
        return str_printf("the run was %s", run->trace_note ? run->trace_note : "not traced");
    if (log->foreign > 0)
        return str_printf("the run made %llu system calls of another architecture (32-bit), which are not seen",
                          (unsigned long long)log->foreign);
    if (log->cut)
        return str_dup("the run touched more files than the trace keeps");
    if (log->unresolved > 0)
        return str_printf("%llu system calls could not be read%s%s", (unsigned long long)log->unresolved,
                          log->unresolved_why.count > 0 ? ": " : "",
                          log->unresolved_why.count > 0 ? log->unresolved_why.items[0] : "");
    return NULL;
}

static void tidy(struct strings *list)
{
    strings_sort(list);
    strings_unique(list);
}

void traced_find(struct traced *out, const struct run *run, const struct suite *suite, const struct manifest *now,
                 const char *source)
{
    struct search search = {.out = out, .run = run, .suite = suite, .now = now, .source = source};
    out->why = why_incomplete(run);
    for (size_t i = 0; i < run->trace.file_count; i++)
        look_at(&search, &run->trace.files[i]);
    for (size_t i = 0; i < run->trace.program_count; i++) {
        const char *program = run->trace.programs[i].path;
        if (!run_project_path(run, program))
            strings_add(&out->programs, program);
    }
    tidy(&search.read);
    find_undeclared(&search);
    if (!out->why)
        find_unread(&search);
    tidy(&out->unread);
    tidy(&out->absent);
    tidy(&out->outside);
    tidy(&out->opened);
    tidy(&out->programs);
    strings_free(&search.read);
}

int traced_computed(struct pairs *out, const struct traced *traced, struct error *err)
{
    CLEANUP(unowned_files) struct unowned_files unowned = {0};
    CLEANUP(digester) struct digester *digester = NULL;
    packages_find(out, &unowned, &traced->opened, &traced->programs, "/");
    if (unowned.count > 0 && digester_new(&digester, err) < 0)
        return -1;
    for (size_t i = 0; i < unowned.count; i++) {
        struct digest digest;
        char hex[65];
        CLEANUP(error) struct error gone = {0}; // it was removed since: then nobody can say which one it was
        bool known = digest_file(digester, &digest, NULL, unowned.items[i].path, &gone) == 0;
        if (known)
            digest_hex(hex, &digest);
        digest_hex(hex, &digest);
        CLEANUP(free) char *value = known ? str_printf("sha256 %.16s", hex) : str_dup("no longer there");
        pairs_add(out, unowned.items[i].fact, value);
    }
    pairs_sort(out);
    return 0;
}

void traced_free(struct traced *traced)
{
    free(traced->why);
    strings_free(&traced->undeclared);
    strings_free(&traced->unread);
    strings_free(&traced->absent);
    strings_free(&traced->outside);
    strings_free(&traced->opened);
    strings_free(&traced->programs);
    *traced = (struct traced){0};
}

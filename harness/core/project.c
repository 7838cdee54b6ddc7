// SPDX-License-Identifier: Apache-2.0
#include "core/project.h"

#include "base/fs.h"
#include "core/project_settings.h"
#include "core/suite.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

// Any suite.json counts, even a folder of that name or one that cannot be reached, and so does a link that leads
// nowhere: suite_load then says what is wrong. A suite that is left out in silence would pass.
static bool may_be_suite(const char *folder)
{
    CLEANUP(free) char *document = fs_join(folder, "suite.json");
    struct stat st;
    return lstat(document, &st) == 0 || (errno != ENOENT && errno != ENOTDIR) || stat(folder, &st) < 0;
}

static enum fs_visit visit_suite(const char *path, const struct stat *st, void *context)
{
    struct project *project = context;
    if (*path == '.')
        return FS_SKIP;
    CLEANUP(free) char *folder = str_printf("%s/suites/%s", project->root, path);
    if ((S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode)) && may_be_suite(folder))
        strings_add(&project->suites, path);
    return FS_SKIP;
}

// The suites below project->root. No folder `suites` is no suites.
static int list_suites(struct project *project, struct error *err)
{
    CLEANUP(free) char *folder = fs_join(project->root, "suites");
    if (!fs_is_folder(folder))
        return 0;
    if (fs_walk(folder, visit_suite, project, err) < 0)
        return -1;
    strings_sort(&project->suites);
    return 0;
}

static bool has(const char *folder, const char *name)
{
    CLEANUP(free) char *path = fs_join(folder, name);
    return fs_exists(path);
}

// Moves *at to the folder above; false when there is none.
static bool upwards(char **at)
{
    if (strcmp(*at, "/") == 0)
        return false;
    char *parent = fs_dirname(*at);
    free(*at);
    *at = parent;
    return true;
}

// Looks from `folder` upwards for a project; the top of the innermost git work tree on the way is remembered in `git`.
static int find_root(struct project *project, char **git, const char *folder, struct error *err)
{
    CLEANUP(free) char *at = str_dup(folder);
    do {
        free(project->root);
        project->root = str_dup(at);
        if (list_suites(project, err) < 0)
            return -1;
        if (project->suites.count > 0 || has(at, "repro.json"))
            return 0;
        if (!*git && has(at, ".git"))
            *git = str_dup(at);
    } while (upwards(&at));
    free(steal(&project->root));
    return 0;
}

int project_open(struct project **out, const char *folder, struct error *err)
{
    *out = NULL;
    CLEANUP(project) struct project *project = mem_alloc(sizeof *project);
    CLEANUP(free) char *start = NULL, *git = NULL;
    if (fs_realpath(&start, folder, err) < 0)
        return -1;
    if (!fs_is_folder(start))
        return error_set(err, ERROR_USAGE, "'%s' is not a folder", folder);
    if (find_root(project, &git, start, err) < 0)
        return -1;
    if (!project->root)
        project->root = git ? steal(&git) : steal(&start);
    // Whoever needs the settings reads them; a fault in them is told before an hour of training, not after it.
    CLEANUP(project_settings) struct project_settings *settings = NULL;
    if (project_settings_load(&settings, project->root, err) < 0)
        return -1;
    *out = steal(&project);
    return 0;
}

void project_free(struct project *project)
{
    if (!project)
        return;
    free(project->root);
    strings_free(&project->suites);
    free(project);
}

static int refuse_name(const struct project *project, const char *name, struct error *err)
{
    CLEANUP(free) char *folder = str_printf("%s/suites/%s", project->root, name);
    const struct strings *known = &project->suites;
    const char *const *candidates = (const char *const *)known->items;
    const char *nearest = str_nearest(name, candidates, known->count);
    if (!nearest) // "suites/churn"
        nearest = str_nearest(fs_basename(name), candidates, known->count);
    if (suite_name_is_valid(name) && fs_is_folder(folder))
        return error_problem(err, "suites", 0, "'suites/%s' has no suite.json; make it with: repro init %s -- COMMAND",
                             name, name);
    if (known->count == 0)
        return error_set(err, ERROR_USAGE, "no suites in '%s'; make one with: repro init NAME -- COMMAND",
                         project->root);
    if (str_is_glob(name))
        return error_problem(err, "suites", 0, "no suite matches '%s'", name);
    if (nearest)
        return error_problem(err, "suites", 0, "no suite '%s'; did you mean '%s'?", name, nearest);
    CLEANUP(free) char *all = known->count <= 10 ? strings_join(known, ", ") : NULL;
    if (all)
        return error_problem(err, "suites", 0, "no suite '%s'; there is: %s", name, all);
    return error_problem(err, "suites", 0, "no suite '%s' among the %zu of this project", name, known->count);
}

int project_select(struct strings *out, const struct project *project, const struct strings *names, struct error *err)
{
    struct strings selected CLEANUP(strings) = {0};
    size_t name_count = names ? names->count : 0, unknown = 0;
    for (size_t i = 0; i < name_count; i++) {
        size_t before = selected.count;
        for (size_t j = 0; j < project->suites.count; j++) {
            const char *suite = project->suites.items[j];
            if (strcmp(names->items[i], suite) == 0 || str_glob(names->items[i], suite))
                strings_add(&selected, suite);
        }
        if (selected.count == before) {
            refuse_name(project, names->items[i], err);
            unknown++;
        }
    }
    if (unknown > 0)
        return -1;
    if (name_count == 0 && project->suites.count == 0)
        return error_set(err, ERROR_USAGE, "no suites in '%s'; make one with: repro init NAME -- COMMAND",
                         project->root);
    if (name_count == 0)
        strings_copy(&selected, &project->suites);
    strings_sort(&selected);
    strings_unique(&selected);
    strings_copy(out, &selected);
    return 0;
}

int project_private(char **out, const char *root, const char *name, struct error *err)
{
    *out = NULL;
    CLEANUP(free) char *folder = fs_join(root, ".repro");
    CLEANUP(free) char *ignore = fs_join(folder, ".gitignore");
    if (fs_mkdirs(folder, err) < 0)
        return -1;
    if (!fs_exists(ignore) && fs_write_atomic(ignore, "*\n", 2, err) < 0)
        return -1;
    *out = fs_join(folder, name);
    return 0;
}

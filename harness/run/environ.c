// SPDX-License-Identifier: Apache-2.0
#include "run/environ.h"

#include "run/knobs.h"

#include "base/fs.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

// What tells where interpreters are, and nothing about who runs them.
static const char *const kept[] = {"PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT"};

const char *environ_get(char *const *caller, const char *name)
{
    size_t len = strlen(name);
    for (char *const *at = caller; at && *at; at++)
        if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
            return *at + len + 1;
    return NULL;
}

static bool has_user_packages(const char *base)
{
    CLEANUP(free) char *lib = fs_join(base, "lib");
    DIR *folder = opendir(lib);
    bool found = false;
    for (const struct dirent *item; folder && !found && (item = readdir(folder));)
        found = str_starts(item->d_name, "python");
    if (folder)
        closedir(folder);
    return found;
}

// Interpreters look for these below HOME, which is private in a run: they are told where they really are.
static void point_below_home(struct pairs *out, const char *home)
{
    if (!home || *home != '/')
        return;
    CLEANUP(free) char *local = fs_join(home, ".local");
    if (has_user_packages(local))
        pairs_set(out, "PYTHONUSERBASE", local);
    CLEANUP(free) char *pyenv = fs_join(home, ".pyenv");
    CLEANUP(free) char *shims = fs_join(pyenv, "shims");
    if (!pairs_get(out, "PYENV_ROOT") && strstr(pairs_get(out, "PATH"), shims))
        pairs_set(out, "PYENV_ROOT", pyenv);
}

int environ_build(struct pairs *out, const struct suite *suite, char *const *caller, const char *home, const char *tmp,
                  struct error *err)
{
    pairs_set(out, "PATH", ENVIRON_PATH);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        const char *value = environ_get(caller, kept[i]);
        if (value && *value)
            pairs_set(out, kept[i], value);
    }
    point_below_home(out, environ_get(caller, "HOME"));
    pairs_set(out, "HOME", home);
    pairs_set(out, "TMPDIR", tmp);
    pairs_set(out, "LANG", "C.UTF-8");
    pairs_set(out, "TZ", "UTC");
    if (knobs_pin(out, &suite->train.pins, err) != 0)
        return -1;
    pairs_copy(out, &suite->train.env);
    for (size_t i = 0; i < suite->train.pass_env.count; i++) {
        const char *name = suite->train.pass_env.items[i];
        const char *value = environ_get(caller, name);
        if (value)
            pairs_set(out, name, value);
    }
    return 0;
}

// ---- what must stay visible ----

struct needs {
    struct strings *out;
    const char *home;
};

static void add(struct needs *needs, const char *path)
{
    struct error ignored = {0};
    CLEANUP(free) char *real = NULL;
    // A prefix that is HOME itself, or holds it, would show all that was to be hidden.
    const char *home = needs->home;
    size_t len = strlen(path);
    bool holds_home = home && strncmp(home, path, len) == 0 && (home[len] == '/' || home[len] == '\0');
    if (*path == '/' && !holds_home && len > 1) {
        if (!strings_has(needs->out, path))
            strings_add(needs->out, path);
        if (fs_realpath(&real, path, &ignored) == 0 && !strings_has(needs->out, real))
            strings_add(needs->out, real);
    }
    error_free(&ignored);
}

// PREFIX/bin means PREFIX, except for the places that hold more than an installation.
static void add_folder(struct needs *needs, const char *folder)
{
    static const char *const programs[] = {"bin", "sbin", "shims", "condabin", "lib", "lib64"};
    CLEANUP(free) char *prefix = fs_dirname(folder);
    CLEANUP(free) char *local = needs->home ? fs_join(needs->home, ".local") : NULL;
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        known = known || str_equal(fs_basename(folder), programs[i]);
    add(needs, folder);
    if (local && str_equal(prefix, local)) { // beside packages, ~/.local holds keyrings
        CLEANUP(free) char *lib = fs_join(local, "lib");
        add(needs, lib);
    } else if (known) {
        add(needs, prefix);
    }
}

static void add_list(struct needs *needs, const char *list)
{
    for (const char *at = list; at && *at;) {
        size_t len = strcspn(at, ":");
        while (len > 1 && at[len - 1] == '/')
            len--;
        CLEANUP(free) char *folder = str_ndup(at, len);
        if (*folder == '/' && fs_is_folder(folder))
            add_folder(needs, folder);
        at += strcspn(at, ":");
        at += *at == ':';
    }
}

// A virtual environment's python is a link to another installation's.
static void add_target(struct needs *needs, const char *program)
{
    struct error ignored = {0};
    CLEANUP(free) char *real = NULL;
    if (program && fs_realpath(&real, program, &ignored) == 0) {
        CLEANUP(free) char *folder = fs_dirname(real);
        add_folder(needs, folder);
    }
    error_free(&ignored);
}

char *environ_program(const struct pairs *env, const char *name)
{
    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? str_dup(name) : NULL;
    const char *path = pairs_get(env, "PATH");
    for (const char *at = path ? path : ENVIRON_PATH; *name && *at;) {
        size_t len = strcspn(at, ":");
        CLEANUP(free) char *folder = str_ndup(at, len);
        CLEANUP(free) char *file = fs_join(folder, name);
        if (len > 0 && access(file, X_OK) == 0 && !fs_is_folder(file))
            return steal(&file);
        at += len + (at[len] == ':');
    }
    return NULL;
}

void environ_needs(struct strings *out, const struct pairs *env, const struct strings *argv, const char *home)
{
    struct needs needs = {out, home && *home == '/' && home[1] ? home : NULL};
    add_list(&needs, pairs_get(env, "PATH"));
    add_list(&needs, pairs_get(env, "LD_LIBRARY_PATH"));
    static const char *const prefixes[] = {"VIRTUAL_ENV", "CONDA_PREFIX", "PYENV_ROOT"};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (pairs_get(env, prefixes[i]))
            add(&needs, pairs_get(env, prefixes[i]));
    if (pairs_get(env, "PYTHONUSERBASE")) {
        CLEANUP(free) char *lib = fs_join(pairs_get(env, "PYTHONUSERBASE"), "lib");
        add(&needs, lib);
    }
    const char *const programs[] = {argv->count ? argv->items[0] : "sh", "python3", "python"};
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        CLEANUP(free) char *program = environ_program(env, programs[i]);
        add_target(&needs, program);
    }
    strings_sort(out);
    strings_unique(out);
}

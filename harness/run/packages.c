// SPDX-License-Identifier: Apache-2.0
#include "run/packages.h"

#include "run/distributions.h"
#include "run/dpkg.h"

#include "base/buf.h"
#include "base/fs.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_AT_MOST = 40 };

// Files that dpkg is asked about, and the facts that its answers become.
struct asked {
    struct unowned_files files;
    struct strings paths;
};

static void add_file(struct unowned_files *files, char *fact, char *path)
{
    files->items = mem_grow(files->items, files->count, &files->capacity, sizeof *files->items);
    files->items[files->count++] = (struct unowned_file){fact, path};
}

void unowned_files_free(struct unowned_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].fact);
        free(files->items[i].path);
    }
    free(files->items);
    *files = (struct unowned_files){0};
}

// The path with its links followed, but never out of the root. The caller frees.
static char *resolve(const char *root, const char *path)
{
    CLEANUP(buf) struct buf done = {0};
    CLEANUP(free) char *rest = str_dup(path);
    int links = 0;
    for (char *at = rest; *(at += strspn(at, "/"));) {
        size_t len = strcspn(at, "/");
        size_t before = done.len;
        char target[PATH_MAX];
        if (len == 2 && memcmp(at, "..", 2) == 0) {
            while (done.len > 0 && done.data[--done.len] != '/')
                continue;
            CLEANUP(free) char *parent = str_ndup(buf_text(&done), done.len);
            buf_clear(&done);
            buf_puts(&done, parent);
        } else if (len != 1 || *at != '.') {
            buf_printf(&done, "/%.*s", (int)len, at);
            CLEANUP(free) char *host = fs_join(root, done.data + 1);
            ssize_t size = readlink(host, target, sizeof target - 1);
            if (size > 0) {
                if (++links > LINKS_AT_MOST)
                    return str_dup(path);
                target[size] = '\0';
                CLEANUP(free) char *parent = str_ndup(done.data, *target == '/' ? 0 : before);
                char *longer = str_printf("%s%s", target, at + len);
                buf_clear(&done);
                buf_puts(&done, parent);
                free(rest);
                at = rest = longer;
                continue;
            }
        }
        at += len;
    }
    return str_dup(buf_text(&done));
}

// The length of the name of a shared library up to the first number of its version: "libz.so.1" of "libz.so.1.2.13". 0
// for any other file.
static size_t library_len(const char *name)
{
    if (str_ends(name, ".so") && strlen(name) > 3)
        return strlen(name);
    for (const char *at = name; (at = strstr(at, ".so.")); at++)
        if (at > name && isdigit((unsigned char)at[4]))
            return (size_t)(at - name) + 4 + strcspn(at + 4, ".");
    return 0;
}

static void ask(struct asked *asked, const char *kind, const char *name, size_t len, const char *path)
{
    char *fact = str_printf("%s:%.*s", kind, (int)len, name);
    for (char *at = fact; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
            *at = '_'; // whatever a file is called, a fact is plain text
    add_file(&asked->files, fact, str_dup(path));
    strings_add(&asked->paths, path);
}

static void ask_library(struct asked *asked, const char *root, const char *file)
{
    CLEANUP(free) char *path = resolve(root, file);
    size_t len = library_len(fs_basename(path));
    if (len > 0)
        ask(asked, "library", fs_basename(path), len, path);
}

// One file of each module that is of no distribution.
static void ask_module(struct asked *asked, const char *file)
{
    const char *at = file;
    for (const char *next = file; (next = strstr(next, "-packages/")); next++)
        at = next + strlen("-packages/");
    size_t len = strcspn(at, "/");
    if (at[len] != '/')
        len = strcspn(at, ".");
    CLEANUP(free) char *fact = str_printf("package:%.*s", (int)len, at);
    const struct unowned_files *files = &asked->files;
    if (len > 0 && (files->count == 0 || !str_equal(files->items[files->count - 1].fact, fact)))
        ask(asked, "package", at, len, file);
}

// However the suite spells it.
static bool has_package(const struct pairs *out, const char *name)
{
    for (size_t i = 0; i < out->count; i++) {
        if (!str_starts(out->items[i].name, "package:"))
            continue;
        const char *known = out->items[i].name + strlen("package:");
        CLEANUP(free) char *plain = distributions_name(known, strlen(known));
        if (str_equal(plain, name))
            return true;
    }
    return false;
}

static void add_distributions(struct pairs *out, const struct pairs *found)
{
    CLEANUP(pairs) struct pairs added = {0};
    for (size_t i = 0; i < found->count; i++) {
        CLEANUP(free) char *fact = str_printf("package:%s", found->items[i].name);
        if (!has_package(out, found->items[i].name))
            pairs_set(&added, fact, found->items[i].value);
    }
    pairs_copy(out, &added);
}

static bool is_interpreter_module(const char *path)
{
    CLEANUP(free) char *folder = fs_dirname(path);
    return str_equal(fs_basename(folder), "lib-dynload");
}

static void add_answers(struct pairs *out, struct unowned_files *unowned, struct asked *asked, const char *root)
{
    CLEANUP(pairs) struct pairs owners = {0};
    dpkg_owners(&owners, root, &asked->paths);
    for (size_t i = 0; i < asked->files.count; i++) {
        struct unowned_file *file = &asked->files.items[i];
        const char *owner = pairs_get(&owners, file->path);
        bool package = str_starts(file->fact, "package:");
        if (owner && is_interpreter_module(file->path))
            pairs_add(out, "library:lib-dynload", owner);
        else if (owner || package)
            pairs_add(out, file->fact, owner ? owner : "of an unknown version");
        else
            add_file(unowned, steal(&file->fact), steal(&file->path));
    }
}

static void add_once(struct strings *out, const char *text)
{
    if (out->count == 0 || !str_equal(out->items[out->count - 1], text))
        strings_add(out, text);
}

static int compare_files(const void *a, const void *b)
{
    const struct unowned_file *left = a, *right = b;
    int order = strcmp(left->fact, right->fact);
    return order != 0 ? order : strcmp(left->path, right->path);
}

// By fact, then path; a file that has several names stands there once.
static void sort_files(struct unowned_files *files)
{
    size_t kept = 0;
    if (files->count > 0)
        qsort(files->items, files->count, sizeof *files->items, compare_files);
    for (size_t i = 0; i < files->count; i++) {
        if (kept > 0 && compare_files(&files->items[kept - 1], &files->items[i]) == 0) {
            free(files->items[i].fact);
            free(files->items[i].path);
        } else {
            files->items[kept++] = files->items[i];
        }
    }
    files->count = kept;
}

void packages_find(struct pairs *out, struct unowned_files *unowned, const struct strings *files,
                   const struct strings *programs, const char *root)
{
    CLEANUP(strings) struct strings members = {0}, rest = {0}, started = {0}, sorted = {0};
    CLEANUP(pairs) struct pairs found = {0};
    struct asked asked = {0};
    strings_copy(&started, programs);
    strings_sort(&started);
    strings_unique(&started);
    strings_copy(&sorted, files);
    strings_sort(&sorted);
    for (size_t i = 0; i < sorted.count; i++) {
        if (distributions_is_file(sorted.items[i]))
            add_once(&members, sorted.items[i]);
        else if (library_len(fs_basename(sorted.items[i])) > 0)
            ask_library(&asked, root, sorted.items[i]);
    }
    strings_copy(&members, &started);
    distributions_find(&found, &rest, root, &members);
    add_distributions(out, &found);
    for (size_t i = 0; i < rest.count; i++) {
        const char *path = rest.items[i];
        if (!distributions_is_file(path))
            continue;
        if (library_len(fs_basename(path)) > 0)
            ask_library(&asked, root, path);
        else
            ask_module(&asked, path);
    }
    for (size_t i = 0; i < started.count; i++) {
        CLEANUP(free) char *path = resolve(root, started.items[i]);
        if (strings_has(&rest, started.items[i]))
            ask(&asked, "program", fs_basename(path), strlen(fs_basename(path)), path);
    }
    add_answers(out, unowned, &asked, root);
    sort_files(unowned);
    pairs_sort(out);
    unowned_files_free(&asked.files);
    strings_free(&asked.paths);
}

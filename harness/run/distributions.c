// SPDX-License-Identifier: Apache-2.0
#include "run/distributions.h"

#include "run/path_set.h"

#include "base/buf.h"
#include "base/fs.h"

#include <dirent.h>
#include <string.h>

enum { LIST_LIMIT = 64 << 20, METADATA_LIMIT = 16 << 20, DISTRIBUTIONS_AT_MOST = 20000 };

struct distribution {
    char *entry; // "numpy-1.24.2.dist-info"
    char *name;  // as the entry has it, as distributions_name spells it
    bool used;
};

// One site-packages, and what is wanted of it.
struct site {
    const char *folder;     // absolute in the run; borrowed
    size_t folder_len;      // without a '/' at the end
    char *host;             // where it lies below the root
    struct path_set wanted; // relative to it; of a cached module the source
    bool *found;            // for each that is wanted
    size_t missing;
    struct distribution *items;
    size_t count, capacity;
};

// The length of the path up to its last site-packages or dist-packages, 0 when it lies in none.
static size_t site_of(const char *path)
{
    static const char *const names[] = {"/site-packages/", "/dist-packages/"};
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (const char *at = path; (at = strstr(at, names[i])); at++)
            if ((size_t)(at - path) + strlen(names[i]) - 1 > len)
                len = (size_t)(at - path) + strlen(names[i]) - 1;
    return len;
}

bool distributions_is_file(const char *path)
{
    return site_of(path) > 0;
}

// "numpy/core/__pycache__/einsum.cpython-311.opt-1.pyc" is cached of "numpy/core/einsum.py".
static char *source_of(const char *path)
{
    static const char cache[] = "__pycache__/";
    const char *base = fs_basename(path);
    size_t folder = (size_t)(base - path), len = sizeof cache - 1;
    if (!str_ends(base, ".pyc") || folder < len || memcmp(base - len, cache, len) != 0)
        return str_dup(path);
    return str_printf("%.*s%.*s.py", (int)(folder - len), path, (int)strcspn(base, "."), base);
}

// The name of a program in the `bin` beside a `lib/python3.N/site-packages`, as RECORD has it. NULL for any other.
static char *program_of(const struct site *site, const char *path)
{
    size_t prefix = site->folder_len;
    for (int up = 0; up < 3; up++) {
        while (prefix > 0 && site->folder[prefix - 1] != '/')
            prefix--;
        prefix -= prefix > 0;
    }
    if (strncmp(path, site->folder, prefix) != 0 || !str_starts(path + prefix, "/bin/"))
        return NULL;
    const char *name = path + prefix + strlen("/bin/");
    return strchr(name, '/') || str_starts(name, "python") ? NULL : str_printf("../../../bin/%s", name);
}

// The path relative to the site; NULL for a file that is none of its.
static char *member_of(const struct site *site, const char *path)
{
    size_t len = site_of(path);
    if (len == 0)
        return program_of(site, path);
    if (len != site->folder_len || memcmp(path, site->folder, len) != 0)
        return NULL;
    return source_of(path + len + 1);
}

static bool is_metadata(const char *member)
{
    CLEANUP(free) char *top = str_ndup(member, strcspn(member, "/"));
    return str_ends(top, ".dist-info") || str_ends(top, ".egg-info") || str_ends(top, ".pth") ||
           str_ends(top, ".egg-link");
}

// The length of the module's name at the start of a member: "six.py" gives that of "six".
static size_t top_len(const char *member)
{
    size_t len = strcspn(member, "/");
    return member[len] == '/' ? len : strcspn(member, ".");
}

static void add_distribution(struct site *site, const char *entry, size_t name_len)
{
    // Within the name a '-' is written as '_', so the first one is in front of the version.
    const char *dash = memchr(entry, '-', name_len);
    site->items = mem_grow(site->items, site->count, &site->capacity, sizeof *site->items);
    site->items[site->count++] = (struct distribution){
        str_dup(entry), distributions_name(entry, dash ? (size_t)(dash - entry) : name_len), false};
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct distribution *)a)->entry, ((const struct distribution *)b)->entry);
}

static void list_distributions(struct site *site)
{
    static const char *const ends[] = {".dist-info", ".egg-info", ".egg"};
    DIR *stream = opendir(site->host);
    if (!stream)
        return;
    for (struct dirent *entry; (entry = readdir(stream)) && site->count < DISTRIBUTIONS_AT_MOST;)
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
            if (str_ends(entry->d_name, ends[i]))
                add_distribution(site, entry->d_name, strlen(entry->d_name) - strlen(ends[i]));
    closedir(stream);
    if (site->count > 0)
        qsort(site->items, site->count, sizeof *site->items, compare_entries);
}

static bool read_file(struct buf *out, const struct site *site, const char *entry, const char *name, size_t limit)
{
    CLEANUP(free) char *folder = fs_join(site->host, entry);
    CLEANUP(free) char *path = fs_join(folder, name);
    CLEANUP(error) struct error ignored = {0};
    buf_clear(out);
    return fs_read(out, path, limit, &ignored) == 0;
}

static void claim(struct site *site, struct distribution *distribution, const char *member)
{
    size_t index = path_set_find(&site->wanted, member, strlen(member));
    if (index == PATH_SET_NONE || site->found[index])
        return;
    site->found[index] = distribution->used = true;
    site->missing--;
}

// What the distribution says that it installed.
static void claim_listed(struct site *site, struct distribution *distribution)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(strings) struct strings listed = {0};
    bool record = read_file(&text, site, distribution->entry, "RECORD", LIST_LIMIT);
    if (!record && !read_file(&text, site, distribution->entry, "installed-files.txt", LIST_LIMIT))
        return;
    distributions_record(&listed, buf_text(&text), text.len);
    for (size_t i = 0; i < listed.count; i++) {
        const char *path = listed.items[i]; // in installed-files.txt relative to the .egg-info
        if (!record && str_starts(path, "../"))
            path += 3;
        claim(site, distribution, path);
    }
}

static bool names_module(struct site *site, const struct distribution *distribution, const char *top)
{
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(strings) struct strings modules = {0};
    CLEANUP(free) char *name = distributions_name(top, strlen(top));
    if (str_equal(distribution->entry, top)) // an .egg holds its modules itself
        return true;
    if (read_file(&text, site, distribution->entry, "top_level.txt", METADATA_LIMIT))
        distributions_record(&modules, buf_text(&text), text.len);
    return modules.count > 0 ? strings_has(&modules, top) : str_equal(distribution->name, name);
}

// Of several distributions in one namespace, "google/auth/…" is of google-auth.
static bool is_named_after(const struct distribution *distribution, const char *member)
{
    size_t top = strcspn(member, "/");
    const char *second = member + top + (member[top] == '/');
    CLEANUP(free) char *part = distributions_name(second, top_len(second));
    size_t len = strlen(distribution->name), size = strlen(part);
    return size > 0 && len >= size && strcmp(distribution->name + len - size, part) == 0 &&
           (len == size || distribution->name[len - size - 1] == '-');
}

// The wanted members of one module, which begin at `first`: those that no list has are given to the distributions that
// name the module; where none does, to whoever has the others. Returns the index behind the last of them.
static size_t claim_module(struct site *site, size_t first)
{
    char *const *members = site->wanted.paths.items;
    CLEANUP(free) char *top = str_ndup(members[first], top_len(members[first]));
    CLEANUP(free) bool *named = mem_array(site->count, sizeof *named);
    size_t end = first, name_count = 0, found = 0;
    for (; end < site->wanted.paths.count && top_len(members[end]) == strlen(top) && str_starts(members[end], top);
         end++)
        found += site->found[end];
    for (size_t i = 0; found < end - first && i < site->count; i++)
        name_count += named[i] = names_module(site, &site->items[i], top);
    for (size_t at = first; at < end; at++) {
        bool after = false;
        for (size_t i = 0; i < site->count && !site->found[at]; i++)
            if (named[i] && name_count > 1 && is_named_after(&site->items[i], members[at]))
                site->items[i].used = after = true;
        for (size_t i = 0; i < site->count && !site->found[at]; i++)
            if (named[i] && !after)
                site->items[i].used = true;
        site->found[at] = site->found[at] || found > 0 || name_count > 0;
    }
    return end;
}

static void find_owners(struct site *site)
{
    struct path_set modules = {0};
    for (size_t i = 0; i < site->wanted.paths.count; i++) {
        const char *member = site->wanted.paths.items[i];
        CLEANUP(free) char *name = distributions_name(member, top_len(member));
        path_set_add(&modules, name);
    }
    path_set_close(&modules);
    for (int likely = 1; likely >= 0; likely--) { // those that are called like a module first
        for (size_t i = 0; i < site->count && site->missing > 0; i++) {
            const char *name = site->items[i].name;
            if ((path_set_find(&modules, name, strlen(name)) != PATH_SET_NONE) == likely)
                claim_listed(site, &site->items[i]);
        }
    }
    for (size_t i = 0; i < site->wanted.paths.count && site->missing > 0;)
        if (str_starts(site->wanted.paths.items[i], "../"))
            i++; // a program: only a list can tell
        else
            i = claim_module(site, i);
    path_set_free(&modules);
}

static void add_used(struct pairs *out, const struct site *site, const struct distribution *distribution)
{
    static const char *const files[] = {"METADATA", "PKG-INFO", "EGG-INFO/PKG-INFO", ""};
    CLEANUP(buf) struct buf text = {0};
    CLEANUP(free) char *name = NULL;
    CLEANUP(free) char *version = NULL;
    for (size_t i = 0; i < ARRAY_LEN(files) && text.len == 0; i++)
        read_file(&text, site, distribution->entry, files[i], METADATA_LIMIT);
    distributions_metadata(&name, &version, buf_text(&text), text.len);
    CLEANUP(free)
    char *plain = distributions_name(name ? name : distribution->name, strlen(name ? name : distribution->name));
    pairs_add(out, plain, version ? version : "of an unknown version");
}

static void site_free(struct site *site)
{
    for (size_t i = 0; i < site->count; i++) {
        free(site->items[i].entry);
        free(site->items[i].name);
    }
    free(site->items);
    free(site->found);
    free(site->host);
    path_set_free(&site->wanted);
}

// `settled` tells of each file whether it is somebody's.
static void search_site(struct pairs *out, bool *settled, struct site *site, const struct strings *files)
{
    for (size_t i = 0; i < files->count; i++) {
        CLEANUP(free) char *member = member_of(site, files->items[i]);
        if (member && is_metadata(member))
            settled[i] = true;
        else if (member && *member)
            path_set_add(&site->wanted, member);
    }
    path_set_close(&site->wanted);
    site->missing = site->wanted.paths.count;
    site->found = mem_array(site->missing, sizeof *site->found);
    if (site->missing > 0) {
        list_distributions(site);
        find_owners(site);
    }
    for (size_t i = 0; i < site->count; i++)
        if (site->items[i].used)
            add_used(out, site, &site->items[i]);
    for (size_t i = 0; i < files->count; i++) {
        CLEANUP(free) char *member = settled[i] ? NULL : member_of(site, files->items[i]);
        size_t index = member ? path_set_find(&site->wanted, member, strlen(member)) : PATH_SET_NONE;
        if (index != PATH_SET_NONE)
            settled[i] = site->found[index];
    }
}

void distributions_find(struct pairs *out, struct strings *rest, const char *root, const struct strings *files)
{
    CLEANUP(strings) struct strings folders = {0};
    CLEANUP(free) bool *settled = mem_array(files->count, sizeof *settled);
    for (size_t i = 0; i < files->count; i++) {
        size_t len = site_of(files->items[i]);
        // Files come sorted, so one folder's stand together.
        bool again = folders.count > 0 && strlen(folders.items[folders.count - 1]) == len &&
                     strncmp(folders.items[folders.count - 1], files->items[i], len) == 0;
        if (len > 0 && !again)
            strings_take(&folders, str_ndup(files->items[i], len));
    }
    strings_sort(&folders);
    strings_unique(&folders);
    for (size_t i = 0; i < folders.count; i++) {
        const char *folder = folders.items[i];
        struct site site = {.folder = folder, .folder_len = strlen(folder), .host = fs_join(root, folder + 1)};
        search_site(out, settled, &site, files);
        site_free(&site);
    }
    for (size_t i = 0; i < files->count; i++)
        if (!settled[i])
            strings_add(rest, files->items[i]);
    strings_sort(rest);
    strings_unique(rest);
    pairs_sort(out);
}

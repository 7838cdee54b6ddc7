// SPDX-License-Identifier: Apache-2.0
//
// A run asks for a hundred or two of the some 200,000 paths that are installed, so no index of them is made: the lists
// are read one after the other, the likely ones first, until every path is found.
#include "run/dpkg.h"

#include "run/path_set.h"

#include "base/buf.h"
#include "base/fs.h"

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { LIST_LIMIT = 16 << 20, STATUS_LIMIT = 64 << 20, LISTS_AT_MOST = 100000, WORD_AT_MOST = 128 };

// The file of any other package than `by` stands at `to`.
struct diversion {
    size_t from, to; // in the set of paths
    char *by;
};

struct search {
    struct path_set set; // the paths that are wanted, and the names that diverted ones have in the lists
    char **owners;       // for each path of the set: "libc6:amd64"; NULL as long as none is known
    bool *wanted;        // for each path of the set: it was asked for, and is no mere name in a list
    size_t missing;      // how many that are wanted have no owner yet
    struct diversion *diversions;
    size_t diversion_count, diversion_capacity;
    bool merged; // /lib is a link to /usr/lib, so "/usr/lib/x" and "/lib/x" are the same file
};

// The name under which a path is looked for.
static const char *plain_path(const struct search *search, const char *path)
{
    return search->merged && strncmp(path, "/usr/", 5) == 0 ? path + 4 : path;
}

static bool is_merged(const char *root)
{
    CLEANUP(free) char *lib = fs_join(root, "lib");
    struct stat st;
    return lstat(lib, &st) == 0 && S_ISLNK(st.st_mode);
}

// The next line without its end; NULL behind the last one.
static const char *next_line(size_t *len, const char **at, const char *end)
{
    const char *line = *at;
    if (line >= end)
        return NULL;
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    *len = (size_t)((stop ? stop : end) - line);
    *at = stop ? stop + 1 : end;
    return line;
}

static bool read_text(struct buf *out, const char *root, const char *name, size_t limit)
{
    CLEANUP(free) char *path = fs_join(root, name);
    CLEANUP(error) struct error ignored = {0};
    buf_clear(out);
    return fs_read(out, path, limit, &ignored) == 0;
}

// Adds the diversions that concern a path of the set; the set then has their names in the lists, too.
static void read_diversions(struct search *search, struct strings *triples, const char *root)
{
    CLEANUP(buf) struct buf text = {0};
    if (!read_text(&text, root, "var/lib/dpkg/diversions", LIST_LIMIT))
        return;
    const char *at = buf_text(&text), *end = at + text.len, *line = NULL;
    CLEANUP(strings) struct strings lines = {0};
    for (size_t len = 0; (line = next_line(&len, &at, end));)
        strings_take(&lines, str_ndup(line, len));
    for (size_t i = 0; i + 2 < lines.count; i += 3) {
        const char *from = plain_path(search, lines.items[i]), *to = plain_path(search, lines.items[i + 1]);
        if (path_set_find(&search->set, from, strlen(from)) == PATH_SET_NONE &&
            path_set_find(&search->set, to, strlen(to)) == PATH_SET_NONE)
            continue;
        strings_add(triples, from);
        strings_add(triples, to);
        strings_add(triples, lines.items[i + 2]);
    }
}

static void add_diversions(struct search *search, const struct strings *triples)
{
    for (size_t i = 0; i + 2 < triples->count; i += 3) {
        path_set_add(&search->set, triples->items[i]);
        path_set_add(&search->set, triples->items[i + 1]);
    }
    path_set_close(&search->set);
    for (size_t i = 0; i + 2 < triples->count; i += 3) {
        const char *from = triples->items[i], *to = triples->items[i + 1];
        search->diversions = mem_grow(search->diversions, search->diversion_count, &search->diversion_capacity,
                                      sizeof *search->diversions);
        search->diversions[search->diversion_count++] =
            (struct diversion){path_set_find(&search->set, from, strlen(from)),
                               path_set_find(&search->set, to, strlen(to)), str_dup(triples->items[i + 2])};
    }
}

static size_t index_of(const struct search *search, const char *path)
{
    const char *plain = plain_path(search, path);
    return path_set_find(&search->set, plain, strlen(plain));
}

static void search_open(struct search *search, const char *root, const struct strings *paths)
{
    CLEANUP(strings) struct strings triples = {0};
    search->merged = is_merged(root);
    for (size_t i = 0; i < paths->count; i++)
        path_set_add(&search->set, plain_path(search, paths->items[i]));
    path_set_close(&search->set);
    search->missing = search->set.paths.count;
    read_diversions(search, &triples, root);
    add_diversions(search, &triples);
    search->owners = mem_array(search->set.paths.count, sizeof *search->owners);
    search->wanted = mem_array(search->set.paths.count, sizeof *search->wanted);
    for (size_t i = 0; i < paths->count; i++)
        search->wanted[index_of(search, paths->items[i])] = true;
}

static void search_free(struct search *search)
{
    for (size_t i = 0; i < search->set.paths.count; i++)
        free(search->owners[i]);
    for (size_t i = 0; i < search->diversion_count; i++)
        free(search->diversions[i].by);
    free(search->owners);
    free(search->wanted);
    free(search->diversions);
    path_set_free(&search->set);
}

static bool is_package(const char *list, const char *package)
{
    size_t len = strlen(package);
    return strncmp(list, package, len) == 0 && (list[len] == '\0' || list[len] == ':');
}

// The package has a path of this name in its list: where does that file stand?
static void claim(struct search *search, size_t index, const char *package)
{
    for (size_t i = 0; i < search->diversion_count; i++) {
        const struct diversion *diversion = &search->diversions[i];
        if (diversion->from == index && !is_package(package, diversion->by)) {
            index = diversion->to;
            break;
        }
    }
    if (search->owners[index])
        return;
    search->owners[index] = str_dup(package);
    search->missing -= search->wanted[index];
}

static void search_list(struct search *search, const struct buf *list, const char *package)
{
    const char *at = buf_text(list), *end = at + list->len, *line = NULL;
    for (size_t len = 0; (line = next_line(&len, &at, end));) {
        size_t skip = search->merged && len > 5 && memcmp(line, "/usr/", 5) == 0 ? 4 : 0;
        size_t index = path_set_find(&search->set, line + skip, len - skip);
        if (index != PATH_SET_NONE)
            claim(search, index, package);
    }
}

static bool is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !memchr("+-.:~_", text[i], 6))
            return false;
    return len > 0 && len <= WORD_AT_MOST;
}

// Shared libraries first, what cannot have one last.
static int rank(const char *list)
{
    CLEANUP(free) char *name = str_ndup(list, strcspn(list, ":"));
    if (str_ends(name, "-dev") || str_ends(name, "-doc") || str_ends(name, "-data") || str_starts(name, "linux-"))
        return 2;
    return str_starts(name, "lib") ? 0 : 1;
}

static void list_names(struct strings ranked[static 3], const char *folder)
{
    DIR *stream = opendir(folder);
    size_t count = 0;
    if (!stream)
        return;
    for (struct dirent *entry; (entry = readdir(stream)) && count < LISTS_AT_MOST;) {
        size_t len = strlen(entry->d_name);
        if (!str_ends(entry->d_name, ".list") || !is_name(entry->d_name, len - 5))
            continue;
        entry->d_name[len - 5] = '\0';
        strings_add(&ranked[rank(entry->d_name)], entry->d_name);
        count++;
    }
    closedir(stream);
}

static void search_lists(struct search *search, const char *root)
{
    struct strings ranked[3] = {{0}, {0}, {0}};
    CLEANUP(buf) struct buf list = {0};
    CLEANUP(free) char *folder = fs_join(root, "var/lib/dpkg/info");
    list_names(ranked, folder);
    for (size_t r = 0; r < ARRAY_LEN(ranked); r++) {
        strings_sort(&ranked[r]);
        for (size_t i = 0; i < ranked[r].count && search->missing > 0; i++) {
            CLEANUP(free) char *name = str_printf("%s.list", ranked[r].items[i]);
            if (read_text(&list, folder, name, LIST_LIMIT))
                search_list(search, &list, ranked[r].items[i]);
        }
        strings_free(&ranked[r]);
    }
}

// The value of a "Field: value" line; NULL when it is of another field.
static const char *field(size_t *value_len, const char *line, size_t len, const char *name)
{
    size_t skip = strlen(name);
    if (len < skip || memcmp(line, name, skip) != 0)
        return NULL;
    while (skip < len && (line[skip] == ' ' || line[skip] == '\t'))
        skip++;
    while (len > skip && isspace((unsigned char)line[len - 1]))
        len--;
    *value_len = len - skip;
    return is_name(line + skip, len - skip) ? line + skip : NULL;
}

struct paragraph {
    const char *package, *architecture, *version;
    size_t package_len, architecture_len, version_len;
};

static void end_paragraph(struct pairs *out, const struct paragraph *now, const struct path_set *packages)
{
    if (!now->package || !now->version)
        return;
    CLEANUP(free) char *version = str_ndup(now->version, now->version_len);
    CLEANUP(free) char *name = str_ndup(now->package, now->package_len);
    if (path_set_find(packages, name, strlen(name)) != PATH_SET_NONE)
        pairs_set(out, name, version);
    if (!now->architecture)
        return;
    CLEANUP(free) char *full = str_printf("%s:%.*s", name, (int)now->architecture_len, now->architecture);
    if (path_set_find(packages, full, strlen(full)) != PATH_SET_NONE)
        pairs_set(out, full, version);
}

void dpkg_versions(struct pairs *out, const char *status, size_t len, const struct strings *packages)
{
    const char *at = status, *end = status + len, *line = NULL;
    struct paragraph now = {0};
    CLEANUP(path_set) struct path_set wanted = {0};
    for (size_t i = 0; i < packages->count; i++)
        path_set_add(&wanted, packages->items[i]);
    path_set_close(&wanted);
    for (size_t size = 0; (line = next_line(&size, &at, end));) {
        if (size == 0) {
            end_paragraph(out, &now, &wanted);
            now = (struct paragraph){0};
        } else if (*line == 'P' && !now.package) {
            now.package = field(&now.package_len, line, size, "Package:");
        } else if (*line == 'A' && !now.architecture) {
            now.architecture = field(&now.architecture_len, line, size, "Architecture:");
        } else if (*line == 'V' && !now.version) {
            now.version = field(&now.version_len, line, size, "Version:");
        }
    }
    end_paragraph(out, &now, &wanted);
}

static void find_versions(struct pairs *out, const struct search *search, const char *root)
{
    CLEANUP(strings) struct strings packages = {0};
    CLEANUP(buf) struct buf status = {0};
    for (size_t i = 0; i < search->set.paths.count; i++)
        if (search->owners[i])
            strings_add(&packages, search->owners[i]);
    if (packages.count > 0 && read_text(&status, root, "var/lib/dpkg/status", STATUS_LIMIT))
        dpkg_versions(out, buf_text(&status), status.len, &packages);
}

void dpkg_owners(struct pairs *out, const char *root, const struct strings *paths)
{
    struct search search = {0};
    CLEANUP(pairs) struct pairs versions = {0};
    if (paths->count == 0)
        return;
    search_open(&search, root, paths);
    search_lists(&search, root);
    find_versions(&versions, &search, root);
    for (size_t i = 0; i < paths->count; i++) {
        const char *owner = search.owners[index_of(&search, paths->items[i])];
        if (!owner)
            continue;
        const char *version = pairs_get(&versions, owner);
        CLEANUP(free)
        char *value =
            str_printf("%.*s %s", (int)strcspn(owner, ":"), owner, version ? version : "of an unknown version");
        pairs_set(out, paths->items[i], value);
    }
    search_free(&search);
}

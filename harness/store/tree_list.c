// SPDX-License-Identifier: Apache-2.0
//
// One walk serves all patterns. Each pattern is cut at its slashes; on the way down, a folder keeps those patterns
// whose components match so far, and is not entered when there is none. From a component with `**` on, a pattern is
// open: it may match at any depth. Where all patterns of a folder go on with a plain name, the folder is not even read.
#include "store/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 200 // folders in folders; each level holds a descriptor while it is walked

struct pattern {
    const char *text; // as written
    char *glob;       // the parts put together again
    struct strings parts;
    size_t open_at; // the first part from which the pattern matches at any depth; parts.count when there is none
    bool literal;   // no glob characters
    bool outside;   // would leave the project; matches nothing
    bool found;     // names at least one file
    bool refused;   // a problem was reported already
};

struct walk {
    struct file_list *out;
    struct pattern *patterns;
    size_t pattern_count;
    bool everything; // no patterns and no exceptions: tree_list_all
    struct buf path; // of the folder, with a '/' at its end unless it is the root
    struct error *err;
};

struct item {
    char *name;
    unsigned char type; // DT_…
};
struct items {
    struct item *list;
    size_t count, capacity;
};

static void items_free(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free(items->list[i].name);
    free(items->list);
}
DEFINE_CLEANUP_VALUE(items)

static void items_add(struct items *items, const char *name, unsigned char type)
{
    items->list = mem_grow(items->list, items->count, &items->capacity, sizeof *items->list);
    items->list[items->count++] = (struct item){.name = str_dup(name), .type = type};
}

// By the bytes of the full paths: below a folder all paths go on with '/', which is less than '0' and more than '.'.
static int by_path(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    const unsigned char *p = (const unsigned char *)a->name, *q = (const unsigned char *)b->name;
    for (; *p && *p == *q; p++, q++)
        ;
    int x = *p ? *p : a->type == DT_DIR ? '/' : 0;
    int y = *q ? *q : b->type == DT_DIR ? '/' : 0;
    return x - y;
}

static unsigned char type_of_mode(mode_t mode)
{
    return S_ISDIR(mode) ? DT_DIR : S_ISREG(mode) ? DT_REG : S_ISLNK(mode) ? DT_LNK : DT_FIFO;
}

static unsigned char type_of(int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return type_of_mode(st.st_mode);
}

static bool is_never_input(const char *name, size_t depth)
{
    return str_equal(name, ".git") || str_equal(name, ".repro") || str_equal(name, "node_modules") ||
           str_equal(name, "__pycache__") || (depth == 0 && str_equal(name, "golden")) || str_ends(name, ".pyc");
}

static bool is_environment_mark(const char *name)
{
    return str_equal(name, "pyvenv.cfg") || str_equal(name, "conda-meta");
}

// Does the pattern, which matched down to this folder, match the file `name` in it?
static bool matches_file(const struct pattern *pattern, const char *path, const char *name, size_t depth)
{
    size_t last = pattern->parts.count - 1;
    if (depth < pattern->open_at)
        return depth == last && str_glob(pattern->parts.items[depth], name);
    if (pattern->literal || (pattern->open_at == last && str_equal(pattern->parts.items[last], "**")))
        return true;
    return str_glob(pattern->glob, path);
}

// Does the pattern, which matched down to this folder, go on below its subfolder `name`?
static bool goes_below(const struct pattern *pattern, const char *name, size_t depth)
{
    if (depth >= pattern->open_at)
        return true;
    // Where it ends here, it goes on only when it names the folder itself.
    if (depth == pattern->parts.count - 1 && !pattern->literal)
        return false;
    return str_glob(pattern->parts.items[depth], name);
}

// `**`, or a class that a slash cuts in two.
static bool crosses_folders(const char *part)
{
    const char *class = strchr(part, '[');
    return strstr(part, "**") || (class && !strchr(class, ']'));
}

static void pattern_compile(struct pattern *pattern, const char *text)
{
    pattern->text = text;
    pattern->literal = !str_is_glob(text);
    pattern->outside = *text == '/' || *text == '\0';
    for (const char *part = text; *part;) {
        size_t len = strcspn(part, "/");
        if (len > 0 && !(len == 1 && *part == '.'))
            strings_take(&pattern->parts, str_ndup(part, len));
        part += len + (part[len] == '/');
    }
    pattern->outside = pattern->outside || strings_has(&pattern->parts, "..");
    if (pattern->parts.count == 0)
        pattern->literal = false; // ".": everything
    if (!pattern->literal && (pattern->parts.count == 0 || str_ends(text, "/")))
        strings_add(&pattern->parts, "**");
    pattern->glob = strings_join(&pattern->parts, "/");
    while (pattern->open_at < pattern->parts.count && !crosses_folders(pattern->parts.items[pattern->open_at]))
        pattern->open_at++;
}

// The names to look at in a folder: those that the patterns spell out, or all that are there.
static void collect_literal(struct items *items, int folder, struct pattern *const *active, size_t count, size_t depth)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = active[i]->parts.items[depth];
        unsigned char type = type_of(folder, name);
        bool known = false;
        for (size_t j = 0; j < items->count && !known; j++)
            known = str_equal(items->list[j].name, name);
        if (type != DT_UNKNOWN && !known)
            items_add(items, name, type);
    }
}

static int collect_all(struct items *items, int folder, bool *environment, const struct walk *walk)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return error_errno(walk->err, "cannot read '%s'", buf_text(&walk->path));
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry)
            break;
        const char *name = entry->d_name;
        if (str_equal(name, ".") || str_equal(name, ".."))
            continue;
        *environment = *environment || is_environment_mark(name);
        unsigned char type = entry->d_type != DT_UNKNOWN ? entry->d_type : type_of(folder, name);
        items_add(items, name, type);
    }
    int code = errno;
    closedir(dir);
    errno = code;
    return code ? error_errno(walk->err, "cannot read '%s'", buf_text(&walk->path)) : 0;
}

static void add_file(struct walk *walk, const char *path, unsigned char type)
{
    file_list_add(walk->out, path)->kind = type == DT_LNK ? FILE_SYMLINK : FILE_REGULAR;
}

// Files and links at `path`; whatever else has that name is no input.
static void visit_file(struct walk *walk, const struct item *item, struct pattern *const *active, size_t count,
                       size_t depth)
{
    const char *path = buf_text(&walk->path);
    bool wanted = false;
    for (size_t i = 0; i < count; i++) {
        struct pattern *pattern = active[i];
        if (pattern->found && wanted)
            continue; // it would tell us nothing new
        if (item->type == DT_LNK && depth < pattern->open_at && depth + 1 < pattern->parts.count &&
            str_equal(pattern->parts.items[depth], item->name)) {
            if (!pattern->refused)
                error_problem(walk->err, NULL, 0,
                              "'%s' leads through the symbolic link '%s', which is not followed; name the folder "
                              "behind it under inputs.external",
                              pattern->text, path);
            pattern->refused = true;
        } else if (matches_file(pattern, path, item->name, depth)) {
            pattern->found = true;
            wanted = true;
        }
    }
    if (wanted)
        add_file(walk, path, item->type);
}

static int visit_folder(struct walk *walk, int folder, struct pattern *const *active, size_t count, size_t depth);

static int enter_folder(struct walk *walk, int parent, const char *name, struct pattern *const *active, size_t count,
                        size_t depth)
{
    CLEANUP(fd) int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0; // gone meanwhile
    if (fd < 0)
        return error_errno(walk->err, "cannot open the folder '%s'", buf_text(&walk->path));
    if (depth >= MAX_DEPTH)
        return error_set(walk->err, ERROR_MACHINE, "'%s': more than %d folders in one another", buf_text(&walk->path),
                         MAX_DEPTH);
    CLEANUP(free) struct pattern **below = mem_array(count ? count : 1, sizeof(struct pattern *));
    size_t below_count = 0;
    for (size_t i = 0; i < count; i++)
        if (goes_below(active[i], name, depth))
            below[below_count++] = active[i];
    if (below_count == 0 && !walk->everything)
        return 0;
    buf_putc(&walk->path, '/');
    return visit_folder(walk, fd, below, below_count, depth + 1);
}

static int visit_item(struct walk *walk, int folder, const struct item *item, struct pattern *const *active,
                      size_t count, size_t depth)
{
    const char *path = buf_text(&walk->path);
    switch (item->type) {
    case DT_DIR:
        return enter_folder(walk, folder, item->name, active, count, depth);
    case DT_REG:
    case DT_LNK:
        if (walk->everything)
            add_file(walk, path, item->type);
        else
            visit_file(walk, item, active, count, depth);
        return 0;
    default:
        if (walk->everything)
            return error_set(walk->err, ERROR_MACHINE, "'%s' is neither a file, a folder nor a symbolic link", path);
        return 0;
    }
}

// True when every pattern goes on with a plain name here, so that the folder need not be read.
static bool only_plain_names(struct pattern *const *active, size_t count, size_t depth)
{
    for (size_t i = 0; i < count; i++)
        if (depth >= active[i]->open_at || depth >= active[i]->parts.count ||
            str_is_glob(active[i]->parts.items[depth]))
            return false;
    return count > 0;
}

// `active` are the patterns whose first `depth` parts matched the way down to this folder, whose path stands in
// walk->path.
static int visit_folder(struct walk *walk, int folder, struct pattern *const *active, size_t count, size_t depth)
{
    CLEANUP(items) struct items items = {0};
    bool environment = false;
    if (only_plain_names(active, count, depth)) {
        environment = faccessat(folder, "pyvenv.cfg", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
                      faccessat(folder, "conda-meta", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        collect_literal(&items, folder, active, count, depth);
    } else if (collect_all(&items, folder, &environment, walk) != 0) {
        return -1;
    }
    if (environment && depth > 0 && !walk->everything)
        return 0;
    if (items.count > 1)
        qsort(items.list, items.count, sizeof *items.list, by_path);
    size_t len = walk->path.len;
    for (size_t i = 0; i < items.count; i++) {
        const struct item *item = &items.list[i];
        if (!walk->everything && is_never_input(item->name, depth))
            continue;
        buf_puts(&walk->path, item->name);
        int status = visit_item(walk, folder, item, active, count, depth);
        walk->path.len = len;
        walk->path.data[len] = '\0';
        if (status != 0)
            return -1;
    }
    return 0;
}

// A pattern that spells a name out means that name: nothing there is a mistake, in the document or in the tree.
static void report_missing(const struct walk *walk, int root)
{
    for (size_t i = 0; i < walk->pattern_count; i++) {
        const struct pattern *pattern = &walk->patterns[i];
        if (pattern->found || pattern->refused || !(pattern->literal || pattern->outside))
            continue;
        struct stat st;
        if (pattern->outside)
            error_problem(walk->err, NULL, 0, "'%s' leaves the project", pattern->text);
        else if (fstatat(root, pattern->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
            error_problem(walk->err, NULL, 0, "'%s' names no file", pattern->text);
        else if (S_ISDIR(st.st_mode))
            error_problem(walk->err, NULL, 0, "the folder '%s' holds no file that can be an input", pattern->text);
        else
            error_problem(walk->err, NULL, 0, "'%s' cannot be an input", pattern->text);
    }
}

static int walk_from(struct walk *walk, int root)
{
    CLEANUP(free) struct pattern **active = mem_array(walk->pattern_count + 1, sizeof(struct pattern *));
    size_t count = 0;
    for (size_t i = 0; i < walk->pattern_count; i++)
        if (!walk->patterns[i].outside)
            active[count++] = &walk->patterns[i];
    size_t problems = walk->err->problem_count;
    if ((count > 0 || walk->everything) && visit_folder(walk, root, active, count, 0) != 0)
        return -1;
    report_missing(walk, root);
    return walk->err->problem_count > problems ? -1 : 0;
}

static int open_folder(int *fd, const char *path, struct error *err)
{
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? error_errno(err, "cannot open the folder '%s'", path) : 0;
}

static void pattern_free(struct pattern *pattern)
{
    strings_free(&pattern->parts);
    free(pattern->glob);
}

int tree_list(struct file_list *out, const char *root, const struct strings *patterns, struct error *err)
{
    CLEANUP(fd) int fd = -1;
    if (open_folder(&fd, root, err) != 0)
        return -1;
    struct walk walk = {.out = out, .pattern_count = patterns->count, .err = err};
    walk.patterns = mem_array(patterns->count + 1, sizeof *walk.patterns);
    for (size_t i = 0; i < patterns->count; i++)
        pattern_compile(&walk.patterns[i], patterns->items[i]);
    int status = walk_from(&walk, fd);
    for (size_t i = 0; i < patterns->count; i++)
        pattern_free(&walk.patterns[i]);
    free(walk.patterns);
    buf_free(&walk.path);
    return status;
}

int tree_list_fd(struct file_list *out, int folder, struct error *err)
{
    struct walk walk = {.out = out, .everything = true, .err = err};
    int status = walk_from(&walk, folder);
    buf_free(&walk.path);
    return status;
}

int tree_list_all(struct file_list *out, const char *folder, struct error *err)
{
    CLEANUP(fd) int fd = -1;
    return open_folder(&fd, folder, err) != 0 ? -1 : tree_list_fd(out, fd, err);
}

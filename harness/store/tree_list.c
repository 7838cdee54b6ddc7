// SPDX-License-Identifier: Apache-2.0
//
// One walk serves all patterns. Each pattern is cut at its slashes; on the way down, a folder keeps those patterns
// whose components match so far, and is not entered when there is none. From a component with `**` on, a pattern is
// open: it may match at any depth. Where all patterns of a folder go on with a plain name, the folder is not even read.
#include "store/tree.h"

#include "base/fs.h"
#include "base/pool.h"
#include "store/items.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIDE_BY_SIDE 8   // subfolders for which threads pay
#define MAX_DEPTH    200 // folders in folders; each level holds a descriptor while it is walked

struct pattern {
    const char *text; // as written
    char *glob;       // the parts put together again
    struct strings parts;
    size_t open_at;      // the first part from which the pattern matches at any depth; parts.count when there is none
    bool literal;        // no glob characters
    bool outside;        // would leave the project; matches nothing
    atomic_bool found;   // names at least one file
    atomic_bool refused; // a problem was reported already
};

// A folder on the way, and the patterns whose first `depth` parts match the way down to it.
struct level {
    int folder;
    struct pattern *const *active;
    size_t count;
    size_t depth;
};

struct walk {
    struct file_list *out;
    struct pattern *patterns;
    size_t pattern_count;
    bool everything; // no patterns and no exceptions: tree_list_all
    bool is_branch;  // runs beside others already
    struct buf path; // of the folder, with a '/' at its end unless it is the root
    struct error *err;
};

static const char *shown_path(const struct walk *walk)
{
    return walk->path.len > 0 ? buf_text(&walk->path) : ".";
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
static void collect_literal(struct items *items, const struct level *level)
{
    CLEANUP(strings) struct strings names = {0};
    for (size_t i = 0; i < level->count; i++)
        strings_add(&names, level->active[i]->parts.items[level->depth]);
    strings_sort(&names);
    strings_unique(&names);
    for (size_t i = 0; i < names.count; i++) {
        unsigned char type = type_of(level->folder, names.items[i]);
        if (type != DT_UNKNOWN)
            items_add(items, names.items[i], type);
    }
}

static int collect_all(struct items *items, int folder, bool *environment, const struct walk *walk)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        if (copy >= 0)
            close(copy);
        return error_errno(walk->err, "cannot read the folder '%s'", shown_path(walk));
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
    return code ? error_errno(walk->err, "cannot read the folder '%s'", shown_path(walk)) : 0;
}

static void add_file(struct walk *walk, const char *path, unsigned char type)
{
    file_list_add(walk->out, path)->kind = type == DT_LNK ? FILE_SYMLINK : FILE_REGULAR;
}

// Files and links at walk->path; whatever else has that name is no input.
static void visit_file(struct walk *walk, const struct level *level, const struct item *item)
{
    const char *path = buf_text(&walk->path);
    bool wanted = false;
    for (size_t i = 0; i < level->count; i++) {
        struct pattern *pattern = level->active[i];
        if (wanted && atomic_load(&pattern->found))
            continue; // it would tell us nothing new
        if (item->type == DT_LNK && level->depth < pattern->open_at && level->depth + 1 < pattern->parts.count &&
            str_equal(pattern->parts.items[level->depth], item->name)) {
            error_problem(walk->err, NULL, 0,
                          "'%s' leads through the symbolic link '%s', which is not followed; name the folder behind it "
                          "under inputs.external",
                          pattern->text, path);
            atomic_store(&pattern->refused, true);
        } else if (matches_file(pattern, path, item->name, level->depth)) {
            atomic_store(&pattern->found, true);
            wanted = true;
        }
    }
    if (wanted)
        add_file(walk, path, item->type);
}

static int visit_folder(struct walk *walk, const struct level *level);

static int enter_folder(struct walk *walk, const struct level *parent, const char *name)
{
    CLEANUP(free) struct pattern **below = mem_array(parent->count + 1, sizeof(struct pattern *));
    struct level level = {.active = below, .depth = parent->depth + 1};
    for (size_t i = 0; i < parent->count; i++)
        if (goes_below(parent->active[i], name, parent->depth))
            below[level.count++] = parent->active[i];
    if (level.count == 0 && !walk->everything)
        return 0;
    if (level.depth > MAX_DEPTH)
        return error_set(walk->err, ERROR_MACHINE, "'%s': more than %d folders in one another", buf_text(&walk->path),
                         MAX_DEPTH);
    CLEANUP(fd) int fd = openat(parent->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0; // gone meanwhile
    if (fd < 0)
        return error_errno(walk->err, "cannot open the folder '%s'", buf_text(&walk->path));
    level.folder = fd;
    buf_putc(&walk->path, '/');
    return visit_folder(walk, &level);
}

static int visit_item(struct walk *walk, const struct level *level, const struct item *item)
{
    switch (item->type) {
    case DT_DIR:
        return enter_folder(walk, level, item->name);
    case DT_REG:
    case DT_LNK:
        if (walk->everything)
            add_file(walk, buf_text(&walk->path), item->type);
        else
            visit_file(walk, level, item);
        return 0;
    default:
        if (walk->everything)
            return error_set(walk->err, ERROR_MACHINE, "'%s' is neither a file, a folder nor a symbolic link",
                             buf_text(&walk->path));
        return 0;
    }
}

static int visit_items(struct walk *walk, const struct level *level, const struct items *items)
{
    size_t len = walk->path.len;
    int status = 0;
    for (size_t i = 0; i < items->count && status == 0; i++) {
        buf_puts(&walk->path, items->list[i].name);
        status = visit_item(walk, level, &items->list[i]);
        walk->path.len = len;
        walk->path.data[len] = '\0';
    }
    return status;
}

// ---- side by side: each item of a folder with many subfolders is a walk of its own

struct branch {
    struct walk walk;
    struct file_list files;
    struct error err;
    int status;
};

struct fork {
    const struct level *level;
    const struct items *items;
    struct branch *branches; // one for each item
};

static void walk_branch(size_t index, void *context)
{
    struct fork *fork = context;
    struct branch *branch = &fork->branches[index];
    buf_puts(&branch->walk.path, fork->items->list[index].name);
    branch->status = visit_item(&branch->walk, fork->level, &fork->items->list[index]);
}

// Hands what a branch found on to the walk that it belongs to.
static int join_branch(struct walk *walk, struct branch *branch)
{
    file_list_move(walk->out, &branch->files);
    buf_free(&branch->walk.path);
    for (size_t i = 0; i < branch->err.problem_count; i++)
        error_problem(walk->err, NULL, 0, "%s", branch->err.problems[i].text);
    if (branch->err.message)
        error_set(walk->err, branch->err.kind, "%s", branch->err.message);
    error_free(&branch->err);
    return branch->status;
}

static int visit_side_by_side(struct walk *walk, const struct level *level, const struct items *items)
{
    struct fork fork = {.level = level, .items = items};
    fork.branches = mem_array(items->count, sizeof *fork.branches);
    for (size_t i = 0; i < items->count; i++) {
        struct branch *branch = &fork.branches[i];
        branch->walk = *walk;
        branch->walk.out = &branch->files;
        branch->walk.err = &branch->err;
        branch->walk.is_branch = true;
        branch->walk.path = (struct buf){0};
        buf_puts(&branch->walk.path, buf_text(&walk->path));
    }
    pool_run(0, items->count, walk_branch, &fork);
    int status = 0;
    for (size_t i = 0; i < items->count; i++)
        if (join_branch(walk, &fork.branches[i]) != 0)
            status = -1;
    free(fork.branches);
    return status;
}

// ---- one folder

// True when every pattern goes on with a plain name here, so that the folder need not be read.
static bool only_plain_names(const struct level *level)
{
    for (size_t i = 0; i < level->count; i++) {
        const struct pattern *pattern = level->active[i];
        if (level->depth >= pattern->open_at || level->depth >= pattern->parts.count ||
            str_is_glob(pattern->parts.items[level->depth]))
            return false;
    }
    return level->count > 0;
}

static void drop_what_is_never_input(struct items *items, size_t depth)
{
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        if (!is_never_input(items->list[i].name, depth))
            items->list[kept++] = items->list[i];
    }
    items->count = kept;
}

static bool has_many_folders(const struct items *items)
{
    size_t folders = 0;
    for (size_t i = 0; i < items->count; i++)
        folders += items->list[i].type == DT_DIR;
    return folders >= SIDE_BY_SIDE && folders > items->count / 2;
}

static int visit_folder(struct walk *walk, const struct level *level)
{
    CLEANUP(items) struct items items = {0};
    bool environment = false;
    if (only_plain_names(level)) {
        environment = faccessat(level->folder, "pyvenv.cfg", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
                      faccessat(level->folder, "conda-meta", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        collect_literal(&items, level);
    } else if (collect_all(&items, level->folder, &environment, walk) != 0) {
        return -1;
    }
    if (environment && level->depth > 0 && !walk->everything)
        return 0;
    if (!walk->everything)
        drop_what_is_never_input(&items, level->depth);
    items_sort(&items);
    bool split = !walk->is_branch && has_many_folders(&items);
    return (split ? visit_side_by_side : visit_items)(walk, level, &items);
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
    const struct level level = {.folder = root, .active = active, .count = count};
    if ((count > 0 || walk->everything) && visit_folder(walk, &level) != 0)
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

static bool is_environment(const char *folder)
{
    CLEANUP(free) char *venv = fs_join(folder, "pyvenv.cfg");
    CLEANUP(free) char *conda = fs_join(folder, "conda-meta");
    return fs_exists(venv) || fs_exists(conda);
}

bool tree_is_left_out(const char *root, const char *path)
{
    CLEANUP(free) char *folder = str_dup(path);
    size_t depth = 0;
    for (char *name = folder, *slash; name; name = slash ? slash + 1 : NULL, depth++) {
        slash = strchr(name, '/');
        if (slash)
            *slash = '\0';
        if (is_never_input(name, depth))
            return true;
        CLEANUP(free) char *full = fs_join(root, folder);
        if (slash && is_environment(full))
            return true;
        if (slash)
            *slash = '/';
    }
    return false;
}

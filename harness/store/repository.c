// SPDX-License-Identifier: Apache-2.0
//
// libgit2's traps: it refuses repositories of another owner (we only read, and a job in a container runs as root), it
// refuses extensions that it could ignore, and both are settings of the whole process. A shallow clone has commits
// whose parents are named but missing.
#include "store/repository_git.h"

#include "base/fs.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

// libgit2 1.5 loses its queue when the walk for a merge base runs into a missing commit: no news for LeakSanitizer.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable() (void)0
#define __lsan_enable()  (void)0
#endif

// libgit2 counts how often it was started, but its settings are global: the one mutable thing in this library.
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

void repository_begin(void)
{
    static const char *extensions[] = {"noop",         "worktreeconfig",  "objectformat",
                                       "partialclone", "preciousobjects", "relativeworktrees"};
    pthread_mutex_lock(&library);
    if (git_libgit2_init() == 1) {
        git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
        git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, ARRAY_LEN(extensions));
    }
    pthread_mutex_unlock(&library);
}

void repository_end(void)
{
    pthread_mutex_lock(&library);
    git_libgit2_shutdown();
    pthread_mutex_unlock(&library);
}

int repository_fault(struct error *err, const char *format, ...)
{
    CLEANUP(buf) struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    const git_error *last = git_error_last();
    return error_set(err, ERROR_MACHINE, "git: %s: %s", buf_text(&text),
                     last && last->message ? last->message : "no reason given");
}

char *repository_hex(const git_oid *oid)
{
    char hex[GIT_OID_HEXSZ + 1];
    return str_dup(git_oid_tostr(hex, sizeof hex, oid));
}

char *repository_full_path(const struct repository *repository, const char *path)
{
    char *full = str_printf("%s%s", repository->prefix, strcmp(path, ".") == 0 ? "" : path);
    size_t len = strlen(full);
    while (len > 0 && full[len - 1] == '/')
        full[--len] = '\0';
    return full;
}

// A repository whose objects are not named by SHA-1 cannot be read by this libgit2.
static bool is_readable(git_repository *git)
{
    git_config *config = NULL;
    git_buf format = {0};
    bool readable = true;
    if (git_repository_config_snapshot(&config, git) == 0 &&
        git_config_get_string_buf(&format, config, "extensions.objectformat") == 0)
        readable = strcmp(format.ptr, "sha1") == 0;
    git_buf_dispose(&format);
    git_config_free(config);
    return readable;
}

// Where the project lies in the work tree. −1 without an error: not in it at all.
static int find_prefix(struct repository *repository)
{
    struct error ignored = {0};
    CLEANUP(free) char *top = NULL;
    int status = fs_realpath(&top, git_repository_workdir(repository->git), &ignored);
    error_free(&ignored);
    if (status != 0)
        return -1;
    size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
    if (strncmp(repository->root, top, len) != 0 || (repository->root[len] && repository->root[len] != '/'))
        return -1;
    const char *below = repository->root + len + (repository->root[len] == '/');
    repository->prefix = *below ? str_printf("%s/", below) : str_dup("");
    return 0;
}

int repository_open(struct repository **out, const char *root, struct error *err)
{
    *out = NULL;
    repository_begin();
    CLEANUP(repository) struct repository *repository = mem_alloc(sizeof *repository);
    int status = git_repository_open_ext(&repository->git, root, 0, NULL);
    if (status == GIT_ENOTFOUND)
        return 0;
    if (status != 0)
        return repository_fault(err, "cannot open the repository around '%s'", root);
    if (fs_realpath(&repository->root, root, err) != 0)
        return -1;
    if (!git_repository_workdir(repository->git) || !is_readable(repository->git) || find_prefix(repository) != 0)
        return 0;
    *out = steal(&repository);
    return 0;
}

void repository_free(struct repository *repository)
{
    if (!repository)
        return;
    git_repository_free(repository->git);
    free(repository->root);
    free(repository->prefix);
    free(repository);
    repository_end();
}

// ---- facts

// Without user name, password and query; NULL for a place on this machine, which means nothing elsewhere.
char *repository_public_url(const char *url)
{
    const char *scheme = strstr(url, "://"), *colon = strchr(url, ':'), *slash = strchr(url, '/');
    bool local = !scheme && (!colon || (slash && slash < colon)); // else host:path, as ssh has it
    if (local || str_starts(url, "file:"))
        return NULL;
    const char *host = scheme ? scheme + 3 : url;
    size_t len = strcspn(host, scheme ? "/?#" : ":");
    const char *at = memrchr(host, '@', len);
    const char *rest = at ? at + 1 : host;
    return str_printf("%.*s%.*s", (int)(host - url), url, (int)strcspn(rest, "?#"), rest);
}

// The name of the only remote in the configuration; NULL when there are none or several. The caller frees.
static char *only_remote(git_config *config)
{
    CLEANUP(free) char *found = NULL;
    git_config_iterator *lines = NULL;
    git_config_entry *line;
    bool several = false;
    if (git_config_iterator_new(&lines, config) != 0)
        return NULL;
    while (git_config_next(&line, lines) == 0) {
        if (!str_starts(line->name, "remote.") || !str_ends(line->name, ".url"))
            continue;
        const char *name = line->name + strlen("remote.");
        CLEANUP(free) char *this = str_ndup(name, strlen(name) - strlen(".url"));
        several = several || (found && !str_equal(found, this));
        if (!found)
            found = steal(&this);
    }
    git_config_iterator_free(lines);
    return several ? NULL : steal(&found);
}

static char *config_text(git_config *config, const char *key)
{
    git_buf text = {0};
    char *copy = git_config_get_string_buf(&text, config, key) == 0 ? str_ndup(text.ptr, text.size) : NULL;
    git_buf_dispose(&text);
    return copy;
}

// The URL of the branch's upstream, else of the only remote, else of the one that is called origin. Read line by line:
// git_remote_list and git_remote_lookup search by regular expression, and libgit2 1.5 leaks 20 KiB for every line of
// configuration that does not match.
static char *find_remote(git_repository *git, const char *branch)
{
    git_config *config = NULL;
    if (git_repository_config_snapshot(&config, git) != 0)
        return NULL;
    CLEANUP(free) char *key = str_printf("branch.%s.remote", branch ? branch : "");
    CLEANUP(free) char *upstream = config_text(config, key), *only = only_remote(config);
    const char *chosen = upstream && !str_equal(upstream, ".") ? upstream : only ? only : "origin";
    CLEANUP(free) char *url_key = str_printf("remote.%s.url", chosen);
    CLEANUP(free) char *url = config_text(config, url_key);
    git_config_free(config);
    return url ? repository_public_url(url) : NULL;
}

static int head_commit(struct git_facts *out, git_repository *git, struct error *err)
{
    CLEANUP(git_reference) git_reference *head = NULL;
    CLEANUP(git_object) git_object *object = NULL;
    int status = git_repository_head(&head, git);
    if (status == GIT_EUNBORNBRANCH || status == GIT_ENOTFOUND)
        return 0;
    if (status != 0 || git_reference_peel(&object, head, GIT_OBJECT_COMMIT) != 0)
        return repository_fault(err, "cannot read HEAD");
    out->commit = repository_hex(git_object_id(object));
    out->tree = repository_hex(git_commit_tree_id((const git_commit *)object));
    return 0;
}

int repository_head(struct git_facts *out, struct repository *repository, struct error *err)
{
    *out = (struct git_facts){0};
    CLEANUP(git_reference) git_reference *head = NULL;
    if (git_reference_lookup(&head, repository->git, "HEAD") != 0)
        return repository_fault(err, "cannot read HEAD");
    const char *target = git_reference_symbolic_target(head); // NULL when detached; also says what is not born yet
    if (target)
        out->branch = str_dup(str_starts(target, "refs/heads/") ? target + strlen("refs/heads/") : target);
    out->shallow = git_repository_is_shallow(repository->git) == 1;
    out->remote = find_remote(repository->git, out->branch);
    return head_commit(out, repository->git, err);
}

void git_facts_free(struct git_facts *facts)
{
    free(facts->commit);
    free(facts->tree);
    free(facts->branch);
    free(facts->remote);
    strings_free(&facts->dirty);
    *facts = (struct git_facts){0};
}

char *repository_user(struct repository *repository)
{
    git_config *config = NULL;
    if (git_repository_config_snapshot(&config, repository->git) != 0)
        return NULL;
    CLEANUP(free) char *user = config_text(config, "user.name");
    git_config_free(config);
    return user && *user ? steal(&user) : NULL;
}

// ---- revisions

// The object that an abbreviated or whole name in hexadecimal means.
static int find_by_name(git_object **out, git_repository *git, const char *name)
{
    git_oid oid;
    size_t len = strlen(name);
    if (len < GIT_OID_MINPREFIXLEN || len > GIT_OID_HEXSZ || strspn(name, "0123456789abcdefABCDEF") != len ||
        git_oid_fromstrn(&oid, name, len) != 0)
        return GIT_ENOTFOUND;
    return git_object_lookup_prefix(out, git, &oid, len, GIT_OBJECT_ANY);
}

// As git_revparse_single; but that leaks 20 KiB over a name that it does not know (libgit2 1.5), so plain names, which
// may well be unknown, are looked up step by step.
static int find_object(git_object **out, git_repository *git, const char *revision)
{
    CLEANUP(git_reference) git_reference *ref = NULL;
    if (strpbrk(revision, "^~:@{"))
        return git_revparse_single(out, git, revision);
    int status = git_reference_dwim(&ref, git, revision);
    if (status == 0)
        return git_reference_peel(out, ref, GIT_OBJECT_ANY);
    return status == GIT_ENOTFOUND || status == GIT_EINVALIDSPEC ? find_by_name(out, git, revision) : status;
}

int repository_find(git_object **out, struct repository *repository, const char *revision, struct error *err)
{
    *out = NULL;
    CLEANUP(git_object) git_object *object = NULL;
    int status = find_object(&object, repository->git, revision);
    if (status == GIT_ENOTFOUND || status == GIT_EINVALIDSPEC || status == GIT_EAMBIGUOUS)
        return 0;
    if (status != 0)
        return repository_fault(err, "cannot resolve '%s'", revision);
    status = git_object_peel(out, object, GIT_OBJECT_COMMIT);
    return status == 0 ? 0 : repository_fault(err, "'%s' is not a commit", revision);
}

int repository_tree(git_tree **out, struct repository *repository, const char *revision, struct error *err)
{
    CLEANUP(git_object) git_object *commit = NULL;
    if (repository_find(&commit, repository, revision, err) != 0)
        return -1;
    if (!commit && git_repository_is_shallow(repository->git) == 1)
        return error_set(err, ERROR_USAGE,
                         "the revision '%s' is not in this clone, which is shallow: 'fetch-depth: 0' of "
                         "actions/checkout would bring it, or 'git fetch --unshallow'",
                         revision);
    if (!commit && git_repository_head_unborn(repository->git) == 1)
        return error_set(err, ERROR_USAGE, "there is no revision '%s': the repository has no commit yet", revision);
    if (!commit)
        return error_set(err, ERROR_USAGE, "there is no revision '%s'", revision);
    if (git_commit_tree(out, (git_commit *)commit) != 0)
        return repository_fault(err, "cannot read the tree of '%s'", revision);
    return 0;
}

int repository_entry(git_tree_entry **out, git_tree *tree, const char *path, struct error *err)
{
    *out = NULL;
    int status = git_tree_entry_bypath(out, tree, path);
    return status == 0 || status == GIT_ENOTFOUND ? 0 : repository_fault(err, "cannot look for '%s'", path);
}

int repository_read(struct buf *out, bool *found, struct repository *repository, const char *revision, const char *path,
                    struct error *err)
{
    *found = false;
    CLEANUP(git_tree) git_tree *tree = NULL;
    CLEANUP(git_tree_entry) git_tree_entry *entry = NULL;
    CLEANUP(git_blob) git_blob *blob = NULL;
    CLEANUP(free) char *full = repository_full_path(repository, path);
    if (repository_tree(&tree, repository, revision, err) != 0 || repository_entry(&entry, tree, full, err) != 0)
        return -1;
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return 0;
    if (git_blob_lookup(&blob, repository->git, git_tree_entry_id(entry)) != 0)
        return repository_fault(err, "cannot read '%s' of '%s'", path, revision);
    buf_append(out, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    *found = true;
    return 0;
}

struct listing {
    struct strings *out;
    const char *folder;
};

static int list_entry(const char *parent, const git_tree_entry *entry, void *context)
{
    const struct listing *listing = context;
    if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
        strings_printf(listing->out, "%s%s%s", listing->folder, parent, git_tree_entry_name(entry));
    return 0;
}

int repository_list(struct strings *out, struct repository *repository, const char *revision, const char *folder,
                    struct error *err)
{
    CLEANUP(git_tree) git_tree *tree = NULL;
    CLEANUP(git_tree) git_tree *below = NULL;
    CLEANUP(git_tree_entry) git_tree_entry *entry = NULL;
    CLEANUP(free) char *full = repository_full_path(repository, folder);
    if (repository_tree(&tree, repository, revision, err) != 0)
        return -1;
    if (*full) {
        if (repository_entry(&entry, tree, full, err) != 0)
            return -1;
        if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_TREE)
            return 0;
        if (git_tree_lookup(&below, repository->git, git_tree_entry_id(entry)) != 0)
            return repository_fault(err, "cannot read '%s' of '%s'", folder, revision);
    }
    // Paths are told from the project's root on.
    CLEANUP(free) char *here = strcmp(folder, ".") == 0 || !*folder ? str_dup("") : str_printf("%s/", folder);
    if (str_ends(here, "//"))
        here[strlen(here) - 1] = '\0';
    struct listing listing = {.out = out, .folder = here};
    if (git_tree_walk(below ? below : tree, GIT_TREEWALK_PRE, list_entry, &listing) != 0)
        return repository_fault(err, "cannot list '%s' of '%s'", folder, revision);
    strings_sort(out);
    return 0;
}

// A pointer is a small text file (at most 1024 bytes) that begins with this line: git-lfs, docs/spec.md.
bool repository_is_lfs_pointer(const char *bytes, size_t len)
{
    static const char version[] = "version https://git-lfs.github.com/spec/v1\n";
    return len < 1024 && len > sizeof version - 1 && memcmp(bytes, version, sizeof version - 1) == 0 &&
           memmem(bytes, len, "\noid sha256:", 12) != NULL;
}

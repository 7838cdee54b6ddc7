// SPDX-License-Identifier: Apache-2.0
#include "engine/source.h"

#include "base/fs.h"
#include "store/digest.h"
#include "store/golden.h"
#include "store/repository.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMED_AT_MOST = 10 };

static int checkout_head(const struct session *session, const char *to, struct error *err)
{
    CLEANUP(repository) struct repository *repository = NULL;
    if (repository_open(&repository, session->project->root, err) < 0)
        return -1;
    if (!repository)
        return error_set(err, ERROR_USAGE, "--at head needs a git repository, and '%s' is in none",
                         session->project->root);
    if (fs_mkdirs(to, err) < 0)
        return -1;
    CLEANUP(strings) struct strings lfs = {0};
    if (repository_checkout(repository, "HEAD", to, &lfs, err) < 0)
        return -1;
    if (lfs.count > 0)
        return error_set(err, ERROR_USAGE,
                         "--at head: '%s' is kept in git-lfs, and the commit holds only a pointer to it", lfs.items[0]);
    return 0;
}

// The places that may have a file of golden's, in the order in which they are tried.
struct places {
    const char *bundle; // NULL: golden has none at hand
    const char *root;
    struct repository *repository; // NULL: none
    const char *commit;
    struct digester *digester;
};

// Of a link, the digest is that of its target's text.
static bool read_link(struct buf *target, const char *path)
{
    char text[PATH_MAX];
    ssize_t length = readlink(path, text, sizeof text);
    if (length < 0 || length == (ssize_t)sizeof text)
        return false;
    buf_append(target, text, (size_t)length);
    return true;
}

static bool holds(struct digester *digester, const char *path, const struct file_entry *wanted)
{
    struct digest found;
    struct stat st;
    if (lstat(path, &st) < 0 || (wanted->kind == FILE_SYMLINK) != S_ISLNK(st.st_mode))
        return false;
    if (wanted->kind == FILE_SYMLINK) {
        CLEANUP(buf) struct buf target = {0};
        if (!read_link(&target, path))
            return false;
        digest_bytes(digester, &found, buf_text(&target), target.len);
        return digest_equal(&found, &wanted->sha256);
    }
    struct error ignored = {0};
    bool same = digest_file(digester, &found, NULL, path, &ignored) == 0 && digest_equal(&found, &wanted->sha256);
    error_free(&ignored);
    return same;
}

static int make_link(const char *target, const char *to, struct error *err)
{
    return symlink(target, to) < 0 ? error_errno(err, "cannot make the link '%s'", to) : 0;
}

// The executable bit is golden's, whatever that of the place is.
static int set_mode(const char *to, const struct file_entry *wanted, struct error *err)
{
    return chmod(to, wanted->executable ? 0755 : 0644) < 0 ? error_errno(err, "cannot set the mode of '%s'", to) : 0;
}

static int copy_to(const char *from, const char *to, const struct file_entry *wanted, struct error *err)
{
    if (wanted->kind == FILE_SYMLINK) {
        CLEANUP(buf) struct buf target = {0};
        if (!read_link(&target, from))
            return error_errno(err, "cannot read the link '%s'", from);
        return make_link(buf_text(&target), to, err);
    }
    return fs_copy_file(from, to, err) < 0 ? -1 : set_mode(to, wanted, err);
}

static int write_from_commit(bool *found, const struct places *places, const struct file_entry *wanted, const char *to,
                             struct error *err)
{
    *found = false;
    if (!places->repository || !places->commit)
        return 0;
    CLEANUP(buf) struct buf bytes = {0};
    bool there = false;
    struct error ignored = {0}; // a commit that this clone does not have is not a fault: it is one place fewer
    int got = repository_read(&bytes, &there, places->repository, places->commit, wanted->path, &ignored);
    error_free(&ignored);
    struct digest digest;
    digest_bytes(places->digester, &digest, buf_text(&bytes), bytes.len);
    if (got < 0 || !there || !digest_equal(&digest, &wanted->sha256))
        return 0;
    *found = true;
    if (wanted->kind == FILE_SYMLINK)
        return make_link(buf_text(&bytes), to, err);
    return fs_write_atomic(to, buf_text(&bytes), bytes.len, err) < 0 ? -1 : set_mode(to, wanted, err);
}

static int bring(bool *found, const struct places *places, const struct file_entry *wanted, const char *folder,
                 struct error *err)
{
    CLEANUP(free) char *to = fs_join(folder, wanted->path);
    CLEANUP(free) char *parent = fs_dirname(to);
    const char *folders[] = {places->bundle, places->root};
    if (fs_mkdirs(parent, err) < 0)
        return -1;
    if (fs_exists(to) && holds(places->digester, to, wanted)) { // code and a setting
        *found = true;
        return 0;
    }
    *found = true;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        if (!folders[i])
            continue;
        CLEANUP(free) char *from = fs_join(folders[i], wanted->path);
        if (holds(places->digester, from, wanted))
            return copy_to(from, to, wanted, err);
    }
    return write_from_commit(found, places, wanted, to, err);
}

static int bring_kind(struct strings *lost, const struct places *places, const struct manifest *golden, bool links,
                      const char *folder, struct error *err)
{
    const struct file_list *lists[] = {&golden->code, &golden->data, &golden->settings};
    for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct file_entry *wanted = &lists[l]->items[i];
            bool found = false;
            if ((wanted->kind == FILE_SYMLINK) != links)
                continue;
            if (bring(&found, places, wanted, folder, err) < 0)
                return -1;
            if (!found)
                strings_add(lost, wanted->path);
        }
    }
    return 0;
}

// Links come last: no file may be written through one.
static int bring_all(const struct places *places, const struct manifest *golden, const char *folder, struct error *err)
{
    CLEANUP(strings) struct strings lost = {0};
    if (bring_kind(&lost, places, golden, false, folder, err) < 0 ||
        bring_kind(&lost, places, golden, true, folder, err) < 0)
        return -1;
    if (lost.count == 0)
        return 0;
    size_t total = lost.count;
    while (lost.count > NAMED_AT_MOST)
        free(lost.items[--lost.count]);
    CLEANUP(free) char *names = strings_join(&lost, "', '");
    return error_set(err, ERROR_USAGE,
                     "--at golden: %zu of golden's inputs are neither in its bundle, nor in the work tree, nor in the "
                     "commit that it was accepted from: '%s'%s",
                     total, names, total > lost.count ? ", …" : "");
}

static int assemble_golden(const struct session *session, const struct manifest *golden, const char *folder,
                           const char *to, struct error *err)
{
    if (!golden)
        return error_set(err, ERROR_USAGE, "--at golden needs a golden, and there is none");
    CLEANUP(free) char *bundle = fs_join(folder, "golden");
    CLEANUP(digester) struct digester *digester = NULL;
    CLEANUP(repository) struct repository *repository = NULL;
    struct error no_git = {0};
    if (repository_open(&repository, session->project->root, &no_git) < 0)
        error_free(&no_git);
    if (digester_new(&digester, err) < 0 || golden_extract(session->project->root, golden, bundle, err) < 0 ||
        fs_mkdirs(to, err) < 0)
        return -1;
    struct places places = {
        .bundle = bundle,
        .root = session->project->root,
        .repository = repository,
        .commit = golden->accepted.from.commit,
        .digester = digester,
    };
    int brought = bring_all(&places, golden, to, err);
    struct error left = {0};
    if (fs_remove_tree(bundle, &left) < 0 && brought == 0) {
        *err = left;
        return -1;
    }
    error_free(&left);
    return brought;
}

int source_prepare(char **out, const struct session *session, enum source at, const struct manifest *golden,
                   const char *folder, struct error *err)
{
    *out = NULL;
    if (at == SOURCE_WORKTREE)
        return 0;
    CLEANUP(free) char *to = fs_join(folder, "source");
    int made = at == SOURCE_HEAD ? checkout_head(session, to, err) : assemble_golden(session, golden, folder, to, err);
    if (made < 0) {
        CLEANUP(error) struct error ignored = {0};
        fs_remove_tree(to, &ignored);
        return -1;
    }
    *out = steal(&to);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Links: repro_store
//
// Against real git, in folders of its own.
#include "base/buf.h"
#include "base/fs.h"
#include "store/digest.h"
#include "store/repository.h"

#include "unit.h"

#include <stdbool.h>
#include <sys/stat.h>

static char *base;

// Runs a shell script in the test's folder, with nobody's git configuration and dates that go up by a minute a commit.
static void sh(const char *script)
{
    CLEANUP(free) char *quoted = str_shell_quote(script);
    CLEANUP(free)
    char *command = str_printf(
        "cd %s && export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=Ada "
        "GIT_AUTHOR_EMAIL=ada@localhost GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@localhost;"
        "git() { command git -c init.defaultBranch=main -c protocol.file.allow=always -c advice.detachedHead=false"
        " \"$@\"; };"
        "now=1600000000; [ ! -f .now ] || now=$(cat .now);"
        "commit() { now=$((now + 60)); echo $now > %s/.now; GIT_AUTHOR_DATE=\"$now +0000\" GIT_COMMITTER_DATE=\"$now "
        "+0000\""
        " git commit -q \"$@\"; };"
        "set -e; eval %s",
        base, base, quoted);
    ck_assert_msg(system(command) == 0, "%s", script);
}

static char *output_of(const char *script)
{
    CLEANUP(free) char *command = str_printf("{ %s; } > %s/.output", script, base);
    CLEANUP(free) char *path = fs_join(base, ".output");
    CLEANUP(buf) struct buf text = {0};
    struct error err = {0};
    sh(command);
    ck_ok(fs_read(&text, path, 0, &err), &err);
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    return buf_take(&text);
}

static void enter(void)
{
    base = unit_folder();
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("HOME", base, 1);
    sh("git init -q r; cd r; mkdir -p sub/src sub/data; echo a > top; echo b > sub/src/b.py; echo 1,2 > sub/data/d.csv;"
       "echo '*.log' > .gitignore; ln -s b.py sub/src/link; printf '#!/bin/sh\\n' > sub/run; chmod +x sub/run;"
       "git add -A; commit -m 'First commit'");
}

static void leave(void)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(base, &err), &err);
    free(base);
}

static struct repository *opened(const char *folder)
{
    struct error err = {0};
    struct repository *repository = NULL;
    CLEANUP(free) char *path = fs_join(base, folder);
    ck_ok(repository_open(&repository, path, &err), &err);
    ck_assert_ptr_nonnull(repository);
    return repository;
}

static struct git_facts facts_of(struct repository *repository)
{
    struct error err = {0};
    struct git_facts facts;
    ck_ok(repository_facts(&facts, repository, &err), &err);
    return facts;
}

static void check_dirty(struct repository *repository, const char *expected)
{
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    CLEANUP(free) char *dirty = strings_join(&facts.dirty, " ");
    ck_assert_str_eq(dirty, expected);
    struct digest none = {0};
    ck_assert_int_eq(digest_equal(&facts.patch, &none), facts.dirty.count == 0);
}

START_TEST(no_repository_is_no_error)
{
    enter();
    sh("mkdir plain");
    struct error err = {0};
    struct repository *repository = (struct repository *)1;
    CLEANUP(free) char *path = fs_join(base, "plain");
    ck_ok(repository_open(&repository, path, &err), &err);
    ck_assert_ptr_null(repository);
    leave();
}
END_TEST

START_TEST(facts_are_those_of_git)
{
    enter();
    CLEANUP(repository) struct repository *repository = opened("r");
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    CLEANUP(free)
    char *commit = output_of("cd r; git rev-parse HEAD"), *tree = output_of("cd r; git rev-parse HEAD^{tree}");
    ck_assert_str_eq(facts.commit, commit);
    ck_assert_str_eq(facts.tree, tree);
    ck_assert_str_eq(facts.branch, "main");
    ck_assert_ptr_null(facts.remote);
    ck_assert(!facts.shallow);
    ck_assert_uint_eq(facts.dirty.count, 0);
    leave();
}
END_TEST

START_TEST(a_repository_without_home_and_of_another_owner_is_read)
{
    enter();
    unsetenv("HOME");
    CLEANUP(free) char *path = fs_join(base, "r");
    if (geteuid() == 0) {
        CLEANUP(free) char *command = str_printf("chown -R 12345 %s", path);
        ck_assert_int_eq(system(command), 0);
    }
    CLEANUP(repository) struct repository *repository = opened("r");
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    ck_assert_ptr_nonnull(facts.commit);
    leave();
}
END_TEST

START_TEST(a_repository_without_a_commit_has_a_branch_and_untracked_files)
{
    enter();
    sh("git init -q new; echo x > new/x; cd new; git add x; echo y > y");
    CLEANUP(repository) struct repository *repository = opened("new");
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    ck_assert_ptr_null(facts.commit);
    ck_assert_ptr_null(facts.tree);
    ck_assert_str_eq(facts.branch, "main");
    check_dirty(repository, "x y");
    struct error err = {0};
    CLEANUP(git_history) struct git_history history = {0};
    ck_ok(repository_history(&history, repository, "x", 0, &err), &err);
    ck_assert_uint_eq(history.count, 0);
    bool found;
    CLEANUP(buf) struct buf bytes = {0};
    ck_assert_int_eq(repository_read(&bytes, &found, repository, "HEAD", "x", &err), -1);
    ck_error_has(&err, "no commit yet");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_detached_head_has_no_branch)
{
    enter();
    sh("cd r; git checkout -q --detach");
    CLEANUP(repository) struct repository *repository = opened("r");
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    ck_assert_ptr_nonnull(facts.commit);
    ck_assert_ptr_null(facts.branch);
    leave();
}
END_TEST

START_TEST(whatever_differs_from_head_below_the_project_is_dirty)
{
    enter();
    CLEANUP(repository) struct repository *top = opened("r");
    CLEANUP(repository) struct repository *below = opened("r/sub");
    check_dirty(top, "");
    sh("cd r; echo other > top");
    check_dirty(top, "top");
    check_dirty(below, "");
    sh("cd r; echo c > sub/src/b.py; touch sub/data/d.csv");
    check_dirty(below, "src/b.py");
    sh("cd r; mkdir sub/new; echo n > sub/new/n; echo l > sub/x.log; echo s > sub/staged; git add sub/staged");
    check_dirty(below, "new/n src/b.py staged");
    sh("cd r; chmod -x sub/run; rm sub/data/d.csv; ln -sf run sub/src/link; git rm -q --cached -f sub/src/b.py; "
       "rm sub/src/b.py");
    check_dirty(below, "data/d.csv new/n run src/b.py src/link staged");
    sh("cd r; git reset -q --hard; git clean -qfd");
    check_dirty(top, "");
    leave();
}
END_TEST

START_TEST(an_edit_in_the_tick_of_the_commit_is_seen)
{
    enter();
    for (int i = 0; i < 10; i++) {
        CLEANUP(free)
        char *script = str_printf("cd r; echo %d > top; git add top; commit -m x; echo %d > top", i, (i + 5) % 10);
        sh(script);
        CLEANUP(repository) struct repository *repository = opened("r");
        check_dirty(repository, "top");
    }
    leave();
}
END_TEST

START_TEST(files_that_are_asked_about_are_judged_as_git_judges_them)
{
    enter();
    sh("cd r; echo other > sub/src/b.py; echo n > sub/new; touch sub/data/d.csv; echo s > sub/run; git add sub/run");
    CLEANUP(repository) struct repository *repository = opened("r/sub");
    struct error err = {0};
    CLEANUP(strings) struct strings asked = {0}, dirty = {0};
    static const char *const paths[] = {"data/d.csv", "missing", "new", "run", "src/b.py", "src/link"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        strings_add(&asked, paths[i]);
    ck_ok(repository_dirty(&dirty, repository, &asked, &err), &err);
    CLEANUP(free) char *joined = strings_join(&dirty, " ");
    ck_assert_str_eq(joined, "missing new run src/b.py");
    leave();
}
END_TEST

START_TEST(what_git_leaves_out_is_known)
{
    static const struct {
        const char *path;
        bool ignored;
    } cases[] = {{"new", false}, {"data/left", true}, {"data/d.csv", false}, {"missing", false}, {"run", false}};
    enter();
    sh("cd r; printf 'data/\\nrun\\n' > sub/.gitignore; echo n > sub/new; echo l > sub/data/left");
    CLEANUP(repository) struct repository *repository = opened("r/sub");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(repository_ignores(repository, cases[i].path) == cases[i].ignored, "%s", cases[i].path);
    leave();
}
END_TEST

START_TEST(the_patch_tells_one_change_from_another)
{
    enter();
    CLEANUP(repository) struct repository *repository = opened("r");
    sh("cd r; echo 1 > top");
    CLEANUP(git_facts) struct git_facts one = facts_of(repository);
    sh("cd r; echo 2 > top");
    CLEANUP(git_facts) struct git_facts two = facts_of(repository);
    sh("cd r; rm top");
    CLEANUP(git_facts) struct git_facts gone = facts_of(repository);
    sh("cd r; echo 1 > top");
    CLEANUP(git_facts) struct git_facts again = facts_of(repository);
    ck_assert(!digest_equal(&one.patch, &two.patch));
    ck_assert(!digest_equal(&one.patch, &gone.patch));
    ck_assert(digest_equal(&one.patch, &again.patch));
    // As the header says: printf '%s\ndeleted top\n' $(sha256sum < /dev/null | cut -c 1-64) | sha256sum
    CLEANUP(free)
    char *expected =
        output_of("printf '%s\\ndeleted top\\n' $(sha256sum < /dev/null | cut -c 1-64) | sha256sum | cut -c 1-64");
    char hex[65];
    digest_hex(hex, &gone.patch);
    ck_assert_str_eq(hex, expected);
    leave();
}
END_TEST

START_TEST(tracked_files_are_told_from_the_projects_root_on)
{
    enter();
    sh("cd r; echo x > sub/untracked");
    struct error err = {0};
    CLEANUP(repository) struct repository *top = opened("r"), *below = opened("r/sub");
    CLEANUP(strings) struct strings all = {0}, some = {0};
    ck_ok(repository_tracked(&all, top, &err), &err);
    ck_ok(repository_tracked(&some, below, &err), &err);
    CLEANUP(free) char *a = strings_join(&all, " "), *b = strings_join(&some, " ");
    ck_assert_str_eq(a, ".gitignore sub/data/d.csv sub/run sub/src/b.py sub/src/link top");
    ck_assert_str_eq(b, "data/d.csv run src/b.py src/link");
    leave();
}
END_TEST

START_TEST(files_of_a_revision_are_read_and_listed)
{
    enter();
    sh("cd r; echo new > sub/src/b.py; echo c > sub/src/c.py; git add -A; commit -m Second");
    struct error err = {0};
    CLEANUP(repository) struct repository *below = opened("r/sub");
    CLEANUP(buf) struct buf old = {0}, new = {0}, none = {0};
    bool found = false;
    ck_ok(repository_read(&old, &found, below, "HEAD~1", "src/b.py", &err), &err);
    ck_assert(found);
    ck_assert_str_eq(old.data, "b\n");
    ck_ok(repository_read(&new, &found, below, "main", "src/b.py", &err), &err);
    ck_assert_str_eq(new.data, "new\n");
    ck_ok(repository_read(&none, &found, below, "HEAD~1", "src/c.py", &err), &err);
    ck_assert(!found);
    ck_ok(repository_read(&none, &found, below, "HEAD", "src", &err), &err);
    ck_assert(!found);
    static const char *const folders[][2] = {{"src", "src/b.py src/c.py src/link"},
                                             {"src/", "src/b.py src/c.py src/link"},
                                             {".", "data/d.csv run src/b.py src/c.py src/link"},
                                             {"", "data/d.csv run src/b.py src/c.py src/link"},
                                             {"absent", ""},
                                             {"run", ""}};
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        CLEANUP(strings) struct strings list = {0};
        ck_ok(repository_list(&list, below, "HEAD", folders[i][0], &err), &err);
        CLEANUP(free) char *joined = strings_join(&list, " ");
        ck_assert_str_eq(joined, folders[i][1]);
    }
    CLEANUP(free) char *commit = output_of("cd r; git rev-parse HEAD~1");
    CLEANUP(buf) struct buf by_name = {0}, by_prefix = {0};
    ck_ok(repository_read(&by_name, &found, below, commit, "src/b.py", &err), &err);
    commit[8] = '\0';
    ck_ok(repository_read(&by_prefix, &found, below, commit, "src/b.py", &err), &err);
    ck_assert_str_eq(by_name.data, "b\n");
    ck_assert_str_eq(by_prefix.data, "b\n");
    ck_assert_int_eq(repository_read(&none, &found, below, "nowhere", "src", &err), -1);
    ck_error_has(&err, "there is no revision 'nowhere'");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_shallow_clone_says_what_would_bring_a_revision)
{
    enter();
    sh("cd r; echo 2 > top; git add -A; commit -m Second; cd ..; git clone -q --depth 1 file://$PWD/r shallow");
    struct error err = {0};
    CLEANUP(repository) struct repository *repository = opened("shallow");
    CLEANUP(git_facts) struct git_facts facts = facts_of(repository);
    ck_assert(facts.shallow);
    ck_assert_uint_eq(facts.dirty.count, 0);
    ck_assert_ptr_null(facts.remote); // a place on this machine
    CLEANUP(buf) struct buf bytes = {0};
    bool found;
    ck_assert_int_eq(repository_read(&bytes, &found, repository, "HEAD~1", "top", &err), -1);
    ck_error_has(&err, "fetch-depth: 0");
    error_free(&err);
    CLEANUP(git_history) struct git_history history = {0};
    ck_ok(repository_history(&history, repository, "top", 0, &err), &err);
    ck_assert(history.cut);
    ck_assert_uint_eq(history.count, 0);
    CLEANUP(free) char *merge_base = (char *)1;
    ck_ok(repository_merge_base(&merge_base, repository, "release", &err), &err);
    ck_assert_ptr_null(merge_base);
    leave();
}
END_TEST

START_TEST(history_ends_at_the_edge_of_a_shallow_clone)
{
    enter();
    sh("cd r; for i in 2 3 4 5; do echo $i > top; git add -A; commit -m \"Number $i\"; done; cd ..;"
       "git clone -q --depth 3 file://$PWD/r shallow");
    struct error err = {0};
    CLEANUP(repository) struct repository *repository = opened("shallow");
    CLEANUP(git_history) struct git_history history = {0};
    ck_ok(repository_history(&history, repository, "top", 0, &err), &err);
    ck_assert_uint_eq(history.count, 2); // what the third changed, nobody can say
    ck_assert_str_eq(history.items[1].subject, "Number 4");
    ck_assert(history.cut);
    leave();
}
END_TEST

START_TEST(history_is_what_git_log_tells)
{
    enter();
    sh("cd r; echo 2 > sub/src/b.py; git add -A; commit -m 'Change b'; echo 2 > top; git add -A; commit -m 'Change "
       "top';"
       "git checkout -q -b side HEAD~1; echo 3 > sub/src/b.py; git add -A; commit -m 'Change b aside';"
       "echo x > sub/other; git add -A; commit -m 'Other'; git checkout -q main;"
       "git merge -q --no-ff --no-edit side; git checkout -q -b tops HEAD; echo 4 > top; git add -A; commit -m 'Top "
       "aside';"
       "git checkout -q main; echo 5 > sub/src/b.py; git add -A; commit -m 'Change b again';"
       "git merge -q --no-ff --no-edit tops; git rm -q sub/src/b.py; commit -m 'Remove b'");
    struct error err = {0};
    CLEANUP(repository) struct repository *below = opened("r/sub");
    static const char *const paths[] = {"src/b.py", "src", "other", "data/d.csv", "absent", "."};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        CLEANUP(free) char *script = str_printf("cd r/sub; git log --format='%%H %%at %%an %%s' -- %s", paths[i]);
        CLEANUP(free) char *expected = output_of(script);
        CLEANUP(git_history) struct git_history history = {0};
        ck_ok(repository_history(&history, below, paths[i], 0, &err), &err);
        CLEANUP(strings) struct strings lines = {0};
        for (size_t j = 0; j < history.count; j++)
            strings_printf(&lines, "%s %ld %s %s", history.items[j].commit, (long)history.items[j].time,
                           history.items[j].author, history.items[j].subject);
        CLEANUP(free) char *found = strings_join(&lines, "\n");
        ck_assert_str_eq(found, expected);
        ck_assert(!history.cut);
    }
    CLEANUP(git_history) struct git_history one = {0};
    ck_ok(repository_history(&one, below, "src/b.py", 1, &err), &err);
    ck_assert_uint_eq(one.count, 1);
    ck_assert_str_eq(one.items[0].subject, "Remove b");
    leave();
}
END_TEST

START_TEST(the_merge_base_is_that_of_git)
{
    enter();
    sh("cd r; git branch release; echo 2 > top; git add -A; commit -m Main; git checkout -q release; echo 3 > top;"
       "git add -A; commit -m Release; git checkout -q main; cd ..; git clone -q r clone");
    struct error err = {0};
    CLEANUP(free) char *expected = output_of("cd r; git merge-base main release");
    CLEANUP(repository) struct repository *repository = opened("r"), *clone = opened("clone");
    CLEANUP(free) char *direct = NULL, *remote = NULL, *none = NULL;
    ck_ok(repository_merge_base(&direct, repository, "release", &err), &err);
    ck_assert_str_eq(direct, expected);
    ck_ok(repository_merge_base(&remote, clone, "release", &err), &err); // known as origin/release only
    ck_assert_str_eq(remote, expected);
    ck_ok(repository_merge_base(&none, repository, "unknown", &err), &err);
    ck_assert_ptr_null(none);
    sh("git clone -q --depth 1 --no-single-branch file://$PWD/r shallow"); // both tips, nothing that they share
    CLEANUP(repository) struct repository *shallow = opened("shallow");
    ck_ok(repository_merge_base(&none, shallow, "release", &err), &err);
    ck_assert_ptr_null(none);
    leave();
}
END_TEST

START_TEST(a_linked_work_tree_and_a_submodule_are_repositories)
{
    enter();
    sh("cd r; git config extensions.worktreeConfig true; git worktree add -q -b linked ../linked; cd ..;"
       "git init -q outer; cd outer; git submodule --quiet add ../r inner; commit -m 'Add r'; echo x > inner/top");
    CLEANUP(repository)
    struct repository *linked = opened("linked/sub"), *inner = opened("outer/inner"), *outer = opened("outer");
    CLEANUP(git_facts) struct git_facts of_linked = facts_of(linked), of_inner = facts_of(inner);
    CLEANUP(free) char *commit = output_of("cd r; git rev-parse HEAD");
    ck_assert_str_eq(of_linked.branch, "linked");
    ck_assert_str_eq(of_linked.commit, commit);
    ck_assert_str_eq(of_inner.commit, commit);
    check_dirty(inner, "top");
    check_dirty(outer, "");
    CLEANUP(strings) struct strings tracked = {0};
    struct error err = {0};
    ck_ok(repository_tracked(&tracked, outer, &err), &err);
    CLEANUP(free) char *joined = strings_join(&tracked, " ");
    ck_assert_str_eq(joined, ".gitmodules");
    leave();
}
END_TEST

START_TEST(a_checkout_is_what_git_checks_out)
{
    enter();
    sh("cd r; echo '*.txt text eol=crlf' > .gitattributes; printf 'a\\nb\\n' > sub/lines.txt; mkdir sub/empty;"
       "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 12\\n' 7 > sub/data/big.bin;"
       "git add -A; commit -m Second; echo later > sub/src/b.py; git add -A; commit -m Third;"
       "git clone -q . ../expected; cd ../expected; git checkout -q HEAD~1");
    struct error err = {0};
    CLEANUP(repository) struct repository *below = opened("r/sub");
    CLEANUP(strings) struct strings lfs = {0};
    CLEANUP(free) char *out = fs_join(base, "out");
    ck_ok(repository_checkout(below, "HEAD~1", out, &lfs, &err), &err);
    sh("diff -r --no-dereference expected/sub out; [ -x out/run ]; [ ! -x out/src/b.py ]; [ -L out/src/link ]");
    ck_assert_uint_eq(lfs.count, 1);
    ck_assert_str_eq(lfs.items[0], "data/big.bin");
    check_dirty(below, "");
    ck_assert_int_eq(repository_checkout(below, "HEAD", out, NULL, &err), -1);
    ck_error_has(&err, "not empty");
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_revision_without_the_projects_folder_cannot_be_checked_out)
{
    enter();
    sh("cd r; mkdir later; echo x > later/x; git add -A; commit -m Later");
    struct error err = {0};
    CLEANUP(repository) struct repository *later = opened("r/later");
    CLEANUP(free) char *out = fs_join(base, "out");
    ck_assert_int_eq(repository_checkout(later, "HEAD~1", out, NULL, &err), -1);
    ck_error_has(&err, "has no folder 'later'");
    ck_assert(!fs_exists(out));
    error_free(&err);
    leave();
}
END_TEST

START_TEST(a_hostile_tree_is_not_checked_out)
{
    enter();
    // git itself refuses to make such a tree from files, but not from bytes.
    sh("cd r; blob=$(echo x | git hash-object -w --stdin);"
       "bytes=$(echo $blob | sed 's/../\\\\x&/g'); LC_ALL=C env printf \"100644 ..\\0$bytes\" > ../tree;"
       "tree=$(git hash-object -t tree --literally -w ../tree); git update-ref refs/heads/evil $(git commit-tree -m e "
       "$tree)");
    struct error err = {0};
    CLEANUP(repository) struct repository *repository = opened("r");
    CLEANUP(free) char *out = fs_join(base, "out");
    ck_assert_int_eq(repository_checkout(repository, "evil", out, NULL, &err), -1);
    ck_error_has(&err, "leads out of its folder");
    ck_assert(!fs_exists(out));
    error_free(&err);
    leave();
}
END_TEST

START_TEST(data_that_git_lfs_put_in_place_is_not_dirty)
{
    enter();
    sh("cd r; digest=$(echo data | sha256sum | cut -c 1-64);"
       "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\nsize 5\\n' $digest > model.bin;"
       "git add -A; commit -m Model; echo data > model.bin");
    CLEANUP(repository) struct repository *repository = opened("r");
    check_dirty(repository, "");
    sh("cd r; echo other > model.bin");
    check_dirty(repository, "model.bin");
    leave();
}
END_TEST

static const struct {
    const char *url, *public;
} urls[] = {
    {"https://github.com/a/b.git", "https://github.com/a/b.git"},
    {"https://ada:secret@github.com/a/b", "https://github.com/a/b"},
    {"https://x-access-token:gh@s_1@host:8080/a@b", "https://host:8080/a@b"},
    {"https://token@host", "https://host"},
    {"https://host/a?private_token=s#f", "https://host/a"},
    {"ssh://git@host:22/a/b", "ssh://host:22/a/b"},
    {"git@github.com:a/b.git", "github.com:a/b.git"},
    {"host:a/b", "host:a/b"},
    {"/home/ada/r", NULL},
    {"../r", NULL},
    {"./a:b", NULL},
    {"file:///home/ada/r", NULL},
    {"r", NULL},
};

START_TEST(urls_are_told_without_secrets_and_places_of_this_machine)
{
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        CLEANUP(free) char *url = repository_public_url(urls[i].url);
        ck_assert_msg(str_equal(url, urls[i].public), "%s: %s", urls[i].url, url ? url : "NULL");
    }
}
END_TEST

START_TEST(the_remote_is_the_upstreams_or_the_only_one_or_origin)
{
    enter();
    struct error err = {0};
    static const char *const steps[][2] = {
        {"git remote add fork https://ada:pw@one.example/fork", "https://one.example/fork"},
        {"git remote add origin https://two.example/r", "https://two.example/r"},
        {"git config branch.main.remote fork; git config branch.main.merge refs/heads/main",
         "https://one.example/fork"},
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        CLEANUP(free) char *script = str_printf("cd r; %s", steps[i][0]);
        sh(script);
        CLEANUP(repository) struct repository *repository = opened("r");
        CLEANUP(git_facts) struct git_facts facts = {0};
        ck_ok(repository_head(&facts, repository, &err), &err);
        ck_assert_str_eq(facts.remote, steps[i][1]);
        ck_assert_ptr_nonnull(facts.commit);
    }
    leave();
}
END_TEST

START_TEST(the_user_is_the_one_of_gits_configuration)
{
    enter();
    CLEANUP(repository) struct repository *repository = opened("r");
    CLEANUP(free) char *nobody = repository_user(repository);
    sh("cd r; git config user.name 'Ada L.'");
    CLEANUP(free) char *ada = repository_user(repository);
    ck_assert_str_eq(ada, "Ada L.");
    ck_assert(!nobody || *nobody);
    leave();
}
END_TEST

static const struct {
    const char *text;
    bool pointer;
} pointers[] = {
    {"version https://git-lfs.github.com/spec/v1\noid "
     "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2"
     "393\nsize 12345\n",
     true},
    {"version https://git-lfs.github.com/spec/v1\n", false},
    {"version https://git-lfs.github.com/spec/v1", false},
    {"", false},
    {"size 3\noid sha256:00\n", false},
};

START_TEST(lfs_pointers_are_told_from_data)
{
    for (size_t i = 0; i < ARRAY_LEN(pointers); i++)
        ck_assert_int_eq(repository_is_lfs_pointer(pointers[i].text, strlen(pointers[i].text)), pointers[i].pointer);
    CLEANUP(buf) struct buf large = {0};
    buf_puts(&large, pointers[0].text);
    while (large.len < 2000)
        buf_putc(&large, 'x');
    ck_assert(!repository_is_lfs_pointer(large.data, large.len));
}
END_TEST

UNIT_MAIN("repository", no_repository_is_no_error, facts_are_those_of_git,
          a_repository_without_home_and_of_another_owner_is_read,
          a_repository_without_a_commit_has_a_branch_and_untracked_files, a_detached_head_has_no_branch,
          whatever_differs_from_head_below_the_project_is_dirty, an_edit_in_the_tick_of_the_commit_is_seen,
          files_that_are_asked_about_are_judged_as_git_judges_them, what_git_leaves_out_is_known,
          the_patch_tells_one_change_from_another, tracked_files_are_told_from_the_projects_root_on,
          files_of_a_revision_are_read_and_listed, a_shallow_clone_says_what_would_bring_a_revision,
          history_ends_at_the_edge_of_a_shallow_clone, history_is_what_git_log_tells, the_merge_base_is_that_of_git,
          a_linked_work_tree_and_a_submodule_are_repositories, a_checkout_is_what_git_checks_out,
          a_revision_without_the_projects_folder_cannot_be_checked_out, a_hostile_tree_is_not_checked_out,
          data_that_git_lfs_put_in_place_is_not_dirty, urls_are_told_without_secrets_and_places_of_this_machine,
          the_remote_is_the_upstreams_or_the_only_one_or_origin, the_user_is_the_one_of_gits_configuration,
          lfs_pointers_are_told_from_data)

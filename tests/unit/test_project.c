// SPDX-License-Identifier: Apache-2.0
// Links: repro_core
#include "base/fs.h"
#include "core/project.h"
#include "core/suite.h"
#include "unit.h"

#include <sys/stat.h>

// A folder with the files named, each holding "{}"; a name that ends in '/' is a folder.
static char *tree(const char *const *names)
{
    struct error err = {0};
    CLEANUP(free) char *made = unit_folder();
    char *root = NULL;
    ck_ok(fs_realpath(&root, made, &err), &err);
    for (; *names; names++) {
        CLEANUP(free) char *path = fs_join(root, *names);
        if (str_ends(*names, "/"))
            ck_ok(fs_mkdirs(path, &err), &err);
        else
            ck_ok(fs_write_atomic(path, "{}", 2, &err), &err);
    }
    return root;
}

static void remove_tree(char *root)
{
    struct error err = {0};
    ck_ok(fs_remove_tree(root, &err), &err);
    free(root);
}

static struct project *opened(const char *root, const char *below)
{
    struct error err = {0};
    struct project *project = NULL;
    CLEANUP(free) char *folder = fs_join(root, below);
    ck_ok(project_open(&project, folder, &err), &err);
    return project;
}

// Asserts which folder, relative to a new tree with these files, is the root of what is opened at `from`.
static void assert_root(const char *const *names, const char *from, const char *expected)
{
    char *root = tree(names);
    CLEANUP(project) struct project *project = opened(root, from);
    CLEANUP(free) char *want = fs_join(root, expected);
    ck_assert_str_eq(project->root, want);
    remove_tree(root);
}

START_TEST(the_nearest_folder_with_a_suite_is_the_root)
{
    assert_root((const char *[]){"suites/a/suite.json", "src/deep/", NULL}, "src/deep", "");
    assert_root((const char *[]){"suites/a/suite.json", NULL}, "suites/a", "");
    assert_root((const char *[]){"suites/a/suite.json", "sub/suites/b/suite.json", "sub/x/", NULL}, "sub/x", "sub");
    assert_root((const char *[]){"suites/a/suite.json", "sub/.git/", "sub/x/", NULL}, "sub/x", "");
}
END_TEST

START_TEST(a_repro_json_makes_a_root)
{
    assert_root((const char *[]){"suites/a/suite.json", "sub/repro.json", "sub/x/", NULL}, "sub/x", "sub");
}
END_TEST

START_TEST(without_suites_the_top_of_the_work_tree_is_the_root)
{
    assert_root((const char *[]){".git/", "a/b/", NULL}, "a/b", "");
    assert_root((const char *[]){"sub/.git", "sub/b/", NULL}, "sub/b", "sub"); // a submodule or linked work tree
    assert_root((const char *[]){".git/", "sub/.git", "sub/b/", NULL}, "sub/b", "sub");
    assert_root((const char *[]){".git/", "sub/suites/a/", NULL}, "sub/suites", ""); // a folder without suite.json
}
END_TEST

START_TEST(without_anything_the_folder_itself_is_the_root)
{
    assert_root((const char *[]){"a/b/", NULL}, "a/b", "a/b");
}
END_TEST

START_TEST(a_folder_that_cannot_be_opened_is_an_error)
{
    char *root = tree((const char *[]){"file", NULL});
    struct project *project = NULL;
    const char *const bad[] = {"file", "missing"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP(error) struct error err = {0};
        CLEANUP(free) char *path = fs_join(root, bad[i]);
        ck_assert_int_eq(project_open(&project, path, &err), -1);
        ck_assert_ptr_null(project);
        ck_error_has(&err, bad[i]);
    }
    remove_tree(root);
}
END_TEST

START_TEST(suites_are_the_folders_with_a_suite_json)
{
    char *root = tree((const char *[]){
        "suites/b/suite.json", "suites/a/suite.json", "suites/empty/", "suites/file", "suites/.hidden/suite.json",
        "suites/a-b/suite.json", "suites/folder/suite.json/", "elsewhere/suite.json", "suites/x/y/suite.json", NULL});
    CLEANUP(free) char *link = fs_join(root, "suites/link");
    ck_assert_int_eq(symlink("../elsewhere", link), 0);
    CLEANUP(project) struct project *project = opened(root, "");
    CLEANUP(free) char *names = strings_join(&project->suites, " ");
    ck_assert_str_eq(names, "a a-b b folder link");
    remove_tree(root);
}
END_TEST

// What selecting gives: the names, or the message, whichever it is. The caller frees.
static char *selected(const struct project *project, const char *const *names)
{
    CLEANUP(error) struct error err = {0};
    struct strings wanted CLEANUP(strings) = {0}, out CLEANUP(strings) = {0};
    for (; names && *names; names++)
        strings_add(&wanted, *names);
    if (project_select(&out, project, names ? &wanted : NULL, &err) == 0)
        return strings_join(&out, " ");
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_uint_eq(out.count, 0);
    return error_text(&err);
}

static void assert_selected(const struct project *project, const char *const *names, const char *expected)
{
    CLEANUP(free) char *said = selected(project, names);
    ck_assert_str_eq(said, expected);
}

START_TEST(names_and_globs_select_suites_each_once)
{
    char *root = tree((const char *[]){"suites/churn/suite.json", "suites/digits-mlp/suite.json",
                                       "suites/digits-forest/suite.json", NULL});
    CLEANUP(project) struct project *project = opened(root, "");
    assert_selected(project, NULL, "churn digits-forest digits-mlp");
    assert_selected(project, (const char *[]){NULL}, "churn digits-forest digits-mlp");
    assert_selected(project, (const char *[]){"digits-*", "churn", "digits-mlp", "churn", NULL},
                    "churn digits-forest digits-mlp");
    assert_selected(project, (const char *[]){"digits-*", NULL}, "digits-forest digits-mlp");
    assert_selected(project, (const char *[]){"[a-c]*", NULL}, "churn");
    remove_tree(root);
}
END_TEST

START_TEST(each_name_that_selects_nothing_is_told)
{
    char *root = tree((const char *[]){"suites/churn/suite.json", "suites/digits/suite.json", "suites/new/", NULL});
    CLEANUP(project) struct project *project = opened(root, "");
    assert_selected(project, (const char *[]){"chrun", "churn", "x*", "new", "quite-different", NULL},
                    "suites: no suite 'chrun'; did you mean 'churn'?\n"
                    "suites: no suite matches 'x*'\n"
                    "suites: 'suites/new' has no suite.json; make it with: repro init new -- COMMAND\n"
                    "suites: no suite 'quite-different'; there is: churn, digits");
    assert_selected(project, (const char *[]){"suites/churn", NULL},
                    "suites: no suite 'suites/churn'; did you mean 'churn'?");
    remove_tree(root);
}
END_TEST

START_TEST(a_project_without_suites_says_how_to_make_one)
{
    char *root = tree((const char *[]){"suites/new/", NULL});
    CLEANUP(project) struct project *project = opened(root, "");
    CLEANUP(free) char *expected = str_printf("no suites in '%s'; make one with: repro init NAME -- COMMAND", root);
    assert_selected(project, NULL, expected);
    assert_selected(project, (const char *[]){"churn", NULL}, expected);
    assert_selected(project, (const char *[]){"new", NULL},
                    "suites: 'suites/new' has no suite.json; make it with: repro init new -- COMMAND");
    remove_tree(root);
}
END_TEST

START_TEST(every_suite_of_this_project_is_accepted)
{
    const char *source = getenv("SOURCE_DIR");
    ck_assert_msg(source != NULL, "SOURCE_DIR is not set; run this with ctest");
    CLEANUP(project) struct project *project = opened(source, "");
    ck_assert_uint_gt(project->suites.count, 0);
    for (size_t i = 0; i < project->suites.count; i++) {
        CLEANUP(error) struct error err = {0};
        CLEANUP(suite) struct suite *suite = NULL;
        ck_ok(suite_load(&suite, project->root, project->suites.items[i], &err), &err);
    }
}
END_TEST

START_TEST(the_private_folder_hides_itself_from_git)
{
    struct error err = {0};
    char *root = tree((const char *[]){NULL});
    CLEANUP(free) char *runs = NULL, *expected = fs_join(root, ".repro/runs"), *again = NULL;
    ck_ok(project_private(&runs, root, "runs", &err), &err);
    ck_assert_str_eq(runs, expected);
    CLEANUP(free) char *ignore = fs_join(root, ".repro/.gitignore");
    struct buf text CLEANUP(buf) = {0};
    ck_ok(fs_read(&text, ignore, 0, &err), &err);
    ck_assert_str_eq(buf_text(&text), "*\n");
    ck_ok(project_private(&again, root, "runs", &err), &err);
    ck_assert_str_eq(again, expected);
    remove_tree(root);
}
END_TEST

START_TEST(a_private_folder_that_cannot_be_made_is_an_error)
{
    CLEANUP(error) struct error err = {0};
    char *root = tree((const char *[]){".repro", NULL}), *out = NULL;
    ck_assert_int_eq(project_private(&out, root, "runs", &err), -1);
    ck_assert_ptr_null(out);
    ck_error_has(&err, ".repro");
    remove_tree(root);
}
END_TEST

UNIT_MAIN("project", the_nearest_folder_with_a_suite_is_the_root, a_repro_json_makes_a_root,
          without_suites_the_top_of_the_work_tree_is_the_root, without_anything_the_folder_itself_is_the_root,
          a_folder_that_cannot_be_opened_is_an_error, suites_are_the_folders_with_a_suite_json,
          names_and_globs_select_suites_each_once, each_name_that_selects_nothing_is_told,
          a_project_without_suites_says_how_to_make_one, every_suite_of_this_project_is_accepted,
          the_private_folder_hides_itself_from_git, a_private_folder_that_cannot_be_made_is_an_error)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// The files that a run sees: the work tree, the commit, or golden's own inputs put together from wherever they are.
#include "engine/source.h"

#include "engine/record.h"
#include "store/golden.h"
#include "unit_project.h"

// Records the suite `sums` and gives its golden.
static struct manifest *record_sums(void)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(result) struct result *result = result_new("repro record");
    CLEANUP(strings) struct strings names = {0};
    strings_add(&names, "sums");
    record_suites(session, &names, NULL, result);
    ck_assert_int_eq(result_exit_status(result), 0);
    struct manifest *golden = NULL;
    struct error err = {0};
    ck_ok(golden_load(&golden, ".", "sums", "any", &err), &err);
    ck_assert_ptr_nonnull(golden);
    return golden;
}

// What stands in the assembled folder below `path`; the folder must be there.
static void expect_source(enum source at, const struct manifest *golden, const char *path, const char *text)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(free) char *folder = fs_join(session->run_folder, "sums");
    CLEANUP(free) char *source = NULL;
    struct error err = {0};
    ck_ok(fs_mkdirs(folder, &err), &err);
    ck_ok(source_prepare(&source, session, at, golden, folder, &err), &err);
    ck_assert_ptr_nonnull(source);
    CLEANUP(free) char *file = fs_join(source, path), *left = fs_join(folder, "golden");
    expect_file(file, text);
    ck_assert(!fs_exists(left)); // the unpacked bundle was a means only
}

static void expect_no_source(enum source at, const struct manifest *golden, const char *part)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(free) char *folder = fs_join(session->run_folder, "sums");
    CLEANUP(free) char *source = NULL;
    struct error err = {0};
    ck_ok(fs_mkdirs(folder, &err), &err);
    ck_assert_int_eq(source_prepare(&source, session, at, golden, folder, &err), -1);
    ck_assert_ptr_null(source);
    expect_error(&err, ERROR_USAGE, part);
    ck_assert_uint_eq(count_entries(folder), 0); // nothing half assembled is left behind
}

START_TEST(the_work_tree_needs_no_folder)
{
    char *folder = enter_project(), *source = NULL;
    put_sums("");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    struct error err = {0};
    ck_ok(source_prepare(&source, session, SOURCE_WORKTREE, NULL, "/nonexistent", &err), &err);
    ck_assert_ptr_null(source);
    leave_folder(folder);
}
END_TEST

START_TEST(head_is_checked_out_as_it_was_committed)
{
    char *folder = enter_project();
    put_sums("");
    sh("git init -q .; commit one");
    put("factor.json", "{\"factor\": 9}\n");
    expect_source(SOURCE_HEAD, NULL, "factor.json", "{\"factor\": 1.5}\n");
    leave_folder(folder);
}
END_TEST

START_TEST(head_needs_a_repository_with_a_commit_and_no_pointers)
{
    char *folder = enter_project();
    put_sums("");
    expect_no_source(SOURCE_HEAD, NULL, "--at head needs a git repository");
    sh("git init -q .");
    expect_no_source(SOURCE_HEAD, NULL, "no commit yet");
    put("numbers.txt", "version https://git-lfs.github.com/spec/v1\noid "
                       "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n");
    sh("commit one");
    expect_no_source(SOURCE_HEAD, NULL, "'numbers.txt' is kept in git-lfs");
    leave_folder(folder);
}
END_TEST

START_TEST(code_and_settings_of_golden_come_out_of_its_bundle)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    put("factor.json", "{\"factor\": 9}\n");
    unlink("train.sh");
    expect_source(SOURCE_GOLDEN, golden, "factor.json", "{\"factor\": 1.5}\n");
    expect_source(SOURCE_GOLDEN, golden, "numbers.txt", "1\n2\n3\n");
    leave_folder(folder);
}
END_TEST

START_TEST(data_of_golden_come_from_the_work_tree_or_the_commit)
{
    char *folder = enter_project();
    put_sums("");
    sh("git init -q .; commit one");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    expect_source(SOURCE_GOLDEN, golden, "numbers.txt", "1\n2\n3\n");
    put("numbers.txt", "4\n");
    sh("commit two");
    expect_source(SOURCE_GOLDEN, golden, "numbers.txt", "1\n2\n3\n");
    leave_folder(folder);
}
END_TEST

START_TEST(what_no_place_has_is_named)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    put("numbers.txt", "4\n");
    expect_no_source(
        SOURCE_GOLDEN, golden,
        "1 of golden's inputs are neither in its bundle, nor in the work tree, nor in the commit that it was "
        "accepted from: 'numbers.txt'");
    sh("git init -q .; commit one"); // a repository that does not know the commit is one place fewer
    expect_no_source(SOURCE_GOLDEN, golden, "'numbers.txt'");
    leave_folder(folder);
}
END_TEST

START_TEST(golden_that_is_not_there_or_has_lost_its_bundle_is_refused)
{
    char *folder = enter_project();
    put_sums("");
    expect_no_source(SOURCE_GOLDEN, NULL, "--at golden needs a golden");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    sh("rm golden/sums/any/*.tar.zst");
    expect_no_source(SOURCE_GOLDEN, golden, "bundle");
    leave_folder(folder);
}
END_TEST

static void use_folder_of_data(void)
{
    put_sums("");
    edit("suites/sums/suite.json", "\"data\": [\"numbers.txt\"]", "\"data\": [\"numbers.txt\", \"data/*\"]");
    put("data/a.csv", "1\n");
    ck_assert_int_eq(symlink("a.csv", "data/latest.csv"), 0);
}

START_TEST(a_link_among_the_inputs_comes_back_as_a_link)
{
    char *folder = enter_project();
    use_folder_of_data();
    sh("git init -q .; commit one");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    expect_source(SOURCE_GOLDEN, golden, "data/latest.csv", "1\n");
    put("data/b.csv", "2\n");
    sh("ln -sf b.csv data/latest.csv; commit two"); // now only the commit has it
    expect_source(SOURCE_GOLDEN, golden, "data/latest.csv", "1\n");
    leave_folder(folder);
}
END_TEST

START_TEST(a_file_in_the_place_of_a_link_is_not_the_link)
{
    char *folder = enter_project();
    use_folder_of_data();
    CLEANUP(manifest) struct manifest *golden = record_sums();
    sh("rm data/latest.csv; printf a.csv > data/latest.csv"); // the bytes that the link's digest is of
    expect_no_source(SOURCE_GOLDEN, golden, "'data/latest.csv'");
    leave_folder(folder);
}
END_TEST

START_TEST(no_file_is_written_through_a_link_of_golden)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(manifest) struct manifest *golden = record_sums();
    // A golden as nobody records it: a link out of the folder, and a file behind it. The work tree has both.
    put("../outside/numbers.txt", "1\n2\n3\n");
    ck_assert_int_eq(symlink("../outside", "way"), 0);
    struct digest digest = file_list_find(&golden->data, "numbers.txt")->sha256;
    struct error err = {0};
    struct file_list links = {0};
    file_list_add(&links, "way")->kind = FILE_SYMLINK;
    ck_ok(tree_hash(&links, ".", NULL, 1, &err), &err);
    struct file_entry *link = file_list_add(&golden->data, "way");
    link->kind = FILE_SYMLINK;
    link->sha256 = links.items[0].sha256;
    file_list_free(&links);
    file_list_add(&golden->data, "way/numbers.txt")->sha256 = digest;

    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(free) char *source = NULL, *behind = fs_join(session->run_folder, "outside");
    ck_ok(fs_mkdirs(behind, &err), &err);
    ck_assert_int_eq(source_prepare(&source, session, SOURCE_GOLDEN, golden, session->run_folder, &err), -1);
    expect_error(&err, ERROR_MACHINE, "cannot make the link");
    ck_assert_uint_eq(count_entries(behind), 0);
    leave_folder(folder);
}
END_TEST

START_TEST(the_executable_bit_is_goldens)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"data\": [\"numbers.txt\"]", "\"data\": [\"numbers.txt\", \"tool\"]");
    put("tool", "#!/bin/sh\n");
    ck_assert_int_eq(chmod("tool", 0755), 0);
    CLEANUP(manifest) struct manifest *golden = record_sums();
    ck_assert_int_eq(chmod("tool", 0644), 0);
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(free) char *source = NULL;
    struct error err = {0};
    ck_ok(source_prepare(&source, session, SOURCE_GOLDEN, golden, session->run_folder, &err), &err);
    CLEANUP(free) char *tool = fs_join(source, "tool");
    ck_assert_int_eq(access(tool, X_OK), 0);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("source", the_work_tree_needs_no_folder, head_is_checked_out_as_it_was_committed,
          head_needs_a_repository_with_a_commit_and_no_pointers, code_and_settings_of_golden_come_out_of_its_bundle,
          data_of_golden_come_from_the_work_tree_or_the_commit, what_no_place_has_is_named,
          golden_that_is_not_there_or_has_lost_its_bundle_is_refused, a_link_among_the_inputs_comes_back_as_a_link,
          a_file_in_the_place_of_a_link_is_not_the_link, no_file_is_written_through_a_link_of_golden,
          the_executable_bit_is_goldens)

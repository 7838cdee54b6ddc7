// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// The commit that a change is measured against, in the many shapes in which a repository comes to a runner.
#include "engine/base_branch.h"

#include "unit_project.h"

// Four commits: main has one (tag `base`) and two (tag `ahead`); the branch `change` has a and b on top of `base`.
static char *enter_repository(void)
{
    char *folder = enter_project();
    sh("git init -q .; mkdir -p suites/s; echo '{}' > suites/s/suite.json; commit base; git tag base;"
       "git checkout -q -b change; echo a > a; commit a; git tag a; echo b > b; commit b; git tag b;"
       "git checkout -q main; echo 2 > ahead; commit ahead; git tag ahead");
    return folder;
}

// `variables` (may be NULL) is what the runner has in its environment. `expected` is a revision of the repository in
// ../project, or NULL for none; `why` part of the remark, or NULL for none.
static void expect_base(const char *base, char *const *variables, const char *expected, const char *why)
{
    CLEANUP(session)
    struct session *session = open_session((struct session_options){.base = base, .environ = variables});
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *commit = NULL, *remark = NULL;
    CLEANUP(free) char *command = str_printf("git -C ../project rev-parse %s^{commit}", expected ? expected : "HEAD");
    CLEANUP(free) char *wanted = output_of(command);
    struct error err = {0};
    ck_ok(repository_open(&repository, session->project->root, &err), &err);
    ck_ok(base_branch(&commit, &remark, session, repository, &err), &err);
    ck_assert_msg(str_equal(commit, expected ? wanted : NULL), "expected %s, found %s (%s)", expected, commit, remark);
    ck_assert_msg(why ? remark && strstr(remark, why) : !remark, "remark: %s", remark);
}

// One test for each environment: the words end with NULL.
#define RUNNER(...)                                                                                                    \
    (char *const[])                                                                                                    \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
static char pull_request[] = "GITHUB_EVENT_NAME=pull_request",
            pull_request_target[] = "GITHUB_EVENT_NAME=pull_request_target",
            merge_group[] = "GITHUB_EVENT_NAME=merge_group", push[] = "GITHUB_EVENT_NAME=push",
            base_ref[] = "GITHUB_BASE_REF=main", no_base_ref[] = "GITHUB_BASE_REF=", actions[] = "GITHUB_ACTIONS=true";

START_TEST(a_revision_that_is_named_is_taken)
{
    char *folder = enter_repository();
    sh("git checkout -q change");
    expect_base("main", NULL, "base", NULL);
    expect_base("a", NULL, "a", NULL);
    expect_base("HEAD~1", NULL, "a", NULL);
    expect_base("HEAD", NULL, "b", NULL);
    // and counts for more than what the runner says
    expect_base("a", RUNNER(pull_request, base_ref), "a", NULL);
    leave_folder(folder);
}
END_TEST

START_TEST(a_revision_that_is_not_there_is_the_users_mistake)
{
    char *folder = enter_repository();
    CLEANUP(session) struct session *session = open_session((struct session_options){.base = "no-such-branch"});
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *commit = NULL, *why = NULL;
    struct error err = {0};
    ck_ok(repository_open(&repository, session->project->root, &err), &err);
    ck_assert_int_eq(base_branch(&commit, &why, session, repository, &err), -1);
    ck_assert_ptr_null(commit);
    expect_error(&err, ERROR_USAGE, "--base: 'no-such-branch' and HEAD have no common commit in this clone");
    leave_folder(folder);
}
END_TEST

START_TEST(without_a_remote_changes_that_are_not_committed_are_measured)
{
    char *folder = enter_repository();
    expect_base(NULL, NULL, "ahead", NULL);
    sh("git checkout -q change");
    expect_base(NULL, NULL, "b", NULL);
    sh("git checkout -q --detach a");
    expect_base(NULL, NULL, "a", NULL);
    leave_folder(folder);
}
END_TEST

START_TEST(before_the_first_commit_there_is_nothing_to_measure)
{
    char *folder = enter_project();
    sh("git init -q .; mkdir -p suites/s; echo '{}' > suites/s/suite.json");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    CLEANUP(repository) struct repository *repository = NULL;
    CLEANUP(free) char *commit = NULL, *why = NULL;
    struct error err = {0};
    ck_ok(repository_open(&repository, session->project->root, &err), &err);
    ck_ok(base_branch(&commit, &why, session, repository, &err), &err);
    ck_assert_ptr_null(commit);
    ck_assert_str_eq(why, "there is no commit yet");
    leave_folder(folder);
}
END_TEST

START_TEST(in_a_clone_the_default_branch_of_origin_counts)
{
    char *folder = enter_repository();
    sh("git clone -q . ../clone; cd ../clone; git checkout -q change; git remote set-head origin main");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, NULL, "base", NULL);
    expect_base("change", NULL, "b", NULL);
    // origin/change is meant where there is no local branch of that name
    sh("git checkout -q --detach origin/main; git branch -D -q change");
    expect_base("change", NULL, "base", NULL);
    // without origin/HEAD, main and master are tried
    sh("git checkout -q -b mine origin/change; git remote set-head origin -d");
    expect_base(NULL, NULL, "base", NULL);
    sh("git update-ref refs/remotes/origin/master refs/remotes/origin/main;"
       "git update-ref -d refs/remotes/origin/main");
    expect_base(NULL, NULL, "base", NULL);
    leave_folder(folder);
}
END_TEST

START_TEST(in_a_linked_work_tree_and_a_subfolder_the_same_commit_is_found)
{
    char *folder = enter_repository();
    sh("git worktree add -q ../linked change; mkdir ../linked/sub; cp -r suites ../linked/sub");
    ck_assert_int_eq(chdir("../linked"), 0);
    expect_base("main", NULL, "base", NULL);
    ck_assert_int_eq(chdir("sub"), 0);
    sh("ln -s ../project ../project"); // where expect_base looks revisions up
    expect_base("main", NULL, "base", NULL);
    leave_folder(folder);
}
END_TEST

// As actions/checkout does it: a merge commit of the pull request into main, without any branch of origin.
static void check_merge_out(const char *depth)
{
    CLEANUP(free)
    char *script = str_printf("git checkout -q --detach main; git merge -q --no-ff -m merge change; git tag merge;"
                              "git checkout -q main; git init -q ../clone; cd ../clone;"
                              "git fetch -q --depth %s \"file://$PWD/../project\" merge;"
                              "git checkout -q --detach FETCH_HEAD",
                              depth);
    sh(script);
    ck_assert_int_eq(chdir("../clone"), 0);
}

START_TEST(of_githubs_merge_commit_the_first_parent_counts)
{
    char *folder = enter_repository();
    check_merge_out("2");
    expect_base(NULL, RUNNER(pull_request, base_ref, actions), "ahead", NULL);
    CLEANUP(free) char *sha = output_of("echo GITHUB_SHA=$(git rev-parse HEAD)");
    expect_base(NULL, RUNNER(pull_request, base_ref, sha), "ahead", NULL);
    expect_base(NULL, RUNNER(merge_group, sha), "ahead", NULL);
    leave_folder(folder);
}
END_TEST

START_TEST(a_clone_of_depth_one_says_which_depth_it_needs)
{
    char *folder = enter_repository();
    check_merge_out("1");
    expect_base(NULL, RUNNER(pull_request, base_ref), NULL,
                "the base branch main is not in this clone; give actions/checkout `fetch-depth: 2` (or 0)");
    expect_base(NULL, RUNNER(merge_group), NULL, "the base branch is not in this clone");
    leave_folder(folder);
}
END_TEST

START_TEST(the_commit_before_is_not_taken_for_the_base)
{
    char *folder = enter_repository();
    // A workflow that checks the pull request's own head out: b, whose parent is a.
    sh("git init -q ../clone; cd ../clone; git fetch -q --depth 2 \"file://$PWD/../project\" b;"
       "git checkout -q --detach FETCH_HEAD");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, RUNNER(pull_request, base_ref), NULL, "fetch-depth");
    leave_folder(folder);
}
END_TEST

START_TEST(a_merge_within_the_pull_request_is_not_taken_for_githubs)
{
    char *folder = enter_repository();
    sh("git checkout -q change; git merge -q --no-ff -m 'main into change' main; git checkout -q main;"
       "git init -q ../clone; cd ../clone; git fetch -q --depth 2 \"file://$PWD/../project\" change;"
       "git checkout -q --detach FETCH_HEAD");
    ck_assert_int_eq(chdir("../clone"), 0);
    char sha[] = "GITHUB_SHA=0123456789012345678901234567890123456789";
    expect_base(NULL, RUNNER(pull_request, base_ref, sha), NULL, "fetch-depth");
    leave_folder(folder);
}
END_TEST

START_TEST(with_the_whole_history_the_base_branch_of_the_pull_request_counts)
{
    char *folder = enter_repository();
    sh("git clone -q . ../clone; cd ../clone; git checkout -q --detach origin/change");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, RUNNER(pull_request, base_ref), "base", NULL);
    expect_base(NULL, RUNNER(pull_request_target, base_ref), "base", NULL);
    char other[] = "GITHUB_BASE_REF=release";
    expect_base(NULL, RUNNER(pull_request, other), NULL, "the base branch release is not in this clone");
    leave_folder(folder);
}
END_TEST

START_TEST(on_a_push_the_default_branch_counts)
{
    char *folder = enter_repository();
    sh("git clone -q . ../clone; cd ../clone; git checkout -q change");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, RUNNER(push, no_base_ref), "base", NULL);
    leave_folder(folder);
}
END_TEST

START_TEST(a_shallow_clone_without_a_base_says_that_committed_changes_are_not_seen)
{
    char *folder = enter_repository();
    sh("git init -q ../clone; cd ../clone; git fetch -q --depth 1 \"file://$PWD/../project\" change;"
       "git checkout -q --detach FETCH_HEAD");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, RUNNER(push), "b", "only changes that are not committed are seen");
    leave_folder(folder);
}
END_TEST

START_TEST(branches_without_a_common_commit_have_no_base)
{
    char *folder = enter_repository();
    sh("git checkout -q --orphan other; commit other; git tag other; git clone -q . ../clone; cd ../clone;"
       "git checkout -q --detach origin/other; git remote set-head origin main");
    ck_assert_int_eq(chdir("../clone"), 0);
    expect_base(NULL, NULL, "other", NULL);
    expect_base(NULL, RUNNER(pull_request, base_ref), NULL, "fetch-depth");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("base_branch", a_revision_that_is_named_is_taken, a_revision_that_is_not_there_is_the_users_mistake,
          without_a_remote_changes_that_are_not_committed_are_measured,
          before_the_first_commit_there_is_nothing_to_measure, in_a_clone_the_default_branch_of_origin_counts,
          in_a_linked_work_tree_and_a_subfolder_the_same_commit_is_found,
          of_githubs_merge_commit_the_first_parent_counts, a_clone_of_depth_one_says_which_depth_it_needs,
          the_commit_before_is_not_taken_for_the_base, a_merge_within_the_pull_request_is_not_taken_for_githubs,
          with_the_whole_history_the_base_branch_of_the_pull_request_counts, on_a_push_the_default_branch_counts,
          a_shallow_clone_without_a_base_says_that_committed_changes_are_not_seen,
          branches_without_a_common_commit_have_no_base)

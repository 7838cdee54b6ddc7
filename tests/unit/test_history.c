// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Log: goldens over the commits.
#include "engine/history.h"

#include "unit_verify.h"

static struct history history_of(size_t limit)
{
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    struct history history = {0};
    struct error err = {0};
    ck_ok(history_find(&history, session, &session->project->suites, limit, &err), &err);
    return history;
}

// "REASON@SUBJECT moved N", newest first; "-" where there is no commit.
static void expect_history(size_t limit, const char *expected)
{
    struct history history = history_of(limit);
    CLEANUP(strings) struct strings lines = {0};
    for (size_t i = 0; i < history.count; i++) {
        const struct history_entry *entry = &history.entries[i];
        CLEANUP(free) char *command = entry->commit ? str_printf("git log -1 --format=%%s %s", entry->commit) : NULL;
        CLEANUP(free) char *subject = command ? output_of(command) : str_dup("-");
        ck_assert_str_eq(entry->suite, "sums");
        ck_assert_str_eq(entry->class_name, "any");
        ck_assert_int_eq(entry->commit != NULL, entry->time > 0);
        ck_assert(!entry->commit || str_equal(entry->author, "Ada"));
        strings_printf(&lines, "%s@%s moved %zu", entry->reason, subject, entry->moved.count);
    }
    CLEANUP(free) char *all = strings_join(&lines, "; ");
    ck_assert_str_eq(all, expected);
    history_free(&history);
}

static void move_factor(const char *factor, const char *reason)
{
    CLEANUP(free) char *text = str_printf("{\"factor\": %s}\n", factor);
    put("factor.json", text);
    record(reason);
}

// Three goldens in three commits, with commits between them that touch none.
static char *enter_history(void)
{
    char *folder = enter_project();
    put_sums("");
    sh("git init -q .; commit start");
    record(NULL);
    sh("commit one; commit nothing");
    move_factor("2", "second");
    sh("commit two; commit 'nothing again'");
    move_factor("3", "third");
    sh("commit three");
    return folder;
}

START_TEST(goldens_are_told_newest_first_with_what_moved_against_the_one_before)
{
    char *folder = enter_history();
    // settings, artifact, metric (the series' points are not looked at)
    expect_history(20, "third@three moved 3; second@two moved 3; first golden@one moved 0");
    struct history history = history_of(20);
    ck_assert(str_starts(history.entries[0].moved.items[0], "settings: factor.json: "));
    ck_assert(!history.cut);
    history_free(&history);
    leave_folder(folder);
}
END_TEST

START_TEST(a_limit_cuts_the_oldest_and_still_knows_what_moved)
{
    char *folder = enter_history();
    expect_history(2, "third@three moved 3; second@two moved 3");
    expect_history(1, "third@three moved 3");
    move_factor("4", "fourth");
    expect_history(1, "fourth@- moved 3");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_is_not_committed_yet_comes_first)
{
    char *folder = enter_history();
    move_factor("4", "fourth");
    expect_history(20, "fourth@- moved 3; third@three moved 3; second@two moved 3; first golden@one moved 0");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_came_back_is_told_again)
{
    char *folder = enter_history();
    sh("git checkout -q HEAD~2 -- golden factor.json; commit back");
    expect_history(20, "second@back moved 3; third@three moved 3; second@two moved 3; first golden@one moved 0");
    leave_folder(folder);
}
END_TEST

START_TEST(another_reason_for_the_same_golden_is_an_entry_of_its_own)
{
    char *folder = enter_history();
    edit("golden/sums/any/manifest.json", "\"third\"", "\"third, explained\"");
    sh("commit words");
    expect_history(20,
                   "third, explained@words moved 0; third@three moved 3; second@two moved 3; first golden@one moved 0");
    // and what is merely formatted anew belongs to the commit that made it
    sh("echo >> golden/sums/any/manifest.json; commit blank");
    expect_history(1, "third, explained@words moved 0");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_cannot_be_read_in_a_commit_is_passed_over)
{
    char *folder = enter_history();
    sh("cp -r golden ../kept; echo broken > golden/sums/any/manifest.json; commit broken;"
       "rm -r golden; cp -r ../kept golden; commit mended");
    expect_history(20, "third@three moved 3; second@two moved 3; first golden@one moved 0");
    put("golden/sums/any/manifest.json", "broken");
    CLEANUP(session) struct session *session = open_session((struct session_options){0});
    struct history history = {0};
    struct error err = {0};
    ck_assert_int_eq(history_find(&history, session, &session->project->suites, 20, &err), -1);
    expect_error(&err, ERROR_USAGE, "golden/sums/any/manifest.json");
    history_free(&history);
    leave_folder(folder);
}
END_TEST

START_TEST(without_git_or_a_commit_the_golden_at_hand_is_all)
{
    char *folder = enter_project();
    put_sums("");
    record(NULL);
    expect_history(20, "first golden@- moved 0");
    sh("git init -q .");
    expect_history(20, "first golden@- moved 0");
    leave_folder(folder);
}
END_TEST

START_TEST(a_suite_without_golden_has_no_history)
{
    char *folder = enter_project();
    put_sums("");
    sh("git init -q .; commit one");
    expect_history(20, "");
    leave_folder(folder);
}
END_TEST

START_TEST(a_shallow_clone_tells_what_it_has_and_that_there_is_more)
{
    char *folder = enter_history();
    sh("git clone -q --depth 1 \"file://$PWD\" ../shallow");
    ck_assert_int_eq(chdir("../shallow"), 0);
    struct history history = history_of(20);
    ck_assert_uint_eq(history.count, 3); // what is kept is there without its commits
    ck_assert_str_eq(history.entries[0].reason, "third");
    ck_assert(!history.entries[0].kept);
    ck_assert_str_eq(history.entries[1].reason, "second");
    ck_assert(history.entries[1].kept && history.entries[2].kept);
    ck_assert(history.cut);
    history_free(&history);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("history", goldens_are_told_newest_first_with_what_moved_against_the_one_before,
          a_limit_cuts_the_oldest_and_still_knows_what_moved, a_golden_that_is_not_committed_yet_comes_first,
          a_golden_that_came_back_is_told_again, another_reason_for_the_same_golden_is_an_entry_of_its_own,
          a_golden_that_cannot_be_read_in_a_commit_is_passed_over, without_git_or_a_commit_the_golden_at_hand_is_all,
          a_suite_without_golden_has_no_history, a_shallow_clone_tells_what_it_has_and_that_there_is_more)

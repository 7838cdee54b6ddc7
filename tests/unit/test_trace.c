// SPDX-License-Identifier: Apache-2.0
// Links: repro_run
//
// Real programs under a real filter. Root runs all of this twice: as itself and as a normal user.
#include "unit_trace.h"

START_TEST(files_that_are_read_written_removed_and_listed_are_told_apart)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "input", "1\n");
    put(t.folder, "log", "old\n");
    put(t.folder, "old", "old\n");
    put(t.folder, "gone", "old\n");
    put(t.folder, "many/one", "1\n");
    trial_shell(&t,
                "cat input; cat missing; echo 2 >made; cat made; echo 3 >>log; echo 4 >old; cat old; rm gone; ls many");
    ck_flags(&t, "input", TRACE_READ);
    ck_flags(&t, "missing", TRACE_ABSENT);
    ck_flags(&t, "made", TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "log", TRACE_READ | TRACE_WRITTEN);
    ck_flags(&t, "old", TRACE_WRITTEN);
    ck_flags(&t, "gone", TRACE_REMOVED);
    ck_flags(&t, "many", TRACE_LISTED);
    ck_flags(&t, "many/one", 0);
    ck_assert(entry(&t, "many")->folder && !entry(&t, "input")->folder);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(relative_paths_follow_the_current_folder)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "a/b/input", "1\n");
    put(t.folder, "a/other", "1\n");
    trial_shell(&t, "cd a/b && cat input ../other && cd .. && (cd b; cat ./../other) && cat b//input");
    ck_flags(&t, "a/b/input", TRACE_READ);
    ck_flags(&t, "a/other", TRACE_READ);
    ck_assert_ptr_null(entry(&t, "a/other")->link);
    ck_assert_int_eq(t.result.exit_code, 0);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(links_lead_to_their_files_and_their_names_are_kept)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "real/input", "1\n");
    put(t.folder, "new/input", "2\n");
    trial_shell(&t,
                "ln -s real way; cat way/input; ln -sfn new way; cat way/input; ln -s nowhere/x broken; cat broken");
    ck_flags(&t, "real/input", TRACE_READ);
    char *link = fs_join(t.folder, "way/input");
    ck_assert_str_eq(entry(&t, "real/input")->link, link);
    free(link);
    ck_flags(&t, "new/input", TRACE_READ);
    ck_flags(&t, "nowhere/x", TRACE_ABSENT);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(what_is_renamed_or_linked_was_made_by_the_run_under_its_new_name)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "kept", "1\n");
    put(t.folder, "over", "1\n");
    trial_shell(&t, "cat result; echo 1 >part; mv part result; cat result; ln kept twin; mkdir d; echo 1 >d/x; mv d e; "
                    "cat e/x; echo 2 >tmp; mv tmp over; cat over; mv kept moved; cat moved");
    ck_flags(&t, "part", TRACE_WRITTEN | TRACE_REMOVED | TRACE_OWN);
    ck_flags(&t, "result", TRACE_ABSENT | TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "twin", TRACE_WRITTEN | TRACE_OWN);
    ck_flags(&t, "d", TRACE_WRITTEN | TRACE_REMOVED | TRACE_OWN);
    ck_flags(&t, "e", TRACE_WRITTEN | TRACE_OWN);
    ck_assert_uint_eq(flags(&t, "e/x") & (TRACE_READ | TRACE_OWN), TRACE_OWN);
    ck_assert_uint_eq(flags(&t, "over") & ~(unsigned)TRACE_LOOKED_UP, TRACE_WRITTEN); // mv asks first
    ck_flags(&t, "kept", TRACE_READ | TRACE_REMOVED);                                 // its content lived on
    ck_flags(&t, "moved", TRACE_WRITTEN | TRACE_OWN);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

START_TEST(what_could_not_be_removed_is_still_there)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "full/data", "one\n");
    put(t.folder, "other/data", "two\n");
    trial_shell(&t, "rmdir full 2>rm.err; ls full; unlink full 2>>rm.err; mv -T other full 2>>rm.err; cat other/data");
    ck_assert_uint_eq(flags(&t, "full") & (TRACE_REMOVED | TRACE_LISTED | TRACE_OWN), TRACE_LISTED);
    ck_assert_uint_eq(flags(&t, "other") & (TRACE_REMOVED | TRACE_OWN), 0);
    ck_flags(&t, "other/data", TRACE_READ);
    trial_end(&t);
}
END_TEST

START_TEST(what_is_read_in_a_moved_folder_is_an_input_under_its_old_name)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "data/deep/a", "one\n");
    put(t.folder, "data/b", "two\n");
    trial_shell(&t, "mv data raw; cat raw/deep/a; mv raw/deep deep; cat deep/a; cat data/b 2>cat.err || cat raw/b");
    ck_flags(&t, "data/deep/a", TRACE_READ | TRACE_REMOVED);
    ck_flags(&t, "data/b", TRACE_READ | TRACE_REMOVED);
    ck_flags(&t, "raw/b", TRACE_OWN);
    ck_flags(&t, "deep/a", TRACE_OWN);
    trial_end(&t);
}
END_TEST

START_TEST(what_is_missing_is_named_by_the_links_on_its_way)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "data/there", "one\n");
    trial_shell(&t,
                "ln -s data link; ln -s nowhere lost; cat link/no/file lost/no/file lost none/../data/there 2>cat.err; "
                "cat data/there");
    ck_flags(&t, "data/no/file", TRACE_ABSENT);
    ck_flags(&t, "nowhere/no/file", TRACE_ABSENT);
    ck_flags(&t, "nowhere", TRACE_ABSENT);
    ck_flags(&t, "none", TRACE_ABSENT);
    ck_flags(&t, "data/there", TRACE_READ);
    trial_end(&t);
}
END_TEST

START_TEST(programs_are_counted_and_so_are_the_interpreters_of_scripts)
{
    if (is_missing())
        return;
    struct trial t = trial_new();
    put(t.folder, "script", "#!/bin/sh -e\ncat script >/dev/null\n");
    trial_shell(&t, "chmod +x script; ./script; ./script; no-such-program; env true");
    ck_flags(&t, "script", TRACE_READ | TRACE_EXECUTED);
    char *script = fs_join(t.folder, "script");
    ck_assert_uint_eq(starts(&t, script), 2);
    free(script);
    ck_assert_uint_eq(starts(&t, "/bin/sh"), 3);
    ck_assert_uint_eq(starts(&t, "/usr/bin/env"), 1);
    ck_assert_uint_eq(starts(&t, "/usr/bin/cat"), 2);
    ck_whole(&t);
    trial_end(&t);
}
END_TEST

UNIT_MAIN_AS_BOTH("trace", files_that_are_read_written_removed_and_listed_are_told_apart,
                  relative_paths_follow_the_current_folder, links_lead_to_their_files_and_their_names_are_kept,
                  what_is_renamed_or_linked_was_made_by_the_run_under_its_new_name,
                  what_could_not_be_removed_is_still_there,
                  what_is_read_in_a_moved_folder_is_an_input_under_its_old_name,
                  what_is_missing_is_named_by_the_links_on_its_way,
                  programs_are_counted_and_so_are_the_interpreters_of_scripts)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// The guard of the gate itself: what a change did to goldens, tolerances and suites.
#include "unit_verify.h"

static struct result *verify_golden(void)
{
    return verify_only(STAGE_GOLDEN);
}

START_TEST(a_golden_that_changed_needs_a_reason_of_its_own)
{
    char *folder = enter_recorded("");
    sh("git init -q .; commit one");
    CLEANUP(result) struct result *same = verify_golden();
    expect_check(same, STAGE_GOLDEN, "changes", VERDICT_PASS, "as on the base branch");
    put("factor.json", "{\"factor\": 2}\n");
    record("prices rose");
    CLEANUP(result) struct result *meant = verify_golden();
    const struct check *check = expect_check(meant, STAGE_GOLDEN, "changes", VERDICT_PASS, "changed on purpose");
    expect_note(check, NOTE_NOTICE, "changed on purpose: \"prices rose\"");
    edit("golden/sums/any/manifest.json", "\"prices rose\"", "\"first golden\"");
    CLEANUP(result) struct result *result = verify_golden();
    expect_status(result, 1);
    check = expect_check(result, STAGE_GOLDEN, "changes", VERDICT_FAIL, "changed without a reason of its own");
    ck_assert_str_eq(check->file, "golden/sums/any/manifest.json");
    // recording over it would find that nothing moved: the command that is offered must really help
    ck_assert_str_eq(check->repeat, "rm -r golden/sums/any && repro record sums --reason \"why this result is right\"");
    sh("rm -r golden/sums/any");
    record("why this result is right");
    CLEANUP(result) struct result *mended = verify_golden();
    expect_status(mended, 0);
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_is_new_or_removed_is_noted)
{
    char *folder = enter_project();
    use_classes();
    put("factor.json", "{\"factor\": 1.5}\n");
    sh("git init -q .; commit one");
    record_for_class("zz-one", "1.5");
    CLEANUP(result) struct result *new = verify_golden();
    expect_note(expect_check(new, STAGE_GOLDEN, "changes", VERDICT_PASS, ""), NOTE_NOTICE,
                "new golden of class 'zz-one': made");
    sh("commit two");
    record_for_class("zz-two", "1.5");
    sh("rm -r golden/sums/zz-one");
    CLEANUP(result) struct result *removed = verify_golden();
    expect_note(expect_check(removed, STAGE_GOLDEN, "changes", VERDICT_PASS, ""), NOTE_WARNING,
                "golden removed: golden/sums/zz-one/manifest.json");
    leave_folder(folder);
}
END_TEST

START_TEST(tolerances_that_are_loosened_warn)
{
    char *folder = enter_recorded("");
    sh("git init -q .; commit one");
    edit("suites/sums/suite.json", "0.01", "0.5");
    CLEANUP(result) struct result *result = verify_golden();
    expect_status(result, 0);
    const struct check *check = expect_check(result, STAGE_GOLDEN, "tolerances", VERDICT_PASS, "1 loosened: ");
    expect_note(check, NOTE_WARNING, "0.01 → 0.5");
    ck_assert_str_eq(check->file, "suites/sums/suite.json");
    sh("commit two; git checkout -q suites; printf x > suites/sums/suite.json; commit broken;"
       "git checkout -q HEAD~1 -- suites");
    CLEANUP(result) struct result *broken = verify_golden();
    expect_check(broken, STAGE_GOLDEN, "tolerances", VERDICT_PASS, "not compared: suite.json cannot be read");
    leave_folder(folder);
}
END_TEST

START_TEST(a_suite_that_is_new_or_removed_is_said)
{
    char *folder = enter_project();
    put("suites/gone/suite.json", "{}");
    sh("git init -q .; commit one; git rm -q -r suites/gone");
    put_sums("");
    record(NULL);
    CLEANUP(result) struct result *result = verify_golden();
    const struct check *check = expect_check(result, STAGE_GOLDEN, "suites", VERDICT_PASS, "removed: gone");
    ck_assert_str_eq(check->suite, "");
    expect_note(check, NOTE_WARNING, "nothing verifies them any more");
    expect_check(result, STAGE_GOLDEN, "tolerances", VERDICT_PASS, "the suite is new");
    leave_folder(folder);
}
END_TEST

START_TEST(a_revision_that_is_not_there_is_an_error_not_a_pass)
{
    char *folder = enter_recorded("");
    sh("git init -q .; commit one");
    CLEANUP(result)
    struct result *result =
        run_verb((struct session_options){.base = "nowhere", .only = 1u << STAGE_GOLDEN}, false, NULL);
    expect_status(result, 2);
    expect_check(result, STAGE_GOLDEN, "changes", VERDICT_ERROR, "--base: 'nowhere'");
    leave_folder(folder);
}
END_TEST

START_TEST(many_moved_files_do_not_flood_the_report)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"data\": [\"numbers.txt\"]", "\"data\": [\"numbers.txt\", \"many/*\"]");
    sh("mkdir many; for i in $(seq 1 120); do echo $i > many/$i; done; git init -q .");
    record(NULL);
    sh("commit one; for i in $(seq 1 120); do echo x > many/$i; done");
    record("first golden");
    CLEANUP(result) struct result *result = verify_golden();
    const struct check *check = expect_check(result, STAGE_GOLDEN, "changes", VERDICT_FAIL, "");
    ck_assert_ptr_nonnull(strstr(check->detail, "… and 70 more\n"));
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("stage_golden", a_golden_that_changed_needs_a_reason_of_its_own, a_golden_that_is_new_or_removed_is_noted,
          tolerances_that_are_loosened_warn, a_suite_that_is_new_or_removed_is_said,
          a_revision_that_is_not_there_is_an_error_not_a_pass, many_moved_files_do_not_flood_the_report)

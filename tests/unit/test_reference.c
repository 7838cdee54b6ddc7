// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Goldens of several numerical classes: which one a replay is measured against, and how.
#include "unit_verify.h"

START_TEST(a_golden_of_another_class_compares_numbers_only)
{
    char *folder = enter_project();
    use_classes();
    record_for_class("zz-one", "1.5");
    edit("train.sh", "print s > \"model.txt\"", "print s + 1 > \"model.txt\"");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    const struct check *check = expect_check(result, STAGE_GOLDEN, "class", VERDICT_PASS, "no golden for class '");
    expect_note(check, NOTE_WARNING, "add one here with: repro record sums");
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_SKIP, "bytes are compared within one class only");
    expect_check(result, STAGE_METRICS, "total", VERDICT_PASS, "");
    leave_folder(folder);
}
END_TEST

START_TEST(of_another_class_too_a_missing_artifact_and_a_metric_fail)
{
    char *folder = enter_project();
    use_classes();
    record_for_class("zz-one", "1.5");
    edit("train.sh", "\"model.txt\"", "\"history.csv\"");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 1);
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "golden has it, but this run did not write it");
    put_sums("");
    edit("suites/sums/suite.json", "\"class\": \"any\",", "");
    edit("train.sh", "s > \"metrics.json\"", "s + 1 > \"metrics.json\"");
    CLEANUP(result) struct result *metric = verify();
    const struct check *check = expect_check(metric, STAGE_METRICS, "total", VERDICT_FAIL, "");
    ck_assert_ptr_nonnull(strstr(check->cause, "another numerical class: golden zz-one"));
    leave_folder(folder);
}
END_TEST

START_TEST(the_golden_with_these_inputs_is_preferred_to_one_of_this_class)
{
    char *folder = enter_project();
    use_classes();
    record_for_class("zz-new", "2.5"); // a colleague recorded the change on another machine
    put("factor.json", "{\"factor\": 1.5}\n");
    record("mine"); // this machine's golden is of before
    put("factor.json", "{\"factor\": 2.5}\n");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    const struct check *check = expect_check(result, STAGE_GOLDEN, "class", VERDICT_PASS, "is superseded");
    expect_note(check, NOTE_WARNING, "--reason");
    expect_check(result, STAGE_INPUTS, "settings", VERDICT_PASS, "");
    // where neither has these inputs, it is ours that they are measured against
    put("factor.json", "{\"factor\": 3.5}\n");
    CLEANUP(result) struct result *neither = verify();
    expect_status(neither, 1);
    expect_check(neither, STAGE_GOLDEN, "class", VERDICT_PASS, "golden of class '");
    leave_folder(folder);
}
END_TEST

START_TEST(at_golden_replays_the_command_and_inputs_of_this_class)
{
    char *folder = enter_project();
    use_classes();
    record_for_class("aa-other", "2.5");
    put("factor.json", "{\"factor\": 1.5}\n");
    sh("mv golden/sums/aa-other ../kept");
    record("mine");
    sh("mv ../kept golden/sums/aa-other");
    put("factor.json", "{\"factor\": 9}\n");
    edit("suites/sums/suite.json", "\"train.sh\"], \"timeout\"", "\"nonsense.sh\"], \"timeout\"");
    CLEANUP(result) struct result *result = run_verb((struct session_options){.at = SOURCE_GOLDEN}, false, NULL);
    expect_status(result, 0);
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_PASS, "equal byte for byte");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("reference", a_golden_of_another_class_compares_numbers_only,
          of_another_class_too_a_missing_artifact_and_a_metric_fail,
          the_golden_with_these_inputs_is_preferred_to_one_of_this_class,
          at_golden_replays_the_command_and_inputs_of_this_class)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// The stages of verify that compare what a run left with golden: artifacts, metrics and series.
#include "unit_verify.h"

// ---- artifacts

START_TEST(an_artifact_that_differs_says_where_and_why)
{
    char *folder = enter_recorded("");
    edit("train.sh", "print s > \"model.txt\"", "print s + 1 > \"model.txt\"");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 1);
    const struct check *check = expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "first at offset 0");
    ck_assert_str_eq(check->file, "suites/sums/suite.json");
    ck_assert(str_starts(check->cause, "changed since golden: train.sh: "));
    ck_assert_ptr_nonnull(strstr(check->detail, "golden  sha256 "));
    leave_folder(folder);
}
END_TEST

START_TEST(an_artifact_that_differs_without_golden_at_hand_still_fails)
{
    char *folder = enter_recorded("");
    edit("train.sh", "print s > \"model.txt\"", "print s + 1 > \"model.txt\"");
    sh("rm golden/sums/any/*.tar.zst");
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    const struct check *check =
        expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "differs from golden: sha256 ");
    ck_assert_ptr_nonnull(strstr(check->detail, "golden's bytes are not at hand"));
    leave_folder(folder);
}
END_TEST

START_TEST(artifacts_that_appear_or_vanish_fail)
{
    char *folder = enter_recorded("");
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"model*.txt\": {}, \"other.bin\": {}");
    edit("train.sh", "\"model.txt\"", "\"model-2.txt\"");
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "golden has it, but this run did not write it");
    expect_check(result, STAGE_ARTIFACTS, "model-2.txt", VERDICT_FAIL, "but golden does not have it");
    expect_check(result, STAGE_ARTIFACTS, "other.bin", VERDICT_FAIL, "the run did not write 'other.bin'");
    leave_folder(folder);
}
END_TEST

START_TEST(an_artifact_that_turns_into_a_link_fails_and_is_not_followed)
{
    char *folder = enter_recorded("");
    edit("train.sh", "set -eu", "set -eu; trap 'mv model.txt kept.txt; ln -s kept.txt model.txt' EXIT");
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "is no longer the same kind of file");
    leave_folder(folder);
}
END_TEST

START_TEST(a_link_that_leads_elsewhere_than_goldens_fails)
{
    char *folder = enter_project();
    put_sums("");
    edit("train.sh", "set -eu", "set -eu; trap 'ln -sf history.csv model.txt' EXIT");
    record(NULL);
    edit("train.sh", "ln -sf history.csv", "ln -sf metrics.json");
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "differs from golden: sha256 ");
    leave_folder(folder);
}
END_TEST

START_TEST(values_are_compared_where_the_suite_asks_for_it)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"model.txt\": {\"compare\": \"tensors\"}");
    record(NULL);
    put("numbers.txt", "1\n2\n4\n");
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    const struct check *check = expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "differ");
    ck_assert_ptr_nonnull(strstr(check->detail, "golden  sha256 "));
    ck_assert_ptr_nonnull(strstr(check->detail, "look closer: repro diff sums/any:model.txt .repro/runs/"));
    leave_folder(folder);
}
END_TEST

// ---- metrics

START_TEST(a_metric_out_of_its_tolerance_fails_with_its_line_and_cause)
{
    char *folder = enter_recorded("");
    put("numbers.txt", "1\n2\n4\n");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    expect_status(result, 1);
    const struct check *check = expect_check(result, STAGE_METRICS, "total", VERDICT_FAIL, "total 10.5 is 1.5 above");
    ck_assert_str_eq(check->file, "suites/sums/suite.json");
    ck_assert_int_eq(check->line, 5);
    ck_assert(str_starts(check->cause, "changed since golden: numbers.txt: "));
    expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_FAIL, "loss parts at step 3");
    leave_folder(folder);
}
END_TEST

START_TEST(what_moves_by_itself_is_put_down_to_the_training)
{
    char *folder = enter_project();
    put_sums("");
    put("train.sh",
        "head -c 8 /dev/urandom > model.txt; echo '{\"total\": 1}' > metrics.json; echo loss > history.csv; "
        "echo 1 >> history.csv\n");
    edit("suites/sums/suite.json", "\"x\": \"step\"", "");
    record(NULL);
    CLEANUP(result) struct result *result = verify_only(STAGE_ARTIFACTS);
    const struct check *check = expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "");
    ck_assert(str_starts(check->cause, "nothing that is watched has changed"));
    ck_assert_ptr_nonnull(strstr(check->cause, "Would \"pin\" with hashseed and threads help?"));
    edit("suites/sums/suite.json", "\"timeout\"", "\"pin\": [\"hashseed\", \"threads:1\"], \"timeout\"");
    record("pinned");
    CLEANUP(result) struct result *pinned = verify_only(STAGE_ARTIFACTS);
    const char *cause = expect_check(pinned, STAGE_ARTIFACTS, "model.txt", VERDICT_FAIL, "")->cause;
    ck_assert_ptr_null(strstr(cause, "Would \"pin\"")); // it does not advise what is there already
    leave_folder(folder);
}
END_TEST

START_TEST(metrics_that_cannot_be_read_fail)
{
    char *folder = enter_recorded("");
    edit("train.sh", "END { printf", "END { print > \"metrics.json\"; exit; printf");
    CLEANUP(result) struct result *damaged = verify_only(STAGE_METRICS);
    expect_status(damaged, 1);
    expect_check(damaged, STAGE_METRICS, "metrics", VERDICT_FAIL, "metrics.json");
    leave_folder(folder);
}
END_TEST

START_TEST(metrics_and_series_that_are_not_written_are_named)
{
    char *folder = enter_recorded("");
    put("train.sh", "echo 1 > model.txt\n");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    expect_status(result, 1);
    expect_check(result, STAGE_METRICS, "metrics.json", VERDICT_FAIL, "the run did not write 'metrics.json'");
    expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_FAIL, "the run did not write 'history.csv'");
    ck_assert_ptr_null(find_check(result, STAGE_METRICS, "total")); // it did not vanish: its file did
    leave_folder(folder);
}
END_TEST

START_TEST(metrics_that_appear_or_vanish_fail)
{
    char *folder = enter_recorded("");
    edit("train.sh", "total", "sum");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    expect_check(result, STAGE_METRICS, "sum", VERDICT_FAIL, "golden");
    expect_check(result, STAGE_METRICS, "total", VERDICT_FAIL, "");
    leave_folder(folder);
}
END_TEST

START_TEST(a_series_that_golden_does_not_have_asks_for_a_new_one)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", ",\n\"series\": {\"history.csv\": {\"x\": \"step\"}}", "");
    record(NULL);
    put_sums("");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_FAIL,
                 "golden does not have 'history.csv'; record a new one");
    leave_folder(folder);
}
END_TEST

START_TEST(a_series_that_cannot_be_read_fails_when_the_run_wrote_it)
{
    char *folder = enter_recorded("");
    edit("train.sh", "set -eu", "set -eu; trap 'echo step,loss,7 > history.csv; echo 1 >> history.csv' EXIT");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    expect_status(result, 1);
    expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_FAIL, "history.csv:2");
    leave_folder(folder);
}
END_TEST

START_TEST(a_series_that_moved_needs_goldens_points)
{
    char *folder = enter_recorded("");
    edit("train.sh", "1 / (1 + s) > \"history.csv\"", "2 / (1 + s) > \"history.csv\"");
    CLEANUP(result) struct result *result = verify_only(STAGE_METRICS);
    const struct check *check =
        expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_FAIL, "loss parts at step 1");
    ck_assert_ptr_nonnull(check->cause);
    sh("rm golden/sums/any/*.tar.zst");
    CLEANUP(result) struct result *gone = verify_only(STAGE_METRICS);
    expect_status(gone, 2);
    expect_check(gone, STAGE_METRICS, "series history.csv", VERDICT_ERROR, "golden's 'history.csv' is not at hand");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("verify_outputs", an_artifact_that_differs_says_where_and_why,
          an_artifact_that_differs_without_golden_at_hand_still_fails, artifacts_that_appear_or_vanish_fail,
          an_artifact_that_turns_into_a_link_fails_and_is_not_followed, a_link_that_leads_elsewhere_than_goldens_fails,
          values_are_compared_where_the_suite_asks_for_it, a_metric_out_of_its_tolerance_fails_with_its_line_and_cause,
          what_moves_by_itself_is_put_down_to_the_training, metrics_that_cannot_be_read_fail,
          metrics_and_series_that_are_not_written_are_named, metrics_that_appear_or_vanish_fail,
          a_series_that_golden_does_not_have_asks_for_a_new_one,
          a_series_that_cannot_be_read_fails_when_the_run_wrote_it, a_series_that_moved_needs_goldens_points)

// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Record: what is kept as golden, what is not, and what is told about it.
#include "unit_verify.h"

// The last record of the suite `sums`.
static struct result *try_record(const char *reason)
{
    return run_verb((struct session_options){0}, true, reason);
}

static struct manifest *golden_now(void)
{
    struct manifest *golden = NULL;
    struct error err = {0};
    ck_ok(golden_load(&golden, ".", "sums", "any", &err), &err);
    return golden;
}

static void expect_not_recorded(const char *part)
{
    CLEANUP(result) struct result *result = try_record(NULL);
    expect_status(result, 1);
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_FAIL, part);
    CLEANUP(manifest) struct manifest *golden = golden_now();
    ck_assert_ptr_null(golden);
}

START_TEST(the_first_golden_needs_no_reason)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(result) struct result *result = try_record(NULL);
    expect_status(result, 0);
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_PASS, "golden/sums/any/manifest.json: 3 files (");
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_PASS, "), 1 metric");
    CLEANUP(manifest) struct manifest *golden = golden_now();
    ck_assert_str_eq(golden->accepted.reason, "first golden");
    ck_assert_ptr_nonnull(golden->accepted.by); // the user, for there is no git
    ck_assert_ptr_null(golden->accepted.from.commit);
    leave_folder(folder);
}
END_TEST

START_TEST(a_first_reason_and_where_it_came_from_are_kept)
{
    char *folder = enter_project();
    put_sums("");
    sh("git init -q .; git config user.name 'Grace Hopper'; commit one");
    record("because it is right");
    CLEANUP(manifest) struct manifest *golden = golden_now();
    CLEANUP(free) char *head = output_of("git rev-parse HEAD");
    ck_assert_str_eq(golden->accepted.reason, "because it is right");
    ck_assert_str_eq(golden->accepted.by, "Grace Hopper");
    ck_assert_str_eq(golden->accepted.from.commit, head);
    ck_assert_str_eq(golden->accepted.from.branch, "main");
    ck_assert(!golden->accepted.from.dirty);
    leave_folder(folder);
}
END_TEST

START_TEST(only_inputs_and_the_suite_make_a_golden_dirty)
{
    static const struct {
        const char *script;
        bool dirty;
    } cases[] = {
        {"echo > notes.txt", false},
        {"echo '# comment' >> train.sh", true},
        {"echo 4 >> numbers.txt", true},
        {"echo ' ' >> factor.json", true},
        {"echo ' ' >> suites/sums/suite.json", true},
        {"git rm -q --cached numbers.txt", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *folder = enter_project();
        put_sums("");
        sh("git init -q .; commit one");
        sh(cases[i].script);
        record(NULL);
        CLEANUP(manifest) struct manifest *golden = golden_now();
        ck_assert_msg(golden->accepted.from.dirty == cases[i].dirty, "%s", cases[i].script);
        leave_folder(folder);
    }
}
END_TEST

START_TEST(what_moved_is_shown_and_not_kept_without_a_reason)
{
    char *folder = enter_recorded("");
    CLEANUP(manifest) struct manifest *before = golden_now();
    put("factor.json", "{\"factor\": 2}\n");
    CLEANUP(result) struct result *result = try_record(NULL);
    expect_status(result, 1);
    const struct check *check = expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_FAIL,
                                             "not kept, for want of a reason; 4 moved: settings: ");
    ck_assert_str_eq(check->repeat, "repro record sums --reason \"why this result is right\"");
    ck_assert_ptr_nonnull(strstr(check->detail, "\nartifact: model.txt: "));
    ck_assert_ptr_nonnull(strstr(check->detail, "\nmetric: total 12 is 3 above"));
    ck_assert_ptr_nonnull(strstr(check->detail, "\nseries: "));
    CLEANUP(manifest) struct manifest *after = golden_now();
    ck_assert(manifest_same(before, after));
    CLEANUP(result) struct result *kept = try_record("prices rose");
    expect_status(kept, 0);
    expect_note(find_check(kept, STAGE_GOLDEN, "recorded"), NOTE_NOTICE, "moved: settings: factor.json: ");
    CLEANUP(manifest) struct manifest *now = golden_now();
    ck_assert_str_eq(now->accepted.reason, "prices rose");
    leave_folder(folder);
}
END_TEST

START_TEST(where_nothing_moved_nothing_is_written)
{
    char *folder = enter_recorded("");
    struct stat before, after;
    ck_assert_int_eq(stat("golden/sums/any/manifest.json", &before), 0);
    CLEANUP(result) struct result *result = try_record("another reason");
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_PASS, "nothing moved; golden stays as it is");
    ck_assert_int_eq(stat("golden/sums/any/manifest.json", &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    leave_folder(folder);
}
END_TEST

START_TEST(metrics_within_their_tolerance_leave_golden_alone)
{
    char *folder = enter_recorded("");
    edit("train.sh", "s > \"metrics.json\"", "s + 0.001 > \"metrics.json\"");
    CLEANUP(result) struct result *moved = try_record(NULL);
    const struct check *check = expect_check(moved, STAGE_GOLDEN, "recorded", VERDICT_FAIL, "1 moved: code: train.sh");
    ck_assert_ptr_null(strstr(check->detail, "metric"));
    leave_folder(folder);
}
END_TEST

START_TEST(a_bundle_that_went_missing_is_brought_back)
{
    char *folder = enter_recorded("");
    CLEANUP(free) char *before = output_of("ls golden/sums/any");
    sh("rm golden/sums/any/*.tar.zst");
    CLEANUP(result) struct result *result = try_record(NULL);
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_PASS, "golden has its bundle again");
    CLEANUP(free) char *after = output_of("ls golden/sums/any");
    ck_assert_str_eq(after, before);
    CLEANUP(result) struct result *verified = verify();
    expect_status(verified, 0);
    leave_folder(folder);
}
END_TEST

START_TEST(a_series_that_moved_without_goldens_points_says_so)
{
    char *folder = enter_recorded("");
    edit("train.sh", "1 / (1 + s) > \"history.csv\"", "2 / (1 + s) > \"history.csv\"");
    sh("rm golden/sums/any/*.tar.zst");
    CLEANUP(result) struct result *result = try_record(NULL);
    const struct check *check = expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_FAIL, "2 moved");
    ck_assert_ptr_nonnull(strstr(check->detail, "series: history.csv: golden's points are not at hand"));
    leave_folder(folder);
}
END_TEST

START_TEST(a_run_that_is_no_result_is_not_recorded)
{
    char *folder = enter_project();
    put_sums("");
    edit("train.sh", "\"model.txt\"", "\"other.txt\"");
    expect_not_recorded("not recorded: the run did not write 'model.txt', which suite.json declares");
    put_sums("");
    edit("train.sh", "END { printf", "END { print \"x\" > \"metrics.json\"; exit; printf");
    expect_not_recorded("not recorded: metrics.json");
    put_sums("");
    edit("train.sh", "set -eu", "set -eu; trap 'echo step,loss,7 > history.csv; echo 1 >> history.csv' EXIT");
    expect_not_recorded("not recorded: history.csv:2");
    leave_folder(folder);
}
END_TEST

START_TEST(a_run_that_writes_nothing_is_not_recorded)
{
    char *folder = enter_project();
    put("suites/sums/suite.json", "{\"suite\": \"sums\", \"class\": \"any\", \"train\": {\"command\": [\"true\"]}}");
    expect_not_recorded("not recorded: the run wrote nothing: there is nothing to compare later");
    leave_folder(folder);
}
END_TEST

START_TEST(training_that_fails_says_how_to_record_again)
{
    char *folder = enter_project();
    put_sums("");
    put("train.sh", "exit 4\n");
    CLEANUP(result) struct result *result = try_record("it's new");
    expect_status(result, 1);
    const struct check *check = expect_check(result, STAGE_REPLAY, "training", VERDICT_FAIL, "exited with status 4");
    ck_assert(str_starts(check->repeat, "repro record sums --reason 'it'\\''s new'"));
    ck_assert_ptr_null(find_check(result, STAGE_GOLDEN, "recorded"));
    CLEANUP(result) struct result *plain = try_record(NULL);
    ck_assert(str_starts(find_check(plain, STAGE_REPLAY, "training")->repeat, "repro record sums --isolation"));
    leave_folder(folder);
}
END_TEST

START_TEST(outputs_that_cannot_be_collected_are_one_error)
{
    char *folder = enter_project();
    put_sums("");
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"model*\": {}");
    edit("train.sh", "set -eu", "set -eu; echo > \"$(printf 'model-\\377')\"");
    CLEANUP(result) struct result *recorded = try_record(NULL);
    expect_status(recorded, 2);
    ck_assert_uint_eq(recorded->check_count, 1);
    expect_check(recorded, STAGE_REPLAY, "training", VERDICT_ERROR, "is not UTF-8");
    put_sums("");
    record(NULL);
    edit("suites/sums/suite.json", "\"model.txt\": {}", "\"model*\": {}");
    edit("train.sh", "set -eu", "set -eu; echo > \"$(printf 'model-\\377')\"");
    CLEANUP(result) struct result *verified = verify_only(STAGE_METRICS);
    ck_assert_uint_eq(verified->check_count, 1); // nothing is compared with what is not known
    leave_folder(folder);
}
END_TEST

START_TEST(bad_documents_and_inputs_are_errors)
{
    char *folder = enter_project();
    put_sums("");
    unlink("numbers.txt");
    CLEANUP(result) struct result *missing = try_record(NULL);
    expect_status(missing, 2);
    expect_check(missing, STAGE_INPUTS, "inputs", VERDICT_ERROR, "numbers.txt");
    put("suites/sums/suite.json", "{");
    CLEANUP(result) struct result *broken = try_record(NULL);
    expect_status(broken, 2);
    expect_check(broken, STAGE_DOCUMENT, "suite.json", VERDICT_ERROR, "suites/sums/suite.json");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_cannot_be_read_is_not_written_over)
{
    char *folder = enter_recorded("");
    put("golden/sums/any/manifest.json", "{");
    CLEANUP(result) struct result *result = try_record("new");
    expect_status(result, 2);
    expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_ERROR, "golden/sums/any/manifest.json");
    expect_file("golden/sums/any/manifest.json", "{");
    leave_folder(folder);
}
END_TEST

START_TEST(a_bundle_over_the_limit_stays_out_of_git_and_says_so)
{
    char *folder = enter_project();
    put_sums(", \"limits\": {\"bundle\": 1}");
    CLEANUP(result) struct result *result = try_record(NULL);
    expect_status(result, 0);
    expect_note(expect_check(result, STAGE_GOLDEN, "recorded", VERDICT_PASS, ""), NOTE_WARNING,
                "the bundle is over the limit of 1 byte");
    ck_assert_uint_eq(count_entries("golden/sums/any"), 1);
    leave_folder(folder);
}
END_TEST

START_TEST(many_suites_are_recorded_side_by_side)
{
    char *folder = enter_project();
    put_sums("");
    sh("for i in 1 2 3 4 5 6; do mkdir suites/many-$i; sed \"s/\\\"sums\\\"/\\\"many-$i\\\"/\" suites/sums/suite.json "
       "> suites/many-$i/suite.json; done; git init -q .; commit one");
    CLEANUP(result) struct result *result = run_verb((struct session_options){.jobs = 4}, true, NULL);
    expect_status(result, 0);
    ck_assert_uint_eq(count_entries("golden"), 7);
    CLEANUP(result) struct result *verified = run_verb((struct session_options){.jobs = 4}, false, NULL);
    expect_status(verified, 0);
    ck_assert_str_eq(pairs_get(&verified->properties, "isolation"), "none"); // once, not seven times
    ck_assert_str_eq(pairs_get(&verified->properties, "class.many-3"), "any");
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("record", the_first_golden_needs_no_reason, a_first_reason_and_where_it_came_from_are_kept,
          only_inputs_and_the_suite_make_a_golden_dirty, what_moved_is_shown_and_not_kept_without_a_reason,
          where_nothing_moved_nothing_is_written, metrics_within_their_tolerance_leave_golden_alone,
          a_bundle_that_went_missing_is_brought_back, a_series_that_moved_without_goldens_points_says_so,
          a_run_that_is_no_result_is_not_recorded, a_run_that_writes_nothing_is_not_recorded,
          training_that_fails_says_how_to_record_again, outputs_that_cannot_be_collected_are_one_error,
          bad_documents_and_inputs_are_errors, a_golden_that_cannot_be_read_is_not_written_over,
          a_bundle_over_the_limit_stays_out_of_git_and_says_so, many_suites_are_recorded_side_by_side)

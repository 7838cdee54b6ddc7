// SPDX-License-Identifier: Apache-2.0
// Links: repro_engine
//
// Verify, stage by stage, on a real suite with a real golden: what every check says when its part moves.
#include "unit_verify.h"

START_TEST(what_nobody_touched_passes_every_stage)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    static const struct {
        enum stage stage;
        const char *name, *reason;
    } checks[] = {
        {STAGE_GOLDEN, "class", "golden of class 'any'"},
        {STAGE_GOLDEN, "bundle", "whole, "},
        {STAGE_CODE, "commit", "not in a git repository"},
        {STAGE_CODE, "code", "1 file as in golden"},
        {STAGE_INPUTS, "command", "as in golden"},
        {STAGE_INPUTS, "data", "1 file as in golden"},
        {STAGE_INPUTS, "settings", "1 file as in golden"},
        {STAGE_ENVIRONMENT, "environment", "as in golden"},
        {STAGE_REPLAY, "training", "peak"},
        {STAGE_REPLAY, "inputs during training", "unchanged"},
        {STAGE_ARTIFACTS, "model.txt", "equal byte for byte"},
        {STAGE_METRICS, "total", ""},
        {STAGE_METRICS, "series history.csv", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        const struct check *check =
            expect_check(result, checks[i].stage, checks[i].name, VERDICT_PASS, checks[i].reason);
        ck_assert_ptr_null(check->repeat);
    }
    expect_check(result, STAGE_GOLDEN, "changes", VERDICT_SKIP, "not in a git repository");
    expect_check(result, STAGE_INPUTS, "undeclared", VERDICT_SKIP, "the run was not traced");
    ck_assert_uint_eq(result->check_count, ARRAY_LEN(checks) + 2);
    ck_assert_str_eq(pairs_get(&result->properties, "class.sums"), "any");
    ck_assert_str_eq(pairs_get(&result->properties, "isolation"), "none");
    ck_assert(result->suites[0].train_wall > 0);
    ck_assert(str_starts(result->suites[0].run_folder, ".repro/runs/"));
    leave_folder(folder);
}
END_TEST

// ---- documents and goldens that are not there

START_TEST(a_document_that_cannot_be_read_is_one_error_a_problem)
{
    char *folder = enter_recorded("");
    edit("suites/sums/suite.json", "\"class\"", "\"klass\"");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 2);
    const struct check *check = expect_check(result, STAGE_DOCUMENT, "suite.json", VERDICT_ERROR, "klass");
    ck_assert_str_eq(check->file, "suites/sums/suite.json");
    ck_assert_int_eq(check->line, 1);
    leave_folder(folder);
}
END_TEST

START_TEST(only_the_document_is_read_where_only_it_is_asked_for)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(result) struct result *result = verify_only(STAGE_DOCUMENT); // and there is no golden
    expect_status(result, 0);
    expect_check(result, STAGE_DOCUMENT, "suite.json", VERDICT_PASS, "read without a fault");
    ck_assert_uint_eq(result->check_count, 1);
    leave_folder(folder);
}
END_TEST

START_TEST(a_suite_without_golden_says_how_to_make_one)
{
    char *folder = enter_project();
    put_sums("");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 2);
    expect_check(result, STAGE_GOLDEN, "golden", VERDICT_ERROR, "no golden yet; make one with: repro record sums");
    leave_folder(folder);
}
END_TEST

START_TEST(a_golden_that_is_damaged_is_an_error)
{
    char *folder = enter_recorded("");
    put("golden/sums/any/manifest.json", "{\"format\": 1");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 2);
    expect_check(result, STAGE_GOLDEN, "golden", VERDICT_ERROR, "golden/sums/any/manifest.json");
    leave_folder(folder);
}
END_TEST

START_TEST(a_bundle_that_is_missing_is_an_error_and_the_rest_is_still_compared)
{
    char *folder = enter_recorded("");
    sh("rm golden/sums/any/*.tar.zst");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 2);
    expect_check(result, STAGE_GOLDEN, "bundle", VERDICT_ERROR, "the bundle of golden sums/any is missing");
    expect_check(result, STAGE_ARTIFACTS, "model.txt", VERDICT_PASS, "");
    // the points are those of the replay: their file has golden's digest
    expect_check(result, STAGE_METRICS, "series history.csv", VERDICT_PASS, "");
    leave_folder(folder);
}
END_TEST

START_TEST(a_bundle_that_is_kept_in_another_machines_store_is_skipped)
{
    char *folder = enter_project();
    put_sums(", \"limits\": {\"bundle\": 1}");
    record(NULL);
    sh("rm -r .repro/store");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    expect_check(result, STAGE_GOLDEN, "bundle", VERDICT_SKIP, "is over the limit for git");
    leave_folder(folder);
}
END_TEST

// ---- inputs, code and environment

START_TEST(inputs_that_moved_fail_with_the_file_and_the_remedy)
{
    char *folder = enter_recorded("");
    put("factor.json", "{\"factor\": 2}\n");
    put("numbers.txt", "1\n2\n4\n");
    edit("suites/sums/suite.json", "\"timeout\"", "\"env\": {\"SEED\": \"1\"}, \"timeout\"");
    CLEANUP(result) struct result *result = verify_only(STAGE_INPUTS);
    expect_status(result, 1);
    const struct check *data =
        expect_check(result, STAGE_INPUTS, "data", VERDICT_FAIL, "without a new golden: numbers.txt: ");
    ck_assert_str_eq(data->file, "numbers.txt");
    ck_assert_ptr_nonnull(strstr(data->detail, "repro record sums --reason"));
    const struct check *command =
        expect_check(result, STAGE_INPUTS, "command", VERDICT_FAIL, "env SEED: (not there) → 1");
    ck_assert_str_eq(command->file, "suites/sums/suite.json");
    expect_check(result, STAGE_INPUTS, "settings", VERDICT_FAIL, "factor.json: ");
    ck_assert(str_starts(command->repeat, "repro verify sums --only inputs"));
    leave_folder(folder);
}
END_TEST

START_TEST(an_external_input_that_moved_points_at_no_file_of_the_project)
{
    char *folder = enter_project();
    put_sums("");
    put("../images/a", "1\n");
    CLEANUP(free) char *images = NULL;
    struct error err = {0};
    ck_ok(fs_realpath(&images, "../images", &err), &err);
    CLEANUP(free) char *external = str_printf("\"external\": {\"IMAGES\": \"%s\"}, \"data\"", images);
    edit("suites/sums/suite.json", "\"data\"", external);
    record(NULL);
    CLEANUP(result) struct result *same = verify_only(STAGE_INPUTS);
    expect_check(same, STAGE_INPUTS, "external", VERDICT_PASS, "1 file as in golden");
    put("../images/b", "2\n");
    CLEANUP(result) struct result *result = verify_only(STAGE_INPUTS);
    const struct check *check = expect_check(result, STAGE_INPUTS, "external", VERDICT_FAIL, "IMAGES: ");
    ck_assert_str_eq(check->file, "suites/sums/suite.json");
    fs_remove_tree("../images", &err);
    CLEANUP(result) struct result *gone = verify_only(STAGE_INPUTS);
    expect_status(gone, 3);
    expect_check(gone, STAGE_INPUTS, "inputs", VERDICT_ERROR, "cannot read the external input 'IMAGES'");
    leave_folder(folder);
}
END_TEST

START_TEST(an_input_that_is_gone_is_a_bad_document)
{
    char *folder = enter_recorded("");
    unlink("numbers.txt");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 2);
    expect_check(result, STAGE_INPUTS, "inputs", VERDICT_ERROR, "numbers.txt");
    leave_folder(folder);
}
END_TEST

START_TEST(code_that_moved_is_a_note)
{
    char *folder = enter_recorded("");
    edit("train.sh", "set -eu", "set -eu # a comment");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 0);
    const struct check *check =
        expect_check(result, STAGE_CODE, "code", VERDICT_PASS, "1 file of 1 changed since golden: train.sh: ");
    expect_note(check, NOTE_NOTICE, "the result must stay the same");
    leave_folder(folder);
}
END_TEST

START_TEST(the_commit_says_what_it_does_not_have)
{
    char *folder = enter_recorded("");
    sh("git init -q .");
    CLEANUP(result) struct result *unborn = verify_only(STAGE_CODE);
    expect_check(unborn, STAGE_CODE, "commit", VERDICT_PASS, "no commit yet on branch main");
    sh("commit one");
    CLEANUP(result) struct result *clean = verify_only(STAGE_CODE);
    const struct check *check = expect_check(clean, STAGE_CODE, "commit", VERDICT_PASS, " on main");
    ck_assert_ptr_null(check->detail);
    put("factor.json", "{\"factor\": 2}\n");
    CLEANUP(result) struct result *dirty = verify_only(STAGE_CODE);
    check = expect_check(dirty, STAGE_CODE, "commit", VERDICT_PASS, " on main, with changes not committed");
    ck_assert(str_starts(check->detail, "not committed:\nfactor.json\ndigest of these changes: sha256 "));
    sh("git checkout -q factor.json; git checkout -q --detach");
    CLEANUP(result) struct result *detached = verify_only(STAGE_CODE);
    expect_check(detached, STAGE_CODE, "commit", VERDICT_PASS, "(detached)");
    leave_folder(folder);
}
END_TEST

static void pretend_environment(void)
{
    edit("golden/sums/any/manifest.json", "\"libc\": \"", "\"libc\": \"another ");
}

START_TEST(another_environment_warns_or_fails_as_the_suite_says)
{
    char *folder = enter_recorded("");
    pretend_environment();
    CLEANUP(result) struct result *warned = verify_only(STAGE_ENVIRONMENT);
    expect_status(warned, 0);
    const struct check *check =
        expect_check(warned, STAGE_ENVIRONMENT, "environment", VERDICT_PASS, "differs from golden: libc: another ");
    expect_note(check, NOTE_WARNING, "environment differs from golden");
    edit("suites/sums/suite.json", "\"class\"", "\"environment\": \"fail\", \"class\"");
    CLEANUP(result) struct result *failed = verify_only(STAGE_ENVIRONMENT);
    expect_status(failed, 1);
    ck_assert_uint_eq(find_check(failed, STAGE_ENVIRONMENT, "environment")->note_count, 0);
    leave_folder(folder);
}
END_TEST

// ---- training

START_TEST(training_that_fails_shows_its_last_words)
{
    char *folder = enter_recorded("");
    put("train.sh", "echo first >&2; echo 'no data' >&2; exit 7\n");
    CLEANUP(result) struct result *result = verify();
    expect_status(result, 1);
    const struct check *check =
        expect_check(result, STAGE_REPLAY, "training", VERDICT_FAIL, "training exited with status 7: no data");
    ck_assert_ptr_nonnull(strstr(check->detail, "last lines of stderr:\nfirst\nno data"));
    ck_assert(str_starts(check->repeat, "repro verify sums --only replay"));
    ck_assert_ptr_null(find_check(result, STAGE_ARTIFACTS, "model.txt")); // nothing is compared after it
    leave_folder(folder);
}
END_TEST

START_TEST(training_that_is_silent_and_killed_says_so)
{
    char *folder = enter_recorded("");
    put("train.sh", "kill -9 $$\n");
    CLEANUP(result) struct result *result = verify();
    const struct check *check = expect_check(result, STAGE_REPLAY, "training", VERDICT_FAIL, "");
    ck_assert_ptr_null(check->detail);
    leave_folder(folder);
}
END_TEST

START_TEST(an_option_that_mattered_stands_in_the_command_that_repeats)
{
    char *folder = enter_recorded("");
    put("train.sh", "exit 1\n");
    sh("git init -q .; commit 'one'; git tag \"it's\"");
    CLEANUP(result)
    struct result *result = run_verb((struct session_options){.timeout = 90, .base = "it's"}, false, NULL);
    const struct check *check = expect_check(result, STAGE_REPLAY, "training", VERDICT_FAIL, "status 1");
    ck_assert_str_eq(check->repeat, "repro verify sums --base 'it'\\''s' --only replay --timeout 90s --isolation none "
                                    "--trace off --workspace copy");
    CLEANUP(result) struct result *head = run_verb((struct session_options){.at = SOURCE_HEAD}, false, NULL);
    ck_assert(
        str_starts(find_check(head, STAGE_REPLAY, "training")->repeat, "repro verify sums --at head --only replay"));
    leave_folder(folder);
}
END_TEST

START_TEST(files_that_nobody_declared_are_told)
{
    char *folder = enter_recorded("");
    put("train.sh", "awk '{ s += 1.5 * $1; print s }' numbers.txt > model.txt; echo > extra.txt;"
                    "printf 'step,loss\\n1,0.400000\\n2,0.181818\\n3,0.100000\\n' > history.csv;"
                    "echo '{\"total\": 9}' > metrics.json\n");
    CLEANUP(result) struct result *result = verify();
    const struct check *check = expect_check(result, STAGE_REPLAY, "outputs", VERDICT_PASS,
                                             "1 written that suite.json does "
                                             "not declare: extra.txt");
    expect_note(check, NOTE_NOTICE, "\"compare\": \"none\"");
    leave_folder(folder);
}
END_TEST

// ---- limits, stages that are not asked for or not made yet, and stopping

START_TEST(limits_fail_with_both_numbers_and_are_silent_where_there_are_none)
{
    char *folder = enter_recorded("");
    edit("suites/sums/suite.json", "\"class\"",
         "\"limits\": {\"train\": {\"wall\": \"1h\", \"memory\": \"1TB\"}, \"artifact\": 1}, \"class\"");
    CLEANUP(result) struct result *result = verify_only(STAGE_LIMITS);
    expect_check(result, STAGE_LIMITS, "train.wall", VERDICT_PASS, "of the 1 h");
    expect_check(result, STAGE_LIMITS, "train.memory", VERDICT_PASS, "allowed");
    expect_check(result, STAGE_LIMITS, "size of model.txt", VERDICT_FAIL, "of the 1 B allowed");
    ck_assert_ptr_null(find_check(result, STAGE_LIMITS, "size of metrics.json")); // a measurement, not an artifact
    leave_folder(folder);
}
END_TEST

START_TEST(a_stage_without_anything_to_check_is_skipped_aloud)
{
    char *folder = enter_recorded("");
    CLEANUP(result) struct result *limits = verify_only(STAGE_LIMITS);
    expect_check(limits, STAGE_LIMITS, "limits", VERDICT_SKIP, "nothing to check");
    CLEANUP(result) struct result *fuzz = verify_only(STAGE_FUZZ);
    expect_check(fuzz, STAGE_FUZZ, "fuzz", VERDICT_SKIP, "nothing to check");
    expect_status(fuzz, 3);
    ck_assert_uint_eq(fuzz->check_count, 1);
    leave_folder(folder);
}
END_TEST

START_TEST(fail_fast_ends_a_suite_at_its_first_failure)
{
    char *folder = enter_recorded("");
    put("factor.json", "{\"factor\": 2}\n");
    CLEANUP(result) struct result *result = run_verb((struct session_options){.fail_fast = true}, false, NULL);
    expect_status(result, 1);
    expect_check(result, STAGE_INPUTS, "settings", VERDICT_FAIL, "");
    ck_assert_ptr_null(find_check(result, STAGE_REPLAY, "training"));
    leave_folder(folder);
}
END_TEST

START_TEST(the_last_verdict_is_remembered_for_whole_verifications_only)
{
    char *folder = enter_recorded("");
    const char *note = ".repro/cache/verdict-sums";
    CLEANUP(result) struct result *part = verify_only(STAGE_CODE);
    ck_assert(!fs_exists(note));
    CLEANUP(result) struct result *whole = verify();
    expect_file(note, "passed\n");
    put("train.sh", "exit 1\n");
    CLEANUP(result) struct result *failed = verify();
    expect_file(note, "failed\n");
    CLEANUP(result) struct result *golden = run_verb((struct session_options){.at = SOURCE_GOLDEN}, false, NULL);
    expect_status(golden, 0);
    expect_file(note, "failed\n"); // that was about other files
    put_sums("");
    put("factor.json", "{\"factor\": 2}\n");
    record("new");
    ck_assert(!fs_exists(note)); // it was about another golden
    leave_folder(folder);
}
END_TEST

START_TEST(ctrl_c_before_the_first_stage_is_an_error_of_its_own)
{
    char *folder = enter_recorded("");
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    CLEANUP(session) struct session *session = open_session((struct session_options){.stop_fd = ends[0]});
    CLEANUP(result) struct result *result = result_new(NULL);
    verify_suites(session, &session->project->suites, result);
    ck_assert_str_eq(result->checks[0].reason, "not run: stopped");
    ck_assert(!fs_exists(".repro/cache/verdict-sums"));
    close(ends[0]);
    close(ends[1]);
    leave_folder(folder);
}
END_TEST

UNIT_MAIN("verify", what_nobody_touched_passes_every_stage, a_document_that_cannot_be_read_is_one_error_a_problem,
          only_the_document_is_read_where_only_it_is_asked_for, a_suite_without_golden_says_how_to_make_one,
          a_golden_that_is_damaged_is_an_error, a_bundle_that_is_missing_is_an_error_and_the_rest_is_still_compared,
          a_bundle_that_is_kept_in_another_machines_store_is_skipped,
          inputs_that_moved_fail_with_the_file_and_the_remedy,
          an_external_input_that_moved_points_at_no_file_of_the_project, an_input_that_is_gone_is_a_bad_document,
          code_that_moved_is_a_note, the_commit_says_what_it_does_not_have,
          another_environment_warns_or_fails_as_the_suite_says, training_that_fails_shows_its_last_words,
          training_that_is_silent_and_killed_says_so, an_option_that_mattered_stands_in_the_command_that_repeats,
          files_that_nobody_declared_are_told, limits_fail_with_both_numbers_and_are_silent_where_there_are_none,
          a_stage_without_anything_to_check_is_skipped_aloud, fail_fast_ends_a_suite_at_its_first_failure,
          the_last_verdict_is_remembered_for_whole_verifications_only,
          ctrl_c_before_the_first_stage_is_an_error_of_its_own)
